"""What a person does at the screens: by the words they read, not by how pages are built."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from directory.projection import queries
from directory.settings import read_settings
from idp.factors.totp import codes, store
from tests.support.installation import opened
from tests.support.product import Account, Product

ENTER = "Đăng nhập bằng tài khoản tỉnh"
LEAVE = "Đăng xuất"


def fill_in_sign_in_page(page: Page, account: Account, password: str | None = None) -> None:
    """Answer the sign-in page and press its button."""
    page.locator("input[autocomplete~='username']").fill(account.username)
    page.locator("input[type='password']").fill(account.password if password is None else password)
    page.locator("form:has(input[type='password']) button[type='submit']").click()


def sign_in_with_both(page: Page, product: Product, username: str) -> None:
    """Answer the sign-in page and the one that asks for a code. The code is that of a telephone
    which the person has from now on: one of before may be used up."""
    account = product.account(username)
    fill_in_sign_in_page(page, account)
    settings = {k: v for k, v in product.environment.items() if k.startswith("DANHMUC_")}
    with opened(read_settings(settings)) as installation, installation.database.write() as tx:
        person = queries.find_person_by_login(tx, username)
        assert person is not None
        store.remove_all(tx, person.id)
        secret = store.add(tx, installation.keyring, person.id, "Điện thoại")[1]
    page.locator("#code").fill(codes.code_of(secret, codes.present_step()))
    page.locator("form:has(#code) button[type='submit']").click()


def enter_application(page: Page, url: str) -> None:
    """Open an application and press its own sign-in button."""
    page.goto(url)
    page.get_by_role("link", name=ENTER).click()


def sign_in_at(page: Page, product: Product, url: str, username: str) -> None:
    """Enter an application with name and password; ends inside the application."""
    enter_application(page, url)
    expect(page.locator("input[type='password']")).to_be_visible()
    assert page.url.startswith(product.issuer)
    fill_in_sign_in_page(page, product.account(username))
    page.wait_for_url(f"{url}/**")
    expect(page.get_by_role("button", name=LEAVE)).to_be_visible()
