"""The sign-in: who is it, as surely as the application wants to know? Its end is a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from flask import redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import faults
from directory.audit.log import person_tag, record
from directory.clock import now_ms
from directory.messages.sending import send
from directory.projection import queries
from directory.projection.apply import note_signed_in
from idp import paths
from idp.break_glass.opening import note_session
from idp.devices import store as devices
from idp.devices.cookie import device_id, set_device_cookie
from idp.devices.messages import NEW_DEVICE, browser_words
from idp.factor_policy.decision import must_have
from idp.factor_policy.limits import find_limits
from idp.factors.certificate import step as certificate
from idp.factors.passkey import step as passkey
from idp.factors.password import replace_step
from idp.factors.password import step as password
from idp.factors.recovery_codes import step as recovery_codes
from idp.factors.totp import step as totp
from idp.flows import own_pages
from idp.flows import store as flows
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.step import Step
from idp.flows.store import Flow, Progress
from idp.journeys.events import SIGNIN_SUCCEEDED
from idp.journeys.journey import Journey
from idp.levels import TWO_FACTORS
from idp.logout.ending import end_session
from idp.recovery import lost_step
from idp.sessions import store as sessions
from idp.sessions.assurance import acr_of
from idp.sessions.cookies import current_session, set_session_cookie
from idp.sessions.limits import Limits, limits_of, strictest
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.request import client_address

STEPS: tuple[Step, ...] = (
    password.STEP,
    passkey.STEP,
    certificate.STEP,
    totp.STEP,
    recovery_codes.STEP,
    lost_step.STEP,
    replace_step.STEP,
    totp.ENROLMENT_STEP,
    totp.REMINDER_STEP,
)


# Of the journeys that end in a session.
_PATHS = {flows.SIGN_IN: paths.SIGN_IN, flows.ACTIVATE: paths.ACTIVATE}


def onward_url(flow: Flow) -> str:
    """Where a browser goes once it is signed in: places of ours, nothing it can choose."""
    if not flow.client_id:
        return own_pages.page_of(flow)
    return f"{paths.CONTINUE}?" + urlencode({"flow": flow.id})


def give_session(tx: Connection, flow: Flow) -> Callable[[], Response]:
    """The end: every step that applies is passed."""
    progress = flow.progress
    if not progress.person_id or not progress.amr:
        raise AssertionError("a sign-in came to its end and nobody has proved who they are")
    if not sessions.still_counts(tx, progress.person_id, progress.proven_since):
        return _changed_meanwhile(tx, flow)
    session, cookie_value, is_renewed = _open_or_renew(tx, progress)
    faults.reach("session.opened")
    flows.mark_authenticated(tx, flow.id, session.sid)
    is_foreign = progress.shared_computer and not _is_known_here(tx, progress)
    device, is_new_device = _note_device(tx, progress)
    if (is_foreign or is_new_device) and not is_renewed:
        _tell_of_device(tx, progress.person_id)
    note_signed_in(tx, progress.person_id)
    agency_id = queries.home_agency_of(tx, progress.person_id)
    actor = actor_here(progress.person_id, agency_id)
    note_session(tx, current_installation(), actor, progress.person_id, session.sid)
    record(
        tx,
        SIGNIN_SUCCEEDED,
        actor,
        subject=person_tag(progress.person_id),
        session=session.sid,
        methods=" ".join(session.amr),
        shared_computer=session.shared_computer,
        renewed=is_renewed,
        new_device=is_new_device,
        application=flow.client_id,
    )
    return partial(_send_on, flow, session, cookie_value, device)


def _send_on(flow: Flow, session: Session, cookie_value: str, device: str) -> Response:
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
    browser, is_new = devices.remember(tx, device_id(), progress.person_id)
    if acr_of(progress.amr) == TWO_FACTORS:
        devices.note_proved(tx, browser, progress.person_id)
    return browser, is_new


def _is_known_here(tx: Connection, progress: Progress) -> bool:
    return devices.find_counter(tx, device_id(), progress.person_id) is not None


def _tell_of_device(tx: Connection, person_id: str) -> None:
    """On a shared computer, too: whoever stole a password would only have to say that it is one."""
    send(
        tx,
        current_installation(),
        NEW_DEVICE,
        person_id,
        at=now_ms(),
        browser=browser_words(request.headers.get("User-Agent", "")),
        address=client_address(),
    )


def _changed_meanwhile(tx: Connection, flow: Flow) -> Callable[[], Response]:
    """The answers were right when they were checked, and the account was changed meanwhile."""
    flows.start_over(tx, flow.id)
    person_id = flow.progress.person_id
    record(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(person_id),
        agency=queries.home_agency_of(tx, person_id),
        reason="changed_meanwhile",
        login_hash="",
        application=flow.client_id,
    )
    path = _PATHS[flow.journey]
    return lambda: redirect(f"{path}?" + urlencode({"flow": flow.id}), 303)


def _open_or_renew(tx: Connection, progress: Progress) -> tuple[Session, str, bool]:
    """The person's own session with a new cookie value, or a new session; another person's ends."""
    before = current_session(tx)
    acr = acr_of(progress.amr)
    limits = _limits_of(tx, progress.person_id)
    if before is not None and before.person_id == progress.person_id:
        renewed = sessions.renew(
            tx,
            before.sid,
            amr=progress.amr,
            acr=acr,
            shared_computer=progress.shared_computer,
            limits=limits,
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
        limits=limits,
    )
    return *opened, False


def _limits_of(tx: Connection, person_id: str) -> Limits:
    person = queries.person(tx, person_id)
    administers = person is not None and must_have(tx, person)
    usual = limits_of(current_installation().settings, administers=administers)
    return strictest(usual, find_limits(tx, person_id) or usual)


SIGN_IN = Journey(flows.SIGN_IN, paths.SIGN_IN, STEPS, give_session)
