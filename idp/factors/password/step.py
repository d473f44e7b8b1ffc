"""Username or work e-mail, and password: one page.

Whoever does not know the right password learns nothing: unknown and known names, suspended and
active people get the same words, after the same work. Whoever knows it and may not come in is told
why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.errors import Unavailable
from directory.ldap.accounts import knows_standing
from directory.ldap.bind import BindResult
from directory.ldap.errors import SIGNIN_BUSY
from directory.ldap.passwords import normal_form
from directory.passwords.leaked_hashes import is_leaked
from directory.people.credentials import RIGHT, password_ends_at, present_standing
from directory.projection.queries import PersonRow
from idp.factors.password import pages, trying
from idp.factors.password.errors import SIGNIN_FAULT
from idp.factors.password.replace_step import FIRST, LEAKED, MUST_CHANGE, ONCE, TOO_OLD
from idp.factors.password.trying import MustWait, Try
from idp.factors.password.typed import in_address
from idp.flows import store as flows
from idp.flows.pages import show_status
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.throttle import store as throttle
from idp.throttle.store import Reservation
from web.current import current_installation
from web.error_pages import note, note_fault
from web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class _Typed:
    login: str
    password: str
    shared: bool


def _applies(situation: Situation) -> bool:
    return situation.person is None


def _show(flow: Flow, _situation: Situation) -> Response:
    return pages.show_form(flow)


def _answer(flow: Flow, _situation: Situation) -> Passed | Response:
    form = request.form
    typed = _Typed(form.get("login", ""), form.get("password", ""), bool(form.get("shared")))
    if errors := _missing(typed):
        return pages.show_form(flow, status=400, errors=errors)
    begun = trying.begin(typed.login)
    if begun is None:
        return pages.show_busy(flow, Unavailable(SIGNIN_BUSY, retry_after_s=2))
    if isinstance(begun, MustWait):
        return pages.show_wait(flow, begun.wait, begun.person)
    try:
        result = trying.ask(typed.login, begun.person, typed.password)
        if result is not BindResult.REJECTED:
            begun = replace(begun, person=_as_it_stands(begun.person))
    except Unavailable as error:
        note(error, is_recorded=True)
        trying.not_checked(begun, error.code, flow.client_id)
        return pages.show_busy(flow, error)
    except Exception as error:
        # A fault of ours says nothing of the password: it must neither count nor pass unrecorded.
        note_fault(error, is_recorded=True)
        trying.not_checked(begun, "fault", flow.client_id)
        return pages.show_busy(flow, Unavailable(SIGNIN_FAULT))
    return _judge(flow, typed, begun, result)


def _missing(typed: _Typed) -> tuple[pages.Error, ...]:
    errors = []
    if not typed.login.strip():
        errors.append({"field": "login", "message": _("Enter your username or work e-mail.")})
    # Blanks alone are no password: an empty one must never reach a bind (RFC 4513 §5.1.2).
    if not typed.password.strip():
        errors.append({"field": "password", "message": _("Enter your password.")})
    return tuple(errors)


def _as_it_stands(person: PersonRow | None) -> PersonRow | None:
    """A standing that was withdrawn past the services, and not followed yet, counts here."""
    if person is None or person.status != "active":
        return person
    return replace(person, status=present_standing(current_installation(), person.id))


def _judge(flow: Flow, typed: _Typed, begun: Try, result: BindResult) -> Passed | Response:
    person = begun.person
    is_right = result in RIGHT
    if person is None or not is_right:
        return _refuse(flow, begun, _reason(person, result), typed.password)
    if person.status != "active":
        return _turn_away(flow, begun, person, f"person_{person.status}")
    if why := _why_replaced(person, result, typed.password):
        # No session until it is.
        with current_installation().database.write() as tx:
            flows.keep(tx, flow.id, FIRST, {MUST_CHANGE: why})
    return Passed(
        person_id=person.id,
        methods=("pwd",),
        began_at=begun.began_at,
        shared_computer=typed.shared,
        settle=partial(_note_success, begun.reservation),
    )


def _why_replaced(person: PersonRow, result: BindResult, password: str) -> str:
    """It is temporary, somebody wants it changed, it is too old, or has leaked; else nothing."""
    if result is not BindResult.ACCEPTED:
        return ONCE
    installation = current_installation()
    with installation.database.read() as tx:
        ends_at = password_ends_at(tx, installation.settings, person)
    if ends_at is not None and ends_at <= clock.now_ms():
        return TOO_OLD
    # Asked of the right password alone: a wrong one takes no longer for it.
    is_known = is_leaked(installation.settings.leaked_hashes, normal_form(password))
    return LEAKED if is_known else ""


def _note_success(reservation: Reservation, tx: Connection) -> None:
    throttle.succeed(tx, reservation)


def _reason(person: PersonRow | None, result: BindResult) -> str:
    if person is None:
        return "unknown_login"
    if person.status != "active" and not knows_standing(current_installation().settings):
        return f"person_{person.status}"  # refused without a look at the password
    return "locked" if result is BindResult.LOCKED else "wrong_password"


def _refuse(flow: Flow, begun: Try, reason: str, password: str) -> Response:
    failure = trying.refuse(begun, reason, flow.client_id, password)
    known = begun.person if begun.is_known_device else None
    return pages.show_rejected(flow, failure.wait, known)


def _turn_away(flow: Flow, begun: Try, person: PersonRow, reason: str) -> Response:
    """The right password of somebody who may not come in: they may learn why."""
    with current_installation().database.write() as tx:
        throttle.succeed(tx, begun.reservation)
        trying.record_refusal(tx, begun, reason, flow.client_id)
    return show_status(flow, person, reason, **in_address(flow))


STEP = Step(FIRST, _applies, _show, _answer, Path(__file__).parent, in_address)
