"""Today: what waits, by the visitor's job and places; and the agencies that lack somebody."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import update

from directory.authz.permissions import ADMIN_APPLICATION
from directory.clock import DAY, now_ms
from directory.ids import new_id
from directory.messages import queue as messages
from directory.messages.sending import send
from directory.outbox import queue
from directory.people import service as people
from directory.people.messages import PASSWORD_CHANGED
from directory.projection import queries
from idp.clients.tables import client
from idp.logout.ending import TOPIC
from tests.console.world import World, told
from tests.support.installation import OPERATOR
from web.pages import local_time

pytestmark = pytest.mark.both_engines

SHORT = "/hom-nay/don-vi-thieu-nguoi"
ATTENTION = "/hom-nay/ung-dung-can-xem"
EXPIRIES = "/hom-nay/khoa-va-chung-thu"
MESSAGES = "/hom-nay/tin-nhan"
NO_SERVER = "smtp://127.0.0.1:9"


def _tiles(world: World, actor: str) -> dict[str, str]:
    """Where each tile leads, with its number."""
    page = world.browser(actor).get("/hom-nay").text
    found = re.findall(
        r'class="waiting__link" href="([^"]+)">\s*<span class="waiting__number">([^<]+)<', page
    )
    return dict(found)


def test_each_tile_has_its_number_and_leads_to_its_list(world: World) -> None:
    assert _tiles(world, "admin_a") == {SHORT: "1"}
    page = told(world.browser("admin_a").get(SHORT))
    assert "1 đơn vị" in page
    assert "Một người quản trị, chưa có dự phòng" in page


def test_only_the_visitors_places_are_counted_and_listed(world: World) -> None:
    with world.installation.database.read() as tx:
        places = queries.agencies_by_id(tx, [world.places["A"], world.places["B"]])
    for actor, own, other in (("admin_a", "A", "B"), ("admin_b", "B", "A")):
        page = told(world.browser(actor).get(SHORT))
        assert places[world.places[own]].name in page
        assert places[world.places[other]].name not in page


def test_agencies_are_narrowed_given_to_and_taken_as_a_file(world: World) -> None:
    browser = world.browser("admin_a")
    other = browser.get(f"{SHORT}?noi={world.places['B']}")
    missing = browser.get(f"{SHORT}?noi={new_id()}")
    assert other.status_code == missing.status_code == 404
    page = browser.get(f"{SHORT}?noi={world.places['A']}")
    (give,) = {
        unescape(url) for url in re.findall(r'href="(/quyen/cap[^"]+agency_admin)"', page.text)
    }
    assert browser.get(give).status_code == 200
    assert "/quyen/cap?" not in world.browser("inspector").get(SHORT).text
    form = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    taken = browser.post(f"{SHORT}/xuat", form).text
    assert "Nơi A" in taken and "Nơi B" not in taken


def test_who_has_nothing_waiting_reads_so(world: World) -> None:
    assert _tiles(world, "hr_officer") == {}
    assert "Không có việc nào đang chờ" in told(world.browser("hr_officer").get("/hom-nay"))


def test_an_agency_with_all_of_them_lacks_nobody(world: World) -> None:
    for name, role in (("deputy", "agency_admin"), ("executive", "it_executive")):
        world.add_person(name, f"Phạm {name.title()}", world.post("A"))
        world.grant(name, role, "A")
    assert _tiles(world, "admin_a") == {}
    assert "Không đơn vị nào thiếu người" in told(world.browser("admin_a").get(SHORT))
    # Whoever is suspended looks after nothing.
    people.suspend(world.installation, OPERATOR, world.people["deputy"], "đình chỉ")
    assert _tiles(world, "admin_a") == {SHORT: "1"}


def _put_untold(world: World, client_id: str, error: str) -> None:
    """A sign-out that this application could not be told of."""
    payload = {"client_id": client_id, "sid": "s", "person_id": "p"}
    with world.installation.database.write() as tx:
        queue.put(tx, TOPIC, payload)
        (item,) = queue.claim(tx, TOPIC)
        queue.retry(tx, item, error)


def test_whoever_keeps_an_application_sees_that_it_is_not_told(world: World) -> None:
    for name, error in (("of_a", "http_500"), ("of_a", "timeout"), ("of_b", "http_404")):
        _put_untold(world, world.applications[name], error)
    # One that the province keeps, and our own, whose address nobody enters.
    for client_id in (world.applications["shared"], ADMIN_APPLICATION):
        _put_untold(world, client_id, "timeout")
    of_a = world.applications["of_a"]
    until = now_ms() + DAY
    with world.installation.database.write() as tx:
        its = client.c.client_id == of_a
        tx.execute(update(client).where(its).values(previous_secret_until=until))
    assert _tiles(world, "admin_a")[ATTENTION] == "2"
    answer = world.browser("admin_a").get(ATTENTION)
    page = told(answer)
    assert "Lịch của A" in page
    assert "2 lượt đăng xuất chưa báo được" in page
    assert "quá thời gian chờ" in page
    assert f"khóa cũ đến {local_time(until)}" in page
    # Those of another agency, and those that the province keeps.
    assert "Bí Mật" not in page
    assert "Thư điện tử" not in page
    for link in (f"/ung-dung/{of_a}", f"/ung-dung/{of_a}/loi", f"/ung-dung/{of_a}/ket-noi"):
        assert f'href="{link}"' in answer.text
        assert world.browser("admin_a").get(link).status_code == 200
    assert "ứng dụng trả lời mã 404" in told(world.browser("admin_b").get(ATTENTION))
    assert _tiles(world, "inspector") == {SHORT: "1"}
    world.add_operator("op")
    assert _tiles(world, "op")[ATTENTION] == "4"
    browser = world.browser("op")
    with world.counting() as count:
        browser.get(ATTENTION)
    assert len(count.sql) <= 12, count.sql


def test_keys_that_end_are_told_to_those_who_look_after_the_province(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_operator("operator")
    world.add_person("of_a_only", "Hồ Giám Sát", world.post("A"))
    world.grant("of_a_only", "auditor", "A")
    assert EXPIRIES not in _tiles(world, "operator")
    page = told(world.browser("operator").get(EXPIRIES))
    assert "Khóa ký ES256" in page
    assert "danhmuc key rotate --alg RS256" in page
    assert "Sắp hết hạn" not in page
    # Two signing keys, a year old in 29 days; the one that seals lasts two.
    monkeypatch.setattr("directory.expiries.due.now_ms", lambda: now_ms() + 336 * DAY)
    assert _tiles(world, "operator")[EXPIRIES] == "2"
    assert told(world.browser("operator").get(EXPIRIES)).count("Sắp hết hạn") == 2
    assert EXPIRIES not in _tiles(world, "of_a_only")
    assert world.browser("of_a_only").get(EXPIRIES).status_code == 403
    browser = world.browser("operator")
    with world.counting() as count:
        browser.get("/hom-nay")
    # Every tile there is.
    assert len(count.sql) <= 18, count.sql
    for name in ("admin_a", "hr_officer", "inspector"):
        browser = world.browser(name)
        with world.counting() as count:
            browser.get("/hom-nay")
        assert len(count.sql) <= 13, (name, count.sql)


def test_messages_that_could_not_be_sent_are_told_to_those_who_look_after_the_province(
    world: World,
) -> None:
    world.add_operator("postman")
    world.add_person("reader", "Lê Người Nhận", world.post("A"), mail="nhan@binhduong.gov.vn")
    installation = world.installation
    set_up = replace(installation, settings=replace(installation.settings, smtp_url=NO_SERVER))
    with installation.database.write() as tx:
        send(tx, set_up, PASSWORD_CHANGED, world.people["reader"], at=now_ms())
        found = messages.claim(tx, "mail")
        assert found is not None
    assert MESSAGES not in _tiles(world, "postman")
    with installation.database.write() as tx:
        assert messages.fail(tx, found, "refused")
    assert _tiles(world, "postman")[MESSAGES] == "1"
    assert MESSAGES not in _tiles(world, "admin_a")
    assert world.browser("admin_a").get(MESSAGES).status_code == 403
    browser = world.browser("postman")
    with world.counting() as count:
        page = told(browser.get(MESSAGES))
    assert len(count.sql) <= 12, count.sql
    for words in ("Lê Người Nhận", "thông báo đã đổi mật khẩu", "máy chủ thư từ chối"):
        assert words in page
    assert "nhan@binhduong" not in page
    with installation.database.write() as tx:
        messages.forget_all(tx)
    assert "Không có tin nhắn nào bị lỗi" in told(browser.get(MESSAGES))


def test_commands_that_renew_a_key_look_like_commands(world: World) -> None:
    world.add_operator("keeper")
    page = world.browser("keeper").get(EXPIRIES).text
    assert "<code>danhmuc key rotate --alg " in page
    assert "`" not in page
