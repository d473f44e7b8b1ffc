"""Authentication of a client by a JWT it signed (private_key_jwt, RFC 7523 section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.clock import HOUR, MINUTE, SECOND, now_s
from directory.database.single_use import single_use
from directory.installation import Installation
from idp import paths
from idp.clients.model import Client
from idp.keys import jose
from idp.keys.jose import ALGORITHMS, Algorithm, Claims, Refused, VerifyingKey

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE_S = HOUR // SECOND  # what Authlib and others write when nobody tells them
LONGEST_STRICT_LIFE_S = 5 * MINUTE // SECOND
# FAPI 2.0 section 5.3.2.1: 10 s ahead must be accepted, more than 60 s must not.
SKEW_S = 60
_MAX_JTI_CHARS = 256
_TYPS = frozenset({"", "jwt", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion as presented, and the client it claims to come from."""

    client_id: str
    type: str
    text: str


class Unfit(Refused):
    """A genuine assertion of the client says something wrong. It signed it: it may read what."""


def read(form: Mapping[str, str]) -> Assertion:
    """The assertion of a request, nothing verified. Raises `Refused` when it names no client."""
    text = form.get("client_assertion", "")
    _header, claims = jose.read_unverified(text)
    named = claims.get("sub", claims.get("iss"))
    if not isinstance(named, str):
        raise Refused("assertion without sub")
    return Assertion(named, form.get("client_assertion_type", ""), text)


def verify(
    installation: Installation, tx: Connection, client: Client, assertion: Assertion
) -> None:
    """Check an assertion of `client` and mark it used. Raises `Refused`."""
    if assertion.type != TYPE:
        raise Refused("assertion without its type")

    documents = client.metadata["jwks"]["keys"]
    # A key registered without a name answers to every name: `kid` is a hint (RFC 7515 4.1.4).
    nameless = {k.kid for k, jwk in zip(client.jwks, documents, strict=True) if not jwk.get("kid")}

    def find_key(kid: str, alg: Algorithm) -> VerifyingKey | None:
        named = [k for k in client.jwks if k.alg == alg and kid in ("", k.kid)]
        fitting = named or [k for k in client.jwks if k.alg == alg and k.kid in nameless]
        return fitting[0] if len(fitting) == 1 else None

    pinned = client.metadata.get("token_endpoint_auth_signing_alg")
    algorithms: tuple[Algorithm, ...] = (pinned,) if pinned else ALGORITHMS
    claims = jose.verify(assertion.text, find_key, typ=_TYPS, algorithms=algorithms).claims
    try:
        _check_claims(installation.settings.issuer, client, claims)
    except Refused as problem:
        raise Unfit(str(problem)) from None
    remembered_s = claims["exp"] - now_s() + SKEW_S
    name = f"{client.id} {claims['jti']}"
    if not single_use(tx, "client-assertion", name, remembered_s * SECOND):
        raise Unfit("assertion used before")


def _check_claims(issuer: str, client: Client, claims: Claims) -> None:
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise Refused("iss and sub must be the client_id")
    _check_audience(issuer, claims.get("aud"), strict=client.strict_assertions)
    longest = LONGEST_STRICT_LIFE_S if client.strict_assertions else LONGEST_LIFE_S
    jose.check_times(claims, now_s(), skew_s=SKEW_S, longest_life_s=longest)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_CHARS:
        raise Refused("jti must be a text of 1 to 256 characters")


def _check_audience(issuer: str, audience: object, *, strict: bool) -> None:
    """For us and nobody else: one that also names another server could be replayed by it."""
    if strict:
        if audience != issuer:
            raise Refused("aud must be the issuer, as one string")
        return
    # OIDC Core section 9: SHOULD be the token endpoint; later profiles want the issuer.
    named = audience if isinstance(audience, list) else [audience]
    if len(named) != 1 or named[0] not in (issuer, issuer + paths.TOKEN):
        raise Refused("aud must be the issuer or the token endpoint, and nothing else")
