"""Client assertions of any library: header × audience × life, loose and strict, and who is told."""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from directory.clock import now_s
from directory.ids import new_secret
from idp.clients.service import Registered
from idp.keys import jose
from idp.oidc import client_assertion, client_authentication
from idp.oidc.client_assertion import TYPE
from idp.oidc.events import CREDENTIALS
from tests.support.oidc_installation import OidcInstallation

pytestmark = pytest.mark.only_on_sqlite(
    "an assertion is judged before it is noted, on either in test_oidc_client_authentication"
)

KEY = ECKey.generate_key("P-256")
JWKS = {"keys": [KEY.as_dict(private=False) | {"kid": "k1"}]}
GRANT = {"grant_type": "client_credentials"}

HEADERS: dict[str, tuple[dict[str, Any], bool]] = {
    # what a library adds, and whether it may
    "plain": ({}, True),
    "no typ": ({"typ": None}, True),
    "client-authentication+jwt": ({"typ": "client-authentication+jwt"}, True),
    "cty": ({"cty": "JWT"}, True),
    "x5t": ({"x5t": "dGh1bWI"}, True),
    "x5t#S256": ({"x5t#S256": "dGh1bWI"}, True),
    "x5c": ({"x5c": ["MIIB" + "A" * 2000]}, True),
    "unknown": ({"vn.gov": [1]}, True),
    "jwk": ({"jwk": JWKS["keys"][0]}, False),
    "jku": ({"jku": "https://evil.example/"}, False),
    "x5u": ({"x5u": "https://evil.example/"}, False),
    "crit": ({"crit": ["exp"], "exp": 1}, False),
    "b64": ({"b64": True}, False),
}
AUDIENCES: dict[str, tuple[Any, bool, bool]] = {
    # the value, and whether it is for us: usually, and for a strict client
    "issuer": ("ISSUER", True, True),
    "[issuer]": (["ISSUER"], True, False),
    "endpoint": ("ISSUER/token", True, False),
    "[endpoint]": (["ISSUER/token"], True, False),
    "both": (["ISSUER", "ISSUER/token"], False, False),
    "issuer and another": (["ISSUER", "https://evil.example"], False, False),
    "issuer with a slash": ("ISSUER/", False, False),
    "introspection": ("ISSUER/introspect", False, False),
    "another": ("https://evil.example", False, False),
    "[]": ([], False, False),
    "none": (None, False, False),
    "null in a list": ([None], False, False),
}
LIVES: dict[str, tuple[int, bool, bool]] = {
    # seconds, and whether it may live so long: usually, and for a strict client
    "one minute": (60, True, True),
    "five minutes": (300, True, True),
    "ten minutes": (600, True, False),
    "an hour": (3600, True, False),
    "an hour of a clock ahead": (3655, True, False),
    "two hours": (7200, False, False),
    "past": (-1, False, False),
}


@pytest.fixture(scope="module", params=[False, True], ids=["usual", "strict"])
def client(served: OidcInstallation, request: pytest.FixtureRequest) -> Registered:
    return _machine(served, strict_assertions=request.param)


def _machine(served: OidcInstallation, **more: Any) -> Registered:
    registered = {"jwks": JWKS, "token_endpoint_auth_method": "private_key_jwt"} | more
    return served.add_client(
        "Máy có khóa", grant_types=["client_credentials"], redirect_uris=[], **registered
    )


def _assertion(client_id: str, header: dict[str, Any], **changes: Any) -> str:
    head = {"alg": "ES256", "kid": "k1", "typ": "JWT"} | header
    claims = {"iss": client_id, "sub": client_id, "jti": new_secret(), "iat": now_s()} | changes
    parts = [{k: v for k, v in part.items() if v is not None} for part in (head, claims)]
    start = ".".join(_b64(json.dumps(part).encode()) for part in parts)
    # By the algorithm itself: joserfc refuses to write some of these headers.
    return f"{start}.{_b64(JWSRegistry.algorithms['ES256'].sign(start.encode(), KEY))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _send(served: OidcInstallation, assertion: str, **more: str) -> requests.Response:
    data = GRANT | {"client_assertion_type": TYPE, "client_assertion": assertion} | more
    return served.post("/token", data)


CASES = [("plain", audience, life) for audience in AUDIENCES for life in LIVES] + [
    (header, audience, life)
    for header in HEADERS
    for audience, life in (("issuer", "one minute"), ("endpoint", "an hour"))
]


@pytest.mark.parametrize(("header", "audience", "life"), CASES)
def test_header_audience_and_life_against_the_table(
    served: OidcInstallation, client: Registered, header: str, audience: str, life: str
) -> None:
    added, may_head = HEADERS[header]
    value, usual_audience, strict_audience = AUDIENCES[audience]
    seconds, usual_life, strict_life = LIVES[life]
    strict = client.client.strict_assertions
    good = strict_audience and strict_life if strict else usual_audience and usual_life
    named = json.loads(json.dumps(value).replace("ISSUER", served.issuer))
    text = _assertion(client.client.id, added, aud=named, exp=now_s() + seconds)
    answer = _send(served, text)
    assert answer.status_code == (200 if good and may_head else 401), answer.text
    if answer.status_code == 200:
        replayed = _send(served, text)
        assert replayed.status_code == 401
        assert "used before" in replayed.json()["error_description"]


def test_a_long_lived_assertion_is_remembered_as_long_as_it_lives(
    served: OidcInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from directory.clock import now_ms
    from directory.database.single_use import purge_expired

    client = _machine(served)
    text = _assertion(client.client.id, {}, aud=served.issuer, exp=now_s() + 3600)
    assert _send(served, text).status_code == 200
    start = now_ms() + 3_595_000
    monkeypatch.setattr("directory.database.single_use.now_ms", lambda: start)
    with served.installation.database.write() as tx:
        purge_expired(tx)
    assert _send(served, text).status_code == 401


def test_a_key_without_a_name_answers_to_every_name(served: OidcInstallation) -> None:
    """`kid` is a hint (RFC 7515 section 4.1.4): many register a key without one and send one."""
    plain = KEY.as_dict(private=False)
    nameless = {name: value for name, value in plain.items() if name != "kid"}
    client = _machine(served, jwks={"keys": [nameless | {"x5t": "AAAA", "key_ops": ["verify"]}]})
    named = _machine(served)
    good = {"aud": served.issuer, "exp": now_s() + 60}
    for kid in ("k1", "", None):
        header = {"kid": kid}
        assert _send(served, _assertion(client.client.id, header, **good)).status_code == 200
    assert _send(served, _assertion(named.client.id, {"kid": "k2"}, **good)).status_code == 401
    stranger = _assertion(client.client.id, {}, **good).rpartition(".")[0]
    assert _send(served, f"{stranger}.{_b64(b'x' * 64)}").status_code == 401


def test_a_failure_names_the_client_whenever_the_request_does(served: OidcInstallation) -> None:
    client = _machine(served)
    client_id, good = client.client.id, {"aud": served.issuer, "exp": now_s() + 60}
    stranger = ECKey.generate_key("P-256")
    start, _dot, signature = _assertion(client_id, {}, **good).rpartition(".")
    forged = f"{start}.{_b64(JWSRegistry.algorithms['ES256'].sign(start.encode(), stranger))}"
    assert signature
    cases: dict[str, dict[str, str]] = {
        "header": {"client_assertion": _assertion(client_id, {"jwk": {}}, **good)},
        "algorithm": {"client_assertion": _assertion(client_id, {"alg": "HS256"}, **good)},
        "signature": {"client_assertion": forged},
        "audience": {"client_assertion": _assertion(client_id, {}, **good | {"aud": "x"})},
        "no sub": {"client_assertion": _assertion(client_id, {}, **good | {"sub": None})},
        "no type": {
            "client_assertion": _assertion(client_id, {}, **good),
            "client_assertion_type": "urn:x",
        },
        "unreadable, client_id beside it": {"client_assertion": "x", "client_id": client_id},
        "two methods": {
            "client_assertion": _assertion(client_id, {}, **good),
            "client_secret": "x",
            "client_id": client_id,
        },
        "another client_id": {
            "client_assertion": _assertion(client_id, {}, **good),
            "client_id": "another",
        },
    }
    for name, form in cases.items():
        answer = served.post("/token", GRANT | {"client_assertion_type": TYPE} | form)
        assert answer.status_code == 401, name
        event = served.events("client.auth_failed")[0]
        assert event.subject == f"client:{client_id}", name
        assert event.fields["method"] == "private_key_jwt", name


def test_only_whoever_holds_the_key_reads_what_is_wrong(served: OidcInstallation) -> None:
    client = _machine(served)
    for_another = {"aud": "https://evil.example", "exp": now_s() + 60}
    told = _send(served, _assertion(client.client.id, {}, **for_another)).json()
    assert "issuer or the token endpoint" in told["error_description"]
    start = _assertion(client.client.id, {}, **for_another).rpartition(".")[0]
    not_told = _send(served, f"{start}.{_b64(b'x' * 64)}").json()
    assert not_told["error_description"] == "Client authentication failed."


@pytest.mark.parametrize("registered", ["client_secret_basic", "client_secret_post"])
def test_only_whoever_holds_the_secret_reads_which_method_is_registered(
    served: OidcInstallation, registered: str
) -> None:
    app = served.add_client(
        "Sai cách", grant_types=["client_credentials"], token_endpoint_auth_method=registered
    )

    def send(secret: str) -> dict[str, Any]:
        if registered == "client_secret_post":
            answer = served.post("/token", GRANT, auth=(app.client.id, secret))
        else:
            both = {"client_id": app.client.id, "client_secret": secret}
            answer = served.post("/token", GRANT | both)
        assert answer.status_code == 401
        return dict(answer.json())

    assert registered in send(app.secret or "")["error_description"]
    assert registered not in send("wrong")["error_description"]


def test_a_public_client_may_send_basic_with_an_empty_secret(served: OidcInstallation) -> None:
    """RFC 6749 section 2.3.1: an empty secret may be left out."""
    public = served.add_client("Công khai", token_endpoint_auth_method="none")
    secret = served.add_client("Bí mật")
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    accepted = served.post("/token", form, auth=(public.client.id, ""))
    assert accepted.json()["error"] == "invalid_grant"  # the client is known, the token is not
    assert served.post("/revoke", {"token": "x"}, auth=(public.client.id, "")).status_code == 200
    for client_id, password in (
        (secret.client.id, ""),
        (public.client.id, "x"),
        (public.client.id, " "),
        ("nobody", ""),
    ):
        assert served.post("/token", form, auth=(client_id, password)).status_code == 401
    ask = served.post("/introspect", {"token": "x"}, auth=(public.client.id, ""))
    assert ask.status_code == 401


def test_every_reason_is_a_word_in_both_languages() -> None:
    found = {reason for module in _REFUSING for reason in _reasons(module)}
    assert {"wrong secret", "iat lies in the future", "token too long"} <= found
    assert found <= set(CREDENTIALS.told)


def _reasons(module: ModuleType) -> Iterator[str]:
    """What the refusals of a module say, but for those about a key that somebody registers."""
    tree = ast.parse(Path(module.__file__ or "").read_text())
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        if function.name in _ABOUT_KEYS:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _REFUSALS:
                yield from _texts(node.args[0])


_REFUSING = (jose, client_assertion, client_authentication)
_REFUSALS = ("Refused", "Unfit", "_Failed")
_ABOUT_KEYS = ("load_public_jwk", "_import", "_check_strength")


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.JoinedStr):  # the one name of a claim in a sentence
        for name in ("exp", "nbf", "iat"):
            parts = [v.value if isinstance(v, ast.Constant) else name for v in node.values]
            text = "".join(map(str, parts))
            if text != "exp lies in the future":
                yield text
