"""What somebody may take beyond the quota: this list with this filter and these columns, so many
lines, once, within a day."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from directory.clock import HOUR, SKEW_MS, now_ms
from directory.exports.tables import export_approval

APPROVED_HOURS = 24
_LIFE = APPROVED_HOURS * HOUR


@dataclass(frozen=True)
class WantedExport:
    """What is asked for, and what was approved. `list`: its stable word; `address`: the list with
    its filter, as the console knows it; `columns`: as people read them; `count`: lines."""

    list: str
    address: str
    columns: str
    count: int


def approve(tx: Connection, request_id: str, taker: str, wanted: WantedExport) -> None:
    """Let `taker` (a tag) take it."""
    tx.execute(
        insert(export_approval).values(
            request_id=request_id,
            taker=taker,
            list=wanted.list,
            address=wanted.address,
            columns=wanted.columns,
            count=wanted.count,
            expires_at=now_ms() + _LIFE,
        )
    )


def use_up(tx: Connection, taker: str, wanted: WantedExport) -> str:
    """The id of the request by which they may take it, which is used up with it; empty where
    nothing was approved that covers it."""
    columns, now = export_approval.c, now_ms()
    covers = (
        columns.taker == taker,
        columns.list == wanted.list,
        columns.address == wanted.address,
        columns.columns == wanted.columns,
        columns.count >= wanted.count,
        # No longer than that, also when a clock that stood ahead wrote it.
        columns.expires_at.between(now + 1, now + _LIFE + SKEW_MS),
    )
    found = select(columns.request_id).where(*covers).order_by(columns.expires_at).limit(1)
    request_id = tx.execute(found).scalar()
    if request_id is None:
        return ""
    gone = tx.execute(delete(export_approval).where(columns.request_id == request_id))
    return str(request_id) if gone.rowcount == 1 else ""


def find_open(tx: Connection, request_id: str) -> int | None:
    """Until when (ms) what the request asked for can still be taken; None: it cannot."""
    columns = export_approval.c
    query = select(columns.expires_at).where(
        columns.request_id == request_id, columns.expires_at > now_ms()
    )
    return tx.execute(query).scalar()


def forget_all(tx: Connection) -> None:
    """After a restore: what was approved then may have been taken since."""
    tx.execute(delete(export_approval))


def forget_expired(tx: Connection) -> None:
    """Delete what was not taken in time."""
    tx.execute(delete(export_approval).where(export_approval.c.expires_at <= now_ms()))
