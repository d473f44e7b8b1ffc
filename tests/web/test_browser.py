"""The kit in Debian's Chromium: custom elements, accessibility, both sizes, light and dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route
from werkzeug.serving import make_server

from tests.web.application import PAGES, make_application

pytestmark = pytest.mark.without_sql

SCREENS = [pytest.param(1366, 768, "light", marks=pytest.mark.deep), (360, 740, "dark")]
FAILURES = ["/nowhere", "/fail/crash", "/fail/unavailable"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The sample application on a free port of this machine."""
    with make_server(
        "127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True
    ) as server:
        app = make_application(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_no_page_has_an_accessibility_violation_or_scrolls_sideways(
    address: str, chromium: Browser, width: int, height: int, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, service_workers="block"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.route(
        "**/auto-submit.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    for path in [*(f"/pages/{name}" for name in PAGES), *FAILURES]:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        result = Axe().run(page)
        assert result.violations_count == 0, f"{path}: {result.generate_report()}"
    breaches = [each for each in complaints if "Failed to load resource" not in each]
    assert breaches == []
    context.close()


def test_the_password_can_be_shown_and_is_sent_hidden(address: str, chromium: Browser) -> None:
    page = _open_sign_in(address, chromium)
    page.get_by_label("Mật khẩu", exact=True).fill("bí mật")
    button = page.get_by_role("button", name="Hiện mật khẩu")
    button.click()
    assert page.locator("#password").get_attribute("type") == "text"
    assert button.get_attribute("aria-pressed") == "true"
    assert button.text_content() == "Ẩn"
    page.evaluate(
        "document.querySelector('main form').addEventListener('submit', e => e.preventDefault())"
    )
    page.get_by_role("button", name="Đăng nhập").click()
    assert page.locator("#password").get_attribute("type") == "password"
    page.context.close()


def test_a_vietnamese_keyboard_is_noticed_and_plain_typing_is_not(
    address: str, chromium: Browser
) -> None:
    page = _open_sign_in(address, chromium)
    password, hint = page.locator("#password"), page.locator("ime-hint")
    password.press_sequentially("aass-Plain_123!")
    assert hint.text_content() == ""
    password.fill("ấs")
    assert hint.text_content() == "Bộ gõ tiếng Việt đang bật: hãy tắt khi nhập mật khẩu."
    assert hint.get_attribute("role") == "status"
    password.fill("as")
    assert hint.text_content() == ""
    page.context.close()


def test_caps_lock_is_noticed_until_it_is_off(address: str, chromium: Browser) -> None:
    page = _open_sign_in(address, chromium)
    hint = page.locator("ime-hint")
    # Headless Chromium has no Caps Lock key to switch: the event says what a keyboard would say.
    press = """(on) => document.querySelector('#password').dispatchEvent(
      new KeyboardEvent('keyup', {key: 'A', modifierCapsLock: on}))"""
    page.evaluate(press, True)
    assert hint.text_content() == "Phím Caps Lock đang bật."
    page.evaluate(press, False)
    assert hint.text_content() == ""
    page.context.close()


def test_a_form_post_answer_goes_on_by_itself(address: str, chromium: Browser) -> None:
    page = chromium.new_context().new_page()
    sent: list[str] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(body="ok")

    page.route("**/callback", take)
    page.goto(address + "/pages/form-post")
    page.wait_for_url("http://127.0.0.2:8404/callback")
    assert sent[0].startswith("code=c&state=")
    page.context.close()


def test_without_scripts_everything_is_there_but_the_button_that_needs_them(
    address: str, chromium: Browser
) -> None:
    page = _open_sign_in(address, chromium, scripts=False)
    assert page.get_by_role("button").all_text_contents() == ["Đăng nhập", "Tiếng Việt", "English"]
    assert page.locator("#password").is_visible()
    page.goto(address + "/pages/form-post")
    assert page.get_by_role("button", name="Tiếp tục đến Quản lý văn bản (mẫu)").is_visible()
    page.context.close()


def test_the_keyboard_meets_the_skip_link_first(address: str, chromium: Browser) -> None:
    page = chromium.new_context().new_page()
    page.goto(address + "/pages/home")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "tile"
    page.context.close()


def test_the_sign_in_is_done_by_keyboard_alone(address: str, chromium: Browser) -> None:
    page = _open_sign_in(address, chromium)
    order = []
    for _ in range(5):
        order.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
        page.keyboard.press("Tab")
    assert order == ["login", "password", "Hiện", "shared", "Đăng nhập"]
    page.context.close()


def test_controls_are_large_enough_to_hit(address: str, chromium: Browser) -> None:
    page = _open_sign_in(address, chromium)
    for control in page.locator(
        ":is(button, input:not([type=hidden]):not([type=checkbox]), .choice__label, main a, "
        ".footer a):visible"
    ).all():
        box = control.bounding_box()
        assert box and box["height"] >= 40, control.evaluate("node => node.outerHTML")
    page.context.close()


def _open_sign_in(address: str, chromium: Browser, *, scripts: bool = True) -> Page:
    page = chromium.new_context(java_script_enabled=scripts).new_page()
    page.goto(address + "/pages/sign-in")
    return page
