"""Accounts that nobody uses: two warnings, then suspended; never at once, never many, never
administrators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.clock import DAY, HOUR, now_ms, today
from directory.component import NotWell
from directory.errors import Conflict
from directory.ids import new_id
from directory.installation import Installation
from directory.messages import digests, queue
from directory.messages.tables import digest, message
from directory.people import service, unused_warnings
from directory.people.checks import unused_accounts
from directory.people.tables import absence, unused_warning
from directory.people.unused_warnings import (
    FIRST,
    SECOND,
    UNREACHED,
    forget_old,
    list_lines,
    look_after,
    suspend_confirmed,
)
from directory.projection import queries
from directory.projection.apply import note_signed_in
from directory.projection.tables import catalogue_person, person_state
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

DAYS = 45
PEOPLE = ("an", "binh", "chi", "dung", "quan", "moi", "giu", "khac")


class World(province.World):
    def set_used(self, days: float, *names: str) -> None:
        """These signed in last so many days ago, all others now."""
        ids = [self.people[name] for name in names]
        with self.installation.database.write() as tx:
            state = person_state
            tx.execute(update(state).values(signed_in_at=1, last_used_at=now_ms()))
            at = now_ms() - int(days * DAY)
            here = update(state).where(state.c.person_id.in_(ids))
            tx.execute(here.values(last_used_at=at, known_since=at))

    def set_told(self, stage: int, days: float, *names: str) -> None:
        for name in names or PEOPLE:
            with self.installation.database.write() as tx:
                here = (
                    unused_warning.c.person_id == self.people[name],
                    unused_warning.c.stage == stage,
                )
                at = now_ms() - int(days * DAY)
                tx.execute(update(unused_warning).where(*here).values(told_at=at))

    def warned(self) -> dict[str, list[int]]:
        names = {value: key for key, value in self.people.items()}
        with self.installation.database.read() as tx:
            rows = tx.execute(select(unused_warning).order_by(unused_warning.c.stage)).all()
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(names[row.person_id], []).append(row.stage)
        return found

    def mails(self) -> int:
        with self.installation.database.write() as tx:
            here = message.c.kind == "account_unused"
            count = len(tx.execute(select(message.c.id).where(here)).all())
            tx.execute(delete(message))
        return count

    def status(self, name: str) -> str:
        with self.installation.database.read() as tx:
            person = queries.person(tx, self.people[name])
        assert person is not None
        return person.status

    def set_reached(self, name: str, **how: str) -> None:
        """By these ways, and no others."""
        here = catalogue_person.c.id == self.people[name]
        with self.installation.database.write() as tx:
            tx.execute(update(catalogue_person).where(here).values({"mail": "", "phone": ""} | how))

    def warn_both(self, *names: str, days: float = DAYS + 1) -> None:
        """They are due: both warnings went out long enough ago."""
        self.set_used(days, *names)
        look_after(self.installation)
        self.set_told(FIRST, 12, *names)
        look_after(self.installation)
        self.set_told(SECOND, 7, *names)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with running_installation(
        DANHMUC_SMTP_URL="smtp://127.0.0.1:9", DANHMUC_UNUSED_DAYS=str(DAYS)
    ) as found:
        world = World(found.installation)
        world.add_places({"P": "", "A": "P", "B": "P"})
        for name in PEOPLE:
            mail = f"{name}@binhduong.gov.vn"
            world.add_person(name, f"Người {name}", world.post("A"), mail=mail)
        for name in ("xa", "quan_b"):
            mail = f"{name}@binhduong.gov.vn"
            world.add_person(name, f"Người {name}", world.post("B"), mail=mail)
        with world.installation.database.write() as tx:
            applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
            grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, "agency_admin", "Quản trị", ""))
        province.give(found.installation, "agency_admin", world.people["quan"], world.places["A"])
        province.give(found.installation, "agency_admin", world.people["quan_b"], world.places["B"])
        yield world


@pytest.fixture
def world(running: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(digests, "is_time", lambda: True)
    with running.installation.database.write() as tx:
        for table in (unused_warning, message, digest):
            tx.execute(delete(table))
    for name in PEOPLE:
        if running.status(name) == "suspended":
            service.resume(running.installation, OPERATOR, running.people[name], "thử xong")
    return running


def test_each_warning_has_its_day_and_is_told_once(world: World) -> None:
    world.set_used(29.9, "an")
    look_after(world.installation)
    assert world.warned() == {}
    world.set_used(30.1, "an")
    look_after(world.installation)
    look_after(world.installation)
    assert (world.warned(), world.mails()) == ({"an": [FIRST]}, 1)
    world.set_told(FIRST, 10, "an")
    world.set_used(39.9, "an")
    look_after(world.installation)
    assert (world.warned(), world.mails()) == ({"an": [FIRST]}, 0)
    world.set_used(40.1, "an")
    look_after(world.installation)
    assert (world.warned(), world.mails()) == ({"an": [FIRST, SECOND]}, 1)
    assert world.status("an") == "active"


def test_suspended_with_a_reason_and_warned_anew_when_resumed(world: World) -> None:
    world.warn_both("an")
    look_after(world.installation)
    assert (world.status("an"), world.status("binh")) == ("suspended", "active")
    with world.installation.database.read() as tx:
        events = [e for e in list_events(tx) if e.kind == "person.suspended"]
    assert events[-1].actor == "system:unused"
    assert "45 ngày" in str(events[-1].fields["reason"])
    service.resume(world.installation, OPERATOR, world.people["an"], "đã về")
    look_after(world.installation)
    assert (world.status("an"), world.warned()) == ("active", {"an": [FIRST]})


def test_a_clock_that_jumps_or_an_outage_suspends_nobody_at_once(world: World) -> None:
    world.set_used(400, "an")
    for _ in range(3):
        look_after(world.installation)
    assert (world.status("an"), world.warned()) == ("active", {"an": [FIRST]})
    world.set_told(FIRST, 4.9, "an")
    look_after(world.installation)
    assert world.warned() == {"an": [FIRST]}
    world.set_told(FIRST, 5.1, "an")
    look_after(world.installation)
    world.set_told(SECOND, 4.9, "an")
    look_after(world.installation)
    assert (world.status("an"), world.warned()) == ("active", {"an": [FIRST, SECOND]})
    # What a clock ahead told counts for none, and is told again.
    world.mails()
    for stage in (FIRST, SECOND):
        world.set_told(stage, -30, "an")
    look_after(world.installation)
    assert (world.status("an"), world.mails()) == ("active", 1)


def test_what_was_told_before_they_came_back_counts_for_nothing(world: World) -> None:
    world.warn_both("an", "binh")
    with world.installation.database.write() as tx:
        note_signed_in(tx, world.people["an"])
    look_after(world.installation)
    assert (world.status("an"), world.status("binh")) == ("active", "suspended")
    world.set_told(FIRST, 100, "an")
    world.set_told(SECOND, 90.1, "an")
    world.set_used(50, "an")
    look_after(world.installation)
    assert world.status("an") == "active"
    world.set_told(SECOND, 90.1, "an")
    with world.installation.database.write() as tx:
        forget_old(tx)
    assert world.warned() == {"an": [FIRST]}


def test_a_sign_in_is_noted_to_the_hour(world: World) -> None:
    here = person_state.c.person_id == world.people["an"]
    for days, is_noted in ((0.03, False), (0.05, True), (-1, True)):
        world.set_used(days, "an")
        with world.installation.database.write() as tx:
            note_signed_in(tx, world.people["an"])
            at = tx.execute(select(person_state.c.last_used_at).where(here)).scalar_one()
        assert (abs(now_ms() - at) < HOUR / 4) is is_noted, days


def test_who_administers_and_who_is_new_is_spared(world: World) -> None:
    world.warn_both("quan")
    look_after(world.installation)
    assert (world.status("quan"), world.warned()) == ("active", {})
    with world.installation.database.write() as tx:
        here = person_state.c.person_id == world.people["moi"]
        new = {"signed_in_at": None, "last_used_at": None, "known_since": None}
        tx.execute(update(person_state).where(here).values(new))
    look_after(world.installation)
    assert world.warned() == {}


def test_their_administrators_read_of_them_once_a_week(world: World) -> None:
    def told() -> list[tuple[str, str]]:
        with world.installation.database.read() as tx:
            found = [queue._message(row) for row in tx.execute(select(message))]
        keyring, names = world.installation.keyring, {v: k for k, v in world.people.items()}
        of_kind = [each for each in found if each.kind == "accounts_unused"]
        opened = [(names[e.person_id], queue.opened(keyring, e).values["people"]) for e in of_kind]
        return sorted((name, str(people)) for name, people in opened)

    world.set_used(31, "an", "xa")
    look_after(world.installation)
    look_after(world.installation)
    (of_a, lines_a), (of_b, lines_b) = told()
    assert (of_a, of_b) == ("quan", "quan_b")
    assert "Người an (an)" in lines_a and "xa" not in lines_a
    assert "Người xa (xa)" in lines_b and "(an)" not in lines_b


def test_who_is_reached_by_nothing_is_not_suspended_but_told_of(world: World) -> None:
    world.set_used(90, "an")
    world.set_reached("an")
    for _ in range(2):
        look_after(world.installation)
        assert (world.warned(), world.mails()) == ({"an": [UNREACHED]}, 0)
    with world.installation.database.read() as tx:
        assert [(each.warnings, each.is_unreached) for each in list_lines(tx, DAYS)] == [(0, True)]
    # Asked again the next day.
    world.set_told(UNREACHED, 1.1, "an")
    look_after(world.installation)
    world.set_reached("an", mail="an@binhduong.gov.vn")
    look_after(world.installation)
    assert world.warned() == {"an": [UNREACHED]}
    world.set_told(UNREACHED, 1.1, "an")
    look_after(world.installation)
    assert world.warned() == {"an": [UNREACHED, FIRST]}
    assert world.status("an") == "active"


def test_a_gateway_is_a_way_to_warn(world: World) -> None:
    settings = replace(world.installation.settings, smtp_url="", sms_file=Path("gateway.toml"))
    by_sms = replace(world.installation, settings=settings)
    world.set_used(90, "an", "binh")
    world.set_reached("an", phone="0912345678")
    look_after(by_sms)
    assert world.warned() == {"an": [FIRST], "binh": [UNREACHED]}
    with world.installation.database.read() as tx:
        assert tx.execute(select(message.c.way)).scalars().all() == ["sms"]
    assert "0 today" in unused_accounts(by_sms)
    world.set_reached("an", mail="an@binhduong.gov.vn")


def test_who_signs_in_at_the_last_moment_is_let_in_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.warn_both("an", "binh")

    def late(*args: Any) -> Any:
        if args[2] == world.people["an"]:
            with world.installation.database.write() as tx:
                note_signed_in(tx, world.people["an"])
        return service.suspend(*args)

    monkeypatch.setattr(unused_warnings, "suspend", late)
    look_after(world.installation)
    assert (world.status("an"), world.status("binh")) == ("active", "suspended")


def test_too_many_at_once_are_left_until_somebody_looks(world: World) -> None:
    many = [name for name in PEOPLE if name != "quan"][:6]
    world.warn_both(*many)
    look_after(world.installation)
    assert {world.status(name) for name in many} == {"active"}
    with pytest.raises(NotWell, match="6 are to be suspended, more than 5"):
        unused_accounts(world.installation)
    with world.installation.database.write() as tx:
        note_signed_in(tx, world.people[many[0]])
    assert "5 today" in unused_accounts(world.installation)
    look_after(world.installation)
    assert [world.status(name) for name in many] == ["active"] + ["suspended"] * 5


def test_an_operator_looks_and_confirms(world: World) -> None:
    many = [name for name in PEOPLE if name != "quan"][:6]
    world.warn_both(*many, days=50)
    world.set_used(60, "quan", *many)
    with world.installation.database.read() as tx:
        lines = list_lines(tx, DAYS)
        assert list_lines(tx, 0) == ()
    told = {line.username: (line.warnings, line.is_due, line.is_spared) for line in lines}
    assert told == {"quan": (0, False, True)} | dict.fromkeys(many, (2, True, False))
    with pytest.raises(Conflict) as refused:
        suspend_confirmed(world.installation, OPERATOR, 5)
    assert refused.value.code == "person.unused_more"
    assert {world.status(name) for name in many} == {"active"}
    assert suspend_confirmed(world.installation, OPERATOR, 6) == 6
    assert {world.status(name) for name in many} == {"suspended"}
    assert suspend_confirmed(world.installation, OPERATOR, 6) == 0


@pytest.mark.parametrize("changed", [{"unused_days": 0}, {"smtp_url": ""}])
def test_without_the_setting_or_a_way_to_warn_nothing_happens(
    world: World, changed: dict[str, Any]
) -> None:
    world.warn_both("an")
    settings = replace(world.installation.settings, **changed)
    off: Installation = replace(world.installation, settings=settings)
    look_after(off)
    assert world.status("an") == "active"
    assert "none is suspended" in unused_accounts(off)


@pytest.mark.parametrize(
    ("start", "end", "is_warned"),
    [(-200, 0, False), (-200, 100, False), (-200, -29, False), (-200, -31, True), (1, 9, True)],
)
def test_whoever_is_away_for_a_reason_is_counted_from_their_return(
    world: World, start: int, end: int, is_warned: bool
) -> None:
    first, last = ((today() + timedelta(days=each)).isoformat() for each in (start, end))
    row = {"id": new_id(), "person_id": world.people["an"], "kind": "maternity"}
    row |= {"start_on": first, "end_on": last, "given_by": "os:root"}
    with world.installation.database.write() as tx:
        tx.execute(delete(absence))
        tx.execute(insert(absence).values(given_at=1, **row))
    world.set_used(31, "an")
    look_after(world.installation)
    assert world.warned() == ({"an": [FIRST]} if is_warned else {})
    with world.installation.database.write() as tx:
        tx.execute(delete(absence))


def test_nobody_who_is_away_is_suspended_though_warned_twice(world: World) -> None:
    world.warn_both("an")
    with world.installation.database.write() as tx:
        row = {"id": new_id(), "person_id": world.people["an"], "kind": "study"}
        row |= {"start_on": "2026-01-01", "end_on": "2099-12-31", "given_by": "os:root"}
        tx.execute(insert(absence).values(given_at=1, **row))
    look_after(world.installation)
    assert world.status("an") == "active"
    with world.installation.database.read() as tx:
        assert not list_lines(tx, DAYS)
    with world.installation.database.write() as tx:
        tx.execute(delete(absence))
