"""The one row of a store that says which installation it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, inspect, select, update

from directory.clock import now_ms
from directory.database.tables import installation


@dataclass(frozen=True)
class OwnerRecord:
    """`id`: of the installation; `key_check`: by which its key knows the store again."""

    id: str
    suffix: str
    key_check: str


def find_owner_record(tx: Connection) -> OwnerRecord | None:
    """Whose store this is; None for a new one, and for one that is older than this mark."""
    if not inspect(tx).has_table(installation.name):
        return None
    columns = installation.c
    row = tx.execute(select(columns.id, columns.suffix, columns.key_check)).first()
    return None if row is None else OwnerRecord(*row)


def write_owner_record(tx: Connection, record: OwnerRecord) -> None:
    """Write whose store this is; of another's nothing is changed."""
    if find_owner_record(tx) is None:
        tx.execute(insert(installation).values(created_at=now_ms(), **asdict(record)))
        return
    mark = {"suffix": record.suffix, "key_check": record.key_check}
    tx.execute(update(installation).where(installation.c.id == record.id).values(mark))
