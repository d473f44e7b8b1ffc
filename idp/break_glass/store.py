"""The accounts in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from directory import clock
from directory.actor import Actor
from directory.database.advisory_lock import take_advisory_lock
from idp.break_glass.tables import break_glass

OPEN_MS = clock.HOUR

_columns = break_glass.c


@dataclass(frozen=True, slots=True)
class Account:
    """One account. Times in ms, None for never; `opened_at`: since it was sealed last."""

    person_id: str
    second_holder_id: str
    created_at: int
    created_by: str
    sealed_at: int | None
    sealed_by: str
    opened_at: int | None
    closed_at: int | None
    notice_id: str

    @property
    def ends_at(self) -> int | None:
        """Until when it stays open; None while it is sealed."""
        return None if self.opened_at is None else self.opened_at + OPEN_MS


def find(tx: Connection, person_id: str) -> Account | None:
    """The account of that id, None for any other person's."""
    row = tx.execute(select(break_glass).where(_columns.person_id == person_id)).first()
    return _account(row) if row else None


def take(tx: Connection, person_id: str) -> Account | None:
    """The same, which nobody else opens, closes or seals until `tx` ends."""
    take_advisory_lock(tx, "break_glass", person_id)
    return find(tx, person_id)


def list_all(tx: Connection) -> Sequence[Account]:
    """All of them, the oldest first."""
    return _list(tx, select(break_glass).order_by(_columns.created_at, _columns.person_id))


def list_to_close(tx: Connection) -> Sequence[Account]:
    """Those that were open for long enough, and those that a clock which stood ahead opened."""
    now = clock.now_ms()
    is_over = (_columns.opened_at <= now - OPEN_MS) | (_columns.opened_at > now + clock.SKEW_MS)
    return _list(tx, select(break_glass).where(_columns.closed_at.is_(None), is_over))


def add(tx: Connection, actor: Actor, person_id: str, second_holder_id: str) -> None:
    """A new one, not sealed yet."""
    tx.execute(
        insert(break_glass).values(
            person_id=person_id,
            second_holder_id=second_holder_id,
            created_at=clock.now_ms(),
            created_by=actor.tag,
            sealed_by="",
        )
    )


def note_sealed(tx: Connection, actor: Actor, person_id: str) -> None:
    """It is sealed now, with a new code."""
    values = {"sealed_at": clock.now_ms(), "sealed_by": actor.tag}
    gone = {"opened_at": None, "closed_at": None, "notice_id": None}
    _update(tx, person_id, **values, **gone)


def note_opened(tx: Connection, person_id: str, notice_id: str) -> int:
    """It is open from now on; gives since when."""
    now = clock.now_ms()
    _update(tx, person_id, opened_at=now, closed_at=None, notice_id=notice_id or None)
    return now


def note_closed(tx: Connection, person_id: str) -> None:
    """Nobody signs in with it until it is sealed again."""
    _update(tx, person_id, closed_at=clock.now_ms())


def _update(tx: Connection, person_id: str, **values: object) -> None:
    tx.execute(update(break_glass).where(_columns.person_id == person_id).values(values))


def _list(tx: Connection, query: Select[Any]) -> Sequence[Account]:
    return [_account(row) for row in tx.execute(query)]


def _account(row: Row[Any]) -> Account:
    return Account(
        person_id=row.person_id,
        second_holder_id=row.second_holder_id,
        created_at=row.created_at,
        created_by=row.created_by,
        sealed_at=row.sealed_at,
        sealed_by=row.sealed_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        notice_id=row.notice_id or "",
    )
