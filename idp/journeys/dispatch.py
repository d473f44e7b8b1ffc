"""Which step comes next, and what happens when none is left.

The answer is read from the flow on our side, never from the browser, and steps never call one
another: a step that was skipped is simply still open.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from directory import faults
from directory.audit.log import person_tag, record
from directory.projection import queries
from idp.devices import store as devices
from idp.devices.cookie import device_id, set_device_cookie
from idp.factors.password import step as password
from idp.factors.password.events import SIGNIN_REFUSED
from idp.flows import store as flows
from idp.flows.step import Passed, Step
from idp.flows.store import Flow, Progress
from idp.journeys.events import SIGNIN_SUCCEEDED
from idp.logout.ending import end_session
from idp.sessions import store as sessions
from idp.sessions.assurance import acr_of
from idp.sessions.cookies import current_session, set_session_cookie
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.request import client_address

STEPS: tuple[Step, ...] = (password.STEP,)


def show(flow: Flow) -> BaseResponse:
    """The page of the step that is open."""
    step = _next_step(flow.progress)
    return step.show(flow) if step else redirect(onward_url(flow), 303)


def answer(flow: Flow) -> BaseResponse:
    """Take the answer to the open step; then the next page, or on to where the person was going."""
    step = _next_step(flow.progress)
    if step is None:
        return redirect(onward_url(flow), 303)
    outcome = step.answer(flow)
    if not isinstance(outcome, Passed):
        return outcome
    if _next_step(outcome.progress) is not None:
        with current_installation().database.write() as tx:
            outcome.settle(tx)
            flows.record_progress(tx, flow.id, outcome.progress)
        return redirect("/dang-nhap?" + urlencode({"flow": flow.id}), 303)
    return _complete(flow, outcome.progress, outcome.settle)


def onward_url(flow: Flow) -> str:
    """Where a browser goes once it is signed in: two places of ours, nothing it can choose."""
    if not flow.client_id:
        return "/"
    return "/authorize/continue?" + urlencode({"flow": flow.id})


def _next_step(progress: Progress) -> Step | None:
    return next((step for step in STEPS if step.is_open(progress)), None)


def _complete(flow: Flow, progress: Progress, settle: Callable[[Connection], None]) -> BaseResponse:
    with current_installation().database.write() as tx:
        settle(tx)
        if not sessions.still_counts(tx, progress.person_id, progress.proven_since):
            return _begin_again(tx, flow, progress)
        session, cookie_value, is_renewed = _give_session(tx, progress)
        faults.reach("session.opened")
        flows.mark_authenticated(tx, flow.id, session.sid)
        device, is_new_device = _note_device(tx, progress)
        agency_id = queries.home_agency_of(tx, progress.person_id)
        record(
            tx,
            SIGNIN_SUCCEEDED,
            actor_here(progress.person_id, agency_id),
            subject=person_tag(progress.person_id),
            session=session.sid,
            methods=" ".join(session.amr),
            shared_computer=session.shared_computer,
            renewed=is_renewed,
            new_device=is_new_device,
            application=flow.client_id,
        )
    faults.reach("session.committed")
    response = redirect(onward_url(flow), 303)
    set_session_cookie(response, cookie_value, shared_computer=session.shared_computer)
    if device:
        set_device_cookie(response, device)
    return response


def _note_device(tx: Connection, progress: Progress) -> tuple[str, bool]:
    """The browser's id to be kept by it, and whether the person is new there.

    A shared computer is nobody's device, and no longer one where it was.
    """
    if progress.shared_computer:
        devices.forget(tx, device_id(), progress.person_id)
        return "", False
    return devices.remember(tx, device_id(), progress.person_id)


def _begin_again(tx: Connection, flow: Flow, progress: Progress) -> BaseResponse:
    """The answers were right when they were checked, and the account was changed meanwhile."""
    flows.record_progress(tx, flow.id, Progress())
    record(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(progress.person_id),
        agency=queries.home_agency_of(tx, progress.person_id),
        reason="changed_meanwhile",
        login_hash="",
        application=flow.client_id,
    )
    return redirect("/dang-nhap?" + urlencode({"flow": flow.id}), 303)


def _give_session(tx: Connection, progress: Progress) -> tuple[Session, str, bool]:
    """The person's own session with a new cookie value, or a new session; another person's ends."""
    before = current_session(tx)
    acr = acr_of(progress.amr)
    if before is not None and before.person_id == progress.person_id:
        renewed = sessions.renew(
            tx,
            before.sid,
            amr=progress.amr,
            acr=acr,
            shared_computer=progress.shared_computer,
        )
        if renewed is not None:
            return *renewed, True
    elif before is not None:
        actor = actor_here(progress.person_id)
        end_session(tx, current_installation(), before.sid, before.person_id, actor, "other_person")
    for sid in sessions.list_surplus(tx, progress.person_id):
        actor = actor_here(progress.person_id)
        end_session(tx, current_installation(), sid, progress.person_id, actor, "too_many")
    opened = sessions.open_session(
        tx,
        progress.person_id,
        amr=progress.amr,
        acr=acr,
        address=client_address(),
        user_agent=request.headers.get("User-Agent", ""),
        shared_computer=progress.shared_computer,
        proven_since=progress.proven_since,
    )
    return *opened, False
