"""Making access tokens (RFC 9068) and ID tokens (OIDC Core section 2).

Grants decide inside the transaction and leave `Unsigned` claims in their answer; they are signed
after the commit, so that no lock is held while an RSA key works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from directory.clock import SECOND, now_s
from directory.ids import new_secret
from directory.installation import Installation
from idp import paths
from idp.clients.model import Client
from idp.keys import jose
from idp.keys.jose import Algorithm
from idp.keys.store import signer
from idp.lifetimes import ACCESS_TOKEN_MS, ID_TOKEN_MS
from idp.oidc.claims import OF_ROLES, ROLES_AT, Claims, select_for_token
from idp.oidc.token_families import Family

ACCESS_TYP = "at+jwt"
ID_TYP = "JWT"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Claims on their way to become a token. Never printed with its claims."""

    claims: Claims
    typ: str
    alg: Algorithm

    def __repr__(self) -> str:
        return f"<unsigned {self.typ}>"


def access_token(
    installation: Installation,
    family: Family,
    client: Client,
    resources: tuple[str, ...],
    scope: str,
    about: Claims,
    *,
    life_ms: int = ACCESS_TOKEN_MS,
) -> Unsigned:
    """The access token of a person for a client; of `about` it tells the roles (RFC 9068 section
    2.2.3.1), for an API that checks tokens by itself."""
    issuer = installation.settings.issuer
    audience = [*(resources or (client.id,))]
    if "openid" in scope.split():
        audience.append(issuer)  # good at our own userinfo
    claims = _access_claims(issuer, family.person_id, client.id, audience, scope, life_ms)
    claims |= {
        "auth_time": family.auth_time,
        "acr": family.acr,
        "sid": family.sid,
        "family": family.id,
    }
    told = select_for_token(about, scope, _userinfo_url(installation))
    roles = {name: told[name] for name in (*OF_ROLES, ROLES_AT) if name in told}
    return Unsigned(roles | claims, ACCESS_TYP, "ES256")


def _userinfo_url(installation: Installation) -> str:
    return installation.settings.issuer + paths.USERINFO


def client_token(
    installation: Installation, client: Client, resources: tuple[str, ...], scope: str
) -> Unsigned:
    """The access token of a client for itself (client_credentials)."""
    audience = list(resources or (client.id,))
    issuer = installation.settings.issuer
    claims = _access_claims(issuer, client.id, client.id, audience, scope, ACCESS_TOKEN_MS)
    return Unsigned(claims, ACCESS_TYP, "ES256")


def _access_claims(
    issuer: str, subject: str, client_id: str, audience: list[str], scope: str, life_ms: int
) -> Claims:
    now = now_s()
    claims: Claims = {
        "iss": issuer,
        "sub": subject,
        "aud": audience if len(audience) > 1 else audience[0],
        "client_id": client_id,
        "iat": now,
        "exp": now + life_ms // SECOND,
        "jti": new_secret(16),
    }
    return claims | {"scope": scope} if scope else claims


def id_token(
    installation: Installation,
    family: Family,
    client: Client,
    scope: str,
    nonce: str,
    about: Claims,
    *,
    life_ms: int = ID_TOKEN_MS,
) -> Unsigned:
    """The ID token; `about` are all claims of the person, the scope selects from them."""
    now = now_s()
    claims: Claims = {
        "iss": installation.settings.issuer,
        "sub": family.person_id,
        "aud": client.id,
        "iat": now,
        "exp": now + life_ms // SECOND,
        "auth_time": family.auth_time,
        "acr": family.acr,
        "amr": list(family.amr),
        "sid": family.sid,
    }
    if nonce:
        claims["nonce"] = nonce
    told = select_for_token(about, scope, _userinfo_url(installation))
    return Unsigned(told | claims, ID_TYP, client.id_token_alg)


def sign_answer(installation: Installation, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with its tokens signed, and the ID token bound to its access token (at_hash)."""
    signed = dict(answer)
    for name in ("access_token", "id_token"):
        token = signed.get(name)
        if not isinstance(token, Unsigned):
            continue
        claims = token.claims
        if token.typ == ID_TYP and isinstance(signed.get("access_token"), str):
            claims = claims | {"at_hash": jose.half_hash(signed["access_token"])}
        signed[name] = jose.sign(signer(installation, token.alg), claims, token.typ)
    return signed
