"""client_credentials: a client acts for itself (RFC 6749 section 4.4)."""

from __future__ import annotations

from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from directory import tally
from directory.audit import log as audit
from directory.clock import SECOND
from idp.clients.model import CONFIDENTIAL_METHODS, Client
from idp.lifetimes import ACCESS_TOKEN_MS
from idp.oidc import tokens
from idp.oidc.events import TOKEN_GRANTED
from idp.oidc.grants.person import narrow_resources
from idp.oidc.text import order_scopes
from idp.oidc.token_request import TokenRequest

# Scopes that mean a person: there is none here.
_OF_PEOPLE = frozenset({"openid", "offline_access", "profile", "email"})


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    """The token of a client for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(CONFIDENTIAL_METHODS)
    request: TokenRequest

    def generate_token(self, *, scope: str | None, **_ignored: Any) -> dict[str, Any]:
        client: Client = self.request.client
        wanted = set(scope.split()) if scope else set(client.scopes)
        granted = order_scopes((wanted & client.scopes) - _OF_PEOPLE)
        if scope and not granted:
            # An answer without `scope` would mean "as asked" (RFC 6749 section 5.1).
            raise InvalidScopeError("No scope asked for may be given to a client for itself.")
        resources = narrow_resources(self.request, tuple(sorted(client.resources)))
        asked = resources if "resource" in self.request.parameters else ()
        answer: dict[str, Any] = {
            "access_token": tokens.client_token(self.request.installation, client, asked, granted),
            "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN_MS // SECOND,
        }
        return answer | {"scope": granted} if granted else answer

    def save_token(self, token: dict[str, Any]) -> None:
        tally.count("tokens_granted", self.GRANT_TYPE)
        audit.record(
            self.request.tx,
            TOKEN_GRANTED,
            self.request.actor,
            subject=audit.client_tag(self.request.client.id),
            grant_type=self.GRANT_TYPE,
            family="",
            token=token["access_token"].claims["jti"],
            scope=token.get("scope", ""),
        )
