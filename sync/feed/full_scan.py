"""Looking at every entry: first load, lost cookie, restart of slapd, every night, on demand.

The catalogue is read page by page, so memory stays bounded. A quick scan asks for the entryCSN of
every entry and for the content of those that moved; a thorough one reads everything and holds the
projection's rows against it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from directory import clock
from directory.actor import Actor
from directory.audit.log import record
from directory.database import lease as leases
from directory.errors import Conflict
from directory.installation import Installation
from directory.ldap.entries import Entry
from directory.projection.apply import mark_gone
from directory.projection.comparison import (
    Difference,
    compare,
    living,
    mend_tree,
    row_csns,
    tree_is_true,
)
from directory.projection.errors import CATALOGUE_REPAIR_RUNNING
from sync.feed import brake, lease_holder, reading
from sync.feed.content import ATTRIBUTES
from sync.feed.errors import FEED_MASS_DELETION
from sync.feed.events import FEED_SWEPT
from sync.feed.judging import (
    Known,
    Verdict,
    busy_ids,
    judge_entries,
    known_entries,
    project,
    record_deletions,
)
from sync.feed.lease_holder import LeaseHolder
from sync.feed.state import read_state, save_state
from sync.feed.tables import feed_entry

_HEADS = ("dmId", "entryCSN", "entryUUID")
_TOLD = 1000


@dataclass
class FullScan:
    """What a full scan does, and what it came to. `differences` holds at most a thousand.

    `thorough`: the rows are compared too. `baseline`: the first load: everything is read, and what
    nobody knew is no news. With neither, only entries that moved are read.
    """

    thorough: bool
    baseline: bool = False
    dry_run: bool = False
    accept_deletions: bool = False
    entries: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    outside: int = 0

    @property
    def reads_all(self) -> bool:
        return self.thorough or self.baseline

    def add(self, found: Difference) -> None:
        self.counts[found.trouble] = self.counts.get(found.trouble, 0) + 1
        if len(self.differences) < _TOLD:
            self.differences.append(found)


@dataclass(frozen=True)
class _Page:
    """Entries of one page that need a closer look, by entryUUID."""

    entries: Mapping[str, Entry]
    differing: frozenset[str]
    went_back: frozenset[str]


def reconcile(
    installation: Installation,
    actor: Actor,
    *,
    reason: str = "on_demand",
    dry_run: bool = False,
    accept_deletions: bool = False,
) -> FullScan:
    """Compare every entry with what SQL says of it, and repair SQL unless `dry_run`.

    `accept_deletions`: believe the catalogue even when it has lost a great part of its entries.
    Raises Conflict: ``catalogue.repair_running`` while another repair is under way,
    ``feed.mass_deletion``.
    """
    held = lease_holder.take(installation, leases.CATALOGUE_REPAIR, f"reconcile:{clock.now_ms()}")
    if held is None:
        raise Conflict(CATALOGUE_REPAIR_RUNNING)
    with installation.database.read() as tx:
        first = read_state(tx).loaded_at is None
    plan = FullScan(
        thorough=True, baseline=first, dry_run=dry_run, accept_deletions=accept_deletions
    )
    try:
        done = run_full_scan(installation, held, plan)
        if not dry_run:
            conclude(held, actor, done, reason)
            _release(held, actor, accepted=accept_deletions)
    except Conflict as stopped:
        if stopped.declared is FEED_MASS_DELETION:
            brake.pull(installation.database, actor, stopped)
        raise
    finally:
        held.release()
    return done


def _release(held: LeaseHolder, actor: Actor, *, accepted: bool) -> None:
    with held.write() as (tx, _):
        if accepted:
            brake.accept_losses(tx)
        brake.release(tx, actor, "accepted_deletions" if accepted else "catalogue_whole_again")


def run_full_scan(installation: Installation, held: LeaseHolder, plan: FullScan) -> FullScan:
    """Go through the whole catalogue as planned; gives `plan`, filled in."""
    with installation.database.read() as tx:
        # Read before the catalogue is: what is added meanwhile must not look gone.
        remembered = _remembered(tx)
        rows = dict(living(tx)) if plan.thorough else {}
    for page in reading.every_entry(installation, ATTRIBUTES if plan.reads_all else _HEADS):
        held.keep()
        for entry in page:
            remembered.discard(entry.one("entryUUID"))
            rows.pop(entry.one("dmId"), None)
        plan.entries += len(page)
        _look_at(installation, held, plan, page)
    _record_deletions(installation, held, plan, remembered)
    if plan.thorough:
        _look_for_extra_rows(installation, held, plan, rows)
        _look_at_tree(installation, held, plan)
    return plan


def conclude(held: LeaseHolder, actor: Actor, done: FullScan, reason: str, **state: object) -> None:
    """Record what a full scan came to, and the feed's new state with it."""
    with held.write() as (tx, _):
        swept = {"swept_at": clock.now_ms()} if done.reads_all else {}
        save_state(tx, **{**swept, **state})
        record(
            tx,
            FEED_SWEPT,
            actor,
            reason=reason,
            entries=done.entries,
            outside=done.outside,
            missing=done.counts.get("missing", 0),
            stale=done.counts.get("stale", 0),
            extra=done.counts.get("extra", 0),
            unreadable=done.counts.get("unreadable", 0),
        )


def _look_at(
    installation: Installation, held: LeaseHolder, plan: FullScan, page: list[Entry]
) -> None:
    by_uuid = {entry.one("entryUUID"): entry for entry in page}
    with installation.database.read() as tx:
        known = known_entries(tx, by_uuid)
        csns = row_csns(tx, [entry.one("dmId") for entry in page])
    moved = {u: e for u, e in by_uuid.items() if not _is_as_judged(known.get(u), e)}
    overtaken = {
        uuid: entry
        for uuid, entry in by_uuid.items()
        if csns.get(entry.one("dmId"), "") > entry.one("entryCSN") or _is_newer(known, uuid, entry)
    }
    fresh = _read_again(installation, overtaken if plan.reads_all else {**moved, **overtaken})
    back = frozenset(
        entry.one("dmId")
        for uuid, entry in fresh.items()
        if csns.get(entry.one("dmId"), "") > entry.one("entryCSN") or _is_newer(known, uuid, entry)
    )
    entries = {uuid: e for uuid, e in by_uuid.items() if uuid not in overtaken} | fresh
    differing = (
        _differing(installation, plan, list(entries.values()), back) if plan.thorough else {}
    )
    wanted = {u: e for u, e in entries.items() if u in moved or u in fresh} | differing
    if not plan.reads_all:
        wanted = fresh
    if wanted and not plan.dry_run:
        _repair(held, plan, _Page(wanted, frozenset(differing), back))


def _is_as_judged(known: Known | None, entry: Entry) -> bool:
    return known is not None and not known.gone and known.csn == entry.one("entryCSN")


def _is_newer(known: Mapping[str, Known], uuid: str, entry: Entry) -> bool:
    old = known.get(uuid)
    return old is not None and not old.gone and old.csn > entry.one("entryCSN")


def _read_again(installation: Installation, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Read after SQL was: when SQL is still the newer one, the catalogue itself went back."""
    return reading.entries_by_uuid(installation, entries) if entries else {}


def _differing(
    installation: Installation, plan: FullScan, entries: list[Entry], back: frozenset[str]
) -> dict[str, Entry]:
    """Entries whose rows say something else; those with an open intent are in between."""
    with installation.database.read() as tx:
        busy = busy_ids(tx, [entry.one("dmId") for entry in entries])
        settled = [entry for entry in entries if entry.one("dmId") not in busy]
        found = compare(tx, settled, went_back=back)
    for difference in found:
        plan.add(difference)
    wrong = {d.entry_id for d in found if d.trouble != "unreadable"}
    return {e.one("entryUUID"): e for e in settled if e.one("dmId") in wrong}


def _repair(held: LeaseHolder, plan: FullScan, page: _Page) -> None:
    with held.write() as (tx, _):
        verdicts = judge_entries(
            tx,
            page.entries,
            baseline=plan.baseline,
            went_back=page.went_back,
            accept_many=plan.accept_deletions,
        )
        plan.outside += sum(verdict is Verdict.OUTSIDE for verdict in verdicts.values())
        settled = [page.entries[u] for u in page.differing if verdicts[u] is not Verdict.DEFERRED]
        wrong = {d.entry_id: d for d in compare(tx, settled, went_back=page.went_back)}
        for entry in settled:
            found = wrong.get(entry.one("dmId"))
            if found is not None and found.trouble != "unreadable":
                project(tx, entry, force=True)


def _record_deletions(
    installation: Installation, held: LeaseHolder, plan: FullScan, missed: set[str]
) -> None:
    """Entries that were remembered and not met: gone, unless a second look finds them."""
    gone = missed - set(reading.entries_by_uuid(installation, missed)) if missed else missed
    if plan.dry_run or not gone:
        return
    held.keep()
    with held.write() as (tx, _):
        record_deletions(tx, gone, accept_many=plan.accept_deletions)


def _look_for_extra_rows(
    installation: Installation, held: LeaseHolder, plan: FullScan, rows: Mapping[str, str]
) -> None:
    there = reading.entries_by_id(installation, rows) if rows else {}
    with installation.database.read() as tx:
        busy = busy_ids(tx, rows)
    extra = {i: kind for i, kind in rows.items() if i not in there and i not in busy}
    for entry_id, kind in extra.items():
        plan.add(Difference("extra", "person" if kind == "person" else "agency", entry_id))
    if plan.dry_run or not extra:
        return
    with held.write() as (tx, _):
        if not plan.accept_deletions:
            brake.require_few(tx, going=sum(kind == "person" for kind in extra.values()))
        for entry_id in living(tx).keys() & extra.keys():
            mark_gone(tx, entry_id, person=extra[entry_id] == "person")


def _look_at_tree(installation: Installation, held: LeaseHolder, plan: FullScan) -> None:
    with installation.database.read() as tx:
        if tree_is_true(tx):
            return
    plan.add(Difference("stale", "tree", ""))
    if not plan.dry_run:
        with held.write() as (tx, _):
            mend_tree(tx)


def _remembered(tx: Connection) -> set[str]:
    columns = feed_entry.c
    return set(tx.execute(select(columns.entry_uuid).where(columns.gone.is_(False))).scalars())
