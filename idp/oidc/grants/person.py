"""What the grants for a person share: the answer, and its audit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from directory import clock, tally
from directory.audit import log as audit
from directory.clock import SECOND
from idp.clients.resources import unknown_resources
from idp.factor_policy.limits import find_limits
from idp.lifetimes import ACCESS_TOKEN_MS
from idp.oidc import tokens
from idp.oidc.claims import Claims
from idp.oidc.events import TOKEN_GRANTED
from idp.oidc.oauth_errors import InvalidTargetError
from idp.oidc.token_families import Family, write_refresh_token
from idp.oidc.token_request import TokenRequest


def answer_for_person(
    request: TokenRequest, family: Family, scope: str, about: Claims, *, nonce: str = ""
) -> dict[str, Any]:
    """The token response (RFC 6749 section 5.1, OIDC Core 3.1.3.3), its tokens not signed yet."""
    installation, client = request.installation, request.client
    life_ms = find_life_ms(request.tx, family)
    resources = narrow_resources(request, family.resources)
    answer: dict[str, Any] = {
        "access_token": tokens.access_token(
            installation, family, client, resources, scope, about, life_ms=life_ms
        ),
        "token_type": "Bearer",
        "expires_in": life_ms // SECOND,
        "scope": scope,
    }
    if family.generation:
        answer["refresh_token"] = write_refresh_token(
            installation.keyring, family.id, family.generation
        )
    if "openid" in scope.split():
        answer["id_token"] = tokens.id_token(
            installation, family, client, scope, nonce, about, life_ms=life_ms
        )
    return answer


def find_life_ms(tx: Connection, family: Family) -> int:
    """How long a token given now lives: where a role of the person limits their sessions, no longer
    than one may be unused, and not past its end; 0 or less: it is past. Who checks tokens offline
    asks nobody whether the session still lives."""
    limits = find_limits(tx, family.person_id)
    if limits is None:
        return ACCESS_TOKEN_MS
    left = family.auth_time * SECOND + limits.absolute_ms - clock.now_ms()
    return min(ACCESS_TOKEN_MS, limits.idle_ms, left)


def narrow_resources(request: TokenRequest, granted: tuple[str, ...]) -> tuple[str, ...]:
    """The resource servers asked for now, among those granted that there still are (RFC 8707
    section 2.2)."""
    gone = unknown_resources(request.tx, granted)
    granted = tuple(uri for uri in granted if uri not in gone)
    wanted = tuple(dict.fromkeys(request.parameters.get("resource", "").split()))
    if set(wanted) - set(granted):
        raise InvalidTargetError("A resource was not authorized.")
    return wanted or granted


def record_granted(
    request: TokenRequest, family: Family, agency_id: str, answer: dict[str, Any], grant_type: str
) -> None:
    """The audit of tokens given for a person, filed under the agency they act for."""
    tally.count("tokens_granted", grant_type)
    audit.record(
        request.tx,
        TOKEN_GRANTED,
        request.actor,
        subject=audit.person_tag(family.person_id),
        agency=agency_id,
        part_of=family.id,
        grant_type=grant_type,
        family=family.id,
        token=answer["access_token"].claims["jti"],
        scope=answer["scope"],
    )
