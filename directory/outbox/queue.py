"""Putting, claiming and finishing hand-overs. At least once: a receiver must tolerate a repeat."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from directory.clock import MINUTE, SECOND, SKEW_MS, now_ms
from directory.ids import new_event_id
from directory.outbox.tables import outbox

_FIRST_RETRY = 2 * SECOND
_LONGEST_RETRY = 15 * MINUTE


@dataclass(frozen=True)
class Item:
    """One hand-over; `tries` counts the failed ones so far."""

    id: str
    topic: str
    payload: Mapping[str, Any]
    created_at: int
    tries: int


def put(tx: Connection, topic: str, payload: Mapping[str, object], *, delay_ms: int = 0) -> str:
    """Hand `payload` over in this transaction, to be seen `delay_ms` later. Gives the item's id."""
    item_id, now = new_event_id(), now_ms()
    tx.execute(
        insert(outbox).values(
            id=item_id,
            topic=topic,
            payload=json.dumps(payload, ensure_ascii=False),
            created_at=now,
            due_at=now + delay_ms,
            tries=0,
            last_error="",
        )
    )
    return item_id


def claim(
    tx: Connection, topic: str, *, limit: int = 50, lease_ms: int = 30 * SECOND
) -> Sequence[Item]:
    """Due items of a topic, hidden from other claimers for `lease_ms`: work outside `tx`."""
    now = now_ms()
    due = (
        select(outbox)
        # Due later than anything ever is: a clock that was wrong wrote it.
        .where(
            outbox.c.topic == topic,
            or_(outbox.c.due_at <= now, outbox.c.due_at > now + _LONGEST_RETRY + SKEW_MS),
        )
        .order_by(outbox.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(due).all()
    if rows:
        ids = [row.id for row in rows]
        tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(due_at=now + lease_ms))
    return [Item(r.id, r.topic, json.loads(r.payload), r.created_at, r.tries) for r in rows]


def done(tx: Connection, item_id: str) -> None:
    """Delivered, or no longer worth delivering: forget it."""
    tx.execute(delete(outbox).where(outbox.c.id == item_id))


def retry(tx: Connection, item: Item, error: str) -> None:
    """Not delivered: due again later, twice as late each time, at most 15 minutes."""
    wait = min(_FIRST_RETRY * 2**item.tries, _LONGEST_RETRY)
    tx.execute(
        update(outbox)
        .where(outbox.c.id == item.id)
        .values(due_at=now_ms() + wait, tries=item.tries + 1, last_error=error[:500])
    )


def count_waiting(tx: Connection) -> Mapping[str, int]:
    """How many hand-overs wait, by topic."""
    rows = tx.execute(select(outbox.c.topic, func.count()).group_by(outbox.c.topic))
    return {row[0]: row[1] for row in rows}


def count_retried(tx: Connection) -> int:
    """How many hand-overs failed at least once."""
    query = select(func.count()).select_from(outbox).where(outbox.c.tries > 0)
    return tx.execute(query).scalar_one()


@dataclass(frozen=True)
class Failing:
    """A hand-over that failed and is tried again. `error`: the stable word of the last time."""

    payload: Mapping[str, Any]
    created_at: int
    error: str


def list_failing(tx: Connection, topic: str, limit: int) -> Sequence[Failing]:
    """Those of a topic, the oldest first."""
    columns = outbox.c
    query = select(columns.payload, columns.created_at, columns.last_error)
    failed = query.where(columns.topic == topic, columns.tries > 0).order_by(columns.created_at)
    return [Failing(json.loads(row[0]), *row[1:]) for row in tx.execute(failed.limit(limit))]


def find_oldest_at(tx: Connection) -> int | None:
    """Since when the oldest hand-over has waited (ms)."""
    return tx.execute(select(func.min(outbox.c.created_at))).scalar()
