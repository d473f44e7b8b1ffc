"""From nothing to accounts in a foreign SCIM server, and to somebody who does not get there: what
an administrator does in the console, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import update

from directory.actor import Actor
from sync.changes.rights import publish_rights
from sync.engine import runs
from sync.engine.running import run_connector
from sync.engine.tables import connector_account
from sync.feed.polling import poll
from tests.browser.onlooker import Onlooker
from tests.console.world import World, console_over
from tests.support.browser import Browser as Client
from tests.support.installation import running_installation
from tests.sync.scim_server import TOKEN, Answer, Asked, ScimServer, answers, scim_server

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


def _served_by(page: Page, world: World, client: Client) -> None:
    """The tab's requests are answered by the console itself, without a server between."""

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
        dropped = ("content-length", "content-encoding", "set-cookie")
        told = {k: v for k, v in got.headers.items() if k.lower() not in dropped}
        route.fulfill(status=got.status_code, headers=told, body=got.content)

    page.route("**/*", answer)


def test_set_up_dry_run_going_live_a_failure_and_its_end(
    world: World, server: ScimServer, chromium: Browser
) -> None:
    world.applications["so"] = world.register("so_truc", "A", client_name="Sổ trực")
    context = chromium.new_context(base_url=world.url)
    page = context.new_page()
    client = world.browser("admin_a")
    world.token_of(client)
    _served_by(page, world, client)
    onlooker = Onlooker(page)
    page.goto("/ket-noi")
    onlooker.look("connectors")
    page.get_by_role("link", name="Thiết lập kết nối").click()
    page.get_by_label("Ứng dụng", exact=True).select_option(label="Sổ trực")
    page.get_by_label("Địa chỉ").fill(server.url)
    onlooker.look("connector-new")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã truy cập").fill(TOKEN)
    onlooker.look("connector-data")
    page.get_by_role("button", name="Thiết lập, chưa chạy").click()
    expect(page.locator("main")).to_contain_text("đang tạm dừng")
    page.get_by_role("button", name="Thử kết nối").click()
    expect(page.locator("main")).to_contain_text("Ứng dụng trả lời tốt")
    _run(world)
    page.goto("/ket-noi/so-truc")
    onlooker.look("connector")
    page.get_by_role("link", name="Chạy thử").click()
    expect(page.locator("main")).to_contain_text("Đặng Thị Ánh")
    assert server.users() == [], "nothing is done before it goes on"
    onlooker.look("connector-plan")
    page.get_by_role("link", name="Chạy tiếp…").click()
    onlooker.look("connector-resume")
    page.get_by_role("button", name="Cho chạy tiếp").click()
    _run(world)
    assert server.user("a1") is not None
    page.goto("/ket-noi/so-truc/tai-khoan")
    onlooker.look("connector-accounts")
    _somebody_is_refused(world, server)
    page.goto(f"/nguoi-dung/{world.people['moi']}")
    section = page.locator("section", has=page.get_by_role("heading", name="Tài khoản ở các ứng"))
    expect(section).to_contain_text("Ứng dụng từ chối tài khoản này")
    onlooker.look("person-accounts")
    section.get_by_role("link", name="Sổ trực").click()
    onlooker.look("connector-person")
    server.normal()
    page.get_by_role("button", name="Thử lại ngay").click()
    _run(world)
    assert server.user("moi") is not None
    page.goto(f"/nguoi-dung/{world.people['moi']}")
    expect(section).to_contain_text("Đã khớp")
    _a_run_is_brought_up_to_date(world, page, onlooker)
    assert not onlooker.breaches
    context.close()


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
