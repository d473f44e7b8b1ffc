"""After an error the focus is on what is wrong, and no way off and back loses what was typed."""

from __future__ import annotations

import html
import re
from unittest.mock import Mock
from urllib.parse import unquote, urlencode

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from directory import clock
from directory.errors import Unavailable
from directory.ldap.errors import SIGNIN_BUSY
from directory.people import service
from idp.factors.password import trying as password
from idp.throttle import store as throttle
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.only_on_sqlite("what a browser shows does not depend on the store")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_error_has_the_focus_and_stands_in_the_title(
    idp_app: IdpApp, chromium: Chromium, scripts: bool
) -> None:
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{idp_app.url}/dang-nhap")
    expect(page.locator("#login")).to_be_focused()
    page.locator("#login").fill("khong.co.ai")
    page.locator("#password").fill("sai-mật-khẩu")
    page.locator("form:has(#password) button[type=submit]").last.click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Lỗi:")
    expect(page.locator("#login")).to_have_value("khong.co.ai")
    page.keyboard.press("Tab")
    expect(page.locator("#login")).to_be_focused()
    context.close()


def test_help_leads_back_to_the_sign_in(idp_app: IdpApp, chromium: Chromium) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{idp_app.url}/dang-nhap")
    address = page.url
    page.get_by_role("link", name="Tôi không đăng nhập được").click()
    page.get_by_role("link", name="Quay lại trang đăng nhập").click()
    assert page.url == address
    page.goto(f"{idp_app.url}/tro-giup")
    page.get_by_role("link", name="Quay lại trang đăng nhập").click()
    expect(page.locator("#login")).to_be_visible()
    context.close()


@pytest.mark.parametrize("wrong", ["name", "name and password"])
def test_back_over_an_error_asks_nothing_and_loses_nothing(
    idp_app: IdpApp, chromium: Chromium, wrong: str
) -> None:
    """Chromium shows ERR_CACHE_MISS ("Confirm Form Resubmission") for the answer to a POST."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{idp_app.url}/dang-nhap")
    address = page.url
    for name in ("khong.co.ai", "khong.co.ai.2"):
        page.locator("#login").fill(name)
        page.locator("#password").fill("sai-mật-khẩu" if wrong != "name" else "   ")
        page.locator("#shared").check()
        page.locator("form:has(#password) button[type=submit]").last.click()
        expect(page.locator("#error-summary")).to_be_visible()
    page.get_by_role("link", name="Trợ giúp").click()
    expect(page.get_by_role("link", name="Quay lại trang đăng nhập")).to_be_visible()
    page.go_back()
    assert page.url.startswith(address)
    expect(page.locator("#login")).to_have_value("khong.co.ai.2")
    expect(page.locator("#shared")).to_be_checked()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("#login")).to_have_value("khong.co.ai.2")
    page.reload()
    expect(page.locator("#login")).to_have_value("khong.co.ai.2")
    page.go_back()
    page.go_back()
    expect(page.locator("#login")).to_be_visible()
    context.close()


def test_what_was_typed_is_not_readable_in_the_address(idp_app: IdpApp) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    answer = browser.answer(page, "MậtKhẩuGõNhầmÔ", "sai", shared="1")
    address = html.unescape(answer.text.partition('<answered-form data-url="')[2].partition('"')[0])
    assert "Nhầm" not in unquote(address) and "Nh%E1" not in address
    assert 'value="MậtKhẩuGõNhầmÔ"' in browser.get(address).text
    stranger = idp_app.browser()
    other = stranger.open_sign_in()
    kept = address.partition("&")[2]
    assert "MậtKhẩu" not in stranger.get(f"{other.url}&{kept}").text
    assert browser.get(f"{page.url}&da-nhap=%E1").status_code == 200


@pytest.mark.parametrize(
    ("scripts", "shared", "asked"),
    [
        (True, True, {}),
        (True, False, {"ui_locales": "vi", "login_hint": "ai.do"}),
        (False, True, {"ui_locales": "vi", "login_hint": "ai.do"}),
        (False, False, {}),
    ],
)
def test_switching_the_language_keeps_what_was_typed(
    idp_app: IdpApp, chromium: Chromium, scripts: bool, shared: bool, asked: dict[str, str]
) -> None:
    """Before anything was sent, and as often as one likes; the application's wish, which stands in
    the flow, does not take the choice back."""
    person = idp_app.person()
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(
        f"{idp_app.url}/authorize?{urlencode(authorization_request(idp_app.calendar, **asked))}"
    )
    page.locator("#login").fill("Trần Thị Ộ & <b>'\"@ubnd")
    page.locator("#password").fill("mật khẩu bí mật")
    page.locator("#shared").set_checked(shared)
    for language, heading in (("English", "Sign in to"), ("Tiếng Việt", "Đăng nhập để vào")) * 2:
        page.get_by_role("button", name=language).click()
        expect(page.locator("h1")).to_contain_text(heading)
        expect(page.locator("#login")).to_have_value("Trần Thị Ộ & <b>'\"@ubnd")
        expect(page.locator("#shared")).to_be_checked(checked=shared)
        expect(page.locator("#password")).to_have_value("")
        assert page.locator("#error-summary").count() == 0
        assert "Trần" not in unquote(page.url) and "mật" not in unquote(page.url)
    page.reload()
    expect(page.locator("#login")).to_have_value("Trần Thị Ộ & <b>'\"@ubnd")
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="I cannot sign in").click()
    page.get_by_role("link", name="Back to the sign-in").click()
    expect(page.locator("h1")).to_contain_text("Sign in to")
    expect(page.locator("#login")).to_have_value("Trần Thị Ộ & <b>'\"@ubnd")
    page.locator("#login").fill(person.username)
    page.locator("#password").fill(PASSWORD)
    # Enter presses the button of the form, not the one of the language.
    with page.expect_request(lambda request: request.url.startswith("http://127.0.0.2")):
        page.locator("#password").press("Enter")
    context.close()


def test_the_switch_looks_at_no_password_and_counts_nothing(idp_app: IdpApp) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    page = browser.open_sign_in()
    binds = idp_app.count_binds()
    for _ in range(30):
        answer = browser.answer(page, person.username, "sai-mật-khẩu", lang="en")
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/dang-nhap?")
    assert idp_app.count_binds() == binds
    assert not idp_app.events(subject=f"person:{person.id}", kind="signin.refused")
    assert browser.answer(page, person.username, PASSWORD, lang="ộ").status_code == 303
    assert browser.is_signed_in(), "an unknown language is no switch"


@pytest.mark.parametrize("what", ["paused", "busy", "suspended"])
def test_every_page_of_a_sign_in_leads_back_to_the_form_as_it_was(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    page = browser.open_sign_in(**authorization_request(idp_app.calendar))
    if what == "suspended":
        service.suspend(idp_app.installation, OPERATOR, person.id, "thử")
    error = Unavailable(SIGNIN_BUSY, retry_after_s=2)
    wait = throttle.Wait("name", clock.now_ms() + 10 * clock.MINUTE, is_pause=True)
    with monkeypatch.context() as patch:
        if what == "busy":
            patch.setattr(password, "check_password", Mock(side_effect=error))
        if what == "paused":
            patch.setattr(throttle, "reserve", lambda *_: wait)
        answer = browser.answer(page, person.username, PASSWORD, shared="1")
    assert answer.status_code >= 400 and 'name="password"' not in answer.text
    links = [html.unescape(link) for link in re.findall(r'href="(/[^"]+)"', answer.text)]
    ways = [link for link in links if link.startswith("/dang-nhap?")]
    assert len(ways) == 3, "again, and the two languages"
    helps = [link for link in links if link.startswith("/tro-giup")]
    for way in (*ways, *(back_url(browser.get(link).text) for link in helps)):
        form = browser.get(way).text
        assert f'value="{person.username}"' in form and "Lịch họp" in form
        assert re.search(r'id="shared"[^>]* checked', form)


def back_url(text: str) -> str:
    found = re.search(r'href="(/dang-nhap\?[^"]+)"', text)
    assert found
    return html.unescape(found[1])
