"""Username or work e-mail, and password: one page.

Whoever does not know the right password learns nothing: unknown and known names, suspended and
active people get the same words, after the same work. Whoever knows it and may not come in is told
why.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag, record
from directory.catalogue.person import home_agency
from directory.errors import Unavailable
from directory.ids import digest
from directory.ldap.accounts import account_dn, knows_standing
from directory.ldap.base_entries import DECOY
from directory.ldap.bind import BindResult, verify_password
from directory.ldap.errors import SIGNIN_BUSY
from directory.people.credentials import check_password, present_standing
from directory.projection import queries
from directory.projection.apply import bound_validity
from directory.projection.queries import PersonRow
from directory.projection.rows import login_key
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.factors.password import pages
from idp.factors.password.errors import SIGNIN_FAULT
from idp.factors.password.events import SIGNIN_UNCHECKED, SIGNIN_UNKNOWN_LOGIN
from idp.factors.password.replace_step import FIRST, MUST_CHANGE
from idp.factors.password.typed import in_address
from idp.flows import store as flows
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.pages import show_status
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Reservation, Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.error_pages import note, note_fault
from web.i18n import gettext as _
from web.request import sender

_LONGEST_LOGIN = 254
# Typed text may be longer than what it is compared as (marks written apart, blanks around it), but
# not by more: beyond this nothing is normalised, which would cost more the longer it is.
_LONGEST_TYPED_LOGIN = 4 * _LONGEST_LOGIN
# So long a try waits for others of the same name that are being checked at this moment.
_WAITS_FOR_OTHERS_S = 2.0
_LOOKS_AGAIN_AFTER_S = 0.05


@dataclass(frozen=True, slots=True)
class _Typed:
    login: str
    password: str
    shared: bool


@dataclass(frozen=True, slots=True)
class _Try:
    person: PersonRow | None
    reservation: Reservation
    began_at: int
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class _MustWait:
    """Not looked at. `person`: whose pause it is, on a device of theirs only."""

    wait: Wait
    person: PersonRow | None


def _applies(situation: Situation) -> bool:
    return situation.person is None


def _show(flow: Flow, _situation: Situation) -> Response:
    return pages.show_form(flow)


def _answer(flow: Flow, _situation: Situation) -> Passed | Response:
    form = request.form
    typed = _Typed(form.get("login", ""), form.get("password", ""), bool(form.get("shared")))
    if errors := _missing(typed):
        return pages.show_form(flow, status=400, errors=errors)
    begun = _begin_try(typed.login)
    if begun is None:
        return pages.show_busy(flow, Unavailable(SIGNIN_BUSY, retry_after_s=2))
    if isinstance(begun, _MustWait):
        return pages.show_wait(flow, begun.wait, begun.person)
    try:
        result = _ask(typed.login, begun.person, typed.password)
        if result is not BindResult.REJECTED:
            begun = replace(begun, person=_as_it_stands(begun.person))
    except Unavailable as error:
        note(error, is_recorded=True)
        return _not_checked(flow, begun, error, error.code)
    except Exception as error:
        # A fault of ours says nothing of the password: it must neither count nor pass unrecorded.
        note_fault(error, is_recorded=True)
        return _not_checked(flow, begun, Unavailable(SIGNIN_FAULT), "fault")
    return _judge(flow, typed, begun, result)


def _not_checked(flow: Flow, begun: _Try, error: Unavailable, reason: str) -> Response:
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
            application=flow.client_id,
        )
    return pages.show_busy(flow, error)


def _missing(typed: _Typed) -> tuple[pages.Error, ...]:
    errors = []
    if not typed.login.strip():
        errors.append({"field": "login", "message": _("Enter your username or work e-mail.")})
    # Blanks alone are no password: an empty one must never reach a bind (RFC 4513 §5.1.2).
    if not typed.password.strip():
        errors.append({"field": "password", "message": _("Enter your password.")})
    return tuple(errors)


def _begin_try(login: str) -> _Try | _MustWait | None:
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


def _reserve(tx: Connection, key: str) -> _Try | _MustWait | None:
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
    reserved = throttle.reserve(tx, counters, name_hash)
    if reserved is None:
        return None
    if isinstance(reserved, Wait):
        # Who is on a known device is known there: their own agency may be named.
        return _MustWait(reserved, person if device else None)
    return _Try(person, reserved, began_at, device is not None)


def _compared(login: str) -> str:
    """How a login is compared; what is far too long to be one is a name nobody has."""
    return login_key(login) if len(login) <= _LONGEST_TYPED_LOGIN else digest(login)


def _find(tx: Connection, key: str) -> PersonRow | None:
    return queries.find_person_by_login(tx, key) if len(key) <= _LONGEST_LOGIN else None


def _ask(login: str, person: PersonRow | None, password: str) -> BindResult:
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


def _as_it_stands(person: PersonRow | None) -> PersonRow | None:
    """A standing that was withdrawn past the services, and not followed yet, counts here."""
    if person is None or person.status != "active":
        return person
    return replace(person, status=present_standing(current_installation(), person.id))


def _judge(flow: Flow, typed: _Typed, begun: _Try, result: BindResult) -> Passed | Response:
    person = begun.person
    is_right = result in (BindResult.ACCEPTED, BindResult.EXPIRED, BindResult.MUST_CHANGE)
    if person is None or not is_right:
        return _refuse(flow, begun, _reason(person, result))
    if person.status != "active":
        return _turn_away(flow, begun, person, f"person_{person.status}")
    if result is not BindResult.ACCEPTED:
        # A temporary password gives no session until it is replaced.
        with current_installation().database.write() as tx:
            flows.keep(tx, flow.id, FIRST, {MUST_CHANGE: True})
    return Passed(
        person_id=person.id,
        methods=("pwd",),
        began_at=begun.began_at,
        shared_computer=typed.shared,
        settle=partial(_note_success, begun.reservation),
    )


def _note_success(reservation: Reservation, tx: Connection) -> None:
    throttle.succeed(tx, reservation)


def _reason(person: PersonRow | None, result: BindResult) -> str:
    if person is None:
        return "unknown_login"
    if person.status != "active" and not knows_standing(current_installation().settings):
        return f"person_{person.status}"  # refused without a look at the password
    return "locked" if result is BindResult.LOCKED else "wrong_password"


def _refuse(flow: Flow, begun: _Try, reason: str) -> Response:
    with current_installation().database.write() as tx:
        failure = throttle.fail(tx, begun.reservation)
        _record_refusal(tx, flow, begun, reason)
        record_consequences(
            tx,
            failure,
            person=begun.person,
            login_hash=begun.reservation.login_hash,
            is_known_device=begun.is_known_device,
        )
    known = begun.person if begun.is_known_device else None
    return pages.show_rejected(flow, failure.wait, known)


def _turn_away(flow: Flow, begun: _Try, person: PersonRow, reason: str) -> Response:
    """The right password of somebody who may not come in: they may learn why."""
    with current_installation().database.write() as tx:
        throttle.succeed(tx, begun.reservation)
        _record_refusal(tx, flow, begun, reason)
    return show_status(flow, person, reason, **in_address(flow))


def _record_refusal(tx: Connection, flow: Flow, begun: _Try, reason: str) -> None:
    # Never what was typed: people type passwords into the username box.
    login_hash = begun.reservation.login_hash
    if begun.person is None:
        record(
            tx,
            SIGNIN_UNKNOWN_LOGIN,
            actor_here(),
            login_hash=login_hash,
            application=flow.client_id,
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
        application=flow.client_id,
    )


def _agency_of(person: PersonRow) -> str:
    return home_agency(person, clock.today().isoformat())


STEP = Step(FIRST, _applies, _show, _answer, Path(__file__).parent, in_address)
