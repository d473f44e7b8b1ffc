"""JSON Web Signatures: the one module that speaks JOSE.

We sign and verify compact JWS with ES256 and RS256 and nothing else. What the advisories of
the last years have in common is a verifier that let the token choose. Here the caller names the
algorithms, the `typ` and where the key comes from; a header is asked for `alg`, `kid` and `typ`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

Algorithm = Literal["ES256", "RS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "RS256")
RSA_BITS = 3072  # ASVS 11.2.3: 128-bit strength
RSA_BITS_ACCEPTED = 2048  # a client's own key, RFC 7518 section 3.3
MAX_TOKEN_CHARS = 16 * 1024

Claims = dict[str, Any]
_Key = ECKey | RSAKey

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# RFC 7515 section 4: what is not understood must be ignored. These are understood, and refused:
# they bring or point at a key (RFC 8725 section 3.10), or demand what we do not do (RFC 7797).
_REFUSED_HEADERS = frozenset({"crit", "b64", "jwk", "jku", "x5u"})
_REGISTRIES = {
    alg: jws.JWSRegistry(algorithms=[alg], strict_check_header=False) for alg in ALGORITHMS
}
for _registry in _REGISTRIES.values():
    # A certificate chain (x5c), which we ignore, is long.
    _registry.max_header_length = MAX_TOKEN_CHARS
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Refused(Exception):
    """A token or key we do not accept. The text is for the log, never for the caller's client."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key that verifies exactly one algorithm."""

    kid: str
    alg: Algorithm
    key: _Key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs with exactly one algorithm."""

    kid: str
    alg: Algorithm
    key: _Key


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says, after its signature was found good."""

    kid: str
    typ: str
    claims: Claims


FindKey = Callable[[str, Algorithm], VerifyingKey | None]


def generate_private_jwk(alg: Algorithm) -> bytes:
    """A new private key as JWK. RS256 takes up to a second."""
    key: _Key
    if alg == "ES256":
        key = ECKey.generate_key("P-256", private=True)
    else:
        key = RSAKey.generate_key(RSA_BITS, private=True)
    return json.dumps(key.as_dict(private=True), sort_keys=True).encode()


def load_signing_key(alg: Algorithm, private_jwk: bytes) -> SigningKey:
    """A private JWK made by `generate_private_jwk`, ready to sign."""
    key = _import(json.loads(private_jwk))
    return SigningKey(key.thumbprint(), alg, key)


def public_jwk(key: SigningKey) -> dict[str, str]:
    """The public half as published in a JWK Set (RFC 7517)."""
    members = key.key.as_dict(private=False)
    plain = {name: value for name, value in members.items() if isinstance(value, str)}
    return plain | {"kid": key.kid, "alg": key.alg, "use": "sig"}


def load_public_jwk(jwk: Mapping[str, Any]) -> VerifyingKey:
    """A public JWK from outside. Raises `Refused` for private, symmetric, weak or odd keys."""
    if not isinstance(jwk, Mapping) or _PRIVATE_MEMBERS & set(jwk):
        raise Refused("a JWK given to us must be a public key")
    alg: Algorithm = "RS256" if jwk.get("kty") == "RSA" else "ES256"
    if jwk.get("alg", alg) != alg or jwk.get("use", "sig") != "sig":
        raise Refused("the JWK is not for ES256 or RS256 signatures")
    key = _import(jwk)
    _check_strength(key)
    kid = jwk.get("kid") or key.thumbprint()
    if not isinstance(kid, str) or len(kid) > 200:
        raise Refused("the JWK has an odd kid")
    return VerifyingKey(kid, alg, key)


def _import(jwk: Mapping[str, Any]) -> _Key:
    # Members we did not ask for (x5u, key_ops …) never reach the library.
    wanted = {
        k: v for k, v in jwk.items() if k in {"kty", "crv", "x", "y", "n", "e"} | _PRIVATE_MEMBERS
    }
    try:
        if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
            return ECKey.import_key(wanted)
        if jwk.get("kty") == "RSA":
            return RSAKey.import_key(wanted)
    except (JoseError, ValueError, TypeError, KeyError, binascii.Error) as error:
        raise Refused("the JWK does not parse") from error
    raise Refused("a key must be EC P-256 or RSA")


def _check_strength(key: _Key) -> None:
    bits = key.public_key.key_size
    if isinstance(key, RSAKey) and not RSA_BITS_ACCEPTED <= bits <= 4096:
        raise Refused(f"an RSA key must have 2048 to 4096 bits, this one has {bits}")


def sign(key: SigningKey, claims: Mapping[str, object], typ: str) -> str:
    """`claims` as a compact JWS with an explicit `typ` (RFC 8725 section 3.11)."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    return jws.serialize_compact(header, payload, key.key, registry=_REGISTRIES[key.alg])


def verify(
    token: str, find_key: FindKey, *, typ: frozenset[str], algorithms: tuple[Algorithm, ...]
) -> Verified:
    """The claims of `token`. Raises `Refused`; never trusts anything but the signature's key.

    `typ`: the accepted header types in lower case ("" = none given). Dates are not looked at.
    """
    header, payload = read_unverified(token)
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise Refused("header parameter not accepted")
    alg, kid = header.get("alg"), header.get("kid", "")
    if alg not in algorithms or not isinstance(kid, str):
        raise Refused("algorithm or kid not accepted")
    claimed_typ = header.get("typ", "")
    if not isinstance(claimed_typ, str) or claimed_typ.lower() not in typ:
        raise Refused("token of another type")
    key = find_key(kid, cast(Algorithm, alg))
    if key is None or key.alg != alg:
        raise Refused("no such key")
    try:
        jws.deserialize_compact(token, key.key, registry=_REGISTRIES[key.alg])
    except (JoseError, ValueError, TypeError) as error:
        raise Refused("the signature is not good") from error
    return Verified(kid, claimed_typ.lower(), payload)


def read_unverified(token: str) -> tuple[dict[str, Any], Claims]:
    """Header and claims of a well-formed compact JWS, *not verified*: to find out whose key to use.

    Raises `Refused` for anything but the one canonical spelling of a small compact JWS.
    """
    if len(token) > MAX_TOKEN_CHARS:
        raise Refused("token too long")
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise Refused("not a compact JWS")
    header, payload, _signature = (decode_base64url(part) for part in parts.groups())
    return parse_object(header), parse_object(payload)


def decode_base64url(text: str) -> bytes:
    """Strict base64url without padding: one spelling per value. Raises `Refused`."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Refused("bad base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise Refused("base64url not canonical")
    return raw


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object without doubled names, NaN or absurd depth. Raises `Refused`."""
    try:
        value = json.loads(raw, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("bad JSON") from error
    if not isinstance(value, dict):
        raise Refused("not a JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name occurs twice")
    return names


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def check_times(
    claims: Mapping[str, Any],
    now_s: int,
    *,
    skew_s: int = 0,
    expired_is_fine: bool = False,
    longest_life_s: int | None = None,
) -> None:
    """`exp` (required), `nbf` and `iat` (where given) against `now_s`. Raises `Refused`.

    `skew_s`: how far ahead of ours another clock may be; never a longer life. `longest_life_s`: how
    far ahead `exp` may lie.
    """
    expires = _instant(claims, "exp")
    if expires is None:
        raise Refused("no exp")
    if not expired_is_fine and expires <= now_s:
        raise Refused("expired")
    if longest_life_s is not None and expires > now_s + longest_life_s + skew_s:
        raise Refused("lives too long")
    for name in ("nbf", "iat"):
        instant = _instant(claims, name)
        if instant is not None and instant > now_s + skew_s:
            raise Refused(f"{name} lies in the future")


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    # NumericDate may be a float in RFC 7519; nobody needs that and parsers differ about it.
    if type(value) is not int or not 0 <= value < 2**53:
        raise Refused(f"{name} is not a whole number of seconds")
    return value


def half_hash(token: str) -> str:
    """`at_hash` of an access token for an ES256 or RS256 ID token (OIDC Core section 3.1.3.6)."""
    left = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(left).rstrip(b"=").decode()
