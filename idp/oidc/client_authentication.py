"""Who is the client? Exactly one method, the registered one, or `invalid_client`.

RFC 6749 section 2.3: a client must not use more than one method in a request. Well-known
servers let requests in because *some* method did not object; here nothing passes by default.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from directory.actor import Actor
from directory.audit import log as audit
from directory.audit.anonymous import record_anonymous
from idp.clients.model import SECRET_METHODS, Client, check_client_secret
from idp.clients.registry import find_client, registry
from idp.keys.jose import Refused
from idp.oidc import client_assertion
from idp.oidc.client_assertion import Assertion, Unfit
from idp.oidc.events import CLIENT_AUTH_FAILED
from idp.oidc.token_request import NeedsWriting, TokenRequest

_MAX_HEADER_CHARS = 4096


@dataclass(frozen=True, slots=True)
class _Presented:
    """What a request brings to prove its client. `secret` is empty for the other methods."""

    method: str
    client_id: str
    secret: str = ""
    assertion: Assertion | None = None


_NOBODY = _Presented("", "")


class _Failed(Exception):
    """Why authentication failed, for the audit; `claimed`: by whom, as far as the request says.

    `told`: what the client may read, beside that it failed.
    """

    def __init__(self, reason: str, claimed: _Presented = _NOBODY, told: str = "") -> None:
        super().__init__(reason)
        self.claimed = claimed
        self.told = told


def authenticate(request: TokenRequest, methods: Sequence[str]) -> Client:
    """The authenticated client, as which the request goes on. Raises Authlib's
    `InvalidClientError`, audited in the transaction.

    `methods`: those this endpoint accepts at all.
    """
    if request.parameters.repeated:
        raise InvalidRequestError("A parameter is repeated.")
    try:
        client = _check(request, _read_presented(request), methods)
    except _Failed as failure:
        _record_failure(request, failure)
        description = f"Client authentication failed. {failure.told}".rstrip()
        raise InvalidClientError(description=description, status_code=401) from None
    request.client = client
    request.auth_method = client.auth_method
    request.actor = _as_client(request.actor, client)
    return client


def _as_client(actor: Actor, client: Client) -> Actor:
    return Actor("client", client.id, address=actor.address, request_id=actor.request_id)


def _read_presented(request: TokenRequest) -> _Presented:
    form = request.parameters
    found: list[_Presented] = []
    if "Authorization" in request.headers:
        found.append(_read_basic(request.headers["Authorization"]))
    if "client_assertion" in form or "client_assertion_type" in form:
        found.append(_read_assertion(form))
    if "client_secret" in form:
        found.append(
            _Presented("client_secret_post", form.get("client_id", ""), form["client_secret"])
        )
    presented = found[0] if found else _Presented("none", form.get("client_id", ""))
    if len(found) > 1:
        raise _Failed("more than one method", presented, "Use one method, and only one.")
    if form.get("client_id", presented.client_id) != presented.client_id:
        raise _Failed("two client ids", presented)
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


def _read_assertion(form: Mapping[str, str]) -> _Presented:
    method = "private_key_jwt"
    try:
        assertion = client_assertion.read(form)
    except Refused as refusal:
        claimed = _Presented(method, form.get("client_id", ""))
        raise _Failed(str(refusal), claimed) from None
    return _Presented(method, assertion.client_id, assertion=assertion)


def _check(request: TokenRequest, presented: _Presented, methods: Sequence[str]) -> Client:
    client = find_client(request.installation, request.tx, presented.client_id)
    if client is not None and client.is_public and _is_empty_basic(presented):
        presented = _Presented("none", client.id)
    if presented.method in SECRET_METHODS and not check_client_secret(client, presented.secret):
        client = _find_anew(request, presented)
        if not check_client_secret(client, presented.secret):
            raise _Failed("wrong secret" if client else "unknown or disabled client", presented)
    if client is None:
        raise _Failed("unknown or disabled client", presented)
    if client.auth_method != presented.method:
        raise _Failed("not the registered method", presented, _which_method(client, presented))
    if presented.method not in methods:
        raise _Failed("not a method of this endpoint", presented)
    if presented.assertion is not None:
        _check_assertion(request, client, presented, presented.assertion)
    return client


def _find_anew(request: TokenRequest, presented: _Presented) -> Client | None:
    """The client as it is stored now: another process may have given it a new secret just now."""
    registry(request.installation).forget(presented.client_id)
    return find_client(request.installation, request.tx, presented.client_id)


def _is_empty_basic(presented: _Presented) -> bool:
    # RFC 6749 section 2.3.1: an empty secret may be left out, so an empty one is none.
    return presented.method == "client_secret_basic" and not presented.secret


def _which_method(client: Client, presented: _Presented) -> str:
    """To whoever knows the secret: how to send it. To everybody else nothing."""
    if presented.method not in SECRET_METHODS:
        return ""
    return f"The secret is right, and this client is registered for {client.auth_method}."


def _check_assertion(
    request: TokenRequest, client: Client, presented: _Presented, assertion: Assertion
) -> None:
    try:
        client_assertion.verify(request.installation, request.tx, client, assertion)
    except Unfit as refusal:
        raise _Failed(str(refusal), presented, f"The assertion: {refusal}.") from None
    except Refused as refusal:
        raise _Failed(str(refusal), presented) from None


def _record_failure(request: TokenRequest, failure: _Failed) -> None:
    if not request.may_write:
        raise NeedsWriting
    known = find_client(request.installation, request.tx, failure.claimed.client_id)
    # A stranger's text is no subject: it could be anything, and of any length.
    record_anonymous(
        request.tx,
        CLIENT_AUTH_FAILED,
        request.actor,
        subject=audit.client_tag(known.id) if known else "",
        method=failure.claimed.method,
        reason=str(failure),
    )
