"""One login, every application; one logout, out of all: seen in a real browser.

The sign-in site and the two applications live on three hosts (localhost, 127.0.0.2, 127.0.0.3), so
that no cookie of one reaches another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.onlooker import Onlooker
from tests.browser.people import (
    ENTER,
    LEAVE,
    enter_application,
    fill_in_sign_in_page,
    sign_in_at,
    sign_in_with_both,
)
from tests.support.product import Account, Product

CLERK, LEADER, ADMINISTRATOR = "vanthu.stttt", "lanhdao.stttt", "quantri.stttt"
LARGEST_SIGN_IN_BYTES = 60_000


@contextmanager
def new_person(
    chromium: Browser, product: Product, *, scripts: bool = True, dark: bool = False
) -> Iterator[Onlooker]:
    """A browser nobody has signed in with yet; at the end nothing may have been breached."""
    context = chromium.new_context(
        locale="vi-VN",
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        ignore_https_errors=product.tls,
    )
    context.set_default_timeout(10_000)
    onlooker = Onlooker(context.new_page())
    try:
        yield onlooker
        assert not onlooker.breaches, onlooker.breaches
    finally:
        context.close()


def cookie_names(context: BrowserContext, url: str) -> set[str]:
    return {cookie.get("name", "") for cookie in context.cookies(url)}


def test_the_whole_walk(chromium: Browser, http_product: Product) -> None:
    """Văn thư registers a document, enters the second application, signs out; lãnh đạo assigns."""
    product = http_product
    with new_person(chromium, product) as onlooker:
        page = onlooker.page
        page.goto(f"{product.document_url}/van-ban")
        onlooker.look("document-signed-out")
        page.get_by_role("link", name=ENTER).click()
        expect(page.locator("input[type='password']")).to_be_visible()
        assert page.url.startswith(product.issuer)
        onlooker.look("sign-in")
        fill_in_sign_in_page(page, product.account(CLERK))
        page.wait_for_url(f"{product.document_url}/van-ban")
        onlooker.look("document-list")

        page.get_by_role("link", name="Đăng ký văn bản").click()
        onlooker.look("document-new")
        page.get_by_label("Cơ quan gửi").fill("Sở Y tế tỉnh Bình Dương")
        page.get_by_label("Trích yếu").fill("Về việc phối hợp triển khai bệnh án điện tử")
        page.get_by_role("button", name="Đăng ký", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Đã đăng ký văn bản đến")
        onlooker.look("document-registered")
        document = page.url

        second = Onlooker(page.context.new_page())
        enter_application(second.page, product.one_stop_url)
        second.page.wait_for_url(f"{product.one_stop_url}/**")
        expect(second.page.get_by_role("button", name=LEAVE)).to_be_visible()
        assert not [a for a in second.answers if a.request.method == "POST"], "asked for something"
        second.look("one-stop-list")
        second.page.get_by_role("link", name="Tiếp nhận hồ sơ").first.click()
        second.look("one-stop-new")
        second.page.get_by_label("Người nộp").fill("Nguyễn Thị Hoàng Yến")
        second.page.get_by_role("button", name="Tiếp nhận", exact=True).click()
        expect(second.page.get_by_role("status")).to_contain_text("Đã tiếp nhận hồ sơ")
        second.look("one-stop-received")
        inside = second.page.url

        jars = [
            cookie_names(page.context, url)
            for url in (product.issuer, product.document_url, product.one_stop_url)
        ]
        assert all(jars) and not (jars[0] & jars[1] or jars[1] & jars[2] or jars[0] & jars[2]), jars

        page.get_by_role("button", name=LEAVE).click()
        page.wait_for_load_state("networkidle")  # a page that hands over is loaded too
        onlooker.look("signed-out")
        text = page.locator("body").inner_text()
        if page.url.startswith(product.issuer):
            assert "Một cửa điện tử" in text, f"the application told is not named: {text}"

        second.forget()
        second.page.goto(inside)
        expect(second.page.get_by_role("link", name=ENTER)).to_be_visible()
        assert not second.requests_to(product.issuer), "the second application asked the idp"
        second.look("one-stop-signed-out")
        assert not second.breaches, second.breaches
        page.goto(document)
        expect(page.get_by_role("link", name=ENTER)).to_be_visible()
        page.get_by_role("link", name=ENTER).click()
        expect(page.locator("input[type='password']")).to_be_visible()

    with new_person(chromium, product) as onlooker:
        page = onlooker.page
        sign_in_at(page, product, product.document_url, LEADER)
        page.goto(document)
        onlooker.look("document-to-assign")
        page.get_by_label("Giao cho").fill("Phòng Công nghệ thông tin")
        page.get_by_label("Hạn xử lý").fill("31/12/2099")
        page.get_by_role("button", name="Phân công").click()
        expect(page.get_by_role("status")).to_contain_text("Đã phân công")
        onlooker.look("document-assigned")
        answer = page.goto(f"{product.document_url}/van-ban/moi")
        assert answer is not None and answer.status == 403
        onlooker.look("document-missing-role")


def test_one_stop_refuses_who_has_no_role(chromium: Browser, http_product: Product) -> None:
    """Whoever may not enter learns why and whom to ask, at our page or at the application's."""
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        enter_application(page, http_product.one_stop_url)
        sign_in_with_both(page, http_product, ADMINISTRATOR)
        page.wait_for_load_state()
        expect(page.locator("h1")).to_contain_text("chưa được vào Một cửa điện tử")
        assert page.url.startswith(http_product.issuer)
        onlooker.look("one-stop-no-role")


def test_without_javascript(chromium: Browser, http_product: Product) -> None:
    """The same without a script; signing out at our own page ends both by logout token alone."""
    product = http_product
    with new_person(chromium, product, scripts=False) as onlooker:
        page = onlooker.page
        sign_in_at(page, product, product.document_url, CLERK)
        enter_application(page, product.one_stop_url)
        expect(page.get_by_role("button", name=LEAVE)).to_be_visible()
        onlooker.look("without-scripts-one-stop", scripts=False)

        page.goto(f"{product.issuer}/")
        onlooker.look("without-scripts-home", scripts=False)
        page.get_by_role("button", name=LEAVE).click()
        page.wait_for_load_state("networkidle")  # a page that hands over is loaded too
        text = page.locator("main").inner_text()
        assert "Quản lý văn bản" in text and "Một cửa điện tử" in text, text
        onlooker.look("without-scripts-signed-out", scripts=False)
        for url in (f"{product.document_url}/van-ban", product.one_stop_url):
            onlooker.forget()
            page.goto(url)
            expect(page.get_by_role("link", name=ENTER)).to_be_visible()
            assert not onlooker.requests_to(product.issuer)


def test_pages_for_what_goes_wrong(chromium: Browser, http_product: Product) -> None:
    """A wrong password, an unknown page, an application that is not registered, an old form."""
    product = http_product
    with new_person(chromium, product) as onlooker:
        page = onlooker.page
        enter_application(page, product.document_url)
        wrong = Account("khong.co.that", "sai mật khẩu", "")
        fill_in_sign_in_page(page, wrong)
        expect(page.get_by_role("alert").first).to_be_visible()
        assert page.locator("input[autocomplete~='username']").input_value() == wrong.username
        assert page.locator("input[type='password']").input_value() == ""
        onlooker.look("sign-in-wrong")

        page.goto(f"{product.issuer}/khong-co-trang-nay")
        onlooker.look("not-found")
        answer = page.goto(
            f"{product.issuer}/authorize?client_id=khong-co&redirect_uri=https://x.example/"
        )
        assert answer is not None and answer.status == 400
        assert page.url.startswith(product.issuer)
        onlooker.look("unknown-application")
        page.goto(f"{product.issuer}/dang-nhap?flow=khong-con")
        onlooker.look("flow-gone")
        page.goto(f"{product.issuer}/tro-giup")
        onlooker.look("help")


def test_pages_of_a_signed_in_person(chromium: Browser, http_product: Product) -> None:
    """The person's own page, the choice of an account, the question before signing out."""
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        page.goto(f"{http_product.issuer}/")
        fill_in_sign_in_page(page, http_product.account(CLERK))
        expect(page.get_by_role("button", name=LEAVE)).to_be_visible()
        onlooker.look("home")
        page.goto(f"{http_product.issuer}/logout")
        onlooker.look("logout-question")
        assert page.get_by_role("button", name=LEAVE).first.is_visible()


def test_english_and_dark(chromium: Browser, http_product: Product) -> None:
    """The sign-in page in English for who chooses it, and in the dark for whose system is dark."""
    with new_person(chromium, http_product, dark=True) as onlooker:
        page = onlooker.page
        enter_application(page, http_product.document_url)
        onlooker.look("sign-in-dark")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in to")
        onlooker.look("sign-in-english-dark", language="en")
        sign_in_with_both(page, http_product, ADMINISTRATOR)
        page.wait_for_url(f"{http_product.document_url}/**")
        onlooker.look("document-no-role")


def test_weight_of_the_sign_in_page(chromium: Browser, http_product: Product) -> None:
    """60 KB on an empty cache, everything counted."""
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        page.goto(http_product.document_url)
        onlooker.forget()
        page.get_by_role("link", name=ENTER).click()
        expect(page.locator("input[type='password']")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert len(onlooker.answers) >= 3, "no style sheet and no script came?"
        assert onlooker.weight() <= LARGEST_SIGN_IN_BYTES, onlooker.weight()


def test_walk_over_tls(chromium: Browser, tls_product: Product) -> None:
    """The same over https, with `__Host-` cookies that no other host or path can set."""
    with new_person(chromium, tls_product) as onlooker:
        page = onlooker.page
        sign_in_at(page, tls_product, tls_product.document_url, CLERK)
        enter_application(page, tls_product.one_stop_url)
        expect(page.get_by_role("button", name=LEAVE)).to_be_visible()
        cookies = page.context.cookies(tls_product.issuer)
        assert cookies
        for cookie in cookies:
            assert cookie.get("name", "").startswith("__Host-"), cookie
            assert cookie.get("secure") and cookie.get("httpOnly"), cookie
        page.get_by_role("button", name=LEAVE).click()
        # By way of a page that hands over to the issuer, and back.
        page.wait_for_url(f"{tls_product.one_stop_url}/")
        page.goto(f"{tls_product.document_url}/van-ban")
        expect(page.get_by_role("link", name=ENTER)).to_be_visible()


def test_by_keyboard_alone(chromium: Browser, http_product: Product) -> None:
    """Sign in without a mouse: the first field has the focus or is one Tab behind the skip link."""
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        enter_application(page, http_product.document_url)
        account = http_product.account(CLERK)
        login = page.locator("input[autocomplete~='username']")
        for _ in range(12):
            if login.evaluate("(node) => node === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.type(account.username)
        page.keyboard.press("Tab")
        page.keyboard.type(account.password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{http_product.document_url}/**")
