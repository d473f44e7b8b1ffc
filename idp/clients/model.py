"""A registered client, parsed and ready to be asked."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from directory import clock
from directory.ids import digest
from idp.clients.uris import matches
from idp.keys.jose import Algorithm, VerifyingKey, load_public_jwk

# The scopes of the claim contract, in the order in which they are shown.
SCOPES = ("openid", "profile", "email", "org", "roles", "offline_access")
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
CONFIDENTIAL_METHODS = (*SECRET_METHODS, "private_key_jwt")
AUTH_METHODS = (*CONFIDENTIAL_METHODS, "none")

# How long two secrets may live side by side while an application changes over.
LONGEST_OVERLAP_MS = 7 * clock.DAY
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Client:
    """One client. `metadata` holds all of its RFC 7591 members; the rest is what requests ask for.

    `resources`: the resource servers it may ask tokens for (RFC 8707), beside itself.
    `strict_assertions`: its client assertions name the issuer alone and live five minutes at most.
    `previous_secret_until` (ms): until when the secret before this one works too.
    `disabled_at` (ms): since when it may do nothing at all; None while it is enabled.
    """

    id: str
    name: str
    metadata: Mapping[str, Any]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    scopes: frozenset[str]
    auth_method: str
    secret_hash: str | None
    previous_secret_hash: str | None
    previous_secret_until: int | None
    jwks: tuple[VerifyingKey, ...]
    id_token_alg: Algorithm
    is_native: bool
    resources: frozenset[str]
    default_max_age: int | None
    default_acr_values: tuple[str, ...]
    backchannel_logout_uri: str
    backchannel_logout_session_required: bool
    pkce_exempt: str
    strict_assertions: bool
    disabled_at: int | None
    version: int

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749 section 2.1)."""
        return self.auth_method not in CONFIDENTIAL_METHODS

    def find_redirect_uri(self, presented: str) -> str | None:
        """The presented redirect URI if it is a registered one."""
        known = any(matches(uri, presented, native=self.is_native) for uri in self.redirect_uris)
        return presented if known else None

    def is_post_logout_redirect_uri(self, presented: str) -> bool:
        """Whether a browser may be sent there after sign-out."""
        return any(
            matches(uri, presented, native=self.is_native) for uri in self.post_logout_redirect_uris
        )

    # What Authlib's grants ask of a client (authlib.oauth2.rfc6749.ClientMixin).
    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types

    def get_client_id(self) -> str:
        return self.id


def check_client_secret(client: Client | None, presented: str) -> bool:
    """Whether `presented` is a living secret of the client; equal work for a wrong secret, a client
    without one and a client that does not exist."""
    given = digest(presented)
    current = client.secret_hash if client is not None else None
    before = _living_previous(client)
    is_current = hmac.compare_digest(given, current or _NO_HASH)
    is_previous = hmac.compare_digest(given, before or _NO_HASH)
    is_known = (is_current and current is not None) or (is_previous and before is not None)
    return is_known and presented != ""


def _living_previous(client: Client | None) -> str | None:
    if client is None or client.previous_secret_until is None:
        return None
    # Never longer than it is ever given, whatever a clock said when it was written.
    left = client.previous_secret_until - clock.now_ms()
    return client.previous_secret_hash if 0 < left <= LONGEST_OVERLAP_MS else None


def client_from_row(row: Row[Any]) -> Client:
    """The client of a row of the table `client`, whose metadata was checked when it was stored."""
    stored = json.loads(row.metadata)
    return Client(
        id=row.client_id,
        name=stored["client_name"],
        metadata=stored,
        redirect_uris=tuple(stored["redirect_uris"]),
        post_logout_redirect_uris=tuple(stored["post_logout_redirect_uris"]),
        grant_types=frozenset(stored["grant_types"]),
        scopes=frozenset(stored["scope"].split()),
        auth_method=stored["token_endpoint_auth_method"],
        secret_hash=row.secret_hash,
        previous_secret_hash=row.previous_secret_hash,
        previous_secret_until=row.previous_secret_until,
        jwks=tuple(load_public_jwk(jwk) for jwk in stored["jwks"]["keys"]),
        id_token_alg=stored["id_token_signed_response_alg"],
        is_native=stored["application_type"] == "native",
        resources=frozenset(stored["resources"]),
        default_max_age=stored["default_max_age"],
        default_acr_values=tuple(stored.get("default_acr_values", ())),
        backchannel_logout_uri=stored["backchannel_logout_uri"],
        backchannel_logout_session_required=stored["backchannel_logout_session_required"],
        pkce_exempt=row.pkce_exempt,
        strict_assertions=stored.get("strict_assertions", False),
        disabled_at=row.disabled_at,
        version=row.version,
    )
