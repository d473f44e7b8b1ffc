"""What a new version changes of the entries of people: in the background, one after the other.

Each is an intent like any other change, so the feed knows it as ours and a crash leaves nothing in
between. Together they are one act with a number.
"""

from __future__ import annotations

import logging
import time

from sqlalchemy import Connection, Row, select, update

from directory import clock
from directory.actor import system
from directory.audit.log import person_tag, record
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import (
    person_dn,
    person_from_entry,
    search_keys,
    without_old_end,
)
from directory.database import lease as leases
from directory.database.holders import process_name
from directory.database.upsert import upsert
from directory.errors import AppError, Unavailable
from directory.installation import Installation
from directory.intents.carrying import carry_out
from directory.intents.model import EntryChange
from directory.ldap.entries import Entry
from directory.people.events import CATALOGUE_UPGRADED
from directory.people.tables import entry_step
from directory.projection import queries
from directory.projection.apply import try_to_apply

STEP = "search_keys_and_ends"

_LEASE, _LEASE_MS = "catalogue.steps", 60 * clock.SECOND
_AT_ONCE, _ONE_TURN_S = 50, 5.0
_log = logging.getLogger(__name__)


def mark_done(tx: Connection) -> None:
    """A catalogue that this version made needs none of it."""
    _begin(tx)
    tx.execute(update(entry_step).where(entry_step.c.name == STEP).values(done_at=clock.now_ms()))


def waiting(tx: Connection) -> int:
    """How many people are still to be looked at."""
    state = _state(tx)
    if state is not None and state.done_at is not None:
        return 0
    return queries.count_people(tx, after=state.place if state else "")


def go_on(installation: Installation) -> None:
    """A turn of the worker: some entries further. Nothing once all is done.

    Raises Unavailable when a store does not answer: the next turn goes on where this one was.
    """
    with installation.database.read() as tx:
        state = _state(tx)
    if state is not None and state.done_at is not None:
        return
    held = leases.acquire(installation.database, _LEASE, process_name(), _LEASE_MS)
    until = time.monotonic() + _ONE_TURN_S
    while held is not None and time.monotonic() < until and _some_more(installation, held):
        held = leases.acquire(installation.database, _LEASE, held.holder, _LEASE_MS)


def _some_more(installation: Installation, held: leases.Lease) -> bool:
    with installation.database.write() as tx:
        state = _begin(tx)
        ids = queries.next_people(tx, state.place, _AT_ONCE)
    outcomes = [_bring_up_to_date(installation, person_id) for person_id in ids]
    with installation.database.write() as tx:
        leases.assert_held(tx, held)
        now = {
            "place": ids[-1] if ids else state.place,
            "entries": state.entries + outcomes.count("changed"),
            "refused": state.refused + outcomes.count("refused"),
            "done_at": None if ids else clock.now_ms(),
        }
        tx.execute(update(entry_step).where(entry_step.c.name == STEP).values(now))
        if not ids and (state.entries or state.refused):
            record(
                tx,
                CATALOGUE_UPGRADED,
                system("migration"),
                step=STEP,
                entries=state.entries,
                refused=state.refused,
            )
    return bool(ids)


def _bring_up_to_date(installation: Installation, person_id: str) -> str:
    dn = person_dn(person_id, installation.settings.suffix)
    entry = installation.ldap.read(dn, ["*", "pwdEndTime", "entryCSN"])
    if entry is None:
        return "gone"
    ends = without_old_end(entry)
    needed = {**ends, **_keys(entry)}
    if not needed:
        _renew_rows(installation, entry)
        return "as it should be"
    change = EntryChange(
        operation="modify",
        entry_id=person_id,
        dn=dn,
        subject=person_tag(person_id),
        attributes=needed,
        quiet=True,
    )
    try:
        carry_out(
            installation,
            system("migration"),
            change,
            None,
            derive=lambda now: {**ends, **_keys(now)},
        )
    except Unavailable:
        raise
    except AppError as refusal:
        _log.warning("entry not brought up to date", extra={"code": refusal.code})
        return "refused"
    return "changed"


def _renew_rows(installation: Installation, entry: Entry) -> None:
    """This version makes other rows of the same entry. A change under way makes them itself."""
    with installation.database.write() as tx:
        if queries.lock_csn(tx, entry.one("dmId")) == entry.one("entryCSN"):
            try_to_apply(tx, entry, force=True)


def _keys(entry: Entry) -> dict[str, tuple[str, ...]]:
    """The search keys where they are others; nothing where nobody can be read."""
    try:
        keys = search_keys(person_from_entry(entry))
    except Unreadable:
        return {}
    return {} if set(keys) == set(entry.all("dmSearchKey")) else {"dmSearchKey": keys}


def _state(tx: Connection) -> Row[tuple[str, str, int, int, int | None]] | None:
    return tx.execute(select(entry_step).where(entry_step.c.name == STEP)).first()


def _begin(tx: Connection) -> Row[tuple[str, str, int, int, int | None]]:
    first = {"name": STEP, "place": "", "entries": 0, "refused": 0}
    tx.execute(upsert(tx, entry_step).values(first).on_conflict_do_nothing())
    return tx.execute(select(entry_step).where(entry_step.c.name == STEP)).one()
