"""Passkeys in Chromium, with a device that its tools make up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import select

from directory.catalogue.person import Person
from directory.projection.tables import person_state
from idp.factors.passkey import store
from idp.sessions.tables import sessions
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.relying_party import authorization_request
from tests.support.second_factor import code_now, give_totp, whole_step

pytestmark = pytest.mark.only_on_sqlite("what a browser does does not depend on the store")

__all__ = ["whole_step"]

ADD = "/bao-mat/khoa-truy-cap"
NEW = "ba con vit qua cau go"


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

    def give_password(self, person: Person, password: str = PASSWORD) -> None:
        self.page.locator("#login").fill(person.username)
        self.page.locator("#password").fill(password)
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
            # A page that is just being replaced has no element yet.
            fits = "width => document.documentElement?.scrollWidth <= width"
            self.page.wait_for_function(fits, arg=width, timeout=5000)
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def computer(idp_app: IdpApp, chromium: Chromium) -> Iterator[Computer]:
    with another_computer(idp_app, chromium) as found:
        yield found


@contextmanager
def another_computer(idp_app: IdpApp, chromium: Chromium) -> Iterator[Computer]:
    """A browser with nothing of any other: cookies, storage, devices."""
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
    button.or_(page.locator("body:not(:has(passkey-sign-in))")).first.wait_for()
    if button.is_visible():
        with suppress(PlaywrightTimeout):  # answered between looking and pressing
            button.click(no_wait_after=True, timeout=2_000)


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


def asked_for(idp: IdpApp, **more: str) -> str:
    asked = authorization_request(idp.documents, **more)
    return f"{idp.url}/authorize?" + urlencode(asked)


def test_the_field_for_the_name_offers_it(computer: Computer, person: Person) -> None:
    """Nothing is pressed: the browser offers it in the field, and the device answers."""
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("Máy của tôi")
    computer.sign_out()
    computer.page.goto(f"{computer.idp.url}/dang-nhap")
    computer.page.wait_for_url(f"{computer.idp.url}/")


def test_in_another_browser_it_is_not_known_and_the_other_ways_are_there(
    computer: Computer, person: Person, chromium: Chromium
) -> None:
    idp = computer.idp
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("Máy ở cơ quan")
    secret = give_totp(idp.installation, person.id)
    with another_computer(idp, chromium) as other:
        other.set_device()
        page = other.page
        page.goto(f"{idp.url}/dang-nhap")
        page.get_by_role("button", name="Dùng khóa truy cập").click(no_wait_after=True)
        expect(page.locator("passkey-sign-in").get_by_role("status")).to_have_text(
            "Chưa dùng được khóa truy cập nào. "
            "Anh/Chị có thể thử lại hoặc đăng nhập bằng cách khác."
        )
        other.give_password(person)
        expect(page.get_by_text("Bây giờ hãy dùng khóa truy cập")).to_be_visible()
        other.look()
        page.get_by_role("link", name="Dùng mã của ứng dụng xác thực").click()
        page.locator("#code").fill(code_now(secret))
        page.get_by_role("button", name="Tiếp tục").click()
        page.wait_for_url(f"{idp.url}/")
        # It is removed from here, though the device that has it is elsewhere.
        page.goto(f"{idp.url}/bao-mat")
        page.get_by_role("link", name="Xóa Máy ở cơ quan").click()
        page.get_by_role("button", name="Xóa").click()
        page.wait_for_url(f"{idp.url}/bao-mat")
    computer.sign_out()
    computer.page.goto(f"{idp.url}/dang-nhap")
    use_passkey(computer.page)
    expect(computer.page.locator("#error-summary")).to_be_visible()
    assert computer.page.url.startswith(f"{idp.url}/dang-nhap")


def test_a_session_of_the_password_is_stepped_up(computer: Computer, person: Person) -> None:
    """The same session goes on, surer; nothing is typed."""
    page, idp = computer.page, computer.idp
    computer.set_device()
    computer.sign_in(person)
    of_the_password = computer.context.cookies()
    computer.sign_out()
    computer.sign_in(person)
    computer.add_passkey("Máy của tôi")
    computer.sign_out()
    computer.context.add_cookies([dict(cookie) for cookie in of_the_password])  # type: ignore[misc]

    def answer(**asked: str) -> str:
        """Without a page."""
        found = page.context.request.get(asked_for(idp, **asked), max_redirects=0)
        return found.headers["location"]

    assert "code=" in answer(acr_values="1")
    assert "error=login_required" in answer(prompt="none", acr_values="2")
    before = sessions_of(idp, person)
    page.goto(asked_for(idp, acr_values="2"))
    with page.expect_request(lambda request: "code=" in request.url):
        use_passkey(page)
    assert "code=" in answer(prompt="none", acr_values="2")
    after = sessions_of(idp, person)
    assert sorted(before.values()) == ["1", "2"]
    assert after == dict.fromkeys(before, "2")


def test_a_forgotten_password_is_replaced_by_it(computer: Computer, person: Person) -> None:
    page, idp = computer.page, computer.idp
    computer.set_device()
    computer.sign_in(person)
    computer.add_passkey("Máy của tôi")
    computer.sign_out()
    page.goto(f"{idp.url}/quen-mat-khau")
    page.get_by_role("link", name="Khóa truy cập").click()
    computer.look()
    use_passkey(page)
    page.locator("#password").fill(NEW)
    page.locator("#again").fill(NEW)
    page.get_by_role("button", name="Đặt mật khẩu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đặt mật khẩu mới")
    assert sessions_of(idp, person) == {}
    # The old one is none, the new one leads to the passkey, which is there as before.
    other = idp.browser()
    assert other.answer(other.open_sign_in(), person.username, PASSWORD).status_code == 403
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    page.get_by_role("link", name="Đăng nhập", exact=True).click()
    computer.give_password(person, NEW)
    use_passkey(page)
    page.wait_for_url(f"{idp.url}/")


def sessions_of(idp: IdpApp, person: Person) -> dict[str, str]:
    """The person's sessions that live: the level of each."""
    mine = (sessions.c.person_id == person.id) & sessions.c.ended_at.is_(None)
    with idp.installation.database.read() as tx:
        rows = tx.execute(select(sessions.c.sid, sessions.c.acr).where(mine))
        valid_after = tx.execute(
            select(person_state.c.sessions_valid_after).where(person_state.c.person_id == person.id)
        ).scalar_one()
        born = dict(tx.execute(select(sessions.c.sid, sessions.c.created_at).where(mine)).all())
        return {row.sid: row.acr for row in rows if born[row.sid] >= valid_after}
