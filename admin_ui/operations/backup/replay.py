"""Changes that were settled after the copy of the catalogue was taken: made again.

They are in the SQL copy as complete intents. Each leaves its mark on the entry, and each modify
names the mark it found, so what an entry lacks is exactly what stands after the mark it bears.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from admin_ui.operations.backup.manifest import Manifest
from directory.errors import AppError, Conflict
from directory.installation import Installation
from directory.intents.model import EntryChange
from directory.intents.tables import intent
from directory.ldap.errors import LDAP_NO_SUCH_ENTRY
from directory.projection.apply import try_to_apply


@dataclass(frozen=True)
class Replay:
    """Ids of intents made again, and of those the catalogue refused with the reason."""

    done: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Settled:
    id: str
    csn: str
    change: EntryChange


def replay_settled(installation: Installation, manifest: Manifest) -> Replay:
    """Make again, in the order slapd made them, what the catalogue's copy has not seen."""
    done, refused = [], []
    for settled in _missing(installation, manifest.context_csn):
        try:
            _make(installation, settled)
            done.append(settled.id)
        except AppError as refusal:
            refused.append((settled.id, refusal.code))
    return Replay(tuple(done), tuple(refused))


def _missing(installation: Installation, since: str) -> list[_Settled]:
    columns = intent.c
    newer = select(columns.entry_id).where(columns.state == "done", columns.entry_csn > since)
    with installation.database.read() as tx:
        entry_ids = tx.execute(newer.distinct()).scalars().all()
        histories = []
        for entry_id in entry_ids:
            rows = tx.execute(
                select(columns.id, columns.entry_csn, columns.change)
                .where(columns.entry_id == entry_id, columns.state == "done")
                .order_by(columns.created_at, columns.id)
            )
            histories.append([_Settled(r[0], r[1], EntryChange.from_json(r[2])) for r in rows])
    lacking = [settled for history in histories for settled in _after_mark(installation, history)]
    return sorted(lacking, key=lambda settled: settled.csn)


def _after_mark(installation: Installation, history: Sequence[_Settled]) -> Sequence[_Settled]:
    entry = installation.ldap.read(history[0].change.dn, ["dmIntent", "entryCSN"])
    if entry is None:
        return history
    marks = [settled.id for settled in history]
    mark = entry.one("dmIntent")
    if mark in marks:
        return history[marks.index(mark) + 1 :]
    return [settled for settled in history if settled.csn > entry.one("entryCSN")]


def _make(installation: Installation, settled: _Settled) -> None:
    change = settled.change
    if change.operation == "add":
        marked = {**change.attributes, "dmIntent": (settled.id,)}
        csn = installation.ldap.add(change.dn, {k: v for k, v in marked.items() if v})
    else:
        # No assertion: that it fitted was proved when it was settled.
        csn = installation.ldap.modify(change.dn, change.ldap_changes(settled.id))
    entry = installation.ldap.read(change.dn, ["*", "entryCSN"])
    if entry is None:
        raise Conflict(LDAP_NO_SUCH_ENTRY)
    with installation.database.write() as tx:
        tx.execute(update(intent).where(intent.c.id == settled.id).values(entry_csn=csn))
        try_to_apply(tx, entry)  # the rebuild that follows says what cannot be read
