"""Runs: what a connector did from when something was to be done until nothing was.

One is open at a time. What holds the connector meanwhile (the brake, a target that is away, a
pause) is noted in it, and it goes on afterwards. A connector looks every second: a run that nobody
asked for, in which nothing came of that and that nothing held, is forgotten when it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, delete, func, select, update

from directory.actor import Actor, system
from directory.clock import DAY, now_ms
from directory.database.upsert import upsert
from directory.ids import can_be_id, new_event_id
from sync.engine.tables import connector_account, connector_run
from sync.engine.telling_runs import tell_end

# first, full: everybody is compared; ordinary: what changed; replay: what somebody wants sent or
# tried again; reconcile: what the target holds is read.
RunKind = Literal["first", "full", "ordinary", "replay", "reconcile"]
# another: one that somebody asked for came in between.
HeldBy = Literal["brake", "away", "paused", "another"]

# What changes as people change is told account by account.
_TOLD_SINGLY: RunKind = "ordinary"
KEPT_MS = 180 * DAY
_MOST_FORGOTTEN = 1000
_SYNC = system("connectors")
_COUNTED: Mapping[str, str] = {
    "created": "created",
    "updated": "updated",
    "linked": "updated",
    "disabled": "disabled",
    "deleted": "disabled",
}


@dataclass(frozen=True)
class Run:
    """A run. `begun_by`: the tag of an actor; `ended_at` (ms): None while it is open; `held_by`:
    what held it last, with `held_detail`. `repaired`: accounts that a reading found otherwise and
    noted to be mended; `failed`: those that did not get there, of them `quarantined` given up on;
    `skipped`: those that somebody left alone. `looked_at` of `to_look_at`: people compared, or
    accounts read."""

    id: str
    connector: str
    kind: RunKind
    begun_by: str
    began_at: int
    ended_at: int | None
    held_by: HeldBy | None
    held_detail: str | None
    created: int
    updated: int
    disabled: int
    repaired: int
    failed: int
    quarantined: int
    skipped: int
    looked_at: int
    to_look_at: int | None

    @property
    def folds(self) -> str:
        """Its id, where what it does is folded under it in the log."""
        return "" if self.kind == _TOLD_SINGLY else self.id

    @property
    def done(self) -> int:
        """How many accounts got there."""
        return self.created + self.updated + self.disabled

    @property
    def is_looking(self) -> bool:
        """Whether people are still compared, or accounts read."""
        is_open = self.ended_at is None and self.to_look_at is not None
        return is_open and self.looked_at < (self.to_look_at or 0)


def begin(
    tx: Connection, name: str, kind: RunKind, actor: Actor, *, to_look_at: int | None = None
) -> None:
    """Open one, in the place of the one that is open. One that is still looking goes on, and what
    was asked for is part of it; so does any but an ordinary one where nobody asked."""
    found = find_open(tx, name)
    if found is not None:
        if found.is_looking or (actor.kind == "system" and found.kind != "ordinary"):
            return
        _end(tx, found, "another")
    values = dict.fromkeys((*_COUNTED.values(), "repaired", "failed", "quarantined", "skipped"), 0)
    row = {
        "id": new_event_id(),
        "connector": name,
        "kind": kind,
        "begun_by": actor.tag,
        "began_at": now_ms(),
        "looked_at": 0,
        "to_look_at": to_look_at,
        **values,
    }
    # Two may begin one at once: the second is part of the first.
    tx.execute(upsert(tx, connector_run).values(row).on_conflict_do_nothing())


def ensure(tx: Connection, name: str) -> Run:
    """The one that is open; an ordinary one is opened where there is none."""
    if (found := find_open(tx, name)) is None:
        begin(tx, name, "ordinary", _SYNC)
        found = find_open(tx, name)
    assert found is not None  # noqa: S101 - it was opened in this transaction
    return found


def hold_open(tx: Connection, name: str) -> Run:
    """As `ensure`; it does not end before the transaction does, so that what is recorded under it
    is told at its end."""
    ensure(tx, name)
    # Whoever ended it meanwhile began another, or the next one is opened here.
    return _find_held(tx, name) or ensure(tx, name)


def count(tx: Connection, run: Run, acts: Sequence[str]) -> None:
    """Count what was done to accounts (words of `sync.engine.events.ACTS`)."""
    columns, counts = connector_run.c, dict[str, int]()
    for act in acts:
        if act in _COUNTED:
            counts[_COUNTED[act]] = counts.get(_COUNTED[act], 0) + 1
    if counts:
        more = {word: columns[word] + number for word, number in counts.items()}
        tx.execute(update(connector_run).where(columns.id == run.id).values(more))


def look(tx: Connection, name: str, kinds: Collection[str], number: int, *, is_over: bool) -> None:
    """So many more people were compared, or accounts read, if the open one is of these kinds."""
    columns = connector_run.c
    looked = columns.looked_at + number
    # Whatever it was thought to be: it has looked at all there is, or there is more.
    least = case((looked >= columns.to_look_at, looked + 1), else_=columns.to_look_at)
    more = {"looked_at": looked, "to_look_at": looked if is_over else least}
    its = (*_open(name), columns.kind.in_(kinds))
    tx.execute(update(connector_run).where(*its).values(more))


def look_anew(tx: Connection, name: str) -> None:
    """What was read so far counts for nothing."""
    its = (*_open(name), connector_run.c.kind == "reconcile")
    tx.execute(update(connector_run).where(*its).values(looked_at=0))


def repair(tx: Connection, name: str, number: int) -> None:
    """So many accounts were found otherwise, and are to be mended."""
    tx.execute(update(connector_run).where(*_open(name)).values(repaired=number))


def hold(tx: Connection, name: str, why: HeldBy, detail: str = "") -> None:
    """Note in the one that is open what keeps it from going on."""
    told = {"held_by": why, "held_detail": detail[:300] or None}
    tx.execute(update(connector_run).where(*_open(name)).values(told))


def end(tx: Connection, name: str) -> None:
    """Nothing is to be done any more."""
    if (found := find_open(tx, name)) is not None:
        _end(tx, found, found.held_by)


def forget_all(tx: Connection, name: str) -> None:
    """Those of a connector that goes; what the open one did is told first."""
    end(tx, name)
    tx.execute(delete(connector_run).where(connector_run.c.connector == name))


def _end(tx: Connection, known: Run, held_by: HeldBy | None) -> None:
    if (found := _find_held(tx, known.connector)) is None or found.id != known.id:
        return  # somebody ended it meanwhile
    if found.folds:
        tell_end(tx, connector=found.connector, run=found.id, began_at=found.began_at)
    failed, quarantined, skipped = count_failed(tx, found)
    its = connector_run.c.id == found.id
    is_asked = not found.begun_by.startswith("system:")
    came = found.done + found.repaired + failed
    if not came and not is_asked and found.held_by is None and found.kind != "first":
        tx.execute(delete(connector_run).where(its))
        return
    told = {"failed": failed, "quarantined": quarantined, "skipped": skipped}
    values = {**told, "ended_at": now_ms(), "held_by": found.held_by or held_by}
    tx.execute(update(connector_run).where(its).values(values))


def _find_held(tx: Connection, name: str) -> Run | None:
    """The one that is open, with all that was counted in it; nobody counts or ends it meanwhile."""
    row = tx.execute(select(connector_run).where(*_open(name)).with_for_update()).first()
    return None if row is None else _run(row)


def count_failed(tx: Connection, found: Run) -> tuple[int, int, int]:
    """(accounts that do not get there since this run, of them given up on, accounts that somebody
    left alone)."""
    columns = connector_account.c
    stuck = case((columns.state.in_(("quarantined", "conflict")), 1))
    failed = select(func.count(), func.count(stuck)).where(
        columns.connector == found.connector, columns.failed_in == found.id
    )
    skipped = select(func.count()).where(
        columns.connector == found.connector, columns.state == "skipped"
    )
    one, two = tx.execute(failed).one()
    return one, two, tx.execute(skipped).scalar_one()


def live(tx: Connection, run: Run) -> Run:
    """With what is counted at its end as it is now, while it is open."""
    if run.ended_at is not None:
        return run
    failed, quarantined, skipped = count_failed(tx, run)
    return replace(run, failed=failed, quarantined=quarantined, skipped=skipped)


def find_open(tx: Connection, name: str) -> Run | None:
    """The one that is open."""
    row = tx.execute(select(connector_run).where(*_open(name))).first()
    return None if row is None else _run(row)


def find_run(tx: Connection, name: str, run_id: str) -> Run | None:
    """One of them."""
    if not can_be_id(run_id):
        return None
    columns = connector_run.c
    query = select(connector_run).where(columns.id == run_id, columns.connector == name)
    row = tx.execute(query).first()
    return None if row is None else _run(row)


def list_runs(tx: Connection, name: str, limit: int, offset: int = 0) -> Sequence[Run]:
    """The latest first."""
    columns = connector_run.c
    query = select(connector_run).where(columns.connector == name).order_by(columns.id.desc())
    return [_run(row) for row in tx.execute(query.limit(limit).offset(offset))]


def count_runs(tx: Connection, name: str) -> int:
    """How many are kept."""
    query = select(func.count()).where(connector_run.c.connector == name)
    return tx.execute(query).scalar_one()


def forget_old(tx: Connection) -> None:
    """Delete what ended long ago: what was done stands in the audit log."""
    columns = connector_run.c
    old = select(columns.id).where(columns.ended_at < now_ms() - KEPT_MS).limit(_MOST_FORGOTTEN)
    tx.execute(delete(connector_run).where(columns.id.in_(old.scalar_subquery())))


def _open(name: str) -> tuple[Any, ...]:
    columns = connector_run.c
    return columns.connector == name, columns.ended_at.is_(None)


def _run(row: Row[Any]) -> Run:
    return Run(**row._mapping)
