"""Seeded nonsense at every endpoint: no 5xx, no hang, no stack trace, and state as it was.

The longer storm over the whole product is in `tests/security`; this is the short form.
"""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
import requests
from authlib.oauth2.rfc6749 import grants

from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import as_client

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

PIECES = [
    "", "a", "\n", "\r\nX: y", "'", '"', "<script>", "é😀", "%", "%00", "null", "[]", "{}", "1e400",
    "x" * 3000, "A" * 43, "..", "code", "openid", "S256", "none", "\u202e", "a.b.c", "e30.e30.eA",
    "-1",
]  # fmt: skip
NAMES = [
    "grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope",
    "refresh_token", "token", "token_type_hint", "client_assertion", "client_assertion_type",
    "resource", "response_type", "response_mode", "state", "nonce", "prompt", "max_age",
    "id_token_hint", "code_challenge", "code_challenge_method", "claims", "request", "ui_locales",
    "acr_values", "access_token", "flow", "posted", "é", "a[]", "",
]  # fmt: skip
PATHS = [
    "/token",
    "/introspect",
    "/revoke",
    "/userinfo",
    "/authorize",
    "/authorize/continue",
    "/jwks",
]


def nonsense(luck: random.Random, good: dict[str, str]) -> list[tuple[str, str]]:
    fields = [(n, v) for n, v in good.items() if luck.random() < 0.7]
    for _ in range(luck.randrange(6)):
        fields.append((luck.choice(NAMES), luck.choice(PIECES)))
    luck.shuffle(fields)
    return fields


@pytest.mark.parametrize("seed", range(3))
def test_nonsense_is_answered_quickly_and_never_with_a_fault(
    served: OidcInstallation, province: Province, seed: int
) -> None:
    luck = random.Random(seed)
    session = requests.Session()
    good = served.request_parameters(province.client.client.id)
    for _ in range(120):
        path, method = luck.choice(PATHS), luck.choice(["GET", "POST"])
        fields = nonsense(luck, good | {"grant_type": "authorization_code", "code": "x"})
        form: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
        if luck.random() < 0.5 and province.client.secret:
            form["auth"] = (province.client.client.id, province.client.secret)
        started = time.monotonic()
        answer = session.request(
            method, served.url + path, allow_redirects=False, timeout=10, **form
        )
        assert answer.status_code < 500, (method, path, fields)
        assert time.monotonic() - started < 8
        assert "Traceback" not in answer.text
    assert served.tokens(province.client, province.an)


@pytest.mark.parametrize("fault", [ValueError("forbidden characters"), RecursionError()])
def test_what_authlib_raises_on_hostile_input_is_a_400_and_rolled_back(
    served: OidcInstallation,
    province: Province,
    fault: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def explode(*_args: object) -> None:
        raise fault

    monkeypatch.setattr(grants.ClientCredentialsGrant, "create_token_response", explode)
    app = served.add_client("Máy", grant_types=["client_credentials"], redirect_uris=[])
    before = len(served.events("token.granted"))
    answer = served.token(app, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert len(served.events("token.granted")) == before


def test_no_address_is_ever_fetched(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that serves opens no connection but those of its own stores."""
    import socket

    opened: list[object] = []
    real = socket.socket.connect
    ours = ("localhost", "127.0.0.1", "::1")

    def note(sock: socket.socket, address: Any) -> None:
        if not (isinstance(address, tuple) and address[0] in ours):
            opened.append(address)
        real(sock, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    agent = served.browser(province.an)
    for name, value in (
        ("request_uri", "http://127.0.0.3:9/r"),
        ("request", "eyJhbGciOiJFUzI1NiIsImprdSI6Imh0dHA6Ly8xMjcuMC4wLjMifQ.e30.eA"),
        ("id_token_hint", "eyJhbGciOiJFUzI1NiIsImprdSI6Imh0dHA6Ly8xMjcuMC4wLjMifQ.e30.eA"),
    ):
        served.authorize(agent, province.client.client.id, **{name: value})
    data = {"grant_type": "x", "request_uri": "http://127.0.0.3:9/r"}
    served.post("/token", **as_client(province.client, data))
    assert opened == []
