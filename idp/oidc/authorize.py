"""/authorize: the table of checks. What follows when all have passed is `entering`.

Read `CHECKS` from top to bottom: that is the security review of this endpoint. Until the client and
its redirect URI are known to be good, an error is a page and no answer leaves this server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from idp.oidc.authorize_response import answer, tell
from idp.oidc.checks.acr_values import check_acr_values
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
from idp.oidc.events import AUTHZ_REDIRECT_REJECTED
from idp.oidc.interaction import find_reason
from idp.oidc.lost_flow import lost_flow_page
from idp.oidc.parameters import Malformed, Parameters, cut_hints, read_form, read_query
from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.responses import Outcome, ToPage, client_error, render
from idp.sessions.cookies import current_session
from idp.sessions.store import Session
from web.csrf import browser_id
from web.current import actor_here, current_installation


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `tells_application`: its error goes back to the redirect URI."""

    run: Callable[[AuthorizationRequest], None]
    parameter: str
    tells_application: bool


# fmt: off
CHECKS = (
    #     check                   parameter at fault    its error goes to the application
    Check(reject_repeated,        "",                   False),
    Check(check_client,           "client_id",          False),
    Check(check_redirect_uri,     "redirect_uri",       False),
    # --- from here on the answer has an address ---
    Check(check_response_mode,    "response_mode",      True),
    Check(check_lengths,          "",                   True),
    Check(refuse_request_object,  "request",            True),
    Check(check_response_type,    "response_type",      True),
    Check(check_scope,            "scope",              True),
    Check(check_resource,         "resource",           True),
    Check(check_pkce,             "code_challenge",     True),
    Check(check_prompt,           "prompt",             True),
    Check(check_max_age,          "max_age",            True),
    Check(check_id_token_hint,    "id_token_hint",      True),
    Check(check_acr_values,       "acr_values",         True),
)
# fmt: on


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
        return _check_and_answer(installation, tx, Parameters(flow.request, frozenset()), flow)

    return render(installation.database.retrying(go_on), after_form=True)


def find_open_question(
    installation: Installation, tx: Connection, flow: Flow, session: Session
) -> str | None:
    """Why the session that is there does not answer this flow yet (see `find_reason`); None when
    the way on is /authorize/continue, which also says what else may be wrong. Only reads."""
    asked = _checked(installation, tx, flow)
    return find_reason(asked, session, flow) if asked else None


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
    asked = AuthorizationRequest(installation, tx, Parameters(flow.request, frozenset()))
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
    return _check_and_answer(installation, tx, parameters, None)


def _check_and_answer(
    installation: Installation, tx: Connection, parameters: Parameters, flow: Flow | None
) -> Outcome:
    asked = AuthorizationRequest(installation, tx, parameters)
    g.ui_locales = parameters.get("ui_locales", "")  # for the pages shown from here
    refused = _run_checks(asked)
    if refused is not None:
        return refused
    if request.method == "POST":
        return ToPage(posted_requests.keep(tx, asked.known_parameters()))
    return answer(asked, current_session(tx), flow)


def _run_checks(asked: AuthorizationRequest) -> Outcome | None:
    for check in CHECKS:
        try:
            check.run(asked)
        except OAuth2Error as error:
            if check.tells_application:
                return tell(asked, error)
            _record_rejected(asked, error)
            return client_error(asked, error, check.parameter)
    return None


def _record_rejected(asked: AuthorizationRequest, error: OAuth2Error) -> None:
    subject = audit.client_tag(asked.client.id) if asked.is_client_known() else ""
    record_anonymous(
        asked.tx,
        AUTHZ_REDIRECT_REJECTED,
        actor_here(),
        subject=subject,
        reason=error.description or error.error,
    )
