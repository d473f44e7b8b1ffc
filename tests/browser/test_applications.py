"""An administrator registers an application in the console, and somebody signs in to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_console import console_url, open_console
from tests.browser.test_one_login import new_person
from tests.support.product import Product

MOST_PAGES = 4
_CALLBACK = "http://127.0.0.2:9/callback"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
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
        page.goto(f"{page.url}/trang-thai")
        onlooker.look("application-state", scripts=scripts)
        page.goto(f"{console_url(http_product)}/ung-dung?lang=en")
        onlooker.look("applications-en", language="en", scripts=scripts)
