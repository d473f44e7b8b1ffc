"""Authentication of a client by a JWT it signed (private_key_jwt, RFC 7523 section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.clock import SECOND, now_s
from directory.database.single_use import single_use
from directory.installation import Installation
from idp.clients.model import Client
from idp.keys import jose
from idp.keys.jose import ALGORITHMS, Algorithm, Refused, VerifyingKey

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE_S = 300
SKEW_S = 10
_TYPS = frozenset({"", "jwt", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion as presented, and the client it claims to come from."""

    client_id: str
    text: str


def read(form: Mapping[str, str]) -> Assertion:
    """The assertion of a request, nothing verified. Raises `Refused`."""
    text = form.get("client_assertion", "")
    if form.get("client_assertion_type") != TYPE or not text:
        raise Refused("assertion without its type, or the other way round")
    _header, claims = jose.read_unverified(text)
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise Refused("assertion without sub")
    return Assertion(subject, text)


def verify(house: Installation, tx: Connection, client: Client, text: str) -> None:
    """Check an assertion of `client` and mark it used. Raises `Refused`."""

    def find_key(kid: str, alg: Algorithm) -> VerifyingKey | None:
        fitting = [k for k in client.jwks if k.alg == alg and kid in ("", k.kid)]
        return fitting[0] if len(fitting) == 1 else None

    pinned = client.metadata.get("token_endpoint_auth_signing_alg")
    algorithms: tuple[Algorithm, ...] = (pinned,) if pinned else ALGORITHMS
    claims = jose.verify(text, find_key, typ=_TYPS, algorithms=algorithms).claims
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise Refused("iss and sub must be the client")
    # The issuer as a plain string and nothing else: an assertion for another server, or for
    # several, could be replayed here.
    if claims.get("aud") != house.settings.issuer:
        raise Refused("aud must be the issuer")
    now = now_s()
    jose.check_times(claims, now, skew_s=SKEW_S, longest_life_s=LONGEST_LIFE_S)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 256:
        raise Refused("no jti")
    remembered_s = claims["exp"] - now + SKEW_S
    if not single_use(tx, "client-assertion", f"{client.id} {jti}", remembered_s * SECOND):
        raise Refused("assertion used before")
