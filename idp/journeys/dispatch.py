"""Which step comes next, and when a journey has come to its end. Nobody else decides that.

The answer is read from the flow on our side, never from the browser, and steps never call one
another: a step that was skipped is simply still open, and one that was passed is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from flask import current_app, g, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.factors.proof import find_warnings
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow, Progress
from idp.journeys.journey import Journey
from idp.journeys.situation import after, read_situation
from web.csrf import browser_id
from web.current import current_installation

EXTENSION = "danhmuc.journeys"


def show(flow: Flow) -> Response:
    """The page of the step that is open."""
    journey = _journey_of(flow)
    if not _is_understood(journey, flow):
        return _begin_again(journey, flow)
    situation = _situation_of(journey, flow)
    step = _open_step(journey, flow, situation)
    if step is None:
        # Nothing is open though the end was not reached: what applied changed meanwhile.
        return _begin_again(journey, flow)
    _prepare(journey, flow, situation, step)
    return step.show(flow, situation)


def answer(flow: Flow) -> Response:
    """Take the answer to the open step; then the next page, or the end of the journey."""
    journey = _journey_of(flow)
    if not _is_understood(journey, flow):
        return _begin_again(journey, flow)
    situation = _situation_of(journey, flow)
    step = _open_step(journey, flow, situation)
    if step is None:
        return _begin_again(journey, flow)
    if request.form.get(pages.STEP, step.name) != step.name:
        return _to_page(journey, flow)  # the form of a step that is passed: sent twice, or Back
    _prepare(journey, flow, situation, step)
    outcome = step.answer(flow, situation)
    if not isinstance(outcome, Passed):
        return outcome
    if flow.client_id:
        situation.read_demand()  # a step after this one may ask, within the transaction
    with current_installation().database.write() as tx:
        respond = _take_note(tx, journey, flow, situation, step, outcome)
    return respond()


def in_address(flow: Flow) -> dict[str, str]:
    """What of the open step's half-filled form travels in the address of its page."""
    journey = _journey_of(flow)
    step = _open_step(journey, flow, _situation_of(journey, flow))
    return dict(step.in_address(flow)) if step else {}


def _prepare(journey: Journey, flow: Flow, situation: Situation, step: Step) -> None:
    """What pages of the step may show of where in the journey it stands, and of whose it is."""
    g.stage = journey.stage_of(step.name)
    if flow.journey == flows.SIGN_IN and situation.person is not None:
        g.warnings = partial(find_warnings, situation.person.id)


def _journey_of(flow: Flow) -> Journey:
    journeys: dict[str, Journey] = current_app.extensions[EXTENSION]
    return journeys[flow.journey]


def _is_understood(journey: Journey, flow: Flow) -> bool:
    """Whether this version has all the steps that the flow tells of: another may run beside it."""
    return flow.steps is not None and flow.steps.keys() <= {step.name for step in journey.steps}


def _situation_of(journey: Journey, flow: Flow) -> Situation:
    with current_installation().database.read() as tx:
        return read_situation(tx, flow, journey.steps)


def _open_step(journey: Journey, flow: Flow, situation: Situation) -> Step | None:
    """The first that is open; where several are, the browser may ask for another of them."""
    still_open = _open_steps(journey, flow, situation)
    wanted = request.form.get(pages.STEP) or request.args.get(pages.STEP)
    asked_for = [step for step in still_open if step.name == wanted]
    return next(iter(asked_for or still_open), None)


def _open_steps(journey: Journey, flow: Flow, situation: Situation) -> list[Step]:
    passed = _passed_of(flow)
    return [s for s in journey.steps if s.name not in passed and s.applies(situation)]


def _take_note(
    tx: Connection,
    journey: Journey,
    flow: Flow,
    situation: Situation,
    step: Step,
    outcome: Passed,
) -> Callable[[], Response]:
    present = flows.load(tx, flow.id, browser_id(), journey.name, to_finish=True)
    progress = _advanced(flow.progress, outcome)
    # It was right, whatever became of the flow meanwhile: what was counted for it is settled.
    outcome.settle(tx)
    if present is None or not _is_as_it_was(flow, present) or progress is None:
        return lambda: _to_page(journey, flow)  # answered elsewhere meanwhile
    advanced = flows.record_passed(tx, present, step.name, progress)
    if _open_steps(journey, advanced, after(tx, situation, advanced, journey.steps)):
        return lambda: _to_page(journey, flow)
    return journey.end(tx, advanced)


def _advanced(before: Progress, outcome: Passed) -> Progress | None:
    """None: the step names another person than those before it."""
    if before.person_id and outcome.person_id not in ("", before.person_id):
        return None
    shared = before.shared_computer if outcome.shared_computer is None else outcome.shared_computer
    return replace(
        before,
        person_id=before.person_id or outcome.person_id,
        amr=tuple(dict.fromkeys((*before.amr, *outcome.methods))),
        shared_computer=shared,
        proven_since=_since(before, outcome),
    )


def _since(before: Progress, outcome: Passed) -> int:
    return outcome.began_at if outcome.renews else before.proven_since or outcome.began_at


def _is_as_it_was(flow: Flow, present: Flow) -> bool:
    """Whether nobody has answered a step of this flow while this answer was being looked at."""
    return (flow.progress, _passed_of(flow)) == (present.progress, _passed_of(present))


def _passed_of(flow: Flow) -> set[str]:
    return {name for name, state in (flow.steps or {}).items() if state.is_passed}


def _to_page(journey: Journey, flow: Flow) -> Response:
    return redirect(f"{journey.path}?" + urlencode({"flow": flow.id}), 303)


def _begin_again(journey: Journey, flow: Flow) -> Response:
    if flow.steps == {} and flow.progress == Progress():
        raise AssertionError(f"no step of {journey.name} applies at its beginning")
    with current_installation().database.write() as tx:
        flows.start_over(tx, flow.id)
    return _to_page(journey, flow)
