"""An administrator registers an application in the console, and tries the sign-in to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_console import console_url, open_console
from tests.browser.test_one_login import new_person
from tests.support.product import Product

MOST_PAGES = 4
_CALLBACK = "http://127.0.0.2:9/callback"


@pytest.mark.parametrize(
    "scripts",
    [True, pytest.param(False, marks=pytest.mark.deep)],
    ids=["scripts", "no-scripts"],
)
def test_an_application_is_registered_in_four_pages(
    chromium: Browser, http_product: Product, scripts: bool
) -> None:
    with new_person(chromium, http_product, scripts=scripts) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        page.get_by_role("link", name="Ứng dụng", exact=True).click()
        onlooker.look("applications", scripts=scripts)
        page.get_by_role("link", name="Đăng ký ứng dụng").click()
        onlooker.look("application-kinds", scripts=scripts)
        page.get_by_role("link", name="Ứng dụng web có máy chủ").click()
        page.get_by_label("Tên ứng dụng").fill(f"Lịch họp {scripts}")
        onlooker.look("application-describe", scripts=scripts)
        page.get_by_role("button", name="Tiếp tục").click()
        page.locator("#redirect_uris").fill("https://lich.vn/*")
        page.get_by_role("button", name="Đăng ký").click()
        expect(page.locator("#error-summary")).to_contain_text("không dùng được dấu *")
        onlooker.look("application-addresses", scripts=scripts)
        page.locator("#redirect_uris").fill(_CALLBACK)
        page.get_by_role("button", name="Đăng ký").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Đã đăng ký")
        assert page.locator("code.secret").inner_text()
        onlooker.look("application-connect", scripts=scripts)
        page.get_by_role("link", name="Xong, về trang ứng dụng").click()
        onlooker.look("application", scripts=scripts)
        application = page.url
        page.get_by_role("link", name="Thử đăng nhập").click()
        onlooker.look("application-trial", scripts=scripts)
        page.locator("#address").fill(f"{http_product.issuer}/authorize?client_id=khac&scope=x")
        page.get_by_role("button", name="Chỉ kiểm tra").click()
        expect(page.get_by_text("Yêu cầu của một ứng dụng khác")).to_be_visible()
        onlooker.look("application-trial-faults", scripts=scripts)
        page.goto(f"{application}/thu-dang-nhap")
        page.get_by_role("button", name="Thử đăng nhập").click()
        expect(page.get_by_text("Đăng nhập được")).to_be_visible()
        expect(page.get_by_role("row", name="preferred_username")).to_be_visible()
        onlooker.look("trial", scripts=scripts)
        page.get_by_role("link", name="Về trang quản trị").click()
        assert page.url == application
        page.goto(f"{application}/loi")
        onlooker.look("application-errors", scripts=scripts)
        page.goto(f"{console_url(http_product)}/ung-dung/thong-tin-cung-cap")
        onlooker.look("releases", scripts=scripts)
        page.goto(f"{application}/trang-thai")
        onlooker.look("application-state", scripts=scripts)
        page.goto(f"{application}/xoa")
        onlooker.look("application-removal-early", scripts=scripts)
        page.goto(f"{console_url(http_product)}/ung-dung/dang-ky/ldap")
        page.get_by_label("Tên ứng dụng").fill(f"Máy in {scripts}")
        onlooker.look("application-ldap-describe", scripts=scripts)
        page.get_by_role("button", name="Đăng ký").click()
        assert page.locator("code.secret").inner_text()
        onlooker.look("application-ldap-connect", scripts=scripts)
        page.get_by_role("link", name="Xong, về trang ứng dụng").click()
        onlooker.look("application-ldap", scripts=scripts)
        application = page.url
        page.get_by_role("link", name="Tạo mật khẩu mới").click()
        onlooker.look("application-ldap-password", scripts=scripts)
        page.goto(f"{application}/du-lieu")
        onlooker.look("application-ldap-release", scripts=scripts)
        http_product.danhmuc(
            "client", "ldap", "disable", application.split("/")[-1], "--reason", "x"
        )
        _as_if_long_ago(http_product)
        page.goto(f"{application}/xoa")
        onlooker.look("application-removal", scripts=scripts)
        page.get_by_label("Tên ứng dụng").fill("Máy")
        page.get_by_label("Lý do").fill("Thay máy in")
        page.get_by_role("button", name="Xóa hẳn").click()
        expect(page.locator("#error-summary")).to_contain_text("Hãy gõ đúng tên ứng dụng")
        onlooker.look("application-removal-faults", scripts=scripts)
        page.get_by_label("Tên ứng dụng").fill(f"Máy in {scripts}")
        page.get_by_role("button", name="Xóa hẳn").click()
        expect(page.get_by_text("Tên và lịch sử của ứng dụng được giữ lại")).to_be_visible()
        onlooker.look("application-removed", scripts=scripts)
        page.goto(f"{console_url(http_product)}/ung-dung?lang=en")
        onlooker.look("applications-en", language="en", scripts=scripts)


def _as_if_long_ago(product: Product) -> None:
    """Whatever is disabled has been for as long as a removal waits."""
    with closing(sqlite3.connect(product.state / "danhmuc.db", timeout=10)) as connection:
        since = "disabled_at = disabled_at - 31 * 86400000"
        connection.execute(f"UPDATE application SET {since} WHERE disabled_at > 0")
        connection.commit()
