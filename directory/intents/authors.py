"""Who wrote what stands in an entry now."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from directory.actor import Actor
from directory.intents.tables import intent


def find_author(tx: Connection, entry_id: str, csn: str) -> str:
    """The tag of whoever's change gave the entry this entryCSN; empty when it was none of ours."""
    columns = intent.c
    query = select(columns.actor).where(
        columns.entry_id == entry_id, columns.entry_csn == csn, columns.state == "done"
    )
    found = tx.execute(query.limit(1)).scalar()
    return Actor(**json.loads(found)).tag if found else ""
