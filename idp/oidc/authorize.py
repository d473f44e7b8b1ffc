"""/authorize: the table of checks, and what follows when all of them passed.

Read `CHECKS` from top to bottom: that is the security review of this endpoint. Until the client and
its redirect URI are known to be good, an error is a page and no answer leaves this server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidRequestError
from authlib.oidc.core.errors import LoginRequiredError
from flask import Response, request
from sqlalchemy import Connection

from directory.audit import log as audit
from directory.authz.decisions import Decision
from directory.clock import now_ms
from directory.installation import Installation
from idp.flows import store as flows
from idp.flows.store import Flow
from idp.kit.csrf import browser_id
from idp.oidc import posted, refusal
from idp.oidc.checks.client import check_client
from idp.oidc.checks.id_token_hint import check_id_token_hint
from idp.oidc.checks.lengths import check_lengths
from idp.oidc.checks.max_age import check_max_age
from idp.oidc.checks.pkce import check_pkce
from idp.oidc.checks.prompt import check_prompt
from idp.oidc.checks.redirect_uri import check_redirect_uri
from idp.oidc.checks.repeated import reject_repeated
from idp.oidc.checks.request_object import refuse_request_object
from idp.oidc.checks.resource import check_resource
from idp.oidc.checks.response_mode import check_response_mode
from idp.oidc.checks.response_type import check_response_type
from idp.oidc.checks.scope import check_scope
from idp.oidc.codes import Code, seal_code
from idp.oidc.entry import read_entry
from idp.oidc.families import new_family_id
from idp.oidc.interaction import find_reason, is_signed_in_within
from idp.oidc.parameters import Malformed, Parameters, read_form, read_query
from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.responses import (
    Outcome,
    Page,
    ToPage,
    client_error,
    hand_over,
    hand_over_error,
    render,
)
from idp.oidc.standing import read_standing
from idp.request import actor_here, current_house
from idp.sessions.cookies import current_session
from idp.sessions.store import Session, note_client


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `tells_application`: its error goes back to the redirect URI."""

    run: Callable[[AuthorizationRequest], None]
    parameter: str
    tells_application: bool


CHECKS = (
    #     check                  parameter at fault       error goes to the application
    Check(reject_repeated, "", False),
    Check(check_client, "client_id", False),
    Check(check_redirect_uri, "redirect_uri", False),
    # --- from here on the answer has an address ------------------------------------------------
    Check(check_response_mode, "response_mode", True),
    Check(check_lengths, "", True),
    Check(refuse_request_object, "request", True),
    Check(check_response_type, "response_type", True),
    Check(check_scope, "scope", True),
    Check(check_resource, "resource", True),
    Check(check_pkce, "code_challenge", True),
    Check(check_prompt, "prompt", True),
    Check(check_max_age, "max_age", True),
    Check(check_id_token_hint, "id_token_hint", True),
)
# Errors an application provokes in the course of normal work: not worth an audit event each.
_EVERYDAY = frozenset({"login_required", "interaction_required"})


def authorization_endpoint() -> Response:
    """RFC 6749 section 3.1, OIDC Core section 3.1.2."""
    house = current_house()
    try:
        parameters = _read_parameters()
    except Malformed as problem:
        return render(client_error(None, InvalidRequestError(problem.problem), ""))
    with house.database.write() as tx:
        outcome = _decide(house, tx, parameters)
    return render(outcome)


def continue_endpoint() -> Response:
    """GET /authorize/continue?flow=…: the person comes back from the sign-in pages."""
    house = current_house()
    with house.database.write() as tx:
        flow = flows.load(tx, request.args.get("flow", ""), browser_id())
        if flow is None or not flow.client_id:
            outcome = _without_flow(tx)
        else:
            parameters = Parameters(flow.request, frozenset())
            outcome = _check_and_answer(house, tx, parameters, flow)
    return render(outcome)


def _without_flow(tx: Connection) -> Outcome:
    if current_session(tx) is not None:
        return Page("signin/link_reused.html", 410, {"application": None, "signed_in": True})
    return Page("signin/session_expired.html", 410, {"application": None})


def _read_parameters() -> Parameters:
    if request.method != "POST":
        return read_query()
    if request.query_string:
        raise Malformed(400, "Parameters must be in the body or in the query, not in both.")
    return read_form()


def _decide(house: Installation, tx: Connection, parameters: Parameters) -> Outcome:
    if request.method != "POST" and set(parameters) == {posted.PARAMETER}:
        kept = posted.fetch(tx, parameters[posted.PARAMETER])
        if kept is None:
            return _without_flow(tx)
        parameters = kept
    return _check_and_answer(house, tx, parameters, None)


def _check_and_answer(
    house: Installation, tx: Connection, parameters: Parameters, flow: Flow | None
) -> Outcome:
    asked = AuthorizationRequest(house, tx, parameters)
    refused = _run_checks(asked)
    if refused is not None:
        return refused
    if request.method == "POST":
        return ToPage(posted.keep(tx, parameters))
    return _answer(asked, current_session(tx), flow)


def _run_checks(asked: AuthorizationRequest) -> Outcome | None:
    for check in CHECKS:
        try:
            check.run(asked)
        except OAuth2Error as error:
            if check.tells_application:
                return _tell(asked, error)
            _record_rejected(asked, error)
            return client_error(asked, error, check.parameter)
    return None


def _answer(asked: AuthorizationRequest, session: Session | None, flow: Flow | None) -> Outcome:
    reason = find_reason(asked, session, flow)
    if session is None or reason is not None:
        return _sign_in_first(asked, session, flow, reason or "session")
    decision = _may_enter(asked, session)
    if flow is not None:
        flows.finish(asked.tx, flow.id)
    if not decision.allowed:
        return _refuse_entry(asked, session, decision)
    return _enter(asked, session)


def _may_enter(asked: AuthorizationRequest, session: Session) -> Decision:
    standing = read_standing(asked.tx, session.person_id, session.sid, asked.client.id)
    if standing is None:
        return Decision(False, "person_not_active")
    # Asked here and remembered: the code exchange that follows finds the claims ready.
    return read_entry(asked.house, asked.tx, asked.client.id, standing).decision


def _sign_in_first(
    asked: AuthorizationRequest, session: Session | None, flow: Flow | None, reason: str
) -> Outcome:
    if asked.is_silent:
        return _tell(asked, LoginRequiredError("The person must sign in."))
    if flow is None:
        return _begin_flow(asked)
    if flow.authenticated_at is None:
        return ToPage("/dang-nhap?" + urlencode({"flow": flow.id}))
    flows.finish(asked.tx, flow.id)
    if reason == "id_token_hint" and session is not None and is_signed_in_within(flow, session):
        # They signed in, and as somebody else than the application expects.
        return _tell(asked, LoginRequiredError("Another person signed in."))
    # The flow was answered and its session is gone (cookie refused, ended meanwhile): begin anew,
    # or browser and server would send each other round in circles.
    return _begin_flow(asked)


def _begin_flow(asked: AuthorizationRequest) -> Outcome:
    flow_id = flows.create(asked.tx, dict(asked.parameters), asked.client.id, browser_id())
    return ToPage("/dang-nhap?" + urlencode({"flow": flow_id}))


def _refuse_entry(asked: AuthorizationRequest, session: Session, decision: Decision) -> Outcome:
    audit.record(
        asked.tx,
        "application.refused",
        actor_here(session.person_id),
        subject=audit.client_tag(asked.client.id),
        session=session.sid,
        reason=decision.reason,
    )
    denied = hand_over_error(
        asked.house, asked, AccessDeniedError("The person may not enter this application.")
    )
    if asked.is_silent:
        return denied
    return refusal.page(asked, session, decision, denied)


def _enter(asked: AuthorizationRequest, session: Session) -> Outcome:
    note_client(asked.tx, session.sid, asked.client.id)
    audit.record(
        asked.tx,
        "application.entered",
        actor_here(session.person_id),
        subject=audit.client_tag(asked.client.id),
        session=session.sid,
        scope=asked.scope,
    )
    code = Code(
        family_id=new_family_id(),
        client_id=asked.client.id,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        scope=asked.scope,
        resources=list(asked.resources),
        nonce=asked.parameters.get("nonce", ""),
        person_id=session.person_id,
        sid=session.sid,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=list(session.amr),
        session_expires_at=session.expires_at,
        issued_at=now_ms(),
    )
    return hand_over(asked.house, asked, {"code": seal_code(asked.house.keyring, code)})


def _tell(asked: AuthorizationRequest, error: OAuth2Error) -> Outcome:
    if error.error not in _EVERYDAY:
        audit.record(
            asked.tx,
            "authz.request_refused",
            actor_here(),
            subject=audit.client_tag(asked.client.id),
            error=error.error,
            reason=error.get_error_description() or "",
        )
    return hand_over_error(asked.house, asked, error)


def _record_rejected(asked: AuthorizationRequest, error: OAuth2Error) -> None:
    subject = audit.client_tag(asked.client.id) if asked.is_client_known() else ""
    audit.record(
        asked.tx,
        "authz.redirect_rejected",
        actor_here(),
        subject=subject,
        reason=error.description or error.error,
    )
