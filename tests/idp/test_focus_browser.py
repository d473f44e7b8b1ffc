"""After an error the focus is on what is wrong, and the way to help leads back: in a browser."""

from __future__ import annotations

import html
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.support.idp_app import IdpApp


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
    page.get_by_role("link", name="English").click()
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
