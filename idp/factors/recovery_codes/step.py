"""The step: a code from paper, for whoever has no telephone at hand."""

from __future__ import annotations

from pathlib import Path

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.projection import queries
from idp.factors.recovery_codes import codes, store
from idp.factors.recovery_codes.events import RECOVERY_CODE_USED
from idp.factors.typed_code import (
    Refused,
    judge_code,
    seconds_until,
    show_paused,
    waiting_sentence,
)
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from web.current import actor_here, current_installation
from web.i18n import N_
from web.i18n import gettext as _

NAME = store.KIND
# RFC 8176 has no word of its own for codes on paper; each is good once.
METHODS = ("otp",)
WRONG, USED = "wrong_recovery_code", "used_recovery_code"


def _applies(situation: Situation) -> bool:
    """Beside another second factor: they stand in for it."""
    return (
        needs_second_factor(situation)
        and NAME in situation.enrolled
        and len(situation.enrolled) > 1
    )


def _show(flow: Flow, situation: Situation) -> Response:
    return _form(flow, situation)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    person, code = situation.person, codes.find_typed(request.form.get("code", ""))
    if person is None:
        raise AssertionError("asked of somebody who has proved who they are")
    if code is None:
        sentence = _("Enter the 16 letters and digits of one code.")
        return _form(flow, situation, status=400, error=sentence)

    def judge(tx: Connection, person_id: str) -> str:
        if store.use(tx, person_id, code):
            _record_used(tx, person_id)
            return ""
        return USED if store.was_used(tx, person_id, code) else WRONG

    outcome = judge_code(flow, NAME, METHODS, person, judge)
    if isinstance(outcome, Passed):
        return outcome
    if outcome.wait is not None and outcome.wait.is_pause:
        return show_paused(flow, outcome, outcome.wait, person)
    return _refused(flow, situation, outcome)


def _refused(flow: Flow, situation: Situation, refused: Refused) -> Response:
    said = {
        WRONG: _("This is none of your recovery codes. Those of an earlier list count no more."),
        USED: _("This code was used already. Take another one of the list."),
    }
    response = _form(
        flow,
        situation,
        status=403 if refused.reason else 429,
        error=said.get(refused.reason, ""),
        notice=waiting_sentence(refused),
    )
    if refused.wait is not None:
        response.headers["Retry-After"] = str(seconds_until(refused.wait.until))
    return response


def _record_used(tx: Connection, person_id: str) -> None:
    agency = queries.home_agency_of(tx, person_id)
    record(
        tx,
        RECOVERY_CODE_USED,
        actor_here(person_id, agency),
        subject=person_tag(person_id),
        agency=agency,
        left=store.count_left(tx, person_id),
    )


def _form(
    flow: Flow, situation: Situation, *, status: int = 200, error: str = "", notice: str = ""
) -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    page = render_template(
        "recovery_codes/form.html",
        application=application,
        person=situation.person,
        errors=[{"field": "code", "message": error}] if error else [],
        notice=notice,
        step=NAME,
        other_ways=pages.other_ways(flow, situation.ways, NAME),
        begin_again_url=pages.begin_again_url(flow),
    )
    return make_response(page, status)


STEP = Step(
    NAME,
    _applies,
    _show,
    _answer,
    Path(__file__).parent,
    is_enrolled=store.is_enrolled,
    way=N_("No telephone at hand: use a recovery code"),
)
