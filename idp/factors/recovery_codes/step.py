"""The step: a code from paper, for whoever has no telephone at hand."""

from __future__ import annotations

from pathlib import Path

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.projection import queries
from idp import printed_codes as codes
from idp.factors.recovery_codes import store
from idp.factors.recovery_codes.events import RECOVERY_CODE_USED
from idp.factors.typed_code import CodePage, judge_code, person_of
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from web.current import actor_here
from web.i18n import N_
from web.i18n import gettext as _

NAME = store.KIND
# RFC 8176 has no word of its own for codes on paper; each is good once.
METHODS = ("otp",)
WRONG, USED = "wrong_recovery_code", "used_recovery_code"
_PAGE = CodePage(NAME, "recovery_codes/form.html")


def _applies(situation: Situation) -> bool:
    """Beside another second factor: they stand in for it."""
    return (
        needs_second_factor(situation)
        and NAME in situation.enrolled
        and len(situation.enrolled) > 1
    )


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    code = codes.find_typed(request.form.get("code", ""))
    if code is None:
        sentence = _("Enter the 16 letters and digits of one code.")
        return _PAGE.show(flow, situation, status=400, error=sentence)

    def judge(tx: Connection, person_id: str) -> str:
        if store.use(tx, person_id, code):
            _record_used(tx, person_id)
            return ""
        return USED if store.was_used(tx, person_id, code) else WRONG

    outcome = judge_code(flow, NAME, METHODS, person_of(situation), judge)
    if isinstance(outcome, Passed):
        return outcome
    said = {
        WRONG: _("This is none of your recovery codes. Those of an earlier list count no more."),
        USED: _("This code was used already. Take another one of the list."),
    }
    return _PAGE.show_refused(flow, situation, outcome, said)


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


STEP = Step(
    NAME,
    _applies,
    _PAGE.show,
    _answer,
    Path(__file__).parent,
    is_enrolled=store.is_enrolled,
    way=N_("No telephone at hand: use a recovery code"),
)
