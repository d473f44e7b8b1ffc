"""The one lease primitive: at most one process does a job at a time, and a late one writes nothing.

A lease is a row with an epoch. The deadline only decides who may take over (at once, from a process
of this machine that is no more); what keeps two holders from both writing is `assert_held`, called
in the transaction that writes: a holder that was paused past its deadline finds a later epoch there
and is refused. The same on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from directory import clock
from directory.database.engine import Database
from directory.database.errors import LEASE_LOST
from directory.database.holders import is_gone
from directory.database.tables import lease as table
from directory.database.upsert import upsert
from directory.errors import Conflict

# Of whoever makes the projection anew or mends all of it.
CATALOGUE_REPAIR = "catalogue.repair"
_FREE: Mapping[str, Any] = {"holder": "", "deadline": 0, "working_since": None}


@dataclass(frozen=True)
class Lease:
    """A lease as it was got. `deadline` in ms: from then on others may take it."""

    name: str
    holder: str
    epoch: int
    deadline: int


class LeaseLost(Conflict):
    """Somebody else holds the lease now: stop, and write nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(LEASE_LOST, name=name)


def acquire(database: Database, name: str, holder: str, ttl_ms: int) -> Lease | None:
    """Take the lease if it is free or ours for `ttl_ms` from now; None when another holds it.

    The epoch counts up when the lease passes on, and stays when its holder takes it again.
    """
    now = clock.now_ms()
    with database.write() as tx:
        row = {"name": name, "holder": holder, "deadline": now + ttl_ms}
        tx.execute(
            upsert(tx, table).values(row | {"epoch": 0, "deadline": 0}).on_conflict_do_nothing()
        )
        old = tx.execute(select(table).where(table.c.name == name).with_for_update()).one()
        if not _is_free(old, holder, ttl_ms, now):
            return None
        epoch = _next_epoch(old, holder)
        tx.execute(update(table).where(table.c.name == name).values(row | {"epoch": epoch}))
    return Lease(name, holder, epoch, now + ttl_ms)


def _is_free(old: Row[Any], holder: str, ttl_ms: int, now: int) -> bool:
    # A deadline further away than this lease ever lasts was written by a clock that was wrong.
    is_running = now < old.deadline <= now + ttl_ms + clock.SKEW_MS
    return old.holder == holder or not is_running or is_gone(old.holder)


def _next_epoch(old: Row[Any], holder: str) -> int:
    return int(old.epoch) if old.holder == holder and old.epoch > 0 else int(old.epoch) + 1


def keep_all(
    tx: Connection, working: Mapping[str, int | None], holder: str, ttl_ms: int
) -> frozenset[str]:
    """Take or renew every lease of `working` that is free or the holder's: the names of those it
    has now. `working`: since when (ms) it does what each is for, None while it does not."""
    now, names = clock.now_ms(), sorted(working)
    # In one order: two that begin at once must not wait for each other in a circle.
    wanted = select(table).where(table.c.name.in_(names)).order_by(table.c.name).with_for_update()
    rows = tx.execute(wanted).all()
    if len(rows) < len(names):
        for name in names:
            fresh = {"name": name, "holder": "", "epoch": 0, "deadline": 0}
            tx.execute(upsert(tx, table).values(fresh).on_conflict_do_nothing())
        rows = tx.execute(wanted).all()
    ours = [row for row in rows if _is_free(row, holder, ttl_ms, now)]
    for row in ours:
        values = {
            "holder": holder,
            "epoch": _next_epoch(row, holder),
            "deadline": now + ttl_ms,
            "working_since": working[row.name],
        }
        tx.execute(update(table).where(table.c.name == row.name).values(values))
    return frozenset(row.name for row in ours)


def list_working(tx: Connection) -> Mapping[str, int]:
    """Leases whose living holders do what they are for, and since when (ms)."""
    columns = table.c
    query = select(columns.name, columns.working_since).where(
        columns.working_since.is_not(None), columns.deadline > clock.now_ms()
    )
    return {row.name: row.working_since for row in tx.execute(query)}


def hold(database: Database, name: str, holder: str, ttl_ms: int) -> Lease | None:
    """As `acquire`, without writing while more than half of the holder's time is left."""
    with database.read() as tx:
        row = tx.execute(select(table).where(table.c.name == name)).first()
    left_ms = row.deadline - clock.now_ms() if row is not None and row.holder == holder else 0
    if row is not None and ttl_ms // 2 < left_ms <= ttl_ms + clock.SKEW_MS:
        return Lease(name, holder, row.epoch, row.deadline)
    return acquire(database, name, holder, ttl_ms)


def renew(database: Database, lease: Lease, ttl_ms: int) -> Lease:
    """More time for the holder, late or not, as long as nobody took over. Raises LeaseLost."""
    deadline = clock.now_ms() + ttl_ms
    with database.write() as tx:
        assert_held(tx, lease)
        tx.execute(update(table).where(table.c.name == lease.name).values(deadline=deadline))
    return Lease(lease.name, lease.holder, lease.epoch, deadline)


def release(database: Database, lease: Lease) -> None:
    """Let others take it at once. Harmless when they have already."""
    with database.write() as tx:
        tx.execute(
            update(table)
            .where(table.c.name == lease.name, table.c.epoch == lease.epoch)
            .values(**_FREE)
        )


def take_away(tx: Connection, name: str) -> None:
    """Whoever holds it writes nothing more, and until `tx` ends nobody gets it."""
    values = {"epoch": table.c.epoch + 1, "holder": "", "deadline": 0}
    tx.execute(update(table).where(table.c.name == name).values(values))


def release_all(database: Database, holder: str) -> None:
    """At the end of a process: others need not wait for the deadlines of what it held."""
    with database.write() as tx:
        tx.execute(update(table).where(table.c.holder == holder).values(**_FREE))


def assert_held(tx: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless nobody took the lease over; until `tx` ends nobody can.

    To be called first in every transaction the holder writes in.
    """
    row = tx.execute(
        select(table.c.epoch, table.c.holder).where(table.c.name == lease.name).with_for_update()
    ).first()
    if row is None or (row.epoch, row.holder) != (lease.epoch, lease.holder):
        raise LeaseLost(lease.name)


def forget_all(tx: Connection) -> None:
    """In a store that was put back: who held what is long over."""
    tx.execute(delete(table))
