"""After an error the focus is on what is wrong, and the way to help leads back: in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.support.chromium import chromium
from tests.support.idp_app import IdpApp

__all__ = ["chromium"]


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
