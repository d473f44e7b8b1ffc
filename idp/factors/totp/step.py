"""The step: six digits, asked for after the password where the person has an application for it."""

from __future__ import annotations

from pathlib import Path

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.factors.totp import codes, store
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
from web.current import current_installation
from web.i18n import gettext as _

NAME = store.KIND
METHODS = ("otp",)
WRONG, USED = "wrong_code", "used_code"


def _applies(situation: Situation) -> bool:
    return NAME in situation.enrolled and needs_second_factor(situation)


def _show(flow: Flow, situation: Situation) -> Response:
    return _form(flow, situation)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    person, code = situation.person, codes.find_typed(request.form.get("code", ""))
    if person is None:
        raise AssertionError("asked of somebody who has proved who they are")
    if code is None:
        return _form(flow, situation, status=400, error=_("Enter the 6 digits of the code."))

    def judge(tx: Connection, person_id: str) -> str:
        taken = store.take(tx, current_installation().keyring, person_id, code)
        return "" if taken.is_right else (USED if taken.was_used else WRONG)

    outcome = judge_code(flow, NAME, METHODS, person, judge)
    if isinstance(outcome, Passed):
        return outcome
    if outcome.wait is not None and outcome.wait.is_pause:
        return show_paused(flow, outcome, outcome.wait, person)
    return _refused(flow, situation, outcome)


def _refused(flow: Flow, situation: Situation, refused: Refused) -> Response:
    said = {
        WRONG: _("The code is not correct. Look at the code the application shows now."),
        USED: _("This code was used already. Wait for the application to show the next one."),
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


def _form(
    flow: Flow, situation: Situation, *, status: int = 200, error: str = "", notice: str = ""
) -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    page = render_template(
        "totp/form.html",
        application=application,
        person=situation.person,
        errors=[{"field": "code", "message": error}] if error else [],
        notice=notice,
        step=NAME,
        flow_id=flow.id,
        begin_again_url=pages.begin_again_url(flow),
    )
    return make_response(page, status)


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent, is_enrolled=store.is_enrolled)
