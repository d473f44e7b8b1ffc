"""A new password for whoever has forgotten theirs: a way is chosen, it proves who they are, they
set one. It ends in no session: a second factor is asked for at the sign-in, as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from flask import redirect
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp import paths
from idp.factors.passkey import step as passkey
from idp.flows import store as flows
from idp.flows.step import Situation, Step
from idp.flows.store import Flow
from idp.journeys.journey import Journey
from idp.recovery import link_steps, steps


def _of_nobody(situation: Situation) -> bool:
    """With the finger, face or PIN that the device asks for, it proves two factors by itself."""
    return situation.person is None


STEPS: tuple[Step, ...] = (
    steps.CHOOSE_STEP,
    steps.CODE_STEP,
    replace(passkey.STEP, applies=_of_nobody),
    link_steps.NAME_STEP,
    link_steps.CODE_STEP,
    steps.NO_WAY_STEP,
    steps.PASSWORD_STEP,
)


def _end(tx: Connection, flow: Flow) -> Callable[[], Response]:
    if "pop" in flow.progress.amr:
        steps.record_proved(tx, flow.progress.person_id, "passkey")
    flows.finish(tx, flow.id)
    return lambda: redirect(f"{paths.RECOVER}?" + urlencode({"flow": flow.id}), 303)


RECOVER = Journey(flows.RECOVER, paths.RECOVER, STEPS, _end, done="recovery/done.html")
