"""A slip in Chromium: its address fills the code in, and leaves no trace of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from idp.factors.recovery_codes import store as recovery_codes
from idp.slips import service
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.second_factor import code_now, give_totp, whole_step

pytestmark = pytest.mark.only_on_sqlite("what a browser shows does not depend on the store")

__all__ = ["whole_step"]

NEW = "ba con vit qua cau go"


@pytest.fixture
def page(idp_app: IdpApp, chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi")
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    yield page
    assert all(url.startswith((idp_app.url, "data:")) for url in requested), requested
    context.close()


def look(page: Page, name: str) -> None:
    """Nothing that axe finds, and nothing wider than a telephone."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    folder = os.environ.get("PICTURES_OF_SLIPS", "")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-wide.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-narrow.png", full_page=True)
    page.set_viewport_size({"width": 1366, "height": 768})


def press(page: Page, text: str) -> None:
    page.get_by_role("button", name=text, exact=True).click()


def test_from_the_printed_address_to_ones_applications(idp_app: IdpApp, page: Page) -> None:
    waiting = idp_app.person(password="")
    made = service.issue(idp_app.installation, OPERATOR, waiting.id, "activate")
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto(made.url)
    expect(page.locator("#code")).to_have_value(made.code)
    assert made.code not in page.url, "it stays in the history"
    look(page, "activate-1-code")
    press(page, "Tiếp tục")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đây có phải Anh/Chị không?")
    look(page, "activate-2-confirm")
    press(page, "Đúng, là tôi")
    page.locator("#password").fill("ngan")
    press(page, "Đặt mật khẩu")
    expect(page.locator("#error-summary")).to_be_focused()
    look(page, "activate-3-password-refused")
    page.locator("#password").fill(NEW)
    page.locator("#again").fill(NEW)
    press(page, "Đặt mật khẩu")
    look(page, "activate-4-second-factor")
    key = page.locator("code.copied-code").first.inner_text().replace(" ", "")
    page.locator("#code").fill(code_now(key))
    press(page, "Thêm")
    expect(page.locator("ol.codes li")).to_have_count(10)
    look(page, "activate-5-recovery-codes")
    press(page, "Tôi đã lưu các mã")
    page.wait_for_url(f"{idp_app.url}/")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã hoàn tất")
    assert not [url for url in seen if made.code in url.partition("#")[0]]


def test_a_used_slip_and_another_person_here(idp_app: IdpApp, page: Page) -> None:
    person = idp_app.person()
    made = service.issue(idp_app.installation, OPERATOR, person.id, "help")
    page.goto(f"{idp_app.url}/dang-nhap")
    page.locator("#login").fill(idp_app.person(username=f"khac.{person.username}").username)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button[type=submit]").last.click()
    page.wait_for_url(f"{idp_app.url}/")
    page.goto(made.url)
    press(page, "Tiếp tục")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Đang có người khác đăng nhập trên trình duyệt này"
    )
    look(page, "activate-other-person")
    service.revoke(idp_app.installation, OPERATOR, person.id)
    page.goto(f"{idp_app.url}/kich-hoat")
    page.locator("#code").fill(made.code)
    press(page, "Tiếp tục")
    look(page, "activate-revoked")


def test_a_forgotten_password_is_set_anew(idp_app: IdpApp, page: Page) -> None:
    person = idp_app.person()
    give_totp(idp_app.installation, person.id)
    with idp_app.installation.database.write() as tx:
        code = recovery_codes.make(tx, person.id)[0]
    page.goto(f"{idp_app.url}/dang-nhap")
    page.get_by_role("link", name="Quên mật khẩu").click()
    look(page, "recover-1-ways")
    page.get_by_role("link", name="Một mã khôi phục").click()
    page.locator("#login").fill(person.username)
    page.locator("#code").fill("0000 0000 0000 0000")
    press(page, "Tiếp tục")
    expect(page.locator("#error-summary")).to_be_focused()
    look(page, "recover-2-code-refused")
    page.locator("#code").fill(code)
    press(page, "Tiếp tục")
    look(page, "recover-3-password")
    page.locator("#password").fill(NEW)
    page.locator("#again").fill(NEW)
    press(page, "Đặt mật khẩu")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đặt mật khẩu mới")
    look(page, "recover-4-done")
    page.get_by_role("link", name="Đăng nhập", exact=True).click()
    page.locator("#login").fill(person.username)
    page.locator("#password").fill(NEW)
    page.locator("form:has(#password) button[type=submit]").last.click()
    page.get_by_role("link", name="Mất hoặc đổi điện thoại").click()
    look(page, "lost-1")
    press(page, "Nhờ hỗ trợ")
    look(page, "lost-2-wanted")


def test_without_scripts_the_code_is_typed(idp_app: IdpApp, chromium: Chromium) -> None:
    waiting = idp_app.person(password="")
    made = service.issue(idp_app.installation, OPERATOR, waiting.id, "activate")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(made.url)
    expect(page.locator("#code")).to_have_value("")
    page.locator("#code").fill(made.code)
    press(page, "Tiếp tục")
    press(page, "Đúng, là tôi")
    page.locator("#password").fill(NEW)
    page.locator("#again").fill(NEW)
    press(page, "Đặt mật khẩu")
    press(page, "Để sau")
    page.wait_for_url(f"{idp_app.url}/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ứng dụng của tôi")
    context.close()
