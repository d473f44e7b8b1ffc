"""What our own changes made of an entry, newest first."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

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
