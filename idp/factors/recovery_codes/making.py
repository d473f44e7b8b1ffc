"""The step that ends with a list of codes on paper, for whoever has just set a second factor up.

Looked at again, the page shows the same codes: until somebody says that they have kept them, they
are sealed in the flow, and good for nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path

from flask import make_response, render_template
from werkzeug.wrappers import Response

from directory import clock
from directory.sealed import Purpose, SealBroken
from idp import printed_codes
from idp.factors.recovery_codes import store
from idp.factors.recovery_codes.views import record_made
from idp.factors.typed_code import person_of
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.levels import TWO_FACTORS
from idp.lifetimes import FLOW_MS
from web.current import current_installation

NAME = "recovery_codes_made"
_SEALED = Purpose("recovery-codes-shown", FLOW_MS)


def _applies(situation: Situation) -> bool:
    return (
        situation.person is not None
        and situation.acr == TWO_FACTORS
        and store.KIND not in situation.enrolled
    )


def _show(flow: Flow, situation: Situation) -> Response:
    person = person_of(situation)
    made = _find_kept(flow, person.id)
    if made is None:
        made = store.new_codes()
        _keep(flow, person.id, made)
    pages.prepare(flow)
    page = render_template(
        "recovery_codes/made.html",
        person=person,
        codes=[printed_codes.shown(code) for code in made],
        made_at=clock.now_ms(),
        step=NAME,
    )
    return make_response(page)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    """They are kept: from now on they count."""
    person = person_of(situation)
    made = _find_kept(flow, person.id)
    if made is None:
        return _show(flow, situation)
    with current_installation().database.write() as tx:
        store.make(tx, person.id, made)
        record_made(tx, person.id, len(made))
    return Passed(person.id)


def _keep(flow: Flow, person_id: str, made: Sequence[str]) -> None:
    installation = current_installation()
    sealed = installation.keyring.seal(_SEALED, f"{flow.id}|{person_id}", " ".join(made).encode())
    with installation.database.write() as tx:
        flows.keep(tx, flow.id, NAME, {"sealed": base64.b64encode(sealed).decode()})


def _find_kept(flow: Flow, person_id: str) -> tuple[str, ...] | None:
    try:
        sealed = base64.b64decode(str(flow.kept(NAME).get("sealed", "")))
        opened = current_installation().keyring.open(_SEALED, f"{flow.id}|{person_id}", sealed)
    except (binascii.Error, SealBroken):
        return None
    return tuple(opened.decode().split())


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent)
