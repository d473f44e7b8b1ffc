"""The rows of lists of leaked passwords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from directory import clock
from directory.ids import new_id
from directory.leaked_passwords.tables import LEAKED, leaked_list, leaked_password
from directory.sealed import KeyRing

KEPT_MS = 7 * clock.DAY
NUMBERS_KEPT_MS = 365 * clock.DAY
# Reading a list in takes minutes; one that is read for longer has lost its reader.
_READING_MS = 6 * clock.HOUR

_lists, _lines = leaked_list.c, leaked_password.c


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a list stands. `waiting`: lines that are still to be tried; `others`: tried, and not the
    password of whom they name; `unknown`: of nobody in the catalogue."""

    id: str
    state: str
    begun_at: int
    lines: int = 0
    unreadable: int = 0
    unknown: int = 0
    repeated: int = 0
    matched: int = 0
    others: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line that names somebody."""

    id: str
    list_id: str
    person_id: str
    password: str


def begin(tx: Connection, by: str) -> str:
    """A list that is being read in; gives its id."""
    list_id, nothing = new_id(), dict.fromkeys(_NUMBERS, 0)
    now = clock.now_ms()
    row = {"id": list_id, "state": "reading", "begun_at": now, "begun_by": by[:128]}
    tx.execute(insert(leaked_list).values(**row, **nothing))
    return list_id


def add(tx: Connection, keyring: KeyRing, list_id: str, found: Sequence[tuple[str, str]]) -> None:
    """Lines that name somebody: each a person's id and a password, sealed."""
    for person_id, password in found:
        line = new_id()
        content = keyring.seal(LEAKED, line, password.encode())
        row = {"id": line, "list_id": list_id, "person_id": person_id, "content": content}
        tx.execute(insert(leaked_password).values(row))


def end_reading(tx: Connection, list_id: str, numbers: Numbers) -> None:
    """All of it is there: from now on it is tried."""
    values = {name: getattr(numbers, name) for name in ("lines", "unreadable", "unknown")}
    values |= {"repeated": numbers.repeated, "state": "matching"}
    tx.execute(update(leaked_list).where(_lists.id == list_id).values(values))


def give_up(tx: Connection, list_id: str) -> None:
    """Nothing more of it is tried, and nothing of it is kept."""
    tx.execute(delete(leaked_password).where(_lines.list_id == list_id))
    values = {"state": "ended", "ended_at": clock.now_ms()}
    tx.execute(update(leaked_list).where(_lists.id == list_id).values(values))


def has_open(tx: Connection) -> bool:
    """Whether any list is being tried."""
    query = select(_lists.id).where(_lists.state == "matching").limit(1)
    return tx.execute(query).first() is not None


def next_line(tx: Connection, keyring: KeyRing) -> Line | None:
    """One that is to be tried."""
    ready = select(_lists.id).where(_lists.state == "matching")
    query = select(leaked_password).where(_lines.list_id.in_(ready)).order_by(_lines.id).limit(1)
    row = tx.execute(query).first()
    if row is None:
        return None
    password = keyring.open(LEAKED, row.id, bytes(row.content)).decode()
    return Line(row.id, row.list_id, row.person_id, password)


def settle(tx: Connection, line: Line, *, is_matched: bool) -> None:
    """It was tried, and is gone."""
    if tx.execute(delete(leaked_password).where(_lines.id == line.id)).rowcount:
        counted = _lists.matched if is_matched else _lists.others
        here = _lists.id == line.list_id
        tx.execute(update(leaked_list).where(here).values({counted: counted + 1}))


def take_done(tx: Connection) -> Sequence[Numbers]:
    """Lists of which nothing is left to be tried: each given once."""
    left = select(_lines.id).where(_lines.list_id == _lists.id)
    done = (_lists.state == "matching", ~left.exists())
    values = {"state": "done", "ended_at": clock.now_ms()}
    rows = tx.execute(update(leaked_list).where(*done).values(values).returning(leaked_list))
    return [_numbers(row, 0) for row in rows.all()]


def list_numbers(tx: Connection) -> Sequence[Numbers]:
    """Every list there was, the newest first."""
    counts = select(_lines.list_id, func.count().label("waiting")).group_by(_lines.list_id)
    left: dict[str, int] = {row.list_id: row.waiting for row in tx.execute(counts)}
    rows = tx.execute(select(leaked_list).order_by(_lists.begun_at.desc(), _lists.id))
    return [_numbers(row, left.get(row.id, 0)) for row in rows]


def forget(tx: Connection) -> None:
    """What nobody reads in any more, what is a week old, and old numbers; nothing is kept longer
    because a clock stood ahead when it was read in."""
    now = clock.now_ms()
    is_ahead = _lists.begun_at > now + clock.SKEW_MS
    lost = (_lists.state == "reading") & ((_lists.begun_at < now - _READING_MS) | is_ahead)
    old = (_lists.state == "matching") & ((_lists.begun_at < now - KEPT_MS) | is_ahead)
    for list_id in tx.execute(select(_lists.id).where(lost | old)).scalars().all():
        give_up(tx, list_id)
    tx.execute(delete(leaked_list).where(_lists.ended_at < now - NUMBERS_KEPT_MS))


def forget_all(tx: Connection) -> None:
    """In a store that was put back: what was on its way may have been tried since."""
    open_ones = select(_lists.id).where(_lists.state.in_(("reading", "matching")))
    for list_id in tx.execute(open_ones).scalars().all():
        give_up(tx, list_id)


_NUMBERS = ("lines", "unreadable", "unknown", "repeated", "matched", "others")


def _numbers(row: Row[Any], waiting: int) -> Numbers:
    counts: dict[str, Any] = {name: getattr(row, name) for name in _NUMBERS}
    return Numbers(id=row.id, state=row.state, begun_at=row.begun_at, waiting=waiting, **counts)
