"""POST /token: a grant becomes tokens. One transaction, one commit; signed after it."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from directory import faults
from directory.audit import log as audit
from directory.audit.anonymous import record_anonymous
from idp.oidc.diagnosis import parameter_of, received_of
from idp.oidc.engine import Answer
from idp.oidc.events import TOKEN_REFUSED
from idp.oidc.machine_endpoints import answer_client
from idp.oidc.provider import current_provider
from idp.oidc.token_request import TokenRequest
from idp.oidc.tokens import sign_answer
from web.current import current_installation

_GRANT_TYPE_CHARS = 40


def token_endpoint() -> Response:
    """RFC 6749 section 3.2."""
    return answer_client(_grant, finish=_signed)


def _signed(answer: Answer) -> Answer:
    if answer.status != 200:
        return answer
    faults.reach("tokens.committed")
    return replace(answer, body=sign_answer(current_installation(), answer.body))


def _grant(request: TokenRequest) -> Answer:
    if request.parameters.repeated:
        return _refused(request, "A parameter is repeated.")
    if "grant_type" not in request.parameters:
        return _refused(request, "The grant_type is missing.")
    answer: Answer = current_provider().engine.create_token_response(request)
    if answer.status != 200 and answer.body.get("error") != "invalid_client":
        _record_refusal(request, answer)
    faults.reach("tokens.before_commit")
    return answer


def _refused(request: TokenRequest, problem: str) -> Answer:
    answer = Answer(400, {"error": "invalid_request", "error_description": problem}, {})
    _record_refusal(request, answer)
    return answer


def _record_refusal(request: TokenRequest, answer: Answer) -> None:
    # Naming a public client is no authentication.
    is_proven = request.client and request.client.auth_method != "none"
    tell = audit.record if is_proven else record_anonymous
    reason = answer.body.get("error_description", "")
    parameter = parameter_of(reason, answer.body["error"])
    tell(
        request.tx,
        TOKEN_REFUSED,
        request.actor,
        subject=audit.client_tag(request.client.id) if request.client else "",
        grant_type=request.parameters.get("grant_type", "")[:_GRANT_TYPE_CHARS],
        error=answer.body["error"],
        reason=reason,
        parameter=parameter,
        received=received_of(request.parameters, parameter),
    )
