"""One turn of the feed: ask what changed, write what follows, remember the place."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select

from directory import clock
from directory.actor import system
from directory.errors import Conflict
from directory.installation import Installation
from directory.ldap.entries import Entry, Refresh
from directory.projection.rows import COLUMNS
from sync.feed import brake, lease_holder, reading
from sync.feed.errors import FEED_MASS_DELETION, FEED_MOVED_ON
from sync.feed.full_scan import FullScan, conclude, run_full_scan
from sync.feed.judging import busy_ids, judge_entries, record_deletions
from sync.feed.lease_holder import LeaseHolder
from sync.feed.state import FeedState, provider_start, read_state, save_state
from sync.feed.tables import feed_deferred, feed_entry

LEASE = "catalogue.feed"
_AT_ONCE = 500
_THOROUGH = ("cookie_dropped", "columns_came")
_FEED = system("feed")


def poll(installation: Installation, *, holder: str = "") -> None:
    """Bring events and projection up to date with the catalogue. Does nothing while another
    process holds the feed.

    Raises Unavailable when a store does not answer, LeaseLost when another process took over in
    the middle, Conflict(``feed.mass_deletion``) when the brake goes on; nothing is lost then: the
    cookie is stored with what was made of the changes.
    """
    held = lease_holder.take(installation, LEASE, holder)
    if held is None:
        return
    try:
        _poll(installation, held)
    except Conflict as stopped:
        # Told once: the next polls find the same until somebody looks.
        if stopped.declared is not FEED_MASS_DELETION or brake.pull(
            installation.database, _FEED, stopped
        ):
            raise
        return
    with installation.database.read() as tx:
        is_braked = brake.find_brake(tx) is not None
    if is_braked:
        with held.write() as (tx, _):
            brake.release(tx, _FEED, "catalogue_whole_again")


def _poll(installation: Installation, held: LeaseHolder) -> None:
    with installation.database.read() as tx:
        state = read_state(tx)
        deferred = set(tx.execute(select(feed_deferred.c.entry_uuid)).scalars())
    running = provider_start(installation.settings)
    reason = _reason_to_sweep(state, running)
    if reason:
        _sweep(installation, held, state, reason, running)
        return
    assert state.cookie is not None  # noqa: S101 - else there was a reason for a full scan
    refresh = reading.changes_since(installation, state.cookie)
    if refresh.reload_required:
        # Forgotten, or slapd is behind us after a crash: only a look at everything is true now.
        _sweep(installation, held, state, "cookie_refused", running)
        return
    entries = {uuid: entry for uuid, entry, _ in refresh.entries}
    ripe = _ripe(installation, deferred - entries.keys())
    entries |= reading.entries_by_uuid(installation, ripe) if ripe else {}
    departed = _departed(installation, refresh) | (ripe - entries.keys())
    if entries or departed or refresh.cookie != state.cookie:
        _write(held, state, entries, departed, refresh.cookie)


def _reason_to_sweep(state: FeedState, running: str) -> str:
    if not state.loaded_at:
        return "first_load"
    if state.cookie is None:
        return "cookie_dropped"
    if state.columns_filled != COLUMNS:
        # A worker of the version before may have made rows of entries that say more.
        return "columns_came"
    if running and running != state.provider_start:
        return "slapd_restarted"
    return ""


def _sweep(
    installation: Installation, held: LeaseHolder, state: FeedState, reason: str, running: str
) -> None:
    # The cookie is from before the reading: what changes meanwhile comes again, and does no harm.
    cookie = reading.cookie_of_now(installation)
    first = not state.loaded_at
    plan = FullScan(thorough=reason in _THOROUGH, baseline=first)
    done = run_full_scan(installation, held, plan)
    loaded_at = state.loaded_at or clock.now_ms()
    conclude(
        held,
        _FEED,
        done,
        reason,
        cookie=cookie,
        loaded_at=loaded_at,
        provider_start=running,
        columns_filled=COLUMNS,
    )


def _ripe(installation: Installation, deferred: set[str]) -> set[str]:
    """Entries put off whose intents are settled by now."""
    if not deferred:
        return set()
    columns = feed_deferred.c
    with installation.database.read() as tx:
        rows = tx.execute(
            select(columns.entry_uuid, columns.entry_id).where(columns.entry_uuid.in_(deferred))
        ).all()
        busy = busy_ids(tx, [row.entry_id for row in rows])
    return {row.entry_uuid for row in rows if row.entry_id not in busy}


def _departed(installation: Installation, refresh: Refresh) -> set[str]:
    if refresh.refresh_deletes and not refresh.deleted:
        return set()
    columns = feed_entry.c
    query = select(columns.entry_uuid).where(columns.gone.is_(False))
    if refresh.refresh_deletes:
        query = query.where(columns.entry_uuid.in_(refresh.deleted))
    with installation.database.read() as tx:
        return set(refresh.departed(tx.execute(query).scalars()))


def _write(
    held: LeaseHolder,
    state: FeedState,
    entries: Mapping[str, Entry],
    departed: set[str],
    cookie: bytes | None,
) -> None:
    rest = list(entries.items())
    while len(rest) > _AT_ONCE:
        # A long list in several transactions; only the last one moves the cookie on.
        held.keep()
        with held.write() as (tx, _):
            judge_entries(tx, dict(rest[:_AT_ONCE]))
        rest = rest[_AT_ONCE:]
    with held.write() as (tx, now):
        if now.cookie != state.cookie:
            raise Conflict(FEED_MOVED_ON)
        # Who is gone goes first: an entry may have been put back under the same id.
        record_deletions(tx, departed)
        tx.execute(delete(feed_deferred).where(feed_deferred.c.entry_uuid.in_(departed)))
        judge_entries(tx, dict(rest))
        save_state(tx, cookie=cookie)
