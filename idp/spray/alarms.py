"""Alarms in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.database.counting import Count
from directory.ids import new_event_id
from idp.spray.signs import Sign, Suspicion
from idp.spray.tables import spray_alarm

KEPT_MS = 90 * clock.DAY
MOST_SHOWN = 50

_columns = spray_alarm.c


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. Times in ms; `ended_at`: None while it stands."""

    id: str
    sign: Sign
    network: str
    names: int
    began_at: int
    seen_at: int
    ended_at: int | None


def begin_or_go_on(tx: Connection, found: Suspicion) -> bool:
    """Whether it is a new one."""
    take_advisory_lock(tx, "spray", found.sign)
    now = clock.now_ms()
    here = (
        _columns.sign == found.sign,
        _columns.network == found.network,
        _columns.ended_at.is_(None),
    )
    standing = tx.execute(select(spray_alarm).where(*here)).first()
    if standing is not None:
        names = max(standing.names, found.names)
        tx.execute(update(spray_alarm).where(*here).values(seen_at=now, names=names))
        return False
    row = {"sign": found.sign, "network": found.network, "names": found.names}
    tx.execute(insert(spray_alarm).values(id=new_event_id(), began_at=now, seen_at=now, **row))
    return True


def end_quiet(tx: Connection, seen_before: int) -> Sequence[Alarm]:
    """End those of which nothing was seen since, and what a clock that stood ahead wrote."""
    is_quiet = or_(
        _columns.seen_at < seen_before, _columns.seen_at > clock.now_ms() + clock.SKEW_MS
    )
    rows = tx.execute(
        update(spray_alarm)
        .where(_columns.ended_at.is_(None), is_quiet)
        .values(ended_at=clock.now_ms())
        .returning(*_columns)
    )
    return [_alarm(row) for row in rows]


def list_latest(tx: Connection) -> Sequence[Alarm]:
    """Those that stand, and the latest of the others, newest first."""
    query = select(spray_alarm).order_by(_columns.id.desc()).limit(MOST_SHOWN)
    return [_alarm(row) for row in tx.execute(query)]


def counting_standing() -> Count:
    """How many stand."""
    standing = _columns.ended_at.is_(None)
    return Count(select(func.count()).select_from(spray_alarm).where(standing))


def list_standing(tx: Connection) -> Sequence[Alarm]:
    """Those that stand."""
    return [_alarm(row) for row in tx.execute(_standing)]


def purge(tx: Connection) -> None:
    """Forget what ended long ago; the audit keeps what matters."""
    tx.execute(delete(spray_alarm).where(_columns.ended_at < clock.now_ms() - KEPT_MS))


_standing = select(spray_alarm).where(_columns.ended_at.is_(None)).order_by(_columns.id)


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(
        id=row.id,
        sign=cast(Sign, row.sign),
        network=row.network,
        names=row.names,
        began_at=row.began_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
    )
