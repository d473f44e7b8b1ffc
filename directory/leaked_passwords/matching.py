"""The worker tries leaked passwords against the catalogue: one at a time, slowly, and only while a
place for hashing is left that no sign-in waits for."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from directory import clock
from directory.actor import Actor, system
from directory.audit.log import record
from directory.authz.decisions import decide
from directory.authz.grant_lists import list_of_roles
from directory.authz.objects import OfPerson
from directory.authz.permissions import ADMIN_APPLICATION, AGENCY_ADMIN
from directory.catalogue.person import person_dn
from directory.database import lease as leases
from directory.database.holders import process_name
from directory.errors import Conflict, NotFound
from directory.installation import Installation
from directory.ldap.bind import verify_if_idle
from directory.leaked_passwords import store
from directory.leaked_passwords.events import LEAKED_LIST_DONE
from directory.leaked_passwords.messages import LEAKED_OF_OTHERS, PASSWORD_LEAKED
from directory.leaked_passwords.store import Line
from directory.messages.sending import send
from directory.people import credentials
from directory.people.permissions import PeoplePermission
from directory.projection import queries

_LEASE, _LEASE_MS = "passwords.leaked_lines", clock.MINUTE
_ACTOR = system("leaked_passwords")
_ONE_TURN_S = 5.0
# A fifth of one core at most, and five a second.
_PAUSE_S, _REST = 0.2, 4.0


def go_on(installation: Installation) -> None:
    """A turn of the worker: some lines further. Raises Unavailable when a store does not answer:
    the next turn goes on where this one was."""
    with installation.database.read() as tx:
        is_idle = not store.has_open(tx)
    if is_idle:
        return
    held = leases.acquire(installation.database, _LEASE, process_name(), _LEASE_MS)
    if held is None:
        return
    try:
        _try_some(installation, held)
    finally:
        leases.release(installation.database, held)


def _try_some(installation: Installation, held: leases.Lease) -> None:
    until = time.monotonic() + _ONE_TURN_S
    while time.monotonic() < until:
        began = time.monotonic()
        if not _try_one(installation, held):
            return
        time.sleep(max(_PAUSE_S, _REST * (time.monotonic() - began)))


def _try_one(installation: Installation, held: leases.Lease) -> bool:
    """Whether there may be more to do in this turn."""
    with installation.database.read() as tx:
        line = store.next_line(tx, installation.keyring)
    if line is None:
        _end_lists(installation, held)
        return False
    began_at = clock.now_ms()
    dn = person_dn(line.person_id, installation.settings.suffix)
    result = verify_if_idle(installation.settings, dn, line.password)
    if result is None:
        return False  # people are signing in: later
    if result in credentials.RIGHT:
        _require_change(installation, held, line, began_at)
    else:
        with installation.database.write() as tx:
            leases.assert_held(tx, held)
            store.settle(tx, line, is_matched=False)
    return True


def _require_change(
    installation: Installation, held: leases.Lease, line: Line, began_at: int
) -> None:
    def still(tx: Connection) -> bool:
        leases.assert_held(tx, held)
        standing = queries.person_status(tx, line.person_id)
        return standing is not None and standing.sessions_valid_after <= began_at

    def told(tx: Connection) -> None:
        store.settle(tx, line, is_matched=True)
        _tell(tx, installation, line.person_id)

    try:
        credentials.require_change(
            installation, _ACTOR, line.person_id, "leaked", still=still, told=told
        )
    except NotFound:
        with installation.database.write() as tx:
            store.settle(tx, line, is_matched=False)
    except Conflict:
        return  # everything of theirs ended since it was looked at: once more


def _tell(tx: Connection, installation: Installation, person_id: str) -> None:
    """The person, and who administers their agency."""
    at = clock.now_ms()
    send(tx, installation, PASSWORD_LEAKED, person_id, at=at)
    person = queries.person(tx, person_id)
    if person is None or not installation.settings.tells_people:
        return
    above = queries.list_above(tx, [queries.home_agency_of(tx, person_id)])
    given = list_of_roles(tx, ADMIN_APPLICATION, [AGENCY_ADMIN])
    holders = {each.holder_id for each in given if each.agency_id in above}
    for holder in sorted(holders - {person_id}):
        about = OfPerson(person_id)
        if decide(tx, Actor("person", holder), PeoplePermission.SET_PASSWORD, about).allowed:
            send(tx, installation, LEAKED_OF_OTHERS, holder, login=person.username, at=at)


def _end_lists(installation: Installation, held: leases.Lease) -> None:
    with installation.database.write() as tx:
        leases.assert_held(tx, held)
        for done in store.take_done(tx):
            record(
                tx,
                LEAKED_LIST_DONE,
                _ACTOR,
                list=done.id,
                matched=done.matched,
                others=done.others,
            )
