"""The step of whoever has given the password and has nothing of what is asked for after it: the
other ways they have, a slip of their agency, or help.

A slip for help takes the second factors away and proves none: what the application wants beyond
the password is set up anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from directory import clock
from idp import printed_codes
from idp.factors.recovery_codes import step as recovery_codes
from idp.factors.typed_code import Refused, person_of, seconds_until, show_paused, waiting_sentence
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from idp.recovery.steps import show_wanted
from idp.slips import asking, password_step
from idp.slips import step as slip
from idp.slips.step import Judged
from web.current import current_installation
from web.i18n import gettext as _

NAME = pages.LOST


def _applies(situation: Situation) -> bool:
    """Recovery codes alone are asked for by nobody."""
    return needs_second_factor(situation) and bool(situation.enrolled - {recovery_codes.NAME})


def _show(
    flow: Flow, situation: Situation, *, status: int = 200, error: str = "", notice: str = ""
) -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
        contact = pages.contact_of(tx, situation.person)
    page = render_template(
        "recovery/lost.html",
        application=application,
        errors=[{"field": "code", "message": error}] if error else [],
        notice=notice,
        ways=pages.other_ways(flow, situation.ways, NAME),
        contact=contact,
        step=NAME,
    )
    return make_response(page, status)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    person = person_of(situation)
    if request.form.get("ask"):
        with current_installation().database.write() as tx:
            asking.want_help(tx, person.id)
        return show_wanted(flow)
    code = printed_codes.find_typed(request.form.get("code", ""))
    if code is None:
        sentence = _("Enter the 16 letters and digits that stand on the slip.")
        return _show(flow, situation, status=400, error=sentence)
    judged = slip.judge(flow, code, person)
    if judged.slip is None:
        return _show_refused(flow, situation, judged)
    if judged.reason:
        return slip.show_ended(flow, judged.slip, judged.reason)
    if judged.slip.purpose != "help":
        sentence = _("This slip is for a first password. Ask for one for help at the counter.")
        return _show(flow, situation, status=403, error=sentence)
    found = judged.slip
    with current_installation().database.write() as tx:
        is_used = password_step.claim_slip(tx, found, flow)
    if not is_used:
        return slip.show_ended(flow, replace(found, state="used"), "used")
    return Passed(person.id, began_at=clock.now_ms(), renews=True)


def _show_refused(flow: Flow, situation: Situation, judged: Judged) -> Response:
    refused = Refused(judged.reason, judged.wait)
    if judged.wait is not None and judged.wait.is_pause:
        return show_paused(flow, refused, judged.wait, situation.person)
    error = _("This is not the code of a slip of yours. Compare it letter by letter.")
    response = _show(
        flow,
        situation,
        status=403 if judged.reason else 429,
        error=error if judged.reason else "",
        notice=waiting_sentence(refused),
    )
    if judged.wait is not None:
        response.headers["Retry-After"] = str(seconds_until(judged.wait.until))
    return response


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent)
