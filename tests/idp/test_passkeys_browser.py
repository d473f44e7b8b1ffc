"""Passkeys in Chromium, with a device that its tools make up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from directory.catalogue.person import Person
from idp.factors.passkey import store
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.relying_party import authorization_request
from tests.support.second_factor import give_totp

pytestmark = pytest.mark.only_on_sqlite("what a browser does does not depend on the store")

ADD = "/bao-mat/khoa-truy-cap"


@dataclass
class Computer:
    """A browser and the device behind it, which answers at once, for whoever may use it."""

    idp: IdpApp
    context: BrowserContext
    page: Page
    said: list[str]

    def set_device(self, *, may_use: bool = True) -> None:
        tools = self.context.new_cdp_session(self.page)
        tools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": may_use,
            "automaticPresenceSimulation": True,
        }
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def give_password(self, person: Person) -> None:
        self.page.locator("#login").fill(person.username)
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("form:has(#password) button[type=submit]").last.click()

    def sign_in(self, person: Person) -> None:
        self.page.goto(f"{self.idp.url}/dang-nhap")
        self.give_password(person)
        self.page.wait_for_url(f"{self.idp.url}/")

    def add_passkey(self, name: str) -> None:
        self.page.goto(self.idp.url + ADD)
        self.page.get_by_label("Tên thiết bị").fill(name)
        self.look()
        self.page.get_by_role("button", name="Thêm khóa truy cập").click()
        self.page.wait_for_url(f"{self.idp.url}/bao-mat")

    def sign_out(self) -> None:
        self.context.clear_cookies()

    def look(self) -> None:
        """No accessibility violation, no sideways scrolling, on a wide and on a narrow screen."""
        for width, height in ((1366, 768), (360, 740)):
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def computer(idp_app: IdpApp, chromium: Chromium) -> Iterator[Computer]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi")
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    yield Computer(idp_app, context, page, said)
    context.close()
    assert [each for each in said if "Content Security Policy" in each or "Error" in each] == []


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


def test_added_used_alone_for_a_level_and_removed(computer: Computer, person: Person) -> None:
    page, idp = computer.page, computer.idp
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("Máy ở quầy")
    expect(page.get_by_role("strong").get_by_text("Máy ở quầy")).to_be_visible()
    computer.look()
    # One page: nothing is typed.
    computer.sign_out()
    page.goto(f"{idp.url}/dang-nhap")
    use_passkey(page)
    page.wait_for_url(f"{idp.url}/")
    # An application that wants two factors gets them from a session of the password alone.
    computer.sign_out()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.route(f"{idp.documents.redirect_uri}**", lambda route: route.fulfill(body="ok"))
    asked = "&".join(
        f"{name}={value}"
        for name, value in authorization_request(idp.documents, acr_values="2").items()
    )
    page.goto(f"{idp.url}/authorize?{asked}")
    use_passkey(page)
    page.wait_for_url(f"{idp.documents.redirect_uri}**")
    assert any("code=" in url for url in seen)
    # And it is taken away where it was added.
    page.goto(f"{idp.url}/bao-mat")
    page.get_by_role("link", name="Xóa Máy ở quầy").click()
    computer.look()
    page.get_by_role("button", name="Xóa").click()
    page.wait_for_url(f"{idp.url}/bao-mat")
    with idp.installation.database.read() as tx:
        assert store.held_by(tx, person.id) == []


def use_passkey(page: Page) -> None:
    """Press the button, unless the browser offered it in the field and the device has answered."""
    button = page.get_by_role("button", name="Dùng khóa truy cập")
    button.or_(page.locator("body:not(:has(#login))")).first.wait_for()
    if button.is_visible():
        button.click(no_wait_after=True)


def test_in_a_browser_without_it_there_are_the_other_ways(
    computer: Computer, person: Person, chromium: Chromium
) -> None:
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("Máy của tôi")
    give_totp(computer.idp.installation, person.id)
    other = chromium.new_context(java_script_enabled=False, locale="vi")
    page = other.new_page()
    page.goto(f"{computer.idp.url}/dang-nhap")
    assert not page.get_by_role("button", name="Dùng khóa truy cập").is_visible()
    elsewhere = Computer(computer.idp, other, page, [])
    elsewhere.give_password(person)
    # What <noscript> says is not shown by a browser whose scripts Playwright stops.
    expect(page.get_by_text("Bây giờ hãy dùng khóa truy cập")).to_be_visible()
    page.get_by_role("link", name="Dùng mã của ứng dụng xác thực").click()
    expect(page.get_by_label("Mã 6 chữ số")).to_be_visible()
    other.close()


def test_a_device_that_does_not_know_its_user_is_not_taken(
    computer: Computer, person: Person
) -> None:
    page = computer.page
    computer.set_device(may_use=False)
    computer.sign_in(person)
    page.goto(computer.idp.url + ADD)
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    expect(page.get_by_role("status")).to_have_text(
        "Chưa tạo được khóa truy cập. Anh/Chị có thể thử lại."
    )
    with computer.idp.installation.database.read() as tx:
        assert store.held_by(tx, person.id) == []


def test_after_the_password_in_english(computer: Computer, person: Person) -> None:
    page, idp = computer.page, computer.idp
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("PC")
    computer.sign_out()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{idp.url}/dang-nhap?lang=en")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    computer.give_password(person)
    expect(page.get_by_text("Now use your passkey")).to_be_visible()
    computer.look()
