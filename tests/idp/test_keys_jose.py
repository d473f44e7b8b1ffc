"""JOSE: what the verifier must refuse, whoever made it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import resource
import time
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from idp.keys import jose
from idp.keys.jose import Refused, VerifyingKey

pytestmark = pytest.mark.without_sql

CLAIMS = {"sub": "an", "exp": 2_000_000_000}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture(scope="module", params=["ES256", "RS256"])
def signing(request: pytest.FixtureRequest) -> jose.SigningKey:
    return jose.load_signing_key(request.param, jose.generate_private_jwk(request.param))


def verify(key: jose.SigningKey, token: str, **more: Any) -> dict[str, Any]:
    public = jose.load_public_jwk(jose.public_jwk(key))

    def find(kid: str, _alg: str) -> VerifyingKey | None:
        return public if kid == public.kid else None

    options: dict[str, Any] = {"typ": frozenset({"at+jwt"}), "algorithms": ("ES256", "RS256")}
    return jose.verify(token, find, **options | more).claims


def test_what_we_sign_verifies_and_joserfc_agrees(signing: jose.SigningKey) -> None:
    token = jose.sign(signing, CLAIMS | {"name": "Nguyễn"}, "at+jwt")
    assert verify(signing, token) == CLAIMS | {"name": "Nguyễn"}
    kind = ECKey if signing.alg == "ES256" else RSAKey
    members: dict[str, str | list[str]] = {**jose.public_jwk(signing)}
    public = kind.import_key(members)
    assert jws.deserialize_compact(token, public, algorithms=[signing.alg]).payload


def test_the_kid_is_the_thumbprint_and_nothing_private_is_published(
    signing: jose.SigningKey,
) -> None:
    document = jose.public_jwk(signing)
    members = ("crv", "kty", "x", "y") if signing.alg == "ES256" else ("e", "kty", "n")
    plain = json.dumps({m: document[m] for m in members}, separators=(",", ":"))
    assert document["kid"] == b64(hashlib.sha256(plain.encode()).digest())
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(document)
    if signing.alg == "RS256":
        assert signing.key.public_key.key_size == 3072


def forge(signing: jose.SigningKey, header: dict[str, Any], signature: bytes = b"x" * 64) -> str:
    head = {"alg": signing.alg, "kid": signing.kid, "typ": "at+jwt"} | header
    head = {k: v for k, v in head.items() if v is not None}
    return f"{b64(json.dumps(head).encode())}.{b64(json.dumps(CLAIMS).encode())}.{b64(signature)}"


def resign(signing: jose.SigningKey, header: dict[str, Any]) -> str:
    """A header of any content under a good signature of our own key."""
    head = {"alg": signing.alg, "kid": signing.kid, "typ": "at+jwt"} | header
    start = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(CLAIMS).encode())}"
    token = jose.sign(signing, CLAIMS, "at+jwt")
    model = jws.JWSRegistry.algorithms[signing.alg]
    assert token
    return f"{start}.{b64(model.sign(start.encode(), signing.key))}"


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "NONE", "", None, 5, "ES256K", "PS256", "HS256"]
)
def test_another_algorithm_is_refused(signing: jose.SigningKey, alg: Any) -> None:
    for signature in (b"", b"\0", b"x" * 64):
        with pytest.raises(Refused):
            verify(signing, forge(signing, {"alg": alg}, signature))


def test_hs256_with_the_public_key_as_secret_is_refused(signing: jose.SigningKey) -> None:
    pem = signing.key.as_pem(private=False)
    document = json.dumps(jose.public_jwk(signing)).encode()
    for secret in (
        pem,
        b" " + pem,
        b"# a\n" + pem,
        signing.key.as_der(private=False),
        document,
        b"",
    ):
        head = b64(json.dumps({"alg": "HS256", "kid": signing.kid, "typ": "at+jwt"}).encode())
        start = f"{head}.{b64(json.dumps(CLAIMS).encode())}"
        mac = hmac.new(secret, start.encode(), "sha256").digest()
        with pytest.raises(Refused):
            verify(signing, f"{start}.{b64(mac)}")


def test_es256_and_rs256_are_not_taken_for_each_other(signing: jose.SigningKey) -> None:
    other = "RS256" if signing.alg == "ES256" else "ES256"
    with pytest.raises(Refused):
        verify(signing, forge(signing, {"alg": other}))
    with pytest.raises(Refused):
        verify(signing, jose.sign(signing, CLAIMS, "at+jwt"), algorithms=(other,))


HEADERS: list[dict[str, Any]] = [
    {"jwk": {"kty": "oct", "k": "AA"}},
    {"jku": "https://evil.example/jwks"},
    {"x5u": "https://evil.example/cert"},
    {"crit": ["exp"], "exp": 1},
    {"crit": ["unknown"], "unknown": 1},
    {"b64": False, "crit": ["b64"]},
    {"b64": True},
    {"kid": "../../dev/null"},
    {"kid": "' OR 1=1--"},
    {"kid": "x" * 5000},
    {"kid": ["a"]},
    {"kid": None},
    {"typ": "JWT"},
    {"typ": "logout+jwt"},
    {"typ": ["at+jwt"]},
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: "+".join(h))
def test_a_header_that_says_more_than_it_may_is_refused_even_well_signed(
    signing: jose.SigningKey, header: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        verify(signing, resign(signing, header))


# RFC 7515 section 4: a verifier must ignore what it does not understand.
IGNORED: list[dict[str, Any]] = [
    {"cty": "JWT"},
    {"x5t": "AAAA"},
    {"x5t#S256": "AAAA"},
    {"x5c": ["MIIB" + "A" * 3000]},
    {"zip": "DEF"},
    {"p2c": 2_000_000_000},
    {"enc": "A128GCM"},
    {"client_id": "x", "nonce": "n", "ê": {"deep": [1, 2]}},
]


@pytest.mark.parametrize("header", IGNORED, ids=lambda h: "+".join(h))
def test_a_header_parameter_without_a_meaning_here_is_ignored(
    signing: jose.SigningKey, header: dict[str, Any]
) -> None:
    assert verify(signing, resign(signing, header)) == CLAIMS


def test_the_helper_itself_makes_good_tokens(signing: jose.SigningKey) -> None:
    assert verify(signing, resign(signing, {})) == CLAIMS


def test_another_spelling_of_the_same_token_is_refused(signing: jose.SigningKey) -> None:
    token = jose.sign(signing, CLAIMS, "at+jwt")
    head, body, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = [token[:-1] + char for char in alphabet if char != token[-1]]
    spelled = [
        token + "=",
        token + "\n",
        " " + token,
        token + ".",
        f"{head}.{body}.",
        f"{head}..{signature}",
        f".{body}.{signature}",
        token[:-1],
        token + "A",
        f"{head}.{body}.{signature}.x",
        json.dumps({"payload": body, "signatures": []}),
        json.dumps({"payload": body, "protected": head, "signature": signature}),
        token.replace("-", "+").replace("_", "/") + "é",
        "",
        "." * 5,
    ]
    for text in changed + spelled:
        with pytest.raises(Refused):
            verify(signing, text)


@pytest.mark.parametrize("text", ["QR", "QQ=", "QQ==", "Q", "Q+", "Q/", "QQ\n", "Qé"])
def test_base64url_has_one_spelling(text: str) -> None:
    assert jose.decode_base64url("QQ") == b"A"
    with pytest.raises(Refused):
        jose.decode_base64url(text)


BODIES = [
    b'{"sub":"a","sub":"b"}',
    b'{"exp":NaN}',
    b'{"exp":Infinity}',
    b"[]",
    b'"x"',
    b"null",
    b"{",
    b"\xff\xfe",
    b"[" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
]


@pytest.mark.parametrize("body", BODIES, ids=lambda b: repr(b[:20]))
def test_odd_json_is_refused(signing: jose.SigningKey, body: bytes) -> None:
    head = b64(json.dumps({"alg": signing.alg, "kid": signing.kid, "typ": "at+jwt"}).encode())
    for text in (f"{head}.{b64(body)}.{b64(b'x' * 64)}", f"{b64(body)}.{b64(b'{}')}.{b64(b'x')}"):
        with pytest.raises(Refused):
            verify(signing, text)


def test_huge_tokens_are_refused_quickly_and_cheaply(signing: jose.SigningKey) -> None:
    many = json.dumps({f"c{i}": i for i in range(50_000)}).encode()
    deep = b"[" * 100_000 + b"]" * 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for part in (b"a" * 300_000, many, deep, b"{" + b" " * 1_000_000 + b"}"):
        for text in (f"{b64(part)}.e30.eA", f"e30.{b64(part)}.eA", b64(part)):
            started = time.thread_time()
            with pytest.raises(Refused):
                verify(signing, text)
            assert time.thread_time() - started < 0.1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB


NOW = 1_800_000_000
LATE: list[dict[str, Any]] = [
    {"exp": NOW - 1},
    {"exp": NOW},
    {},
    {"exp": str(NOW + 60)},
    {"exp": NOW + 60.0},
    {"exp": float("1e400")},
    {"exp": True},
    {"exp": -1},
    {"exp": 2**64},
    {"exp": NOW + 60, "nbf": NOW + 61},
    {"exp": NOW + 60, "iat": NOW + 120},
    {"exp": NOW + 60, "iat": "now"},
    {"exp": NOW + 60, "nbf": NOW + 11},
]


@pytest.mark.parametrize("claims", LATE, ids=str)
def test_wrong_dates_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        jose.check_times(claims, NOW, skew_s=10)


def test_ten_seconds_of_another_clock_are_accepted() -> None:
    jose.check_times({"exp": NOW + 1, "nbf": NOW + 10, "iat": NOW + 10}, NOW, skew_s=10)
    with pytest.raises(Refused):
        jose.check_times({"exp": NOW + 1, "iat": NOW + 1}, NOW)


PUBLIC = ECKey.generate_key("P-256").as_dict(private=False)
WEAK: list[Any] = [
    {"kty": "oct", "k": "c2VjcmV0"},
    RSAKey.generate_key(1024).as_dict(private=False),
    ECKey.generate_key("P-256").as_dict(private=True),
    ECKey.generate_key("P-384").as_dict(private=False),
    {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    {"kty": "EC", "crv": "P-256"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kty": "RSA", "n": 5, "e": "AQAB"},
    {**PUBLIC, "use": "enc"},
    {**PUBLIC, "alg": "ES384"},
    {**PUBLIC, "kid": 5},
    {**PUBLIC, "k": ""},
    "text",
    None,
]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("jwk", WEAK, ids=lambda k: " ".join(k or ["no"]))
def test_a_weak_private_or_odd_client_key_is_refused(jwk: Any) -> None:
    with pytest.raises(Refused):
        jose.load_public_jwk(jwk)
