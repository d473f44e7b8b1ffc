"""The guide for whoever keeps accounts in step, walked as it is written: from nothing to accounts
in a foreign SCIM server, to somebody who does not get there, and to accounts that were there.

What the guide prints in bold must have been on one of the pages that came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import update

from directory.actor import Actor
from directory.people import service
from sync.changes.rights import publish_rights
from sync.engine import runs
from sync.engine.running import run_connector
from sync.engine.tables import connector_account
from sync.feed.polling import poll
from tests.browser.onlooker import Onlooker
from tests.browser.test_guide import bold_words
from tests.console.world import World, console_over
from tests.support.browser import Browser as Client
from tests.support.installation import OPERATOR, running_installation
from tests.support.product import REPOSITORY
from tests.sync.scim_server import TOKEN, Answer, Asked, ScimServer, answers, scim_server

_GUIDE = REPOSITORY / "docs" / "vi" / "giu-khop-tai-khoan.md"
pytestmark = pytest.mark.only_on_sqlite("the engine and the console hold on either elsewhere")


@pytest.fixture(scope="module")
def server() -> Iterator[ScimServer]:
    with scim_server() as running:
        yield running


@pytest.fixture(scope="module")
def world(server: ScimServer) -> Iterator[World]:
    port = urlsplit(server.url).port
    with (
        running_installation(DANHMUC_OUTBOUND_ALLOW=f"127.0.0.1/32:{port}") as running,
        console_over(running.installation) as found,
    ):
        poll(found.installation)
        yield found


def _run(world: World) -> None:
    """What the worker does."""
    with world.installation.database.write() as tx:
        tx.execute(update(connector_account).values(due_at=0))
    poll(world.installation)
    publish_rights(world.installation)
    for _ in range(6):
        turn = run_connector(world.installation, "so-truc", turn_s=5)
        if turn.is_held or not (turn.done or turn.has_more):
            return


def _served_by(page: Page, world: World, client: Client) -> list[str]:
    """The tab's requests are answered by the console itself, without a server between. What was to
    be read on the pages is kept."""
    read: list[str] = []

    def answer(route: Route) -> None:
        asked, (_, _, path) = route.request, route.request.url.partition(world.url)
        if not path:
            route.abort()
            return
        if asked.method == "GET":
            got = client.get(path)
        else:
            headers = {"Content-Type": asked.headers["content-type"]}
            got = client.http.post(
                world.url + path, asked.post_data or "", headers=headers, allow_redirects=False
            )
            while got.is_redirect:
                got = client.get(got.headers["Location"])
        if "text/html" in got.headers.get("Content-Type", ""):
            read.append(re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", got.text))))
        dropped = ("content-length", "content-encoding", "set-cookie")
        told = {k: v for k, v in got.headers.items() if k.lower() not in dropped}
        route.fulfill(status=got.status_code, headers=told, body=got.content)

    page.route("**/*", answer)
    return read


def test_the_guide_is_walked_as_it_is_written(
    world: World, server: ScimServer, chromium: Browser
) -> None:
    world.applications["so"] = world.register("so_truc", "A", client_name="Sổ trực")
    context = chromium.new_context(base_url=world.url)
    page = context.new_page()
    page.set_default_timeout(10_000)
    client = world.browser("admin_a")
    world.token_of(client)
    read = _served_by(page, world, client)
    onlooker = Onlooker(page)
    _it_is_set_up(world, server, onlooker)
    _it_goes_live(world, server, onlooker)
    _somebody_has_none(world, server, onlooker)
    _a_run_is_brought_up_to_date(world, page, onlooker)
    _what_is_sent_changes(world, server, onlooker)
    _its_accounts_are_read(world, server, onlooker)
    _it_stopped_by_itself(world, server, onlooker)
    assert not onlooker.breaches
    context.close()
    assert {word for word in bold_words(_GUIDE) if word not in " ".join(read)} == set()


def _it_is_set_up(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    page = onlooker.page
    page.goto("/ket-noi")
    onlooker.look("connectors")
    page.get_by_role("link", name="Thiết lập kết nối").click()
    page.get_by_label("Ứng dụng", exact=True).select_option(label="Sổ trực")
    page.get_by_label("Địa chỉ").fill(server.url)
    onlooker.look("connector-new")
    page.get_by_role("button", name="Tiếp tục").click()
    page.locator("[name='a-displayName']").fill("upper(full_name)")
    page.locator("[name='whom']").fill("Đặng Thị Ánh")
    page.get_by_role("button", name="Xem dữ liệu sẽ gửi").click()
    expect(page.locator("main")).to_contain_text("ĐẶNG THỊ ÁNH")
    onlooker.look("connector-data-tried")
    page.get_by_label("Mã truy cập").fill(TOKEN)
    onlooker.look("connector-data")
    page.get_by_role("button", name="Thiết lập, chưa chạy").click()
    expect(page.locator("main")).to_contain_text("đang tạm dừng")
    page.get_by_role("button", name="Thử kết nối").click()
    expect(page.locator("main")).to_contain_text("Ứng dụng trả lời tốt")


def _it_goes_live(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    page = onlooker.page
    _run(world)
    page.goto("/ket-noi/so-truc")
    onlooker.look("connector")
    page.get_by_role("link", name="Chạy thử").click()
    page.get_by_role("link", name="Cập nhật số liệu").or_(page.locator("h1")).first.click()
    expect(page.locator("main")).to_contain_text("Đặng Thị Ánh")
    assert server.users() == [], "nothing is done before it goes on"
    onlooker.look("connector-plan")
    page.get_by_role("link", name="Chạy tiếp…").click()
    onlooker.look("connector-resume")
    page.get_by_role("button", name="Cho chạy tiếp").click()
    _run(world)
    assert server.user("a1") is not None
    page.goto("/ket-noi/so-truc")
    onlooker.look("connector-live")
    page.get_by_role("link", name="Xem danh sách").click()
    onlooker.look("connector-accounts")


def _somebody_has_none(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    page = onlooker.page
    _somebody_is_refused(world, server)
    page.goto("/ket-noi/so-truc")
    page.get_by_role("link", name="Các lần chạy").click()
    page.locator("tbody a").first.click()
    expect(page.locator("main")).to_contain_text("Võ Người Mới")
    onlooker.look("connector-run-failed")
    page.goto("/nguoi-dung?tim=Võ+Người+Mới")
    page.get_by_role("link", name="Võ Người Mới").first.click()
    section = page.locator("section", has=page.get_by_role("heading", name="Tài khoản ở các ứng"))
    expect(section).to_contain_text("Ứng dụng từ chối tài khoản này")
    onlooker.look("person-accounts")
    section.get_by_role("link", name="Sổ trực").click()
    onlooker.look("connector-person")
    page.get_by_label("Lý do").fill("Đang hỏi bên ứng dụng")
    page.get_by_role("button", name="Bỏ qua tài khoản này").click()
    onlooker.look("connector-person-skipped")
    page.get_by_role("button", name="Gửi lại toàn bộ").click()
    for _ in range(6):
        _run(world)
    page.reload()
    onlooker.look("connector-person-again")
    server.normal()
    page.get_by_role("button", name="Thử lại ngay").click()
    _run(world)
    assert server.user("moi") is not None
    page.goto(f"/nguoi-dung/{world.people['moi']}")
    expect(section).to_contain_text("Đã khớp")


def _what_is_sent_changes(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    page = onlooker.page
    page.goto("/ket-noi/so-truc")
    page.get_by_role("link", name="Dữ liệu được gửi").click()
    onlooker.look("connector-definition")
    page.get_by_role("link", name="Sửa", exact=True).click()
    page.locator("[name='a-displayName']").fill("full_name")
    page.get_by_role("button", name="Xem sẽ thay đổi gì").click()
    onlooker.look("connector-trial")
    page.get_by_role("button", name="Lưu").click()
    _run(world)
    found = server.user("a1")
    assert found is not None and found["displayName"] == "Đặng Thị Ánh", found


def _its_accounts_are_read(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    """Two were there before anybody was connected: one of a person here, one of nobody."""
    page = onlooker.page
    schema = "urn:ietf:params:scim:schemas:core:2.0:User"
    there = {"schemas": [schema], "userName": "cu", "emails": [{"value": "cu@binhduong.gov.vn"}]}
    made = requests.post(
        f"{server.url}/Users", json=there, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
    )
    assert made.status_code == 201, made.text
    world.add_person("cu", "Lê Người Cũ", world.post("A"), mail="cu@binhduong.gov.vn")
    for _ in range(2):
        _run(world)
    page.goto("/ket-noi/so-truc")
    page.get_by_role("link", name="Đối chiếu…").click()
    onlooker.look("connector-reading")
    page.get_by_role("button", name="Chỉ báo cáo").click()
    _run(world)
    page.goto("/ket-noi/so-truc")
    page.get_by_role("link", name="Xem kết quả").click()
    onlooker.look("connector-findings")
    page.get_by_role("link", name="Chưa biết của ai").click()
    page.get_by_role("link", name="Cho biết là của ai").click()
    onlooker.look("connector-matching")
    page.get_by_role("link", name="Không phải…").click()
    page.get_by_label("Lý do").fill("Trùng tên")
    onlooker.look("connector-refusal")
    page.locator("main form button[type='submit']").click()
    onlooker.look("connector-matching-refused")
    page.get_by_role("button", name="Thu hồi").click()
    page.get_by_role("button", name="Đúng là của người này").click()
    _run(world)
    found = server.user("cu")
    assert found is not None and found["externalId"] == world.people["cu"], found


def _it_stopped_by_itself(world: World, server: ScimServer, onlooker: Onlooker) -> None:
    page = onlooker.page
    for name in ("a1", "a2", "a3", "u1", "moi"):
        service.suspend(world.installation, OPERATOR, world.people[name], "thử")
    _run(world)
    page.goto("/ket-noi/so-truc")
    onlooker.look("connector-stopped-by-itself")
    page.get_by_role("link", name="Xem là những ai và quyết định").click()
    onlooker.look("connector-stopped")
    page.get_by_label("Lý do").fill("Phòng giải thể")
    page.get_by_role("button", name="Đề nghị người thứ hai phê duyệt").click()
    onlooker.look("connector-asked")
    assert (found := server.user("a1")) is not None and found["active"], "nothing is done yet"


def _a_run_is_brought_up_to_date(world: World, page: Page, onlooker: Onlooker) -> None:
    """Without a word while it goes, until it is over."""
    person = Actor("person", world.people["admin_a"])
    with world.installation.database.write() as tx:
        runs.begin(tx, "so-truc", "full", person, to_look_at=90)
        runs.look(tx, "so-truc", ("full",), 30, is_over=False)
    page.clock.install()
    page.goto("/ket-noi/so-truc/lan-chay")
    onlooker.look("connector-runs")
    page.locator("tbody a").first.click()
    main = page.locator("main")
    expect(main).to_contain_text("Đã so 30 trong 90 người")
    onlooker.look("connector-run")
    with world.installation.database.write() as tx:
        runs.look(tx, "so-truc", ("full",), 30, is_over=False)
    page.mouse.move(1, 1)
    page.clock.fast_forward(6_000)
    expect(main).to_contain_text("Đã so 60 trong 90 người")
    with world.installation.database.write() as tx:
        runs.end(tx, "so-truc")
    page.clock.fast_forward(6_000)
    expect(main).to_contain_text("Kết thúc lúc")


def _somebody_is_refused(world: World, server: ScimServer) -> None:
    world.add_person("moi", "Võ Người Mới", world.post("A"))

    def refuse(asked: Asked) -> Answer | None:
        return (
            answers("400 Bad Request", b'{"detail": "title"}') if asked.method == "POST" else None
        )

    server.before = refuse
    for _ in range(6):
        _run(world)
