"""/authorize: the checks are run; what follows when all have passed is `authorize_response`."""

from __future__ import annotations

from dataclasses import replace

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from flask import Response, g, request
from sqlalchemy import Connection

from directory.audit import log as audit
from directory.audit.anonymous import record_anonymous
from directory.installation import Installation
from idp.flows import store as flows
from idp.flows.step import Demand
from idp.flows.store import Flow
from idp.oidc import posted_requests
from idp.oidc.authorize_response import answer, may_enter, tell
from idp.oidc.checks.order import CHECKS
from idp.oidc.diagnosis import received_of
from idp.oidc.events import AUTHZ_REDIRECT_REJECTED
from idp.oidc.interaction import PROVED_TOO_LITTLE, find_reason
from idp.oidc.lost_flow import lost_flow_page
from idp.oidc.parameters import Malformed, Parameters, cut_hints
from idp.oidc.received import read_form, read_query
from idp.oidc.request_under_check import TRIED_BY, AuthorizationRequest
from idp.oidc.responses import Outcome, ToPage, client_error, render
from idp.oidc.trials.ending import show_faults
from idp.oidc.trials.examination import find_faults
from idp.sessions.cookies import current_session
from idp.sessions.store import Session
from web.csrf import browser_id
from web.current import actor_here, current_installation


def authorization_endpoint() -> Response:
    """RFC 6749 section 3.1, OIDC Core section 3.1.2."""
    installation = current_installation()
    try:
        parameters = cut_hints(_read_parameters())
    except Malformed as problem:
        page = client_error(None, InvalidRequestError(problem.problem), "")
        return render(replace(page, status=problem.status))
    return render(installation.database.retrying(lambda tx: _decide(installation, tx, parameters)))


def continue_endpoint() -> Response:
    """GET /authorize/continue?flow=…: the person comes back from the sign-in pages."""
    installation = current_installation()

    def go_on(tx: Connection) -> Outcome:
        flow_id = request.args.get("flow", "")
        flow = flows.load(tx, flow_id, browser_id(), to_finish=True)
        if flow is None or not flow.client_id:
            return lost_flow_page(installation, tx, flow_id)
        return _check_and_answer(_request_of(installation, tx, flow), flow)

    return render(installation.database.retrying(go_on), after_form=True)


def find_open_question(
    installation: Installation, tx: Connection, flow: Flow, session: Session
) -> str | None:
    """Why the session that is there does not answer this flow yet (see `find_reason`); None when
    the way on is /authorize/continue, which also says what else may be wrong. Only reads."""
    asked = _checked(installation, tx, flow)
    reason = find_reason(asked, session, flow) if asked else None
    if asked and reason == PROVED_TOO_LITTLE and not may_enter(asked, session):
        return None
    return reason


def read_demand(installation: Installation, tx: Connection, flow: Flow) -> Demand:
    """What the application asks of the sign-in; nothing where a check fails, which
    /authorize/continue tells. Only reads."""
    asked = _checked(installation, tx, flow) if flow.client_id else None
    if asked is None:
        return Demand()
    levels = tuple(asked.parameters.get("acr_values", "").split())
    return Demand(levels, asked.max_age, asked.prompts, asked.least_acr)


def _checked(installation: Installation, tx: Connection, flow: Flow) -> AuthorizationRequest | None:
    """The request of a flow with all that the checks make of it; None where one fails."""
    asked = _request_of(installation, tx, flow)
    for check in CHECKS:
        try:
            check.run(asked)
        except OAuth2Error:
            return None
    return asked


def _read_parameters() -> Parameters:
    if request.method != "POST":
        return read_query()
    if request.query_string:
        raise Malformed(400, "Parameters must be in the body or in the query, not in both.")
    return read_form()


def _decide(installation: Installation, tx: Connection, parameters: Parameters) -> Outcome:
    if request.method != "POST" and set(parameters) == {posted_requests.PARAMETER}:
        kept = posted_requests.fetch(tx, parameters[posted_requests.PARAMETER])
        if kept is None:
            return lost_flow_page(installation, tx, "")
        parameters = kept
    return _check_and_answer(AuthorizationRequest(installation, tx, parameters), None)


def _request_of(installation: Installation, tx: Connection, flow: Flow) -> AuthorizationRequest:
    parameters = Parameters(flow.request, frozenset())
    return AuthorizationRequest(installation, tx, parameters, flow.request.get(TRIED_BY))


def _check_and_answer(asked: AuthorizationRequest, flow: Flow | None) -> Outcome:
    g.ui_locales = asked.parameters.get("ui_locales", "")  # for the pages shown from here
    refused = _run_checks(asked)
    if refused is not None:
        return refused
    if request.method == "POST":
        return ToPage(posted_requests.keep(asked.tx, asked.known_parameters()))
    return answer(asked, current_session(asked.tx), flow)


def _run_checks(asked: AuthorizationRequest) -> Outcome | None:
    if asked.tried_by is not None:
        faults = find_faults(asked)
        return show_faults(asked, current_session(asked.tx), faults) if faults else None
    for check in CHECKS:
        try:
            check.run(asked)
        except OAuth2Error as error:
            if check.tells_application:
                return tell(asked, error, check.parameter)
            _record_rejected(asked, error, check.parameter)
            return client_error(asked, error, check.parameter)
    return None


def _record_rejected(asked: AuthorizationRequest, error: OAuth2Error, parameter: str) -> None:
    subject = audit.client_tag(asked.client.id) if asked.is_client_known() else ""
    record_anonymous(
        asked.tx,
        AUTHZ_REDIRECT_REJECTED,
        actor_here(),
        subject=subject,
        reason=error.description or error.error,
        parameter=parameter,
        received=received_of(asked.parameters, parameter),
    )
