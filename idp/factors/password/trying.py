"""A try of somebody's password, wherever it is typed: counted before it is looked at, and against
the same counters."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection

from directory import clock
from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag, record
from directory.catalogue.person import home_agency
from directory.ids import digest
from directory.ldap.accounts import account_dn
from directory.ldap.base_entries import DECOY
from directory.ldap.bind import BindResult, verify_password
from directory.people.credentials import check_password
from directory.projection import queries
from directory.projection.apply import bound_validity
from directory.projection.queries import PersonRow
from directory.projection.rows import login_key
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.factors.password.events import SIGNIN_UNCHECKED, SIGNIN_UNKNOWN_LOGIN
from idp.flows.events import SIGNIN_REFUSED
from idp.throttle import misses
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Failure, Reservation, Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.request import sender

_LONGEST_LOGIN = 254
# Typed text may be longer than what it is compared as (marks written apart, blanks around it), but
# not by more: beyond this nothing is normalised, which would cost more the longer it is.
_LONGEST_TYPED_LOGIN = 4 * _LONGEST_LOGIN
# So long a try waits for others of the same name that are being checked at this moment.
_WAITS_FOR_OTHERS_S = 2.0
_LOOKS_AGAIN_AFTER_S = 0.05


@dataclass(frozen=True, slots=True)
class Try:
    """One that is being looked at. `person`: who is meant, None for a name nobody has."""

    person: PersonRow | None
    reservation: Reservation
    began_at: int
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class MustWait:
    """Not looked at. `person`: whose pause it is, on a device of theirs only."""

    wait: Wait
    person: PersonRow | None


def begin(login: str) -> Try | MustWait | None:
    """Count the try against whoever is meant, before anything is checked.

    None: others of the same name are being checked and did not come to an end in time.
    """
    key = _compared(login)
    deadline = time.monotonic() + _WAITS_FOR_OTHERS_S
    while True:
        with current_installation().database.write() as tx:
            record_undeclared(tx)
            begun = _reserve(tx, key)
        if begun is not None or time.monotonic() > deadline:
            return begun
        time.sleep(_LOOKS_AGAIN_AFTER_S)


def _reserve(tx: Connection, key: str) -> Try | MustWait | None:
    installation, began_at = current_installation(), clock.now_ms()
    person = _find(tx, key)
    if person is not None:
        bound_validity(tx, person.id, began_at)
    name = throttle.typed_name(key, installation.settings.mail_domain)
    name_hash = throttle.login_hash(installation.keyring, name)
    device = devices.find_counter(tx, device_id(), person.id) if person else None
    if person is not None and device is not None:
        counters = throttle.on_known_device(installation.keyring, device, person.id)
    else:
        person_id = person.id if person else None
        counters = throttle.elsewhere(installation.keyring, name, person_id, sender())
        if installation.settings.password_profile == "tcvn14423":  # noqa: S105 - no password
            counters = throttle.sooner(counters)
    reserved = throttle.reserve(tx, counters, name_hash)
    if reserved is None:
        return None
    if isinstance(reserved, Wait):
        # Who is on a known device is known there: their own agency may be named.
        return MustWait(reserved, person if device else None)
    return Try(person, reserved, began_at, device is not None)


def _compared(login: str) -> str:
    """How a login is compared; what is far too long to be one is a name nobody has."""
    return login_key(login) if len(login) <= _LONGEST_TYPED_LOGIN else digest(login)


def _find(tx: Connection, key: str) -> PersonRow | None:
    return queries.find_person_by_login(tx, key) if len(key) <= _LONGEST_LOGIN else None


def ask(login: str, person: PersonRow | None, password: str) -> BindResult:
    """What slapd says to it. Raises Unavailable."""
    installation = current_installation()
    if len(login) > _LONGEST_TYPED_LOGIN:
        return BindResult.REJECTED  # nobody's, as anybody can see: no work to be spent on it
    if person is not None:
        return check_password(installation, person.id, password)
    # The same work for nobody, and its result means nothing.
    verify_password(
        installation.settings, account_dn(DECOY, installation.settings.suffix), password
    )
    return BindResult.REJECTED


def not_checked(begun: Try, reason: str, application: str) -> None:
    """It could not be looked at, and does not count. `reason`: a word of `SIGNIN_UNCHECKED`."""
    person = begun.person
    with current_installation().database.write() as tx:
        throttle.give_back(tx, begun.reservation)
        record_anonymous(
            tx,
            SIGNIN_UNCHECKED,
            actor_here(),
            subject=person_tag(person.id) if person else "",
            agency=_agency_of(person) if person else "",
            reason=reason,
            login_hash=begun.reservation.login_hash,
            application=application,
        )


def refuse(begun: Try, reason: str, application: str, password: str) -> Failure:
    """It was wrong, and counts; gives what the next one meets."""
    installation, login_hash = current_installation(), begun.reservation.login_hash
    with installation.database.write() as tx:
        failure = throttle.fail(tx, begun.reservation)
        if not begun.is_known_device:
            misses.note(tx, installation.keyring, login_hash, password, sender())
        record_refusal(tx, begun, reason, application)
        record_consequences(
            tx,
            failure,
            person=begun.person,
            login_hash=login_hash,
            is_known_device=begun.is_known_device,
        )
    return failure


def record_refusal(tx: Connection, begun: Try, reason: str, application: str) -> None:
    """The log's word for it."""
    # Never what was typed: people type passwords into the username box.
    login_hash = begun.reservation.login_hash
    if begun.person is None:
        record(
            tx,
            SIGNIN_UNKNOWN_LOGIN,
            actor_here(),
            login_hash=login_hash,
            application=application,
        )
        return
    record(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(begun.person.id),
        agency=_agency_of(begun.person),
        reason=reason,
        login_hash=login_hash,
        application=application,
    )


def _agency_of(person: PersonRow) -> str:
    return home_agency(person, clock.today().isoformat())
