"""What the endpoints that answer machines share: JSON out, and one guard around what they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Response, request
from sqlalchemy import Connection

from directory.errors import Invalid, Unavailable
from idp.oidc.engine import Answer
from idp.oidc.parameters import Malformed, Parameters
from idp.oidc.provider import current_provider
from idp.oidc.received import read_form
from idp.oidc.token_request import NeedsWriting, TokenRequest
from web.current import actor_here, current_installation
from web.error_pages import note, note_fault

# RFC 6749 section 5.1.
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that nobody may keep."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, mimetype="application/json")
    response.headers.update({**_NO_STORE, **(headers or {})})
    return response


def error_response(status: int, error: str, description: str) -> Response:
    """An OAuth error (RFC 6749 section 5.2)."""
    return json_response(status, {"error": error, "error_description": description})


Handler = Callable[[TokenRequest], Answer]


def answer_client(
    handle: Handler,
    *,
    writes: bool = True,
    finish: Callable[[Answer], Answer] = lambda answer: answer,
) -> Response:
    """Read the form, open one transaction, let `handle` answer in it, and let no input be a 500.
    What `handle` raises of `OAuth2Error` is answered as RFC 6749 section 5.2 asks, and committed:
    it was recorded.

    `writes`: whether a write transaction is needed even when the client authenticates by secret.
    `finish`: what is done with the answer once that is committed.
    """
    answer = _read_and_handle(handle, writes=writes)
    if isinstance(answer, Response):
        return answer
    answer = finish(answer)
    return json_response(answer.status, answer.body, answer.headers)


def _read_and_handle(handle: Handler, *, writes: bool) -> Answer | Response:
    try:
        parameters = read_form()
    except Malformed as problem:
        return error_response(problem.status, "invalid_request", problem.problem)
    if any("\0" in name or "\0" in value for name, value in parameters.items()):
        return error_response(400, "invalid_request", "A parameter contains NUL.")
    try:
        return _in_transaction(handle, parameters, writes=writes)
    except Unavailable as fault:
        note(fault)
        response = error_response(503, "temporarily_unavailable", "Try again shortly.")
        response.headers["Retry-After"] = str(fault.params.get("retry_after_s", 5))
        return response
    except (ValueError, RecursionError, Invalid) as error:
        # Authlib raises the first two on hostile input; the transaction is rolled back.
        note_fault(error)
        return error_response(400, "invalid_request", "The request is malformed.")


def _in_transaction(handle: Handler, parameters: Parameters, *, writes: bool) -> Answer:
    installation, engine = current_installation(), current_provider().engine

    def answer(tx: Connection, *, may_write: bool = True) -> Answer:
        request = _request(tx, parameters, may_write=may_write)
        try:
            return handle(request)
        except OAuth2Error as error:
            return engine.handle_error_response(request, error)

    # A failed authentication is audited, and an assertion is used up: both are writes.
    if writes or "client_assertion" in parameters:
        return installation.database.retrying(answer)
    with installation.database.read() as tx:
        try:
            return answer(tx, may_write=False)
        except NeedsWriting:
            pass
    return installation.database.retrying(answer)


def _request(tx: Connection, parameters: Parameters, *, may_write: bool) -> TokenRequest:
    return TokenRequest(
        current_installation(), tx, actor_here(), parameters, request.headers, may_write=may_write
    )
