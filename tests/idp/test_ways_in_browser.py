"""Every way in, in Chromium: as few pages as were promised, without scripts too, readable in both
languages and at both widths. The guide for people is of this walk: what it prints in bold stands on
these pages, and its pictures are taken here (``PICTURES=1``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Response, Route, ViewportSize, expect

from idp.factors.certificate import service as certificates
from idp.factors.recovery_codes import store as recovery_codes
from idp.slips import service as slips
from tests.browser.onlooker import Onlooker
from tests.browser.test_guide import ON_SCREEN, bold_words, pictures_of
from tests.idp.test_recovery_links import OUTSIDE, code_for, outsider
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp, pause_at_once, running_idp
from tests.support.installation import OPERATOR
from tests.support.pki import Authority, Issued
from tests.support.product import REPOSITORY
from tests.support.second_factor import code_now, give_totp, whole_step

pytestmark = pytest.mark.only_on_sqlite("what a browser shows does not depend on the store")

__all__ = ["whole_step"]

GUIDE = REPOSITORY / "docs" / "vi" / "nguoi-dung.md"
PICTURES = REPOSITORY / "docs" / "images" / "nguoi-dung"
ASKING = "https://localhost:8443"  # what the proxy there does is in tests/deploy
NEW = "ba con vit qua cau go"
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1366, height=768)
# As the product itself is shown to be: what the guide prints in bold must have been read there.
read: list[str] = []


@dataclass
class Way:
    """Somebody at a browser, the pages they come to, and what they read."""

    idp: IdpApp
    page: Page
    language: str
    scripts: bool
    pages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._count)
        self.onlooker = Onlooker(self.page)

    def _count(self, answer: Response) -> None:
        """A page is what comes for the whole window and leads nowhere by itself."""
        asked = answer.request
        is_page = asked.is_navigation_request() and asked.frame == self.page.main_frame
        if is_page and not 300 <= answer.status < 400 and answer.url.startswith(self.idp.url):
            self.pages.append(answer.url)

    def begin(self, path: str) -> None:
        self.page.goto(self.idp.url + path)
        self.pages[:] = self.pages[-1:]

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"#{name}").fill(value)

    def go_on(self, button: str = "main form button[type=submit].button") -> None:
        with self.page.expect_navigation():
            self.page.locator(button).first.click()

    def follow(self, link: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(f"main {link}").first.click()

    def look(self, name: str = "", *, at_desk: bool = False) -> None:
        """Read it; with a name it is a picture of the guide, on a telephone or at a desk."""
        if not self.scripts:
            return
        self.onlooker.look(f"way-{name or 'page'}", language=self.language)
        if self.language != "vi":
            return
        read.append(self.page.evaluate(ON_SCREEN))
        if name and os.environ.get("PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.set_viewport_size(DESK if at_desk else PHONE)
            self.page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
            self.page.screenshot(path=PICTURES / f"{name}.png")
            self.page.set_viewport_size(DESK)


@contextmanager
def somebody(
    idp_app: IdpApp, chromium: Chromium, language: str = "vi", *, scripts: bool = True
) -> Iterator[Way]:
    context = chromium.new_context(viewport=DESK, locale="vi", java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    way = Way(idp_app, context.new_page(), language, scripts)
    way.begin(f"/tro-giup?lang={language}")
    try:
        yield way
        assert way.onlooker.breaches == []
    finally:
        context.close()


@pytest.fixture(params=["vi", "en", "without scripts"])
def way(request: pytest.FixtureRequest, idp_app: IdpApp, chromium: Chromium) -> Iterator[Way]:
    scripts = request.param != "without scripts"
    language = request.param if scripts else "vi"
    with somebody(idp_app, chromium, language, scripts=scripts) as found:
        yield found


def test_the_first_time_with_a_slip_takes_five_pages(way: Way) -> None:
    waiting = way.idp.person(password="")
    made = slips.issue(way.idp.installation, OPERATOR, waiting.id, "activate")
    way.begin("/kich-hoat")
    way.look("phieu-ma")
    way.fill(code=made.code)
    way.go_on()
    way.look("phieu-xac-nhan")
    way.go_on()
    way.look("phieu-mat-khau")
    way.fill(password=NEW, again=NEW)
    way.go_on()
    way.look("phieu-dien-thoai", at_desk=True)
    key = way.page.locator("code.copied-code").first.inner_text().replace(" ", "")
    way.fill(code=code_now(key))
    way.go_on()
    expect(way.page.locator("ol.codes li")).to_have_count(10)
    way.look("ma-khoi-phuc", at_desk=True)
    assert len(way.pages) == 5, way.pages
    way.go_on()
    assert way.page.url == f"{way.idp.url}/"
    way.look("ung-dung-cua-toi")


def test_every_day_takes_two_pages(way: Way) -> None:
    person = way.idp.person()
    secret = give_totp(way.idp.installation, person.id)
    way.begin("/dang-nhap")
    way.look("dang-nhap")
    way.fill(login=person.username, password=PASSWORD)
    way.go_on("#sign-in button.button")
    way.look("ma-6-chu-so")
    way.fill(code=code_now(secret))
    assert len(way.pages) == 2, way.pages
    way.go_on()
    assert way.page.url == f"{way.idp.url}/"
    way.begin("/bao-mat")
    way.look("bao-mat", at_desk=True)
    way.begin("/dang-xuat")
    way.look()
    way.go_on()
    way.look("da-dang-xuat")


def test_another_password_takes_two_pages(way: Way) -> None:
    person = way.idp.person()
    way.begin("/dang-nhap")
    way.fill(login=person.username, password=PASSWORD)
    way.go_on("#sign-in button.button")
    way.begin("/bao-mat")
    way.pages.clear()  # counted from what is pressed there
    way.look()
    way.follow("a[href*='/bao-mat/mat-khau']")
    way.look("doi-mat-khau")
    way.fill(current=PASSWORD, password=NEW, again=NEW)
    way.go_on()
    way.look()
    assert len(way.pages) == 2, way.pages


def test_a_forgotten_password_takes_four_pages(way: Way) -> None:
    person = way.idp.person()
    give_totp(way.idp.installation, person.id)
    with way.idp.installation.database.write() as tx:
        code = recovery_codes.make(tx, person.id)[0]
    way.begin("/dang-nhap")
    way.pages.clear()  # counted from what is pressed there
    way.follow("a[href*='/quen-mat-khau']")
    way.look("quen-mat-khau")
    way.follow("a[href*='buoc=recover_by_code']")
    way.look()
    way.fill(login=person.username, code=code)
    way.go_on()
    way.look()
    way.fill(password=NEW, again=NEW)
    way.go_on()
    way.look("mat-khau-moi")
    assert len(way.pages) == 4, way.pages
    # And whoever has nothing at all asks for help.
    way.begin("/dang-nhap")
    way.follow("a[href*='/quen-mat-khau']")
    way.follow("a[href*='buoc=help_wanted']")
    way.look()
    way.fill(login=person.username)
    way.go_on()
    way.look("nho-ho-tro")


def test_a_telephone_that_is_not_there(way: Way) -> None:
    """By a code on paper, or by a slip of the agency: at most one page more than every day."""
    person = way.idp.person()
    give_totp(way.idp.installation, person.id)
    with way.idp.installation.database.write() as tx:
        code = recovery_codes.make(tx, person.id)[0]
    way.begin("/dang-nhap")
    way.fill(login=person.username, password=PASSWORD)
    way.go_on("#sign-in button.button")
    way.follow("a[href*='buoc=recovery_code']")
    way.look("ma-tren-giay")
    way.fill(code=code)
    assert len(way.pages) == 3, way.pages
    way.go_on()
    assert way.page.url == f"{way.idp.url}/"
    way.page.context.clear_cookies()
    way.begin(f"/dang-nhap?lang={way.language}")
    way.fill(login=person.username, password=PASSWORD)
    way.go_on("#sign-in button.button")
    way.follow("a[href*='buoc=lost']")
    way.look("mat-dien-thoai")
    slip = slips.issue(way.idp.installation, OPERATOR, person.id, "help")
    way.fill(code=slip.code)
    way.go_on()
    assert way.page.url == f"{way.idp.url}/"


def test_too_many_wrong_passwords(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    person = way.idp.person()
    pause_at_once(monkeypatch)
    way.begin("/dang-nhap")
    way.fill(login=person.username, password="sai hoàn toàn rồi nhé")
    way.go_on("#sign-in button.button")
    way.look("tam-dung")
    assert len(way.pages) == 2, way.pages


@pytest.fixture(scope="module")
def full_idp() -> Iterator[IdpApp]:
    """The application where all that needs setting up is on: certificates, links by e-mail."""
    with running_idp(
        DANHMUC_CERTIFICATE_URL=ASKING,
        DANHMUC_CERTIFICATE_HEADER="Client-Cert",
        DANHMUC_SMTP_URL="smtp://127.0.0.1:9",
        DANHMUC_RECOVERY_MAIL_DOMAINS=OUTSIDE,
    ) as found:
        yield found


@pytest.fixture(scope="module")
def root(full_idp: IdpApp) -> Authority:
    made = Authority.root("Chứng thư số chuyên dùng (mẫu)")
    certificates.trust(full_idp.installation, OPERATOR, made.issued.pem, without_crl="thử")
    return made


@pytest.fixture(params=["vi", "en", "without scripts"])
def full_way(request: pytest.FixtureRequest, full_idp: IdpApp, chromium: Chromium) -> Iterator[Way]:
    scripts = request.param != "without scripts"
    language = request.param if scripts else "vi"
    with somebody(full_idp, chromium, language, scripts=scripts) as found:
        yield found


def plug_in(way: Way, made: Issued) -> None:
    """Whatever address asks for a certificate is shown this one, as the proxy there hands it on."""

    def show(route: Route) -> None:
        path = route.request.url.removeprefix(ASKING)
        sent = {"Client-Cert": made.header}
        answer = requests.get(way.idp.url + path, headers=sent, allow_redirects=False, timeout=20)
        route.fulfill(status=303, headers={"Location": answer.headers["Location"]})

    way.page.context.route(f"{ASKING}/**", show)


def test_a_certificate_takes_two_pages(full_way: Way, root: Authority) -> None:
    way = full_way
    person, made = way.idp.person(), root.issue(ends=timedelta(days=20))
    certificates.bind(way.idp.installation, OPERATOR, person.id, made.pem, "đã xem thẻ")
    plug_in(way, made)
    way.begin("/dang-nhap")
    way.look("dang-nhap-chung-thu")
    way.follow("a[href*='/chung-thu']")
    way.look("chung-thu")
    assert len(way.pages) == 2, way.pages
    way.go_on()
    assert way.page.url == f"{way.idp.url}/"
    way.look()
    way.begin("/bao-mat")
    way.look()
    way.follow("a[href$='/bao-mat/chung-thu']")
    way.look()
    plug_in(way, root.issue("Nguyễn Thị Thuỳ Dung", ends=timedelta(days=1000)))
    way.follow("a[href*='/chung-thu?trang']")
    way.look("gan-chung-thu")
    way.go_on()
    assert way.page.url == f"{way.idp.url}/bao-mat"
    way.follow("a[href$='/xoa']")
    way.look()
    way.page.context.clear_cookies()
    plug_in(way, Authority.root("Cơ quan khác").issue())
    way.begin(f"/dang-nhap?lang={way.language}")
    way.follow("a[href*='/chung-thu']")
    way.look()


def test_a_link_of_an_email_takes_six_pages(full_way: Way) -> None:
    way = full_way
    person = outsider(way.idp)
    way.begin("/dang-nhap")
    way.pages.clear()  # counted from what is pressed there
    way.follow("a[href*='/quen-mat-khau']")
    way.look()
    way.follow("a[href*='buoc=recover_by_link']")
    way.fill(login=person.username)
    way.look("duong-dan")
    way.go_on()
    way.look("xem-hop-thu")
    way.begin("/quen-mat-khau?buoc=link_code")
    way.fill(code=code_for(way.idp, person))
    way.look()
    way.go_on()
    way.fill(password=NEW, again=NEW)
    way.go_on()
    expect(way.page.locator("h1")).to_contain_text(
        "mật khẩu mới" if way.language == "vi" else "new"
    )


def test_the_guide_says_what_is_there(idp_app: IdpApp, chromium: Chromium) -> None:
    """After the ways above, in Vietnamese: each word in bold, each picture, no other."""
    with somebody(idp_app, chromium) as way:
        way.look("tro-giup")
        person = idp_app.person()
        way.begin("/dang-nhap")
        way.fill(login=person.username, password=PASSWORD)
        way.go_on("#sign-in button.button")
        for path in ("/bao-mat/ung-dung-xac-thuc", "/bao-mat/khoa-truy-cap"):
            way.begin(path)
            way.look("khoa-truy-cap" if "khoa" in path else "")
        way.begin("/bao-mat")
        way.look()
    if not any("Đã đặt mật khẩu mới" in text for text in read):
        pytest.skip("the ways above were not walked in this process")
    seen = " ".join(read)
    assert {word for word in bold_words(GUIDE) if word not in seen} == set()
    assert pictures_of(GUIDE, PICTURES) == {path.name for path in PICTURES.iterdir()}
    assert not re.search(r"[A-Za-z]:\\|\]\(/", GUIDE.read_text(encoding="utf-8"))
