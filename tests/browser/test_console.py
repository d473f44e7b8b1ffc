"""The console's model room in a real browser: find a person, change them, see it everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.catalogue.person import person_dn
from directory.ldap.entries import Entry
from directory.settings import read_settings
from tests.browser.people import (
    LEAVE,
    fill_in_sign_in_page,
    sign_in_at,
    sign_in_with_both,
)
from tests.browser.test_one_login import ADMINISTRATOR, new_person
from tests.support.installation import opened
from tests.support.product import Product

OFFICER = "chuyenvien.stttt"


def console_url(product: Product) -> str:
    return f"{product.issuer.rpartition(':')[0]}:{product.port + 1}"


def open_console(page: Page, product: Product, username: str = ADMINISTRATOR) -> None:
    """Sign in to the console; ends at the list of people."""
    page.goto(f"{console_url(product)}/")
    assert page.url.startswith(product.issuer)
    sign_in_with_both(page, product, username)
    page.wait_for_url(f"{console_url(product)}/hom-nay")
    unfold_menu(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Người dùng").click()


def unfold_menu(page: Page) -> None:
    """A telephone shows the menu when it is asked for."""
    fold = page.locator(".sidebar summary")
    if fold.is_visible():
        fold.click()


def entry_of(product: Product, person_id: str) -> Entry:
    """The person as LDAP holds them."""
    settings = {k: v for k, v in product.environment.items() if k.startswith("DANHMUC_")}
    with opened(read_settings(settings)) as installation:
        entry = installation.ldap.read(person_dn(person_id, installation.settings.suffix), ["*"])
    assert entry is not None
    return entry


def change(page: Page, phone: str, title: str) -> None:
    page.get_by_label("Điện thoại").fill(phone)
    page.get_by_label("Chức vụ").fill(title)
    page.get_by_role("button", name="Lưu").click()


def test_find_change_and_see_it_everywhere(chromium: Browser, http_product: Product) -> None:
    product = http_product
    officer = product.account(OFFICER).full_name
    with new_person(chromium, product) as onlooker:
        page = onlooker.page
        open_console(page, product)
        expect(page.get_by_text("Phạm vi quản lý")).to_be_visible()
        onlooker.look("console-people")
        page.get_by_label("Họ tên, chức vụ").fill("khoa le")
        page.get_by_role("button", name="Tìm kiếm").click()
        onlooker.look("console-search")
        # Another account of theirs, which looks after the province, has the same name.
        own = product.danhmuc_json("person", "show", OFFICER)["id"]
        page.locator(f'a[href="/nguoi-dung/{own}"]').click()
        expect(page.locator("h1")).to_have_text(officer)
        onlooker.look("console-person")
        person_id = page.url.rpartition("/")[2]
        page.get_by_role("link", name="Sửa").click()
        onlooker.look("console-edit")
        change(page, "không phải số", "Trưởng phòng")
        expect(page.get_by_role("alert")).to_contain_text("Số điện thoại")
        assert page.get_by_label("Chức vụ").input_value() == "Trưởng phòng"
        onlooker.look("console-edit-wrong")

        other = page.context.new_page()
        other.goto(page.url)
        change(other, "0274 382 4444", "Chuyên viên")
        expect(other.get_by_role("status")).to_contain_text("Đã lưu")
        change(page, "0274 382 5555", "Trưởng phòng")
        expect(page.get_by_role("alert")).to_contain_text("0274 382 4444")
        onlooker.look("console-conflict")
        page.get_by_role("button", name="Lưu").click()
        expect(page.get_by_role("status")).to_contain_text("Đã lưu")
        onlooker.look("console-saved")

        entry = entry_of(product, person_id)
        assert entry.one("telephoneNumber") == "0274 382 5555"
        assert entry.one("title") == "Trưởng phòng"
        page.get_by_role("link", name="Nhật ký", exact=True).click()
        log = page.locator(".log")
        expect(log).to_contain_text(f"sửa {officer}: điện thoại ")
        expect(log).to_contain_text("→ 0274 382 5555, chức vụ ")
        expect(log).to_contain_text("→ Trưởng phòng")
        onlooker.look("console-events")
        page.goto(f"{console_url(product)}/nguoi-dung/{person_id[:-1]}x")
        onlooker.look("console-nobody")
        page.goto(f"{console_url(product)}/nguoi-dung?tim=zzz")
        onlooker.look("console-none-found")
        page.get_by_role("button", name=LEAVE).click()
        page.wait_for_url(f"{product.issuer}/dang-xuat?flow=*")
        onlooker.look("console-signed-out")
        assert page.context.cookies(product.issuer) is not None
        page.goto(f"{console_url(product)}/nguoi-dung")
        expect(page.locator("input[type='password']")).to_be_visible()

    with new_person(chromium, product) as onlooker:
        page = onlooker.page
        sign_in_at(page, product, product.document_url, OFFICER)
        expect(page.locator("body")).to_contain_text("Trưởng phòng")


def test_the_console_refuses_who_has_no_role(chromium: Browser, http_product: Product) -> None:
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        page.goto(f"{console_url(http_product)}/nhat-ky")
        fill_in_sign_in_page(page, http_product.account(OFFICER))
        page.wait_for_load_state()
        assert page.url.startswith(http_product.issuer)
        expect(page.locator("h1")).to_contain_text("Quản trị Danh mục")
        onlooker.look("console-no-role")


def test_the_console_without_scripts(chromium: Browser, http_product: Product) -> None:
    """Everything but comfort works: find, change, sign out."""
    with new_person(chromium, http_product, scripts=False) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        page.get_by_label("Cơ quan, đơn vị").select_option(label="Văn phòng")
        page.get_by_role("button", name="Tìm kiếm").click()
        page.get_by_role("link", name="Nguyễn Thị Ngọc Hạnh").click()
        page.get_by_role("link", name="Sửa").click()
        page.get_by_label("Điện thoại").fill("0274 382 6666")
        page.get_by_role("button", name="Lưu").click()
        expect(page.get_by_role("status")).to_contain_text("Đã lưu")
        page.get_by_role("button", name=LEAVE).click()
        expect(page.locator("h1")).to_have_text("Đã đăng xuất")


def test_the_console_by_keyboard_alone(chromium: Browser, http_product: Product) -> None:
    """From the skip link to a saved phone number without a mouse."""
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Chuyển đến nội dung chính")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("hanh")
        page.keyboard.press("Enter")
        page.wait_for_url("**tim=hanh**")
        link = page.get_by_role("link", name="Nguyễn Thị Ngọc Hạnh")
        for _ in range(30):
            page.keyboard.press("Tab")
            if link.evaluate("(node) => node === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Nguyễn Thị Ngọc Hạnh")


@pytest.mark.parametrize("path", ["", "?tim=an"])
def test_the_console_over_tls(chromium: Browser, tls_product: Product, path: str) -> None:
    """The code is redeemed over https with our own authority, and cookies bear `__Host-`."""
    with new_person(chromium, tls_product) as onlooker:
        page = onlooker.page
        open_console(page, tls_product)
        page.goto(f"{console_url(tls_product)}/nguoi-dung{path}")
        expect(page.locator("h1")).to_have_text("Người dùng")
        names = {cookie.get("name", "") for cookie in page.context.cookies()}
        assert "__Host-dmc_session" in names
        assert all(name.startswith("__Host-") for name in names), names


def test_the_menu_of_a_telephone_is_folded_under_where_one_is(
    chromium: Browser, http_product: Product
) -> None:
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        page.set_viewport_size({"width": 360, "height": 740})
        roles = page.get_by_role("link", name="Quyền", exact=True)
        expect(roles).to_be_hidden()
        expect(page.get_by_text("Sở Thông tin và Truyền thông", exact=True).first).to_be_visible()
        height = page.locator(".sidebar").evaluate("it => it.getBoundingClientRect().height")
        assert height <= 80, "two lines: one's branch, and where one is"
        page.locator(".sidebar summary", has_text="Người dùng").press("Enter")
        expect(roles).to_be_visible()
        onlooker._ask_axe("menu")
        page.emulate_media(media="print")
        expect(page.locator(".sidebar")).to_be_hidden()
        page.emulate_media(media="screen")
        with page.expect_navigation():
            roles.press("Enter")
        assert page.url.endswith("/quyen")
        expect(page.locator(".sidebar summary")).to_contain_text("Quyền")
        expect(page.get_by_role("link", name="Quyền", exact=True)).to_be_hidden()
