"""Username or work e-mail, and password: one page.

Whoever does not know the right password learns nothing: unknown and known names, suspended and
active people get the same words, after the same work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.log import person_tag, record
from directory.audit.strangers import record_of_stranger
from directory.catalogue.person import home_agency
from directory.errors import Unavailable
from directory.ldap.accounts import account_dn
from directory.ldap.base_entries import DECOY
from directory.ldap.bind import BindResult, verify_password
from directory.people.credentials import check_password
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.projection.rows import login_key
from idp.flows.store import Flow, Progress
from idp.kit.errors import note, note_fault
from idp.kit.i18n import gettext as _
from idp.kit.request import client_address
from idp.request import actor_here, current_house
from idp.signin import pages, throttle
from idp.signin.step import Passed, Step
from idp.signin.throttle import Reservation, Wait

_LONGEST_LOGIN = 254


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


def _is_open(progress: Progress) -> bool:
    return "pwd" not in progress.amr


def _show(flow: Flow) -> Response:
    return pages.show_form(flow)


def _answer(flow: Flow) -> Passed | Response:
    form = request.form
    typed = _Typed(form.get("login", ""), form.get("password", ""), bool(form.get("shared")))
    if errors := _missing(typed):
        return pages.show_form(
            flow, status=400, errors=errors, login=typed.login, shared=typed.shared
        )
    begun = _begin_try(typed.login)
    if isinstance(begun, Wait):
        return pages.show_wait(flow, typed.login, typed.shared, begun)
    try:
        result = _ask(begun.person, typed.password)
    except Unavailable as error:
        note(error, is_recorded=True)
        return _not_checked(flow, begun, error, error.code)
    except Exception as error:
        # A fault of ours says nothing of the password: it must neither count nor pass unrecorded.
        note_fault(error, is_recorded=True)
        return _not_checked(flow, begun, Unavailable("signin.fault"), "fault")
    return _judge(flow, typed, begun, result)


def _not_checked(flow: Flow, begun: _Try, error: Unavailable, reason: str) -> Response:
    person = begun.person
    with current_house().database.write() as tx:
        throttle.give_back(tx, begun.reservation)
        record_of_stranger(
            tx,
            "signin.unchecked",
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


def _begin_try(login: str) -> _Try | Wait:
    """Count the try against whoever is meant, before anything is checked."""
    house, began_at = current_house(), clock.now_ms()
    with house.database.write() as tx:
        key = login_key(login)
        person = _find(tx, key)
        who = throttle.person_name(person.id) if person else _counter_of_nobody(tx, key)
        reserved = throttle.reserve(tx, house.keyring, who, client_address())
    return reserved if isinstance(reserved, Wait) else _Try(person, reserved, began_at)


def _find(tx: Connection, key: str) -> PersonRow | None:
    return queries.find_person_by_login(tx, key) if len(key) <= _LONGEST_LOGIN else None


def _counter_of_nobody(tx: Connection, key: str) -> str:
    """The counter of a login that is nobody's.

    With and without the domain of our mail it is one name, whether anybody has one, both or none
    of the two: else the tries left after two guesses would tell that somebody does.
    """
    domain = "@" + current_house().settings.mail_domain.lower()
    local = key.removesuffix(domain)
    namesake = _find(tx, local + domain if local == key else local)
    return throttle.person_name(namesake.id) if namesake else throttle.typed_name(local)


def _ask(person: PersonRow | None, password: str) -> BindResult:
    house = current_house()
    if person is not None:
        return check_password(house, person.id, password)
    # The same work for nobody, and its result means nothing.
    verify_password(house.settings, account_dn(DECOY, house.settings.suffix), password)
    return BindResult.REJECTED


def _judge(flow: Flow, typed: _Typed, begun: _Try, result: BindResult) -> Passed | Response:
    person = begun.person
    is_right = result in (BindResult.ACCEPTED, BindResult.EXPIRED, BindResult.MUST_CHANGE)
    if person is None or not is_right:
        return _refuse(flow, typed, begun, _reason(person, result))
    if person.status != "active":
        return _turn_away(flow, begun, person, person.status)
    if result is not BindResult.ACCEPTED:
        # A temporary password gives no session until it is replaced.
        return _turn_away(flow, begun, person, "must_change")
    progress = replace(
        flow.progress,
        person_id=person.id,
        amr=(*flow.progress.amr, "pwd"),
        shared_computer=typed.shared,
        proven_since=flow.progress.proven_since or begun.began_at,
    )
    return Passed(progress, partial(_clear, begun.reservation))


def _clear(reservation: Reservation, tx: Connection) -> None:
    throttle.clear(tx, reservation)


def _reason(person: PersonRow | None, result: BindResult) -> str:
    if person is None:
        return "unknown_login"
    if person.status != "active":
        return f"person_{person.status}"
    return "locked" if result is BindResult.LOCKED else "wrong_password"


def _refuse(flow: Flow, typed: _Typed, begun: _Try, reason: str) -> Response:
    reservation = begun.reservation
    with current_house().database.write() as tx:
        _record_refusal(tx, flow, begun, reason)
        if reservation.paused_until:
            _record_pause(tx, begun)
    if reservation.paused_until:
        return pages.show_paused(flow, reservation.paused_until)
    return pages.show_rejected(flow, typed.login, typed.shared, reservation.remaining)


def _turn_away(flow: Flow, begun: _Try, person: PersonRow, reason: str) -> Response:
    """The right password of somebody who may not come in: they may learn why."""
    with current_house().database.write() as tx:
        throttle.clear(tx, begun.reservation)
        _record_refusal(tx, flow, begun, reason)
    return pages.show_status(flow, person, reason)


def _record_refusal(tx: Connection, flow: Flow, begun: _Try, reason: str) -> None:
    # Never what was typed: people type passwords into the username box.
    login_hash = begun.reservation.login_hash
    if begun.person is None:
        record(
            tx,
            "signin.unknown_login",
            actor_here(),
            login_hash=login_hash,
            application=flow.client_id,
        )
        return
    record(
        tx,
        "signin.refused",
        actor_here(),
        subject=person_tag(begun.person.id),
        agency=_agency_of(begun.person),
        reason=reason,
        login_hash=login_hash,
        application=flow.client_id,
    )


def _record_pause(tx: Connection, begun: _Try) -> None:
    person, reservation = begun.person, begun.reservation
    record(
        tx,
        "signin.paused" if person else "signin.unknown_paused",
        actor_here(),
        subject=person_tag(person.id) if person else "",
        agency=_agency_of(person) if person else "",
        login_hash=reservation.login_hash,
        until=reservation.paused_until,
    )


def _agency_of(person: PersonRow) -> str:
    return home_agency(person, clock.today().isoformat())


STEP = Step("password", _is_open, _show, _answer)
