"""The demo application, unchanged, is registered to want two factors, and gets them."""

from __future__ import annotations

from requests import Response

from directory.ids import new_id
from tests.support.browser import PASSWORD, Account, Browser
from tests.support.product import Product
from tests.support.second_factor import code_now, give_code, key_on
from tests.support.waiting import wait_until

DOCUMENTS = "quan-ly-van-ban"


def _register(product: Product, levels: str) -> None:
    member = f"default_acr_values={levels}"
    product.danhmuc("client", "update", DOCUMENTS, "--member", member)


def test_what_is_registered_is_asked_of_everybody(http_product: Product) -> None:
    product = http_product
    clerk = Account(f"van.thu.{new_id()[:8]}", PASSWORD, "Phạm Văn Thư")
    made = product.danhmuc_json(
        *("person", "add", "--username", clerk.username, "--full-name", clerk.full_name),
        *("--agency", "STTTT", "--password-stdin"),
        stdin=clerk.password,
    )
    product.danhmuc(
        *("grant", "add", "--person", made["id"], "--role", f"{DOCUMENTS}:van_thu"),
        *("--agency", "STTTT", "--reason", "thử"),
    )

    asked: list[tuple[Browser, Response]] = []

    def asks_for_more() -> bool:
        browser = product.browser()
        page = browser.enter(f"{product.document_url}/dang-nhap", clerk)
        asked[:] = [(browser, page)]
        return "copied-code" in page.text

    assert not asks_for_more()
    _register(product, '["2"]')
    try:
        # Each process looks at clients again within five seconds.
        wait_until(asks_for_more, 15, every_s=1, says="the application gets one factor")
        browser, page = asked[0]
        secret = key_on(page)
        data = browser.form_of(page.url) | {"name": "Máy", "code": code_now(secret)}
        page = browser.follow(browser.post(page.url, data))
        assert page.url.startswith(product.document_url), page.text
        assert clerk.username in page.text or clerk.full_name in page.text
    finally:
        _register(product, "[]")
    # Who has a second factor by now is asked for it, whatever the application wants.
    other = product.browser()
    page = other.enter(f"{product.document_url}/dang-nhap", clerk)
    assert give_code(other, page, code_now(secret)).status_code == 403, "a code counts once"
