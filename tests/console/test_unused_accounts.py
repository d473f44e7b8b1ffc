"""Accounts that nobody has signed in to for 30 days: counted on Today, listed behind it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, insert, select, update

from directory.audit.reading import list_events
from directory.clock import DAY, now_ms
from directory.ids import new_id
from directory.people import service as people
from directory.people.tables import unused_warning
from directory.people.unused import UNUSED_DAYS
from directory.people.unused_warnings import FIRST, SECOND, UNREACHED
from directory.projection.apply import note_signed_in, touch_person
from directory.projection.tables import person_state
from tests.console.world import World, names_in, told
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

PATH = "/hom-nay/chua-su-dung"
SOON = "/hom-nay/sap-khoa"


def set_known(world: World, days: int, *names: str) -> None:
    """These have been known for so many days, and all others signed in."""
    state, ids = person_state, [world.people[name] for name in names]
    with world.installation.database.write() as tx:
        tx.execute(update(state).values(signed_in_at=1))
        since = {"known_since": now_ms() - days * DAY, "signed_in_at": None}
        tx.execute(update(state).where(state.c.person_id.in_(ids)).values(since))


def set_told(world: World, days: int, **stages: list[int]) -> None:
    """These were away for so many days, all others are here; these stages were told yesterday."""
    state, now = person_state, now_ms()
    with world.installation.database.write() as tx:
        tx.execute(delete(unused_warning))
        tx.execute(update(state).values(signed_in_at=1, last_used_at=now))
        for name, told in stages.items():
            person_id = world.people[name]
            here = state.c.person_id == person_id
            tx.execute(update(state).where(here).values(last_used_at=now - days * DAY))
            for stage in told:
                row = {"person_id": person_id, "stage": stage, "told_at": now - DAY}
                tx.execute(insert(unused_warning).values(row))


def number_of(world: World, actor: str, path: str = PATH) -> str:
    page = world.browser(actor).get("/hom-nay").text
    found = re.search(rf'href="{path}">\s*<span class="waiting__number">([^<]+)<', page)
    return found[1] if found else ""


def listed(world: World, actor: str) -> list[str]:
    return names_in(world.browser(actor).get(PATH))


def test_the_tile_has_the_number_of_the_list(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1", "u1", "b1")
    assert number_of(world, "admin_a") == "2"
    assert sorted(listed(world, "admin_a")) == ["Trần Văn An", "Đặng Thị Ánh"]
    assert number_of(world, "admin_b") == "1"
    assert listed(world, "admin_b") == ["Quách Bí Mật"]


def test_whoever_may_not_act_sees_neither(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1")
    assert number_of(world, "inspector") == ""
    assert world.browser("inspector").get(PATH).status_code == 403


def test_it_takes_thirty_days(world: World) -> None:
    set_known(world, UNUSED_DAYS - 1, "a1")
    assert number_of(world, "admin_a") == ""
    assert "Tài khoản nào cũng đã được sử dụng" in told(world.browser("admin_a").get(PATH))


def test_a_sign_in_ends_it_and_only_the_first_counts(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1")
    for _ in range(2):
        with world.installation.database.write() as tx:
            note_signed_in(tx, world.people["a1"])
            query = select(person_state.c.signed_in_at)
            at = tx.execute(query.where(person_state.c.person_id == world.people["a1"])).scalar()
    assert at is not None
    assert number_of(world, "admin_a") == ""


def test_who_is_suspended_is_not_counted(world: World) -> None:
    world.add_person("nghi", "Phạm Nghỉ", world.post("A"))
    set_known(world, UNUSED_DAYS + 1, "nghi")
    assert number_of(world, "admin_a") == "1"
    people.suspend(world.installation, OPERATOR, world.people["nghi"], "nghỉ")
    assert number_of(world, "admin_a") == ""


def test_somebody_new_is_known_from_now_on_and_a_change_leaves_that(world: World) -> None:
    before = now_ms()
    world.add_person("moi", "Phạm Mới", world.post("A"))
    state = person_state.c
    query = select(state.known_since, state.signed_in_at).where(
        state.person_id == world.people["moi"]
    )
    with world.installation.database.write() as tx:
        first = tx.execute(query).one()
        touch_person(tx, world.people["moi"], end_sessions=True)
        second = tx.execute(query).one()
    assert before <= first.known_since <= now_ms()
    assert first.signed_in_at is None
    assert second == first


def test_the_page_and_today_are_cheap(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1", "a2", "a3")
    browser = world.browser("admin_a")
    for path in (PATH, "/hom-nay"):
        with world.counting() as count:
            assert browser.get(path).status_code == 200
        assert len(count.sql) <= 12, (path, count.sql)


def test_pages_of_it(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1", "a2", "a3")
    answer = world.browser("admin_a").get(f"{PATH}?trang=9")
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)


def test_it_is_narrowed_to_a_place_and_others_answer_as_missing(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1", "u1", "b1")
    unit = world.places["A.u"]
    assert names_in(world.browser("admin_a").get(f"{PATH}?noi={unit}")) == ["Trần Văn An"]
    answers = [
        world.browser("admin_a").get(f"{PATH}{below}?noi={place}{form}")
        for place in (world.places["B"], new_id())
        for below, form in (("", ""), ("/xuat", "&dang=csv"))
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert "Quách" not in "".join(answer.text for answer in answers)


def test_it_leaves_as_a_file_of_the_same_people(world: World) -> None:
    set_known(world, UNUSED_DAYS + 1, "a1", "u1", "b1")
    browser = world.browser("admin_a")
    form = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    taken = browser.post(f"{PATH}/xuat", form).text
    assert "Đặng Thị Ánh" in taken and "Trần Văn An" in taken
    assert "Quách" not in taken
    narrowed = browser.post(f"{PATH}/xuat?noi={world.places['A.u']}", form).text
    assert "Trần Văn An" in narrowed and "Đặng Thị Ánh" not in narrowed
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="list.exported", limit=1)[0]
    assert event.fields["list"] == "unused_accounts"
    assert (event.fields["place"], event.fields["count"]) == (world.places["A.u"], 1)


def test_whoever_is_about_to_be_suspended_is_counted_and_listed_at_home(world: World) -> None:
    set_told(world, 41, a1=[FIRST, SECOND], u1=[UNREACHED], b1=[FIRST], a2=[])
    assert [number_of(world, name, SOON) for name in ("admin_a", "admin_b")] == ["2", "1"]
    page = world.browser("admin_a").get(SOON)
    assert sorted(names_in(page)) == ["Trần Văn An", "Đặng Thị Ánh"]
    assert "Đã nhắc hai lần" in page.text and "Không báo được" in page.text
    assert "Đã nhắc một lần" not in page.text and "Quách" not in page.text
    assert names_in(world.browser("admin_b").get(SOON)) == ["Quách Bí Mật"]
    assert world.browser("inspector").get(SOON).status_code == 403
    with world.counting() as count:
        assert world.browser("admin_a").get(SOON).status_code == 200
    assert len(count.sql) <= 12, count.sql
    # Used since: what was told counts no more.
    set_told(world, 0, a1=[FIRST], b1=[FIRST])
    assert number_of(world, "admin_b", SOON) == ""
    assert "Không có tài khoản nào sắp bị khóa" in told(world.browser("admin_b").get(SOON))
