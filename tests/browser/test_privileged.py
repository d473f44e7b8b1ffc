"""A privileged role in the demo: one operator asks for it, nobody has it, a second one approves."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_console import open_console
from tests.browser.test_one_login import new_person
from tests.support.product import Product

FIRST, SECOND, HOLDER = "quantri.stttt.qt", "cntt.stttt.qt", "hotro.stttt.qt"
ROLE = "province_operator"


def _roles_of_ours(product: Product) -> list[str]:
    listed = product.danhmuc_json("grant", "list", "--person", HOLDER)["grants"]
    return [each["role"] for each in listed]


def test_a_privileged_role_is_asked_for_by_one_and_approved_by_another(
    chromium: Browser, http_product: Product
) -> None:
    product = http_product
    with new_person(chromium, product) as first:
        open_console(first.page, product, FIRST)
        _ask(first.page)
        assert ROLE not in _roles_of_ours(product)
        main = first.page.locator("main")
        expect(main).to_contain_text("nên người khác sẽ quyết định")
        expect(first.page.get_by_role("button", name="Phê duyệt")).to_have_count(0)
        with new_person(chromium, product) as second:
            open_console(second.page, product, SECOND)
            _open_request(second.page)
            second.look("request-privileged")
            second.page.get_by_role("button", name="Phê duyệt").click()
            expect(second.page.get_by_role("status")).to_contain_text("Đã phê duyệt")
    assert ROLE in _roles_of_ours(product)


def _ask(page: Page) -> None:
    page.get_by_role("link", name="Quyền", exact=True).click()
    page.get_by_role("link", name="Vai trò đặc quyền").click()
    card = page.locator(".card", has=page.get_by_role("heading", name="Vận hành cấp tỉnh"))
    card.get_by_role("link", name="Cấp vai trò này").click()
    page.get_by_label("Người hoặc vị trí việc làm").fill(HOLDER)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Lý do").fill("Thay người nghỉ phép")
    page.get_by_label("Căn cứ").fill("QĐ 15/QĐ-UBND")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Gửi yêu cầu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã gửi")


def _open_request(page: Page) -> None:
    page.get_by_role("link", name="Yêu cầu", exact=True).first.click()
    row = page.locator("main tr, main li", has_text="Đỗ Hữu Phước").first
    row.get_by_role("link").first.click()
