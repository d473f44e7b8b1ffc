"""Changes that were settled after the copy of the catalogue was taken: made again.

They are in the SQL copy as complete intents. Each leaves its mark on the entry, and each modify
names the mark it found, so what an entry lacks is exactly what stands after the mark it bears.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from admin_ui.operations.backup.manifest import Manifest
from directory.errors import AppError, Conflict
from directory.installation import Installation
from directory.intents.history import Settled, list_settled_after, note_csn
from directory.ldap.errors import LDAP_NO_SUCH_ENTRY
from directory.projection.apply import is_projected, try_to_apply


@dataclass(frozen=True)
class Replay:
    """Ids of intents made again, and of those the catalogue refused with the reason."""

    done: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


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


def _missing(installation: Installation, since: str) -> list[Settled]:
    with installation.database.read() as tx:
        histories = list_settled_after(tx, since)
    lacking = [settled for history in histories for settled in _after_mark(installation, history)]
    return sorted(lacking, key=lambda settled: settled.csn)


def _after_mark(installation: Installation, history: Sequence[Settled]) -> Sequence[Settled]:
    entry = installation.ldap.read(history[0].change.dn, ["dmIntent", "entryCSN"])
    if entry is None:
        return history
    marks = [settled.id for settled in history]
    mark = entry.one("dmIntent")
    if mark in marks:
        return history[marks.index(mark) + 1 :]
    return [settled for settled in history if settled.csn > entry.one("entryCSN")]


def _make(installation: Installation, settled: Settled) -> None:
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
        note_csn(tx, settled.id, csn)
        if is_projected(entry):
            try_to_apply(tx, entry)  # the rebuild that follows says what cannot be read
