"""A link of an e-mail in Chromium: its address fills the code in, and leaves no trace of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.idp.test_recovery_links import code_for, idp, outsider
from tests.idp.test_slips_browser import NEW, look, page, press
from tests.support.idp_app import IdpApp

pytestmark = pytest.mark.only_on_sqlite("what a browser shows does not depend on the store")

__all__ = ["idp", "page"]


def test_from_the_ways_to_the_link_and_a_new_password(idp: IdpApp, page: Page) -> None:
    person = outsider(idp)
    page.goto(f"{idp.url}/quen-mat-khau")
    page.get_by_role("link", name="Đường dẫn gửi tới thư công vụ").click()
    look(page, "link-name")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử công vụ").fill(person.username)
    press(page, "Gửi đường dẫn")
    expect(page.get_by_role("heading", name="Mời Anh/Chị xem hộp thư")).to_be_visible()
    look(page, "link-sent")
    code = code_for(idp, person)
    page.goto(f"{idp.url}/quen-mat-khau?buoc=link_code#{code}")
    expect(page.get_by_label("Mã trong thư")).to_have_value(code)
    assert code not in page.url
    look(page, "link-code")
    press(page, "Tiếp tục")
    page.get_by_label("Mật khẩu mới", exact=True).fill(NEW)
    page.get_by_label("Nhập lại mật khẩu mới").fill(NEW)
    press(page, "Đặt mật khẩu")
    expect(page.get_by_role("heading", name="Đã đặt mật khẩu mới")).to_be_visible()
