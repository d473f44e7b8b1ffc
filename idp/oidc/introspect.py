"""POST /introspect: does this token count, and for whom? (RFC 7662)

Only the client a token was made for and the resource servers named in its `aud` get an answer;
everyone else reads `active: false`, as for a token that never was.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import Connection

from idp.clients.model import CONFIDENTIAL_METHODS, Client
from idp.clients.registry import find_client
from idp.clients.resources import stands_for_one
from idp.keys.jose import Refused
from idp.oidc.about_token import read_question
from idp.oidc.access import read_access
from idp.oidc.bearer import LiveToken, find_live_token
from idp.oidc.claims import OF_ROLES, ROLES_AT, Claims, select_claims
from idp.oidc.engine import Answer
from idp.oidc.liveness import is_alive, read_family
from idp.oidc.machine_endpoints import answer_client
from idp.oidc.token_families import read_refresh_token
from idp.oidc.token_request import TokenRequest

_INACTIVE = {"active": False}


def introspection_endpoint() -> Response:
    """RFC 7662."""
    return answer_client(_introspect, writes=False)


def _introspect(request: TokenRequest) -> Answer:
    client, token = read_question(request, CONFIDENTIAL_METHODS)
    # The hint only says where to look first (RFC 7662 section 2.1): one look tells which it is.
    found = _about_refresh_token(request, client, token)
    return Answer(200, found or _about_access_token(request, client, token) or _INACTIVE, {})


def _about_access_token(request: TokenRequest, client: Client, token: str) -> dict[str, Any] | None:
    try:
        live = find_live_token(request.installation, request.tx, token)
    except Refused:
        return None
    if not may_introspect(request.tx, client, live):
        return None
    shown = {"token_type": "Bearer", "active": True, **live.claims}
    if live.family is None:
        return shown
    # The roles of this moment, and all of them: what the token says of them is older.
    for name in (*OF_ROLES, ROLES_AT):
        shown.pop(name, None)
    about = select_claims(live.about, live.scope)
    return {**about, **shown, **_username(live.about)}


def may_introspect(tx: Connection, client: Client, token: LiveToken) -> bool:
    """Whether `client` may learn about the token: it was made for it, or `client` stands for one of
    the resource servers in its `aud` (RFC 8707).

    Our issuer in `aud` says that the token is good at userinfo; it is nobody's resource server.
    """
    if client.id == token.client.id:
        return True
    audience = token.claims["aud"]
    named = audience if isinstance(audience, list) else [audience]
    return stands_for_one(tx, client.id, set(named) - {token.claims["iss"]})


def _about_refresh_token(
    request: TokenRequest, client: Client, token: str
) -> dict[str, Any] | None:
    name = read_refresh_token(request.installation.keyring, token)
    found = read_family(request.tx, name.family_id) if name else None
    if name is None or found is None:
        return None
    family, standing = found
    if family.client_id != client.id or family.generation != name.generation:
        return None
    if not is_alive(family, standing):
        return None
    owner = find_client(request.installation, request.tx, family.client_id)
    entry = read_access(request.installation, request.tx, family.client_id, standing)
    if owner is None or not entry.decision.allowed:
        return None
    return {
        "active": True,
        "client_id": family.client_id,
        "sub": family.person_id,
        "scope": family.scope,
        "iss": request.installation.settings.issuer,
        "iat": family.created_at // 1000,
        "exp": family.expires_at // 1000,
        **_username(entry.claims),
    }


def _username(about: Claims) -> dict[str, Any]:
    """RFC 7662 section 2.2, where the application may learn it."""
    name = about.get("preferred_username")
    return {"username": name} if name else {}
