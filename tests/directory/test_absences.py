"""For how long people are away: noted by whoever may, never twice for one day."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from admin_ui.components import VOCABULARY
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.clock import today
from directory.errors import AppError, Conflict, Forbidden, NotFound
from directory.people import absences
from directory.people import service as people
from directory.people.absence_handles import AbsencesFor
from directory.people.absences import Absence
from directory.people.tables import unused_warning
from tests.directory.test_requests import World, build_world
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines


def day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        yield build_world(running.installation)


def note(world: World, who: str, start: int = 0, end: int = 30, **more: str) -> Absence:
    told = {"kind": "maternity", "basis": "QĐ 7/QĐ-SNV"} | more
    with world.installation.database.write() as tx:
        return absences.note(
            tx, OPERATOR, world.people[who], told["kind"], day(start), day(end), told["basis"]
        )


def test_an_absence_is_noted_told_and_ended(world: World) -> None:
    who = world.newcomer()
    noted = note(world, who)
    assert noted.holds(day(0)) and noted.holds(day(30)) and not noted.holds(day(31))
    with world.installation.database.read() as tx:
        event = list_events(tx, limit=1)[0]
    said = sentence(event, VOCABULARY, {}, "vi")
    written = "/".join(reversed(day(30).split("-")))
    assert "vắng mặt từ ngày" in said and f"đến hết ngày {written}: nghỉ thai sản" in said
    assert event.agency == world.places["A"]
    with world.installation.database.write() as tx:
        absences.end(tx, OPERATOR, noted.person_id, noted.id)
    # It began today: nothing of it is left.
    assert found(world, who) == []
    later = note(world, who, 5, 10)
    with world.installation.database.write() as tx:
        absences.end(tx, OPERATOR, later.person_id, later.id)
        with pytest.raises(NotFound):
            absences.end(tx, OPERATOR, later.person_id, later.id)
    before = note(world, who, -10, 10)
    with world.installation.database.write() as tx:
        absences.end(tx, OPERATOR, before.person_id, before.id)
        with pytest.raises(Conflict, match=r"absence\.over"):
            absences.end(tx, OPERATOR, before.person_id, before.id)
    assert [each.end for each in found(world, who)] == [day(-1)]


def found(world: World, who: str) -> list[Absence]:
    with world.installation.database.read() as tx:
        return list(absences.list_of(tx, world.people[who]))


@pytest.mark.parametrize(
    ("start", "end", "more", "code"),
    [
        (0, 30, {"kind": "lười"}, "absence.kind"),
        (5, 4, {}, "absence.order"),
        (-30, -1, {}, "absence.past"),
        (0, 732, {}, "absence.long"),
        (0, 30, {"basis": "x" * 501}, "absence.basis"),
    ],
)
def test_bad_input_is_refused(
    world: World, start: int, end: int, more: dict[str, str], code: str
) -> None:
    who = world.newcomer()
    with pytest.raises(AppError) as refused:
        note(world, who, start, end, **more)
    assert refused.value.code == code
    assert found(world, who) == []


def test_no_two_on_one_day_though_both_are_noted_at_once(world: World) -> None:
    who = world.newcomer()
    note(world, who, 0, 10)
    for start, end in ((10, 20), (-5, 0), (3, 4), (-1, 40)):
        with pytest.raises(Conflict, match=r"absence\.twice"):
            note(world, who, start, end)
    note(world, who, 11, 12)
    other = world.newcomer()

    def try_(number: int) -> str:
        try:
            note(world, other, number, number + 5)
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_, range(4))) == ["absence.twice"] * 3 + ["done"]


def test_whoever_may_suspend_may_note_and_nobody_else(world: World) -> None:
    who = world.newcomer()
    person = world.people[who]

    def handle(name: str) -> AbsencesFor:
        return AbsencesFor(world.installation, world.actor(name))

    for name in ("admin", "hr", "province"):
        added = handle(name).note(person, "study", day(1), day(2), "")
        handle(name).end(person, added.id)
    assert not handle("auditor").of_person(person).may_note
    for name in ("auditor",):
        with pytest.raises(Forbidden):
            handle(name).note(person, "study", day(1), day(2), "")
    unknown = "00000000-0000-4000-8000-000000000000"
    told = []
    for asked in (person, unknown):
        with pytest.raises(NotFound) as refused:
            handle("other").of_person(asked)
        told.append((refused.value.code, refused.value.params))
    assert told[0] == told[1]
    with pytest.raises(NotFound):
        handle("other").note(person, "study", day(1), day(2), "")


def test_who_has_left_is_not_away_and_warnings_begin_anew(world: World) -> None:
    who = world.newcomer()
    with world.installation.database.write() as tx:
        tx.execute(unused_warning.insert().values(person_id=world.people[who], stage=1, told_at=1))
    note(world, who)
    with world.installation.database.read() as tx:
        stages = select(unused_warning.c.stage).where(
            unused_warning.c.person_id == world.people[who]
        )
        assert tx.execute(stages).all() == []
    people.retire(world.installation, OPERATOR, world.people[who], "nghỉ hưu")
    with pytest.raises(Conflict, match=r"absence\.has_left"):
        note(world, who, 60, 70)
