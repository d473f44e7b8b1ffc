"""What comes from the issuer: the answer of the token endpoint, ID tokens, logout tokens."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from admin_ui.console.errors import CONSOLE_NO_SECRET, CONSOLE_SIGN_IN_DOWN, CONSOLE_SIGN_IN_FAILED
from admin_ui.console_application import CALLBACK_PATH, secret_file
from directory.authz.permissions import ADMIN_APPLICATION
from directory.clock import now_s
from directory.errors import Forbidden, Unavailable
from directory.installation import Installation
from directory.ldap.errors import SIGNIN_BUSY
from directory.outbound import client as outbound
from idp.keys import jose
from idp.keys.jose import Claims, Refused
from idp.keys.store import verify_own
from idp.levels import TWO_FACTORS
from idp.logout.backchannel import LOGOUT_EVENT
from idp.oidc.tokens import ID_TYP
from idp.paths import TOKEN

_SKEW_S = 30
_LOGOUT_TYP = "logout+jwt"
_LONGEST_LOGOUT_S = 300


@dataclass(frozen=True, slots=True)
class SignInProof:
    """Who signed in, in which session of the issuer. `id_token` as it came."""

    person_id: str
    sid: str
    id_token: str


def redeem(installation: Installation, code: str, verifier: str, nonce: str) -> SignInProof:
    """Exchange a code (OIDC Core section 3.1.3). Raises Forbidden or Unavailable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": installation.settings.console_url + CALLBACK_PATH,
        "code_verifier": verifier,
    }
    response = outbound.post_to_ourselves(
        installation.settings,
        installation.settings.issuer,
        TOKEN,
        urlencode(form).encode(),
        headers={"Authorization": _authorization(installation)},
    )
    if response.status == 503:
        raise Unavailable(SIGNIN_BUSY, retry_after_s=5)
    answer = _parsed(response)
    if response.status != 200:
        raise Forbidden(CONSOLE_SIGN_IN_FAILED, detail=f"token endpoint: {answer.get('error')}")
    try:
        return check_id_token(
            installation, answer.get("id_token"), answer.get("access_token"), nonce
        )
    except Refused as refusal:
        raise Forbidden(CONSOLE_SIGN_IN_FAILED, detail=f"ID token: {refusal}") from refusal


def check_id_token(
    installation: Installation, id_token: object, access_token: object, nonce: str
) -> SignInProof:
    """OIDC Core section 3.1.3.7, point by point. Raises `Refused`."""
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise Refused("no token")
    claims = verify_own(installation, id_token, ID_TYP).claims
    _check_from_issuer(installation, claims)
    jose.check_times(claims, now_s(), skew_s=_SKEW_S)
    if claims.get("nonce") != nonce:
        raise Refused("another nonce")
    if claims.get("at_hash") != jose.half_hash(access_token):
        raise Refused("of another access token")
    if claims.get("acr") != TWO_FACTORS:
        raise Refused("one factor alone")
    person_id, sid = claims.get("sub"), claims.get("sid")
    if not isinstance(person_id, str) or not isinstance(sid, str) or not person_id or not sid:
        raise Refused("no sub or sid")
    return SignInProof(person_id, sid, id_token)


def check_logout_token(installation: Installation, token: str) -> tuple[str, str]:
    """(sid, jti) of a logout token (Back-Channel Logout section 2.6). Raises `Refused`."""
    claims = verify_own(installation, token, _LOGOUT_TYP).claims
    _check_from_issuer(installation, claims)
    jose.check_times(claims, now_s(), skew_s=_SKEW_S, longest_life_s=_LONGEST_LOGOUT_S)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise Refused("no logout event")
    if "nonce" in claims:
        raise Refused("an ID token in disguise")
    sid, jti = claims.get("sid"), claims.get("jti")
    if not isinstance(sid, str) or not isinstance(jti, str) or not sid or not jti:
        raise Refused("no sid or jti")
    return sid, jti


def _check_from_issuer(installation: Installation, claims: Claims) -> None:
    if claims.get("iss") != installation.settings.issuer:
        raise Refused("another issuer")
    # For us alone: a token that also names somebody else is theirs to present, too.
    if claims.get("aud") not in (ADMIN_APPLICATION, [ADMIN_APPLICATION]):
        raise Refused("another audience")
    if claims.get("azp", ADMIN_APPLICATION) != ADMIN_APPLICATION:
        raise Refused("another authorized party")


def _authorization(installation: Installation) -> str:
    try:
        secret = secret_file(installation.settings).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Unavailable(CONSOLE_NO_SECRET, detail=str(error)) from error
    # RFC 6749 section 2.3.1: both halves are form-encoded first.
    pair = f"{quote_plus(ADMIN_APPLICATION)}:{quote_plus(secret)}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def _parsed(response: outbound.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unavailable(CONSOLE_SIGN_IN_DOWN, detail=f"token endpoint: {response.status}")
    return answer
