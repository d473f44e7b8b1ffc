"""Authlib's authorization server on our stores.

Authlib knows the grants and the order of their steps; it is given its request already parsed, its
client already authenticated, and one transaction. What it does unsafely by default is closed in
the subclasses of `grants` and here: no method guessing, no transport judged by a proxy's URL, no
token in its debug log, no error text with input in it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.base import invalid_error_characters
from authlib.oauth2.rfc6749 import AuthorizationServer

from directory.loading import load
from idp.clients.model import SCOPES, Client
from idp.feature import Grant
from idp.oidc.client_authentication import authenticate
from idp.oidc.token_request import TokenRequest

CHALLENGE = 'Basic realm="danhmuc", charset="UTF-8"'

# Authlib writes whole tokens at DEBUG ("Issue token %r to %r").
logging.getLogger("authlib").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers; a body that is a mapping becomes JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Engine(AuthorizationServer):
    """Authlib's server with the grants that were declared; one for an application, without state of
    any request."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        for grant in grants:
            self.register_grant(load(grant.work))

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def authenticate_client(
        self, request: TokenRequest, methods: list[str], _endpoint: str = "token"
    ) -> Client:
        """Authlib tries one method after another; we allow the registered one and no second."""
        return authenticate(request, methods)

    def validate_requested_scope(self, scope: str | None) -> None:
        """Scopes are narrowed to what the client may have, not refused (RFC 6749 section 3.3)."""

    def save_token(self, token: Mapping[str, Any], request: TokenRequest) -> None:
        """The grants keep what is to be kept, in the same transaction."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def handle_error_response(self, request: TokenRequest, error: OAuth2Error) -> Answer:
        description = error.get_error_description() or ""
        # RFC 6749 section 5.2 allows few characters, and some Authlib texts quote the input.
        if invalid_error_characters(description):
            error.get_error_description = lambda: ""
            error.description = ""
        answer = super().handle_error_response(request, error)
        assert isinstance(answer, Answer)  # noqa: S101 - narrows what handle_response gave
        if answer.status != 401:
            return answer
        # Authlib's challenge has no realm, which RFC 7617 section 2 requires. Some libraries show
        # their user nothing but the challenge: it says what the body says.
        said = f'error="{error.error}", error_description="{error.get_error_description()}"'
        headers = {**answer.headers, "WWW-Authenticate": f"{CHALLENGE}, {said}"}
        return replace(answer, headers=headers)
