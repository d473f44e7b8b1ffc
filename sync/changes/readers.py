"""Reading the stream: each reader from its own place, nothing lost and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from directory.actor import system
from directory.audit.log import record
from directory.clock import now_ms
from directory.database.upsert import upsert
from sync.changes.events import CHANGES_MISSED
from sync.changes.tables import change_reader
from sync.feed import stream
from sync.feed.stream import Change

_CHANGES = system("changes")
_NOWHERE = -1


@dataclass(frozen=True)
class Taken:
    """What a reader has now taken, in order. `compare_all`: it is new, or was away for longer than
    changes are kept; it looks at everything instead, and goes on from here."""

    changes: Sequence[Change]
    compare_all: bool = False


@dataclass(frozen=True)
class Reader:
    """How far a reader is: `waiting` changes behind. `taken_at`: when it took something last."""

    name: str
    waiting: int
    taken_at: int


def take(tx: Connection, name: str, limit: int) -> Taken:
    """What came since `name` took last, at most `limit` changes. What follows from them is to be
    written in `tx`: with its commit they count as taken. Until then no other process that reads
    under this name takes anything."""
    fresh = {"name": name, "sequence": _NOWHERE, "taken_at": now_ms()}
    tx.execute(upsert(tx, change_reader).values(fresh).on_conflict_do_nothing())
    columns = change_reader.c
    query = select(columns.sequence).where(columns.name == name).with_for_update()
    place = tx.execute(query).scalar_one()
    newest = stream.newest(tx)
    if place == _NOWHERE:
        _move(tx, name, newest)
        return Taken((), compare_all=True)
    if not stream.oldest_kept(tx) - 1 <= place <= newest:
        # Forgotten meanwhile; or the place is of another store than the stream.
        record(tx, CHANGES_MISSED, _CHANGES, reader=name)
        _move(tx, name, newest)
        return Taken((), compare_all=True)
    changes = tuple(stream.list_after(tx, place, limit))
    if changes:
        _move(tx, name, changes[-1].sequence)
    return Taken(changes)


def is_waiting(tx: Connection, name: str) -> bool:
    """Whether `take` would have something to say: asked often, for nothing is written."""
    query = select(change_reader.c.sequence).where(change_reader.c.name == name)
    return tx.execute(query).scalar() != stream.newest(tx)


def _move(tx: Connection, name: str, sequence: int) -> None:
    values = {"sequence": sequence, "taken_at": now_ms()}
    tx.execute(update(change_reader).where(change_reader.c.name == name).values(values))


def forget(tx: Connection, name: str) -> None:
    """Nobody reads under this name any more."""
    tx.execute(delete(change_reader).where(change_reader.c.name == name))


def forget_all(tx: Connection) -> None:
    """In a store that was put back: what readers did since is not in it, so each compares all."""
    tx.execute(delete(change_reader))


def list_readers(tx: Connection) -> Sequence[Reader]:
    """Every reader, by name."""
    columns, newest = change_reader.c, stream.newest(tx)
    rows = tx.execute(select(columns.name, columns.sequence, columns.taken_at))
    return [
        Reader(row.name, max(newest - row.sequence, 0), row.taken_at)
        for row in sorted(rows, key=lambda row: str(row.name))
    ]
