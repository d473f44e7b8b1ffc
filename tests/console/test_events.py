"""The audit list: of one's branch only, filtered and paged in SQL, told in sentences."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from directory.actor import Actor, system
from directory.audit.log import agency_tag, person_tag, record
from directory.authz.handles import PAGE
from directory.ids import new_event_id
from directory.people import service
from directory.people.events import PERSON_RESUMED
from sync.engine.events import CONNECTOR_ACCOUNT, CONNECTOR_RUN_IN_AGENCY
from tests.console.world import World, told
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

MOST_STATEMENTS = 24


def events_in(page_text: str) -> list[str]:
    """The lines of the page, newest first."""
    found = re.findall(r'<div class="timeline__what"><p>(.*?)</p>', page_text)
    return [unescape(re.sub(r"<[^>]+>", "", line)) for line in found]


def test_only_ones_own_branch(world: World) -> None:
    service.change_person(
        world.installation, OPERATOR, world.people["a1"], {"phone": "0274 000 001"}
    )
    service.change_person(
        world.installation, OPERATOR, world.people["b1"], {"phone": "0274 000 002"}
    )
    ours = told(world.browser("admin_a").get("/nhat-ky"))
    theirs = told(world.browser("admin_b").get("/nhat-ky"))
    assert "điện thoại 0274 100 100 → 0274 000 001" in ours and "Đặng Thị Ánh" in ours
    assert "0274 000 002" not in ours and "Quách" not in ours
    assert "điện thoại 0274 100 100 → 0274 000 002" in theirs and "0274 000 001" not in theirs


def test_filters_by_kind_and_person(world: World) -> None:
    browser = world.browser("admin_a")
    service.change_person(
        world.installation, OPERATOR, world.people["u1"], {"phone": "0274 000 003"}
    )
    roles = events_in(browser.get("/nhat-ky", loai="vai-tro").text)
    assert any("cấp vai trò" in sentence for sentence in roles)
    assert all("cấp" in sentence or "vị trí việc làm" in sentence for sentence in roles)
    of_u1 = events_in(browser.get("/nhat-ky", nguoi="u1").text)
    assert of_u1 and all("Trần Văn An" in sentence for sentence in of_u1)
    none = browser.get("/nhat-ky", ten="u1", loai="vai-tro")
    assert events_in(none.text) == []
    assert "Chưa có sự việc nào" in told(none)
    assert "chưa ghi nhận sự việc nào về tên" in told(browser.get("/nhat-ky", ten="khongai"))
    assert events_in(browser.get("/nhat-ky", loai="khong-co").text), "an unknown kind is no filter"


def test_a_run_of_a_connector_is_one_line_with_a_way_to_each_account(world: World) -> None:
    run, its = new_event_id(), {"connector": "vanban", "application": "app"}
    places = world.places
    with world.installation.database.write() as tx:
        for who, place in (("a1", "A"), ("b1", "B")):
            about = {"subject": person_tag(world.people[who]), "agency": places[place]}
            done = {**about, **its, "part_of": run, "act": "created"}
            record(tx, CONNECTOR_ACCOUNT, system("connectors"), **done)
            where = {"subject": agency_tag(places[place]), "agency": places[place]}
            numbers: dict[str, Any] = {"began": 1, "accounts": {"created": 2890, "failed": 1}}
            record(
                tx,
                CONNECTOR_RUN_IN_AGENCY,
                system("connectors"),
                **where,
                **its,
                run=run,
                **numbers,
            )
    browser = world.browser("admin_a")
    page = browser.get("/nhat-ky")
    (line,) = [each for each in events_in(page.text) if "vanban" in each]
    assert line.startswith("Bộ kết nối vanban của ")
    assert "2.890 tài khoản được tạo, 1 tài khoản lỗi tại " in line
    assert f'href="/nhat-ky?dot={run}"' in page.text
    each = browser.get("/nhat-ky", dot=run)
    (account,) = events_in(each.text)
    assert "Đặng Thị Ánh" in account, "nobody sees those of another agency"
    assert "một đợt của bộ kết nối" in told(each)
    for asked in ({"tung-tai-khoan": "co"}, {"loai": "ung-dung"}, {"ten": "a1"}):
        assert account in events_in(browser.get("/nhat-ky", **asked).text), asked
    folded = browser.get("/nhat-ky", **{"loai": "ung-dung", "tung-tai-khoan": "khong"})
    lines = events_in(folded.text)
    assert line in lines and account not in lines
    assert account not in events_in(browser.get("/nhat-ky", dot="' or 1=1").text)


def test_pages_follow_one_another_without_gap(world: World) -> None:
    actor = Actor("person", world.people["admin_a"], world.places["A"])
    subject = person_tag(world.people["a3"])
    total = PAGE + 7
    with world.installation.database.write() as tx:
        for number in range(total):
            record(
                tx,
                PERSON_RESUMED,
                actor,
                subject=subject,
                agency=world.places["A"],
                reason=f"lần {number:03}",
            )
    browser = world.browser("admin_a")
    first = browser.get("/nhat-ky", nguoi="a3", loai="nguoi-dung")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    second = browser.get(older[1].replace("&amp;", "&"))
    numbers = [
        int(found) for page in (first, second) for found in re.findall(r"lần (\d{3})", page.text)
    ]
    assert sorted(numbers) == list(range(total)), "events of one millisecond come in any order"
    assert "Về mới nhất" in second.text


def test_a_page_costs_the_same_however_many_events(world: World) -> None:
    browser, counts = world.browser("admin_a"), {}
    for name, query in {"all": {}, "one": {"nguoi": "a1"}, "kind": {"loai": "vai-tro"}}.items():
        with world.counting() as count:
            assert browser.get("/nhat-ky", **query).status_code == 200
        counts[name] = count.numbers
    assert all(sql <= MOST_STATEMENTS and ldap == 0 for sql, ldap in counts.values()), counts


def test_sentences_name_people_not_tags(world: World) -> None:
    service.change_person(
        world.installation, OPERATOR, world.people["u1"], {"phone": "0274 000 004"}
    )
    text = told(world.browser("admin_a").get("/nhat-ky", nguoi="u1"))
    assert "person:" not in text
    assert "Người vận hành máy chủ (tester)" in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text), "an id is shown instead of a name"
    english = told(world.browser("admin_a").get("/nhat-ky", nguoi="u1", lang="en"))
    assert "changed Trần Văn An" in english


def test_people_of_one_name_are_told_apart(world: World) -> None:
    for name in ("trung.mot", "trung.hai"):
        twin = world.add_person(name, "Nguyễn Thị Trùng Tên", world.post("A", "Nhân viên"))
        service.change_person(world.installation, OPERATOR, twin.id, {"phone": "0274 000 005"})
    text = told(world.browser("admin_a").get("/nhat-ky", nguoi="Trùng Tên"))
    assert "Nguyễn Thị Trùng Tên (trung.mot)" in text
    assert "Nguyễn Thị Trùng Tên (trung.hai)" in text
    alone = told(world.browser("admin_a").get("/nhat-ky", nguoi="u1"))
    assert "sửa Trần Văn An:" in alone, "no user name where the name is enough"
