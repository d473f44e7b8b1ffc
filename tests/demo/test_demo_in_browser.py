"""Both demo applications as they are started, in a real browser, with one sign-in between them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.demo.application_browser import environment
from tests.demo.foreign_issuer import Client, ForeignIssuer
from tests.support.ports import free_port

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
SIZES = {"wide": (1366, 768), "narrow": (360, 740)}


@contextmanager
def served(issuer: ForeignIssuer, package: str, client: Client, folder: Path) -> Iterator[None]:
    """The application under gunicorn, on its own host."""
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(DEMO), f"{package}.wsgi:app"]
    bind = client.base_url.removeprefix("http://")
    process = subprocess.Popen(
        [*command, "--bind", bind, "--threads", "4", "--log-level", "warning"],
        env={"PATH": os.environ["PATH"], **environment(issuer, client, folder)},
    )
    try:
        for _ in range(100):
            assert process.poll() is None, "the application did not start"
            try:
                requests.get(f"{client.base_url}/healthz", timeout=1).raise_for_status()
                break
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def applications(
    running_issuer: ForeignIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, Client]]:
    folder = tmp_path_factory.mktemp("applications")
    document = Client("quan-ly-van-ban", "s1", f"http://127.0.0.2:{free_port()}")
    one_stop = Client("mot-cua-dien-tu", "s2", f"http://127.0.0.3:{free_port()}")
    with (
        served(running_issuer, "document", document, folder),
        served(running_issuer, "one_stop", one_stop, folder),
    ):
        yield document, one_stop


@pytest.fixture
def world(
    applications: tuple[Client, Client], issuer: ForeignIssuer, chromium: Browser
) -> Iterator[tuple[Client, Client, BrowserContext]]:
    """Both applications known to the issuer, and a fresh browser (one jar per host)."""
    issuer.clients = {client.client_id: client for client in applications}
    issuer.signed_in_as = ""
    context = chromium.new_context(java_script_enabled=True)
    context.set_default_timeout(10_000)
    yield (*applications, context)
    context.close()


def look_at(page: Page, name: str, pictures: Path | None = None) -> None:
    """No accessibility violation and no sideways scrolling, wide and narrow."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name} {size}: {found.generate_report()}"
        drawn = page.evaluate("document.documentElement.scrollWidth")
        assert drawn <= width, f"{name} {size} is {drawn} px wide"
        assert page.locator("h1").count() == 1
        if pictures:
            page.screenshot(path=pictures / f"{name}-{size}.png", full_page=True)


def pictures_folder() -> Path | None:
    """Where to leave screenshots, when somebody wants to look at them."""
    folder = os.environ.get("DEMO_PICTURES")
    return Path(folder) if folder else None


def sign_in(page: Page, application: Client, username: str) -> None:
    page.goto(application.base_url)
    page.get_by_role("link", name="Đăng nhập bằng tài khoản tỉnh").click()
    page.get_by_label("Tên").fill(username)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(f"{application.base_url}/**")


def test_one_sign_in_both_applications_one_logout(
    world: tuple[Client, Client, BrowserContext], issuer: ForeignIssuer
) -> None:
    document, one_stop, context = world
    page, pictures = context.new_page(), pictures_folder()
    page.goto(document.base_url)
    look_at(page, "home", pictures)
    sign_in(page, document, "vanthu")
    look_at(page, "document-list", pictures)

    page.get_by_role("link", name="Đăng ký văn bản").click()
    look_at(page, "document-new", pictures)
    page.get_by_role("button", name="Đăng ký", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Cơ quan gửi")
    look_at(page, "document-mistakes", pictures)
    page.get_by_label("Cơ quan gửi").fill("Sở Tư pháp")
    page.get_by_label("Trích yếu").fill("Góp ý dự thảo quyết định")
    page.get_by_role("button", name="Đăng ký", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã đăng ký")
    look_at(page, "document-show", pictures)

    second = context.new_page()
    second.goto(one_stop.base_url)
    second.get_by_role("link", name="Đăng nhập bằng tài khoản tỉnh").click()
    expect(second.get_by_role("heading", name="Hồ sơ một cửa")).to_be_visible()
    look_at(second, "one-stop-list", pictures)
    second.get_by_role("link", name="Tiếp nhận hồ sơ").click()
    look_at(second, "one-stop-new", pictures)

    # Chromium applies form-action to the redirect to the issuer and back.
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("status")).to_contain_text("Anh/Chị đã đăng xuất.")
    assert page.url == f"{document.base_url}/"
    look_at(page, "logged-out", pictures)
    assert issuer.deliveries == [200, 200]
    second.reload()
    expect(second.get_by_role("status")).to_contain_text("phiên làm việc đã kết thúc")
    look_at(second, "turned-away", pictures)
    second.get_by_role("link", name="Đăng nhập bằng tài khoản tỉnh").click()
    expect(second.get_by_label("Tên")).to_be_visible()


def test_leader_and_specialist_without_scripts(
    world: tuple[Client, Client, BrowserContext], chromium: Browser
) -> None:
    document, one_stop, _context = world
    pictures = pictures_folder()
    with chromium.new_context(java_script_enabled=False) as leader:
        page = leader.new_page()
        sign_in(page, document, "lanhdao")
        page.get_by_role("link", name="Đề nghị hỗ trợ kết nối").click()
        page.get_by_label("Giao cho").fill("Lê Chuyên Viên")
        page.get_by_label("Hạn xử lý").fill("31/12/2099")
        page.get_by_role("button", name="Phân công").click()
        expect(page.get_by_role("status")).to_contain_text("Đã phân công")
        address = page.url
        answer = page.goto(f"{document.base_url}/van-ban/moi")
        assert answer and answer.status == 403
    with chromium.new_context() as specialist:
        page = specialist.new_page()
        sign_in(page, document, "chuyenvien")
        page.goto(f"{document.base_url}/van-ban/moi")
        look_at(page, "missing-role", pictures)
        page.goto(address)
        look_at(page, "document-assigned", pictures)
        page.get_by_label("Kết quả xử lý").fill("Đã trả lời bằng văn bản")
        page.get_by_role("button", name="Hoàn thành").click()
        look_at(page, "document-done", pictures)
    with chromium.new_context() as leader:
        page = leader.new_page()
        sign_in(page, document, "lanhdao")
        page.goto(address)
        look_at(page, "document-to-approve", pictures)
        # To the provider, which is asked for two factors now, and back to where it was wanted.
        page.get_by_role("link", name="Xem và phê duyệt").click()
        expect(page.get_by_role("heading", name="Phê duyệt kết quả")).to_be_visible()
        assert page.url == f"{address}/phe-duyet"
        look_at(page, "document-approve", pictures)
        page.get_by_role("button", name="Phê duyệt").click()
        expect(page.get_by_role("status")).to_contain_text("Đã phê duyệt kết quả.")
        look_at(page, "document-approved", pictures)
    with chromium.new_context() as specialist:
        page = specialist.new_page()
        sign_in(page, document, "chuyenvien")
        page.goto(one_stop.base_url)
        page.get_by_role("link", name="Đăng nhập bằng tài khoản tỉnh").click()
        page.get_by_role("link", name="-0001").first.click()
        look_at(page, "one-stop-settle", pictures)


def test_report_and_pages_of_refusal(
    world: tuple[Client, Client, BrowserContext], issuer: ForeignIssuer
) -> None:
    document, one_stop, context = world
    page, pictures = context.new_page(), pictures_folder()
    sign_in(page, one_stop, "giamsat")
    page.get_by_role("link", name="Báo cáo").click()
    look_at(page, "one-stop-report", pictures)
    page.goto(f"{document.base_url}/dang-nhap")
    look_at(page, "no-role-at-all", pictures)
    page.goto(f"{document.base_url}/callback?state=x")
    look_at(page, "refused", pictures)
    page.goto(f"{document.base_url}/khong-co")
    look_at(page, "not-found", pictures)
    issuer.stop()
    try:
        page.context.clear_cookies()
        page.goto(f"{one_stop.base_url}/dang-nhap")
        expect(page.get_by_role("heading")).to_contain_text(["Chưa kết nối được"])
        look_at(page, "unreachable", pictures)
    finally:
        issuer.start()
