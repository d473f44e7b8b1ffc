"""Which of our own changes are open, and what the settled ones made of their entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from directory.intents.model import EntryChange
from directory.intents.tables import intent


def changes_made(tx: Connection, entry_id: str) -> Iterator[EntryChange]:
    """The changes of the entry that were carried through, newest first."""
    done = (
        select(intent.c.change)
        .where(intent.c.entry_id == entry_id, intent.c.state == "done")
        .order_by(intent.c.created_at.desc(), intent.c.id.desc())
    )
    for change in tx.execute(done).scalars():
        yield EntryChange.from_json(change)


@dataclass(frozen=True)
class Settled:
    """A change that was carried through; `csn`: the entryCSN that it gave its entry."""

    id: str
    csn: str
    change: EntryChange


def find_change(tx: Connection, intent_id: str) -> EntryChange | None:
    """The change of the intent, when it was carried through."""
    query = select(intent.c.change).where(intent.c.id == intent_id, intent.c.state == "done")
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else EntryChange.from_json(found)


def count_open(tx: Connection) -> int:
    """How many changes are not settled yet."""
    query = select(func.count()).select_from(intent).where(intent.c.state == "requested")
    return tx.execute(query).scalar_one()


def open_among(tx: Connection, entry_ids: Sequence[str]) -> Sequence[str]:
    """Those of the entries with a change that is not settled yet."""
    query = select(intent.c.open_entry).where(intent.c.open_entry.in_(entry_ids))
    return [found for found in tx.execute(query).scalars() if found is not None]


def list_settled_after(tx: Connection, csn: str) -> Sequence[Sequence[Settled]]:
    """Of each entry that we changed after `csn` everything that was carried through, oldest
    first."""
    columns = intent.c
    newer = select(columns.entry_id).where(columns.state == "done", columns.entry_csn > csn)
    histories = []
    for entry_id in tx.execute(newer.distinct()).scalars().all():
        rows = tx.execute(
            select(columns.id, columns.entry_csn, columns.change)
            .where(columns.entry_id == entry_id, columns.state == "done")
            .order_by(columns.created_at, columns.id)
        )
        histories.append([Settled(row[0], row[1], EntryChange.from_json(row[2])) for row in rows])
    return histories


def note_csn(tx: Connection, intent_id: str, csn: str) -> None:
    """The change was made again, and gave its entry this entryCSN."""
    tx.execute(update(intent).where(intent.c.id == intent_id).values(entry_csn=csn))
