"""Who wrote what stands in an entry now."""

from __future__ import annotations

from sqlalchemy import Connection, select

from directory.actor import actor_from_json
from directory.intents.tables import intent


def find_author(tx: Connection, entry_id: str, csn: str) -> str:
    """The tag of whoever's change gave the entry this entryCSN; empty when it was none of ours."""
    columns = intent.c
    query = select(columns.actor).where(
        columns.entry_id == entry_id, columns.entry_csn == csn, columns.state == "done"
    )
    found = tx.execute(query.limit(1)).scalar()
    return actor_from_json(found).tag if found else ""
