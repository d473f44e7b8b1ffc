"""The step: six digits, asked for after the password where the person has an application for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.projection.queries import PersonRow
from idp.factor_policy.decision import begin_grace, must_have
from idp.factors.totp import codes, enrolment_page, store
from idp.factors.typed_code import CodePage, judge_code, person_of
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from idp.levels import ONE_FACTOR
from web.current import current_installation
from web.i18n import N_
from web.i18n import gettext as _

NAME = store.KIND
ENROLMENT = "totp_enrolment"
REMINDER = "totp_reminder"
# In the form of the offer: not now.
SKIP = "de_sau"
METHODS = ("otp",)
WRONG, USED = "wrong_code", "used_code"
_PAGE = CodePage(NAME, "totp/form.html")


def _applies(situation: Situation) -> bool:
    return NAME in situation.enrolled and needs_second_factor(situation)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    code = codes.find_typed(request.form.get("code", ""))
    if code is None:
        sentence = _("Enter the 6 digits of the code.")
        return _PAGE.show(flow, situation, status=400, error=sentence)

    def judge(tx: Connection, person_id: str) -> str:
        taken = store.take(tx, current_installation().keyring, person_id, code)
        return "" if taken.is_right else (USED if taken.was_used else WRONG)

    outcome = judge_code(flow, NAME, METHODS, person_of(situation), judge)
    if isinstance(outcome, Passed):
        return outcome
    said = {
        WRONG: _("The code is not correct. Look at the code the application shows now."),
        USED: _("This code was used already. Wait for the application to show the next one."),
    }
    return _PAGE.show_refused(flow, situation, outcome, said)


def _must_enrol(situation: Situation) -> bool:
    """Nothing is set up, and one factor is not enough for where they are going, and let in."""
    return _could_enrol(situation) and (
        situation.wanted.is_enforced or situation.demand.least_acr != ONE_FACTOR
    )


def _could_enrol(situation: Situation) -> bool:
    return (
        needs_second_factor(situation) and not situation.enrolled and not situation.is_turned_away
    )


def _is_reminded(situation: Situation) -> bool:
    """A rule wants two factors of them, and gives them some days yet."""
    return _could_enrol(situation) and situation.wanted.until > 0


def _show_reminder(flow: Flow, situation: Situation) -> Response:
    person = person_of(situation)
    with current_installation().database.write() as tx:
        secret = store.begin(tx, current_installation().keyring, flow.id, person.id)
        begin_grace(tx, person.id)
    return _enrolment_page(flow, person, secret, **_reminding(situation))


def _answer_reminder(flow: Flow, situation: Situation) -> Passed | Response:
    if request.form.get(SKIP):
        return Passed(person_of(situation).id)
    return _answer_enrolment(flow, situation, **_reminding(situation))


def _reminding(situation: Situation) -> dict[str, Any]:
    return {
        "may_skip": True,
        "is_offer": True,
        "until": situation.wanted.until,
        "step": REMINDER,
    }


def _show_enrolment(flow: Flow, situation: Situation) -> Response:
    person = person_of(situation)
    with current_installation().database.write() as tx:
        secret = store.begin(tx, current_installation().keyring, flow.id, person.id)
    return _enrolment_page(flow, person, secret)


def _answer_enrolment(flow: Flow, situation: Situation, **more: Any) -> Passed | Response:
    """The code that proves the application is set up proves its owner too, once."""
    person, began_at = person_of(situation), clock.now_ms()
    code = codes.find_typed(request.form.get("code", ""))
    name = enrolment_page.read_name(request.form.get("name", ""))
    with current_installation().database.write() as tx:
        if enrolment_page.finish(tx, flow.id, person.id, code, name, proved=ONE_FACTOR):
            return Passed(person.id, methods=METHODS, began_at=began_at)
        secret = store.begin(tx, current_installation().keyring, flow.id, person.id)
    faults = enrolment_page.faults(code, name)
    status = 403 if code else 400
    more |= {"status": status, "name": name, "errors": faults}
    return _enrolment_page(flow, person, secret, **more)


def _is_offered(situation: Situation) -> bool:
    """Whoever gets an account ready: nothing is set up beside the password yet."""
    return needs_second_factor(situation) and not situation.enrolled


def _show_offer(flow: Flow, situation: Situation) -> Response:
    person = person_of(situation)
    with current_installation().database.write() as tx:
        secret = store.begin(tx, current_installation().keyring, flow.id, person.id)
        must = must_have(tx, person)
    return _enrolment_page(flow, person, secret, may_skip=not must, is_offer=True)


def _answer_offer(flow: Flow, situation: Situation) -> Passed | Response:
    person = person_of(situation)
    with current_installation().database.read() as tx:
        may_skip = not must_have(tx, person)
    if may_skip and request.form.get(SKIP):
        return Passed(person.id)
    return _answer_enrolment(flow, situation, may_skip=may_skip, is_offer=True)


def _enrolment_page(flow: Flow, person: PersonRow, secret: str, **more: Any) -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    return enrolment_page.show(
        person,
        secret,
        application=application,
        begin_again_url=pages.begin_again_url(flow),
        **{"step": ENROLMENT, **more},
    )


STEP = Step(
    NAME,
    _applies,
    _PAGE.show,
    _answer,
    Path(__file__).parent,
    is_enrolled=store.is_enrolled,
    way=N_("Use the code of the authenticator application"),
)
# Right after the password, for whoever has nothing yet and needs it now. Whoever has the password
# of somebody without a second factor could set one up as well on the page "Bảo mật".
ENROLMENT_STEP = Step(
    ENROLMENT, _must_enrol, _show_enrolment, _answer_enrolment, Path(__file__).parent
)
OFFER_STEP = Step(ENROLMENT, _is_offered, _show_offer, _answer_offer, Path(__file__).parent)
REMINDER_STEP = Step(
    REMINDER, _is_reminded, _show_reminder, _answer_reminder, Path(__file__).parent
)
