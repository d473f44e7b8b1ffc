"""The stream of what changed, in one order: who has the feed's row locked may add to it, so what is
committed is committed in the order of its numbers, and whoever has read up to one has missed none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, func, insert, select

from directory import clock
from sync.feed.state import next_sequence
from sync.feed.tables import catalogue_event, feed_state

EntryKind = Literal["person", "agency"]
ChangeKind = Literal["changed", "removed", "rights"]


@dataclass(frozen=True)
class Change:
    """Something about a person or an agency is another now; what it is now, the reader looks up.

    ``rights``: what was given to the person. `csn` of the entry; none for what SQL alone knows.
    """

    sequence: int
    entry_id: str
    kind: EntryKind
    change: ChangeKind
    csn: str
    at: int


def publish(
    tx: Connection, entry_id: str, kind: EntryKind, change: ChangeKind, csn: str = ""
) -> None:
    """Add to the stream. `tx` has the feed's row locked (`sync.feed.state.lock_state`)."""
    tx.execute(
        insert(catalogue_event).values(
            sequence=next_sequence(tx),
            entry_id=entry_id,
            kind=kind,
            change=change,
            csn=csn,
            at=clock.now_ms(),
        )
    )


def list_after(tx: Connection, sequence: int, limit: int) -> Sequence[Change]:
    """What came after the change of that number, in order."""
    columns = catalogue_event.c
    query = select(
        columns.sequence,
        columns.entry_id,
        columns.kind,
        columns.change,
        columns.csn,
        columns.at,
    )
    page = query.where(columns.sequence > sequence).order_by(columns.sequence).limit(limit)
    return [
        Change(
            row.sequence,
            row.entry_id,
            cast(EntryKind, row.kind),
            cast(ChangeKind, row.change),
            row.csn,
            row.at,
        )
        for row in tx.execute(page)
    ]


def newest(tx: Connection) -> int:
    """The number of the last change there ever was; 0 before the first."""
    return tx.execute(select(func.max(feed_state.c.last_sequence))).scalar() or 0


def oldest_kept(tx: Connection) -> int:
    """The number of the oldest change that is still kept, or of the next one to come."""
    oldest = tx.execute(select(func.min(catalogue_event.c.sequence))).scalar()
    return newest(tx) + 1 if oldest is None else oldest
