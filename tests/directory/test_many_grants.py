"""Many roles given, renewed and taken back as one act come to what they come to one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event, select

from directory.access.asking import renew_or_ask
from directory.access.bulk import (
    Line,
    LinesRefused,
    Renewal,
    Withdrawal,
    decide_all,
    do_all,
    standing_of,
)
from directory.access.bulk_preview import preview_all
from directory.actor import Actor
from directory.audit.tables import audit_event
from directory.authz import applications, codes, grants
from directory.authz.applications import Application
from directory.authz.errors import GRANT_ENDED, GRANT_UNKNOWN
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.positions import add_position, close_position
from directory.authz.retiring import retire_role
from directory.authz.roles import Role
from directory.authz.tables import rights_change, role_conflict, role_grant, settled_post
from directory.clock import today
from directory.errors import AppError, Conflict, NotFound
from directory.ids import new_id
from directory.people import service as people
from directory.projection.tables import person_state
from directory.requests.tables import request
from tests.directory.test_requests import World, build_world
from tests.support.installation import OPERATOR, running_installation
from tests.support.undoing import undone

pytestmark = pytest.mark.both_engines

_SOON = (today() + timedelta(days=20)).isoformat()
_YEAR = (today() + timedelta(days=365)).isoformat()
_LATER = (today() + timedelta(days=500)).isoformat()
_YESTERDAY = (today() - timedelta(days=1)).isoformat()
_REASON = "phân công năm 2027"
# What is new at each time, or tells when it was.
_NEW = {"id", "granted_at", "revoked_at", "asked_at", "expires_at", "at"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = build_world(running.installation)
        with world.installation.database.write() as tx:
            for name, place in (("trong", "A"), ("ngoai", "B")):
                its = world.places[place]
                app = Application(name, name, "", "agencies", its, (its,), sharing="internal")
                applications.put(tx, OPERATOR, app)
                grants.put_role(tx, OPERATOR, Role(name, "doc", "Đọc", "Read"))
            for declared in (
                Role("app", "mat", "Vai mật", "Secret", needs_approval=True),
                Role("app", "lap", "Lập", "Draft"),
                Role("app", "duyet", "Duyệt", "Approve", excludes=("lap",)),
                Role("app", "cu", "Cũ", "Old"),
                Role("app", "linh", "Theo lĩnh vực", "By field", by_field="must"),
            ):
                grants.put_role(tx, OPERATOR, declared)
            retire_role(tx, OPERATOR, "app", "cu", "thôi dùng")
            codes.put_code(tx, OPERATOR, codes.CodeValue("field", "DD", "Đất đai"))
        yield world


class Lines:
    """Lines of every kind, and what they are about; some do what others before them let."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lines: list[Line] = []
        self._place()

    def given(self, role: str, holder: str = "", place: str = "A", **more: Any) -> str:
        """A grant that stands before."""
        terms = {"end": _YEAR} | more
        grant = self.world.grant_of(holder or self.world.newcomer(), role, place, **terms)
        approval = grants.Approval(self.world.actor("vice"))
        with self.world.installation.database.write() as tx:
            who = self.world.actor("province") if role == "app:mat" else OPERATOR
            return grants.add_grant(tx, who, grant, approval)

    def give(self, role: str, holder: str = "", place: str = "A", **more: Any) -> None:
        name = holder or self.world.newcomer()
        terms = {"end": _YEAR, "reason": _REASON} | more
        self.lines.append(self.world.grant_of(name, role, place, **terms))

    def give_to(self, kind: str, holder_id: str, role: str) -> None:
        holder: Any = {"holder_kind": kind, "holder_id": holder_id}
        grant = self.world.grant_of("admin", f"app:{role}", "A", end=_YEAR, reason=_REASON)
        self.lines.append(replace(grant, **holder))

    def withdraw(self, grant_id: str) -> None:
        self.lines.append(Withdrawal(grant_id))

    def renew(self, grant_id: str, end: str = _LATER) -> None:
        self.lines.append(Renewal(grant_id, end))

    def position(self, name: str, place: str = "A", *, closed: bool = False) -> str:
        database = self.world.installation.database
        with database.write() as tx:
            made = add_position(tx, OPERATOR, self.world.places[place], f"{name} {new_id()}").id
            if closed:
                close_position(tx, OPERATOR, made, "thôi")
        return made

    def on_position(self, position: str) -> tuple[str, str]:
        """Somebody put on it, and the post."""
        name, post = self.world.newcomer(), self.world.post("A", kind="concurrent")
        its = self.world.people[name]
        people.add_post(self.world.installation, OPERATOR, its, post, position_id=position)
        return name, post.id

    def post(self) -> tuple[str, str]:
        """Somebody with a second post, on which nothing hangs yet."""
        name, post = self.world.newcomer(), self.world.post("A", kind="concurrent")
        people.add_post(self.world.installation, OPERATOR, self.world.people[name], post)
        return name, post.id

    def _place(self) -> None:
        self._persons()
        self._standing()
        self._positions()
        self._posts()
        self._administrators()

    def _persons(self) -> None:
        one, two, three = (self.world.newcomer() for _ in range(3))
        self.give("app:doc", one)
        self.give("app:doc", one)  # twice
        self.give("app:doc", one, "A.u")
        self.give("app:lap", two)
        self.give("app:duyet", two)  # excluded by the line before
        self.given("app:lap", three)
        self.give("app:duyet", three)  # excluded
        self.give("app:duyet", three, start=_LATER, end="2099-12-31")  # after it
        for role in ("mat", "ky", "chu", "khong_co", "cu", "linh"):
            self.give(f"app:{role}")
        self.give("app:linh", field="DD")
        self.give("app:linh", field="XX")
        self.give("app:doc", field="DD")
        self.give("trong:doc")
        self.give("trong:doc", place="B")
        self.give("ngoai:doc")
        self.give("ngoai:doc", place="B")
        self.give("app:doc", self.world.newcomer("B"))
        self.give("app:doc", place="B")
        self.world.people["nobody"] = new_id()
        self.give("app:doc", "nobody")
        self.world.places["nowhere"] = new_id()
        self.give("app:doc", place="nowhere")
        self.give("app:doc", "admin")  # one's own
        for term in (
            {"end": ""},
            {"end": _YESTERDAY},
            {"end": _YESTERDAY, "start": "2020-01-01"},
            {"start": _LATER},
            {"end": "x"},
        ):
            self.give("app:doc", **term)

    def _standing(self) -> None:
        four, five = self.world.newcomer(), self.world.newcomer()
        lap, doc = self.given("app:lap", four), self.given("app:doc", five)
        self.withdraw(lap)
        self.give("app:duyet", four)  # there is room now
        self.give("app:doc", five)  # it is there as yet
        self.withdraw(doc)
        self.give("app:doc", five)
        self.withdraw(doc)
        self.renew(doc)
        longer = self.given("app:doc")
        self.renew(longer)
        self.renew(longer)  # it is another now
        self.give("app:lap", four)  # excluded by what was given here
        mat, shorter = self.given("app:mat"), self.given("app:mat")
        self.renew(mat)  # asked
        self.renew(mat)  # asked already
        self.renew(shorter, _SOON)
        self.renew(self.given("app:doc"), "")
        self.renew(self.given("app:doc"), _YESTERDAY)
        self.renew(self.given("app:ky"))
        self.withdraw(self.given("app:chu"))
        self.renew(self.given("app:lap"))
        there = self.given("app:doc", self.world.newcomer("B"), "B")
        self.renew(there)
        self.withdraw(there)
        self.withdraw(new_id())

    def _positions(self) -> None:
        held, empty = self.position("Có người"), self.position("Không người")
        who, _ = self.on_position(held)
        other, _ = self.on_position(held)
        self.given("app:duyet", who)
        self.give_to("position", held, "lap")  # excluded by what one holds
        self.give("app:lap", other)
        self.give_to("position", held, "duyet")  # and by what the other was given
        self.give_to("position", empty, "duyet")
        self.give_to("position", empty, "lap")  # nobody is there, yet
        self.give_to("position", held, "doc")
        self.give("app:doc", other)  # beside it
        self.give_to("position", self.position("Đã đóng", closed=True), "doc")
        self.give_to("position", self.position("Của B", "B"), "doc")
        self.give_to("position", new_id(), "doc")
        both = self.position("Cả hai")
        third, _ = self.on_position(both)
        self.give_to("position", both, "lap")
        self.give("app:duyet", third)  # excluded by what the position was given

    def _posts(self) -> None:
        who, post = self.post()
        self.give_to("post", post, "doc")
        self.give_to("post", post, "doc")
        self.give_to("post", post, "lap")
        self.give("app:duyet", who)  # excluded by what hangs on the post now
        second, other = self.post()
        self.give("app:duyet", second)
        self.give_to("post", other, "lap")  # and the other way round
        self.give_to("post", new_id(), "doc")

    def _administrators(self) -> None:
        for role in ("hr_officer", "unit_coordinator", "agency_admin", "province_operator"):
            self.give(f"{ADMIN_APPLICATION}:{role}")
        self.give(f"{ADMIN_APPLICATION}:auditor", "vice", "P")
        self.give(f"{ADMIN_APPLICATION}:security_officer", "vice", "P")
        self.give(f"{ADMIN_APPLICATION}:security_officer", "province", "P")


_ACTORS: Mapping[str, Callable[[World], Actor]] = {
    "of the agency": lambda world: world.actor("admin"),
    "of the province": lambda world: world.actor("province"),
    "of the command line": lambda _world: OPERATOR,
}


@pytest.fixture(scope="module")
def lines(world: World) -> Sequence[Line]:
    return Lines(world).lines


@pytest.mark.parametrize("who", _ACTORS)
def test_each_line_comes_to_what_it_comes_to_alone(
    world: World, lines: Sequence[Line], who: str
) -> None:
    actor = _ACTORS[who](world)
    with world.installation.database.write() as tx:
        before, as_old = _rows(tx), _versions(tx)
        alone, left, newer = undone(
            tx, lambda: (_one_by_one(tx, actor, lines), _rows(tx), _versions(tx) - as_old)
        )
        plan = decide_all(tx, actor, lines, _REASON, standing_of(tx, actor, lines))
        assert _rows(tx) == before, "nothing is written by deciding"
        refused = {each.line: _told(tx, each.error) for each in plan.refusals}
        assert [refused.get(n, "") for n in range(len(lines))] == [
            came if isinstance(came, tuple) else "" for came in alone
        ]
        with pytest.raises(LinesRefused):
            undone(tx, lambda: do_all(tx, actor, lines, _REASON))
        good = [line for line, came in zip(lines, alone, strict=True) if isinstance(came, str)]
        done, together, older = undone(
            tx, lambda: (do_all(tx, actor, good, _REASON), _rows(tx), _versions(tx) - as_old)
        )
        assert (done.given, done.renewed, done.withdrawn, done.asked) == tuple(
            alone.count(word) for word in ("given", "renewed", "withdrawn", "asked")
        )
        for name, rows in left.items():
            assert sorted(together[name]) == sorted(rows), name
        assert {person_id for person_id, _ in older} == {person_id for person_id, _ in newer}
    assert len(good) > 15 and len(refused) > 15


def test_what_is_read_does_not_grow_with_the_lines(world: World, lines: Sequence[Line]) -> None:
    actor = world.actor("admin")
    database = world.installation.database
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    with database.read() as tx:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            preview = preview_all(tx, actor, [*lines])
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
    assert len(preview.lines) == len(lines)
    assert len(asked) <= 20, asked


def _one_by_one(
    tx: Connection, actor: Actor, lines: Sequence[Line]
) -> Sequence[str | tuple[Any, ...]]:
    """What comes of each, done by itself after those before it."""
    seen = standing_of(tx, actor, lines)
    came: list[str | tuple[Any, ...]] = []
    for line in lines:
        try:
            with tx.begin_nested():
                came.append(_do(tx, actor, line, seen))
        except AppError as error:
            came.append(_told(tx, error))
    return came


def _do(tx: Connection, actor: Actor, line: Line, seen: Mapping[str, Any]) -> str:
    if isinstance(line, Grant):
        grants.add_grant(tx, actor, line)
        return "given"
    if line.grant_id not in seen:
        raise NotFound(GRANT_UNKNOWN, value=line.grant_id)
    if seen[line.grant_id][1] is not None:
        raise Conflict(GRANT_ENDED)
    if isinstance(line, Withdrawal):
        grants.revoke_grant(tx, actor, line.grant_id, _REASON)
        return "withdrawn"
    came = renew_or_ask(tx, actor, line.grant_id, line.end, _REASON)
    return "asked" if came.request_id else "renewed"


def _told(tx: Connection, error: AppError) -> tuple[Any, ...]:
    """Without the ids of what was made here."""
    params = {name: str(value) for name, value in error.params.items()}
    for name in {"grant", "request"} & set(params):
        del params[name]
    return (error.code, *sorted(params.items()))


def _rows(tx: Connection) -> Mapping[str, list[str]]:
    """All that may be written, without what is new at each time."""
    found = {table.name: _of(tx, table) for table in (role_grant, settled_post, request)}
    found["events"] = [_event(row.body) for row in tx.execute(select(audit_event.c.body))]
    found["events"] = [each for each in found["events"] if '"grants.' not in each]
    told = tx.execute(select(rights_change.c.people)).scalars()
    found["told"] = sorted({person_id for each in told for person_id in json.loads(each)})
    found["conflicts"] = list(tx.execute(select(role_conflict.c.person_id)).scalars())
    return found


def _event(body: bytes) -> str:
    told = json.loads(body)
    fields = {k: v for k, v in told.pop("fields").items() if k not in ("grant", "request")}
    return json.dumps({k: v for k, v in told.items() if k not in _NEW} | fields, sort_keys=True)


def _versions(tx: Connection) -> set[tuple[str, int]]:
    columns = person_state.c
    rows = tx.execute(select(columns.person_id, columns.grant_version))
    return {(row.person_id, row.grant_version) for row in rows}


def _of(tx: Connection, table: Table) -> list[str]:
    kept = [column for column in table.c if column.name not in _NEW]
    stands = [table.c.revoked_at.is_(None)] if "revoked_at" in table.c else []
    return [str(row) for row in tx.execute(select(*kept, *stands))]
