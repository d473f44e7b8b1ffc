"""Changing the password in Chromium: how strong it is is said while it is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.idp.test_slips_browser import look, page, press
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp

pytestmark = pytest.mark.only_on_sqlite("what a browser shows does not depend on the store")

__all__ = ["page"]

NEW = "ba con vit qua cau go"


def test_the_page_says_what_is_missing_and_what_ended(idp_app: IdpApp, page: Page) -> None:
    person, elsewhere = idp_app.person(), idp_app.browser()
    elsewhere.sign_in(person)
    page.goto(f"{idp_app.url}/.well-known/change-password")
    page.locator("#login").fill(person.username)
    page.locator("#password").fill(PASSWORD)
    press(page, "Đăng nhập")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đổi mật khẩu")
    said = page.locator("password-strength")
    for typed, wanted in (("ngan", "Còn thiếu 11 ký tự"), (NEW[:16], "Đủ dài"), (NEW, "mạnh nếu")):
        page.locator("#password").fill(typed)
        expect(said).to_contain_text(wanted)
    look(page, "change-1-form")
    page.locator("#current").fill("không phải mật khẩu này")
    page.locator("#again").fill(NEW)
    press(page, "Đổi mật khẩu")
    expect(page.locator("#error-summary")).to_be_focused()
    look(page, "change-2-wrong")
    for field, typed in (("current", PASSWORD), ("password", NEW), ("again", NEW)):
        page.locator(f"#{field}").fill(typed)
    press(page, "Đổi mật khẩu")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đổi mật khẩu")
    look(page, "change-3-changed")
    assert not elsewhere.is_signed_in()
    page.goto(f"{idp_app.url}/bao-mat")
    look(page, "change-4-security")
