"""Who is the client? Exactly one method, the registered one, or `invalid_client`.

RFC 6749 section 2.3: a client must not use more than one method in a request. Well-known
servers let requests in because *some* method did not object; here nothing passes by default.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from directory.audit import log as audit
from directory.audit.strangers import record_of_stranger
from idp.clients.model import SECRET_METHODS, Client, check_client_secret
from idp.clients.registry import find_client
from idp.keys.jose import Refused
from idp.oidc import client_assertion
from idp.oidc.token_request import NeedsWriting, TokenRequest

_MAX_HEADER_CHARS = 4096


@dataclass(frozen=True, slots=True)
class _Presented:
    """What a request brings to prove its client. `secret` is empty for the other methods."""

    method: str
    client_id: str
    secret: str = ""
    assertion: str = ""


class _Failed(Exception):
    """Why authentication failed: for the audit; the client always reads the same sentence."""


def authenticate(request: TokenRequest, methods: list[str]) -> Client:
    """The authenticated client. Raises Authlib's `InvalidClientError`, audited in the transaction.

    `methods`: those this endpoint accepts at all.
    """
    if request.parameters.repeated:
        raise InvalidRequestError("A parameter is repeated.")
    method, client_id = "", ""
    try:
        presented = _read_presented(request)
        method, client_id = presented.method, presented.client_id
        return _check(request, presented, methods)
    except (_Failed, Refused) as failure:
        _record_failure(request, method, client_id, str(failure))
        raise InvalidClientError(
            description="Client authentication failed.", status_code=401
        ) from None


def _read_presented(request: TokenRequest) -> _Presented:
    form = request.parameters
    found: list[_Presented] = []
    if "Authorization" in request.headers:
        found.append(_read_basic(request.headers["Authorization"]))
    if "client_assertion" in form or "client_assertion_type" in form:
        assertion = client_assertion.read(form)
        found.append(_Presented("private_key_jwt", assertion.client_id, assertion=assertion.text))
    if "client_secret" in form:
        found.append(
            _Presented("client_secret_post", form.get("client_id", ""), form["client_secret"])
        )
    if len(found) > 1:
        raise _Failed("more than one method")
    presented = found[0] if found else _Presented("none", form.get("client_id", ""))
    if form.get("client_id", presented.client_id) != presented.client_id:
        raise _Failed("two client ids")
    return presented


def _read_basic(header: str) -> _Presented:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > _MAX_HEADER_CHARS:
        raise _Failed("not Basic")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise _Failed("Basic does not decode") from None
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise _Failed("Basic without a colon")
    # RFC 6749 section 2.3.1: both halves are form-encoded first; openid-client even encodes "-".
    return _Presented("client_secret_basic", unquote_plus(client_id), unquote_plus(secret))


def _check(request: TokenRequest, presented: _Presented, methods: list[str]) -> Client:
    client = find_client(request.house, request.tx, presented.client_id)
    if presented.method in SECRET_METHODS and not check_client_secret(client, presented.secret):
        raise _Failed("wrong secret" if client else "unknown or disabled client")
    if client is None:
        raise _Failed("unknown or disabled client")
    if client.auth_method != presented.method:
        raise _Failed("not the registered method")
    if presented.method not in methods:
        raise _Failed("not a method of this endpoint")
    if presented.assertion:
        client_assertion.verify(request.house, request.tx, client, presented.assertion)
    return client


def _record_failure(request: TokenRequest, method: str, client_id: str, reason: str) -> None:
    if not request.may_write:
        raise NeedsWriting
    known = find_client(request.house, request.tx, client_id)
    # A stranger's text is no subject: it could be anything, and of any length.
    record_of_stranger(
        request.tx,
        "client.auth_failed",
        request.actor,
        subject=audit.client_tag(known.id) if known else "",
        method=method,
        reason=reason,
    )
