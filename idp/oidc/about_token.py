"""What the endpoints that a client asks about one token have in common (RFC 7009, RFC 7662)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from authlib.oauth2.rfc6749 import TokenEndpoint
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.clients.model import Client
from idp.oidc.token_request import TokenRequest


class AboutToken(TokenEndpoint, ABC):
    """Authlib's frame: who asks is known and a token is there; `answer` says the rest."""

    def create_endpoint_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def create_endpoint_response(
        self, request: TokenRequest
    ) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        client: Client = self.authenticate_endpoint_client(request)
        token = request.parameters.get("token")
        if not token:
            raise InvalidRequestError("The token is missing.")
        return 200, self.answer(request, client, token), []

    @abstractmethod
    def answer(self, request: TokenRequest, client: Client, token: str) -> dict[str, Any]:
        """The body of the answer to a client that has said who it is."""
