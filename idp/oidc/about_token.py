"""What the endpoints that a client asks about one token have in common (RFC 7009, RFC 7662)."""

from __future__ import annotations

from collections.abc import Sequence

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.clients.model import Client
from idp.oidc.client_authentication import authenticate
from idp.oidc.token_request import TokenRequest


def read_question(request: TokenRequest, methods: Sequence[str]) -> tuple[Client, str]:
    """Who asks, and about which token. Raises `InvalidClientError`, `InvalidRequestError`."""
    client = authenticate(request, methods)
    token = request.parameters.get("token")
    if not token:
        raise InvalidRequestError("The token is missing.")
    return client, token
