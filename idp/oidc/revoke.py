"""POST /revoke: a client gives a token back, and everything of its family with it (RFC 7009)."""

from __future__ import annotations

from flask import Response

from directory.audit import log as audit
from directory.clock import SECOND, now_ms
from directory.database.single_use import single_use
from directory.projection.queries import home_agency_of
from idp.clients.model import AUTH_METHODS, Client
from idp.keys.jose import Refused
from idp.oidc import token_families
from idp.oidc.about_token import read_question
from idp.oidc.bearer import REVOKED, verify_access_token
from idp.oidc.claims import Claims
from idp.oidc.engine import Answer
from idp.oidc.events import TOKEN_REVOKED
from idp.oidc.liveness import read_family
from idp.oidc.machine_endpoints import answer_client
from idp.oidc.token_request import TokenRequest


def revocation_endpoint() -> Response:
    """RFC 7009."""
    return answer_client(_take_back)


def _take_back(request: TokenRequest) -> Answer:
    client, token = read_question(request, AUTH_METHODS)
    name = token_families.read_refresh_token(request.installation.keyring, token)
    claims = {"family": name.family_id} if name else _read_access_token(request, token)
    if "family" in claims:
        _revoke(request, client, claims["family"])
    elif claims.get("client_id") == client.id:
        _revoke_own(request, client, claims)
    # An unknown token and somebody else's are answered alike (RFC 7009 section 2.2).
    return Answer(200, {}, {})


def _read_access_token(request: TokenRequest, token: str) -> Claims:
    try:
        return verify_access_token(request.installation, token)
    except Refused:
        return {}


def _revoke(request: TokenRequest, client: Client, family_id: str) -> None:
    found = read_family(request.tx, family_id)
    if found is None or found[0].client_id != client.id:
        return
    if token_families.revoke(request.tx, family_id, "revoked"):
        audit.record(
            request.tx,
            TOKEN_REVOKED,
            request.actor,
            subject=audit.person_tag(found[0].person_id),
            agency=home_agency_of(request.tx, found[0].person_id),
            family=family_id,
        )


def _revoke_own(request: TokenRequest, client: Client, claims: Claims) -> None:
    """A token of the client for itself has no family: it is marked until it would have expired."""
    remembered_ms = claims["exp"] * SECOND - now_ms()
    if single_use(request.tx, REVOKED, claims["jti"], remembered_ms):
        audit.record(
            request.tx,
            TOKEN_REVOKED,
            request.actor,
            subject=audit.client_tag(client.id),
            family="",
        )
