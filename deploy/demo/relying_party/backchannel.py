"""OpenID Connect Back-Channel Logout 1.0: the provider ends our sessions without the browser."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from relying_party.clock import now
from relying_party.errors import LogoutTokenRefused, ProviderUnreachable
from relying_party.provider import CLOCK_LEEWAY, SIGNING_ALGORITHMS, provider, reaching_provider
from relying_party.sessions import Logout, SessionTable
from relying_party.settings import Settings

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LATEST_INSTANT = 10**11  # refuses NaN, infinities and milliseconds taken for seconds
ACCEPTED_TYPES = ("logout+jwt", "application/logout+jwt", "jwt")
# The algorithm is ours to choose, never the token's (RFC 8725 section 3.1); a header parameter that
# is not understood is ignored (RFC 7515 section 4).
REGISTRY = JWSRegistry(algorithms=SIGNING_ALGORITHMS, strict_check_header=False)

log = logging.getLogger(__name__)

KeySource = Callable[[bool], Mapping[str, Any]]


def create_backchannel(settings: Settings, sessions: SessionTable) -> Blueprint:
    """The endpoint `POST /backchannel-logout`. It reads no cookie and needs no form token."""
    blueprint = Blueprint("backchannel", __name__)

    @blueprint.post("/backchannel-logout")
    def receive_logout_token() -> ResponseReturnValue:
        try:
            logout = read_logout_token(
                _only_logout_token(), _provider_keys, settings.issuer, settings.client_id
            )
            ended = sessions.end_by_logout_token(logout)
        except LogoutTokenRefused as error:
            log.warning("logout token refused: %s", error)
            return {"error": "invalid_request", "error_description": str(error)}, 400
        except ProviderUnreachable:
            # Not the token's fault: a 5xx makes the provider deliver it again.
            return {"error": "temporarily_unavailable"}, 503
        log.info("logout token accepted: %d sessions ended", ended)
        return current_app.response_class(status=200)

    return blueprint


def read_logout_token(value: str, keys: KeySource, issuer: str, client_id: str) -> Logout:
    """Verify a logout token by section 2.6 and return what it says.

    `keys(force)` gives the provider's JWK Set. Raises `LogoutTokenRefused` with the reason.
    """
    token = _verify_signature(value, keys)
    _require(str(token.header.get("typ", "JWT")).lower() in ACCEPTED_TYPES, "typ")
    claims = token.claims
    _check_origin_and_time(claims, issuer, client_id)
    _check_meaning(claims)
    return Logout(
        jti=claims["jti"],
        sid=claims.get("sid"),
        sub=claims.get("sub"),
        issued_at=int(claims["iat"]),
        expires_at=int(claims["exp"]),
    )


def _verify_signature(value: str, keys: KeySource) -> jwt.Token:
    try:
        try:
            return _decode(value, keys(False))
        except InvalidKeyIdError:
            return _decode(value, keys(True))
    except (JoseError, ValueError, TypeError) as error:
        raise LogoutTokenRefused(f"signature: {type(error).__name__}") from error


def _decode(value: str, keys: Mapping[str, Any]) -> jwt.Token:
    return jwt.decode(value, KeySet.import_key_set(dict(keys)), registry=REGISTRY)  # type: ignore[arg-type]


def _check_origin_and_time(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    _require(claims.get("iss") == issuer, "iss")
    audience = claims.get("aud")
    _require(audience == client_id or (isinstance(audience, list) and client_id in audience), "aud")
    issued_at, expires_at, moment = claims.get("iat"), claims.get("exp"), now()
    _require(_is_instant(issued_at) and issued_at <= moment + CLOCK_LEEWAY, "iat")
    _require(_is_instant(expires_at) and expires_at > moment - CLOCK_LEEWAY, "exp")


def _check_meaning(claims: Mapping[str, Any]) -> None:
    _require(_is_name(claims.get("jti")), "jti")
    events = claims.get("events")
    _require(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "events")
    # A nonce would make it an ID token (section 2.4): one must never pass for the other.
    _require("nonce" not in claims, "nonce")
    named = [claims[name] for name in ("sid", "sub") if name in claims]
    _require(bool(named) and all(_is_name(value) for value in named), "sid or sub")


def _require(holds: object, claim: str) -> None:
    if not holds:
        raise LogoutTokenRefused(f"claim: {claim}")


def _is_instant(value: object) -> TypeGuard[float]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < LATEST_INSTANT  # type: ignore[operator]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()


def _only_logout_token() -> str:
    values = request.form.getlist("logout_token")
    if len(values) != 1:
        raise LogoutTokenRefused("logout_token must be sent once")
    return values[0]


def _provider_keys(force: bool) -> Mapping[str, Any]:
    with reaching_provider():
        keys: Mapping[str, Any] = provider().fetch_jwk_set(force=force)
        return keys
