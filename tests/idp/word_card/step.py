"""The step: which word is asked for is kept in the flow."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.clock import DAY, now_ms
from directory.database.single_use import single_use
from directory.ids import digest
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from web.current import actor_here, current_installation
from web.i18n import gettext as _

NAME = "word_card"
ROWS = 1000


def word(person_id: str, row: int) -> str:
    """What stands on the person's card."""
    return digest(f"{person_id}|{row}")[:6]


def _applies(situation: Situation) -> bool:
    return situation.person is not None and situation.acr == "1"


def _show(flow: Flow, _situation: Situation) -> Response:
    return _form(flow, _row(flow))


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    row, began_at = _row(flow), now_ms()
    person = situation.person
    if person is None or request.form.get("word", "").strip() != word(person.id, row):
        return _refuse(flow, situation)
    with current_installation().database.write() as tx:
        is_first = single_use(tx, NAME, f"{person.id}|{row}", DAY)
    if not is_first:
        return _refuse(flow, situation)
    return Passed(person.id, methods=("otp",), began_at=began_at)


def _refuse(flow: Flow, situation: Situation) -> Response:
    with current_installation().database.write() as tx:
        record(
            tx,
            SIGNIN_REFUSED,
            actor_here(),
            subject=person_tag(situation.person.id) if situation.person else "",
            reason="wrong_password",  # a factor of the product has a kind and words of its own
            login_hash="",
            application=flow.client_id,
        )
    row = _ask_for_another(flow)
    return _form(flow, row, status=403, error=_("That is not the word of this row."))


def _row(flow: Flow) -> int:
    row = flow.kept(NAME).get("row")
    return row if isinstance(row, int) else _ask_for_another(flow)


def _ask_for_another(flow: Flow) -> int:
    row = 1 + secrets.randbelow(ROWS)
    with current_installation().database.write() as tx:
        flows.keep(tx, flow.id, NAME, {"row": row})
    return row


def _form(flow: Flow, row: int, *, status: int = 200, error: str = "") -> Response:
    pages.prepare(flow)
    errors = [{"field": "word", "message": error}] if error else []
    page = render_template("word_card/form.html", row=row, errors=errors, step=NAME)
    return make_response(page, status)


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent)
