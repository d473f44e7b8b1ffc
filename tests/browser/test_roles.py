"""A role is declared in the console, given to a position in three pages, seen by a real application
at the next sign-in, and gone from it when it is taken back."""

from __future__ import annotations

import time
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from idp.keys.jose import read_unverified
from tests.browser.onlooker import Onlooker
from tests.browser.test_console import OFFICER, open_console
from tests.browser.test_one_login import new_person
from tests.support.product import Product
from tests.support.relying_party import RelyingParty

MOST_PAGES = 3
GONE_WITHIN_S = 5


@pytest.mark.parametrize(
    "scripts",
    [True, pytest.param(False, marks=pytest.mark.deep)],
    ids=["scripts", "no-scripts"],
)
def test_a_role_is_declared_given_to_a_position_seen_and_taken_back(
    chromium: Browser, http_product: Product, scripts: bool
) -> None:
    product, name = http_product, f"Sổ trực {scripts}"
    application = _registered(product, name)
    position = f"Thư ký {scripts}"
    _put_on(product, position)
    browser, officer = product.browser(), product.account(OFFICER)
    with new_person(chromium, product, scripts=scripts) as onlooker:
        page = onlooker.page
        open_console(page, product)
        _declare(onlooker, name, scripts)
        page.get_by_role("link", name="Người dùng", exact=True).click()
        page.get_by_role("link", name="Vị trí việc làm").click()
        onlooker.look("positions", scripts=scripts)
        page.get_by_role("link", name=position).click()
        onlooker.look("position", scripts=scripts)
        _give(onlooker, name, scripts)
        expect(page.locator("main")).to_contain_text(f"Người lập lịch – {name}")
        tokens = application.tokens(browser, officer)
        assert _roles(tokens["id_token"]) == ["nguoi_lap_lich"]
        assert _held(application, tokens["access_token"]) == ["nguoi_lap_lich"]
        _explain(onlooker, application, scripts)
        (given,) = product.danhmuc_json("grant", "list", "--application", application.client_id)[
            "grants"
        ]
        product.danhmuc("grant", "revoke", given["id"], "--reason", "Thôi phân công")
        began = time.monotonic()
        while _held(application, tokens["access_token"]):
            assert time.monotonic() - began < GONE_WITHIN_S
            time.sleep(0.2)
        page.reload()
        expect(page.locator("main")).not_to_contain_text(f"Người lập lịch – {name}")


def _registered(product: Product, name: str) -> RelyingParty:
    made = product.danhmuc_json(
        *("client", "add", "--name", name, "--owner", "STTTT", "--internal", "--agency", "STTTT"),
        *("--redirect-uri", RelyingParty("", "").redirect_uri),
    )
    return RelyingParty(product.issuer, made["client_id"], made["client_secret"])


def _put_on(product: Product, name: str) -> None:
    made = product.danhmuc_json("position", "add", "--agency", "STTTT", "--name", name)
    product.danhmuc("person", "post", "add", OFFICER, "--agency", "STTTT", "--position", made["id"])


def _declare(onlooker: Onlooker, name: str, scripts: bool) -> None:
    page = onlooker.page
    page.get_by_role("link", name="Ứng dụng", exact=True).click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Vai trò", exact=True).click()
    onlooker.look("roles-none", scripts=scripts)
    page.get_by_role("link", name="Khai báo vai trò").click()
    onlooker.look("role-declare", scripts=scripts)
    page.get_by_label("Tên tiếng Việt").fill("Người lập lịch")
    page.get_by_label("Thời hạn cấp").fill("một năm")
    page.get_by_role("button", name="Khai báo vai trò này").click()
    expect(page.locator("#error-summary")).to_contain_text("từ 1 đến")
    assert page.get_by_label("Tên tiếng Việt").input_value() == "Người lập lịch"
    page.get_by_label("Thời hạn cấp").fill("180")
    page.get_by_label("Người giữ vai trò được làm gì").fill("Đặt lịch họp, gửi giấy mời.")
    page.get_by_role("button", name="Khai báo vai trò này").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    onlooker.look("role", scripts=scripts)
    page.get_by_role("link", name="Ngừng cấp…").click()
    onlooker.look("role-state", scripts=scripts)
    page.get_by_role("link", name="Hủy").click()
    page.get_by_role("link", name="Vai trò", exact=True).click()
    onlooker.look("roles", scripts=scripts)


def _give(onlooker: Onlooker, name: str, scripts: bool) -> None:
    """From the click on "Cấp vai trò" to a role that is given."""
    page, pages = onlooker.page, []

    def count(answer: Response) -> None:
        is_page = answer.request.resource_type == "document" and answer.status == 200
        if is_page and "/quyen/cap" in answer.url:
            pages.append(answer.url)

    page.on("response", count)
    page.get_by_role("link", name="Cấp vai trò", exact=True).click()
    page.get_by_label("Ứng dụng và vai trò").select_option(label="Người lập lịch")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Lý do").fill("Phân công trực lịch")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("main")).to_contain_text("1 người sẽ giữ vai trò này")
    page.get_by_role("button", name="Cấp vai trò này").click()
    expect(page.get_by_role("status")).to_contain_text("Đã cấp")
    assert len(pages) <= MOST_PAGES, pages
    page.remove_listener("response", count)
    _look_again(onlooker, page, pages, scripts)


def _explain(onlooker: Onlooker, application: RelyingParty, scripts: bool) -> None:
    """Why somebody holds the role, from the page of the application; and back to where one was."""
    page, back = onlooker.page, onlooker.page.url
    page.goto(urljoin(back, f"/ung-dung/{application.client_id}"))
    page.get_by_role("link", name="Ai vào được? Tra một người").click()
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill(OFFICER)
    onlooker.look("why-ask", scripts=scripts)
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.locator("main")).to_contain_text("Vì sao được vào")
    expect(page.locator("main")).to_contain_text("cấp theo vị trí việc làm")
    onlooker.look("why", scripts=scripts)
    page.goto(back)


def _look_again(onlooker: Onlooker, page: Page, pages: list[str], scripts: bool) -> None:
    """At the same pages, which were not to be counted twice."""
    back = page.url
    for number, url in enumerate(pages, start=1):
        page.goto(url)
        onlooker.look(f"give-{number}", scripts=scripts)
    page.goto(back)


def _roles(token: str) -> list[str]:
    return [held["role"] for held in read_unverified(token)[1].get("roles", [])]


def _held(application: RelyingParty, token: str) -> list[str]:
    answer = application.userinfo(token)
    return [held["role"] for held in answer.json().get("roles", [])] if answer.ok else []
