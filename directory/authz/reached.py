"""Whom a change of rights reached: told in its own transaction, and taken up by whoever keeps
applications in step (`sync.changes.rights`), which this package does not know."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from directory.authz.tables import rights_change
from directory.ids import new_event_id


def tell(tx: Connection, people: Collection[str]) -> None:
    """What these people may do is another from this transaction on."""
    if people:
        row = {"id": new_event_id(), "people": json.dumps(sorted(people))}
        tx.execute(insert(rights_change).values(row))


def take_up(tx: Connection, limit: int) -> Sequence[str]:
    """The people of the oldest changes that nobody took up, each once; with the commit of `tx`
    they count as taken up."""
    columns = rights_change.c
    oldest = select(columns.id, columns.people).order_by(columns.id).limit(limit)
    rows = tx.execute(oldest.with_for_update(skip_locked=True)).all()
    if rows:
        tx.execute(delete(rights_change).where(columns.id.in_([row.id for row in rows])))
    return list(dict.fromkeys(person_id for row in rows for person_id in json.loads(row.people)))


def is_any(tx: Connection) -> bool:
    """Whether there is something to take up."""
    return tx.execute(select(rights_change.c.id).limit(1)).first() is not None
