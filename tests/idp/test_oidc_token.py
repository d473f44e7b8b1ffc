"""The token endpoint: codes, clients for themselves, shapes of requests, and what it costs."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import time
from typing import Any

import pytest
import requests

from admin_ui.components import COMPONENTS, REGISTRATION
from directory.clock import now_s
from directory.component import Route, routes_of
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.ids import new_id
from directory.projection.apply import note_signed_in
from idp.clients.service import Entry, update_client
from idp.keys.jose import read_unverified
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import REDIRECT, VERIFIER, as_client


@pytest.mark.both_engines
def test_a_code_becomes_tokens_that_say_what_is_true(
    served: OidcInstallation, province: Province
) -> None:
    before = now_s()
    answer = served.redeem(
        province.client, served.code(served.browser(province.an), province.client.client.id)
    )
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 600
    header, claims = read_unverified(tokens["id_token"])
    assert header["alg"] == "ES256"
    assert claims["iss"] == served.issuer
    assert claims["aud"] == province.client.client.id  # one string
    assert claims["sub"] == province.an.id
    assert claims["nonce"] == "n-1"
    assert before - 2 <= claims["auth_time"] <= now_s()
    assert (claims["acr"], claims["amr"]) == ("1", ["pwd"])
    assert claims["sid"]
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    header, access = read_unverified(tokens["access_token"])
    assert header["typ"] == "at+jwt"
    assert access["aud"] == [province.client.client.id, served.issuer]
    assert access["client_id"] == province.client.client.id
    assert access["exp"] - access["iat"] == 600
    assert access["jti"]


def test_two_tokens_of_one_second_differ(served: OidcInstallation, province: Province) -> None:
    first = served.tokens(province.client, province.an)
    second = served.tokens(province.client, province.an)
    ids = {read_unverified(t["access_token"])[1]["jti"] for t in (first, second)}
    assert len(ids) == 2


def test_a_client_that_named_no_algorithm_gets_rs256(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Chuẩn RFC 7591", id_token_signed_response_alg="RS256")
    tokens = served.tokens(app, province.an)
    assert read_unverified(tokens["id_token"])[0]["alg"] == "RS256"


FAILED_PKCE = [
    {"code_verifier": None},
    {"code_verifier": VERIFIER + "\n"},
    {"code_verifier": VERIFIER[:42]},
    {"code_verifier": "v" * 129},
    {"code_verifier": VERIFIER[:-1] + "2"},
]
WRONG_REDEMPTIONS = [
    {"redirect_uri": None},
    {"redirect_uri": REDIRECT + "/"},
    {"redirect_uri": "https://evil.example/"},
    {"code": "x"},
    {"code": "urn:ietf:params:oauth:request_uri:abc"},
]


@pytest.mark.parametrize("changes", WRONG_REDEMPTIONS)
@pytest.mark.parametrize("method", ["client_secret_basic", "none"])
def test_a_wrong_redemption_is_invalid_grant_and_the_code_survives_it(
    served: OidcInstallation, province: Province, changes: dict[str, str | None], method: str
) -> None:
    app = served.add_client(f"PKCE {method}", token_endpoint_auth_method=method)
    code = served.code(served.browser(province.an), app.client.id)
    answer = served.redeem(app, **({"code": code} | changes))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert served.redeem(app, code).status_code == 200


@pytest.mark.parametrize("changes", FAILED_PKCE)
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_client_that_proved_itself_has_one_guess_at_pkce(
    served: OidcInstallation, province: Province, changes: dict[str, str | None], method: str
) -> None:
    """Whoever holds the secret and a stolen code gets one try. Naming a public client proves
    nothing: there anybody could burn the code of a person who is on the way."""
    app = served.add_client(f"PKCE {method}", token_endpoint_auth_method=method)
    code = served.code(served.browser(province.an), app.client.id)
    answer = served.redeem(app, **({"code": code} | changes))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    again = served.redeem(app, code)
    assert again.status_code == (200 if method == "none" else 400)


def test_a_failed_authentication_never_burns_a_code(
    served: OidcInstallation, province: Province
) -> None:
    """Libraries in Go try Basic first and the body next, with the same code."""
    app = served.add_client("Go", token_endpoint_auth_method="client_secret_post")
    code = served.code(served.browser(province.an), app.client.id)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    wrong = {"code_verifier": "w" * 43}
    for basic in ((app.client.id, app.secret), (app.client.id, "wrong")):
        for verifier in ({"code_verifier": VERIFIER}, wrong):
            probe = served.post("/token", form | verifier, auth=basic)
            assert (probe.status_code, probe.json()["error"]) == (401, "invalid_client")
    assert served.redeem(app, code).status_code == 200


def test_every_altered_code_is_refused(served: OidcInstallation, province: Province) -> None:
    code = served.code(served.browser(province.an), province.client.client.id)
    last = "A" if code[-1] != "A" else "B"
    for wrong in (code[:-1], code + "A", code[:-1] + last, code.lower(), "B" + code[1:]):
        assert served.redeem(province.client, wrong).json()["error"] == "invalid_grant"
    assert served.redeem(province.client, code).status_code == 200


def test_another_client_cannot_redeem_a_code(served: OidcInstallation, province: Province) -> None:
    other = served.add_client("Ứng dụng B")
    code = served.code(served.browser(province.an), province.client.client.id)
    before = len(served.events("token.granted"))
    assert served.redeem(other, code).json()["error"] == "invalid_grant"
    assert len(served.events("token.granted")) == before
    assert served.redeem(province.client, code).status_code == 200


@pytest.mark.both_engines
def test_a_code_lives_sixty_seconds(served: OidcInstallation, province: Province) -> None:
    from dataclasses import replace

    from idp.oidc.codes import open_code, seal_code

    keyring = served.installation.keyring
    text = served.code(served.browser(province.an), province.client.client.id)
    code = open_code(keyring, province.client.client.id, text)
    assert code is not None
    old = seal_code(keyring, replace(code, issued_at=code.issued_at - 60_500))
    assert served.redeem(province.client, old).json()["error"] == "invalid_grant"
    young = seal_code(keyring, replace(code, issued_at=code.issued_at - 55_000))
    assert served.redeem(province.client, young).status_code == 200


def test_the_fields_of_a_code_have_names_and_a_version(
    served: OidcInstallation, province: Province
) -> None:
    """What another version wrote is no code, whatever of it would fit."""
    from dataclasses import asdict

    from idp.keys.jose import decode_base64url
    from idp.oidc.codes import CODE, open_code
    from idp.oidc.text import encode_base64url

    keyring, client_id = served.installation.keyring, province.client.client.id
    text = served.code(served.browser(province.an), client_id)
    fields = json.loads(keyring.open(CODE, client_id, decode_base64url(text)))
    code = open_code(keyring, client_id, text)
    assert code is not None and fields == {"version": 1, **asdict(code)}
    shuffled = dict(sorted(fields.items()))
    without = {name: value for name, value in fields.items() if name != "acr"}
    for other in (
        list(asdict(code).values()),
        {**fields, "version": 2},
        {name: value for name, value in fields.items() if name != "version"},
        without,
        {**fields, "more": 1},
        None,
        7,
        "x",
    ):
        sealed = keyring.seal(CODE, client_id, json.dumps(other).encode())
        assert open_code(keyring, client_id, encode_base64url(sealed)) is None, other
    sealed = keyring.seal(CODE, client_id, json.dumps(shuffled).encode())
    assert open_code(keyring, client_id, encode_base64url(sealed)) == code


def test_a_code_is_redeemed_whichever_process_knew_the_new_key_first(
    served: OidcInstallation, province: Province
) -> None:
    from directory.sealed import KeyRing, make_sealing_key
    from idp.oidc.codes import open_code, seal_code

    keys_dir, client_id = served.installation.settings.keys_dir, province.client.client.id
    before = served.code(served.browser(province.an), client_id)
    other = KeyRing.load(keys_dir)
    make_sealing_key(keys_dir)
    other.look_again()
    code = open_code(other, client_id, served.code(served.browser(province.an), client_id))
    assert code is not None
    assert served.redeem(province.client, seal_code(other, code)).status_code == 200
    assert served.redeem(province.client, before).status_code == 200


@pytest.mark.parametrize("years", [-1, 1, 1000])
def test_a_code_from_a_clock_that_was_wrong_is_none(
    served: OidcInstallation, province: Province, years: int
) -> None:
    """Ahead it would live for years; behind it is old. Within what clocks differ it is good."""
    from dataclasses import replace

    from directory.clock import SKEW_MS
    from idp.oidc.codes import open_code, seal_code

    keyring = served.installation.keyring
    text = served.code(served.browser(province.an), province.client.client.id)
    code = open_code(keyring, province.client.client.id, text)
    assert code is not None
    off = seal_code(keyring, replace(code, issued_at=code.issued_at + years * 365 * 86_400_000))
    assert served.redeem(province.client, off).json()["error"] == "invalid_grant"
    near = seal_code(keyring, replace(code, issued_at=code.issued_at + SKEW_MS - 5_000))
    assert served.redeem(province.client, near).status_code == 200


@pytest.mark.both_engines
def test_a_replayed_code_ends_everything_that_came_of_it(
    served: OidcInstallation, province: Province
) -> None:
    code = served.code(served.browser(province.an), province.client.client.id)
    tokens = served.redeem(province.client, code).json()
    assert served.introspect(province.client, tokens["access_token"])["active"] is True
    replay = served.redeem(province.client, code)
    assert replay.json()["error"] == "invalid_grant"
    assert served.introspect(province.client, tokens["access_token"]) == {"active": False}
    assert served.introspect(province.client, tokens["refresh_token"]) == {"active": False}
    assert served.userinfo(tokens["access_token"]).status_code == 401
    assert served.events("token.replayed")[0].fields["what"] == "code"


@pytest.mark.both_engines
def test_a_code_dies_with_its_session(served: OidcInstallation, province: Province) -> None:
    from tests.support.installation import OPERATOR
    from tests.support.sessions import end_all

    person = served.add_person("ra.ngoai")
    code = served.code(served.browser(person), province.client.client.id)
    with served.installation.database.write() as tx:
        end_all(tx, person.id, OPERATOR, "signed_out")
    assert served.redeem(province.client, code).json()["error"] == "invalid_grant"


def test_a_code_dies_when_the_role_that_opened_the_application_goes(
    served: OidcInstallation, province: Province
) -> None:
    from directory.authz.grants import revoke_grant
    from tests.support.installation import OPERATOR

    app = served.add_client("Theo vai trò", access=Entry(access="roles"))
    grant = served.grant(app.client.id, "xem", province.an, province.agency)
    code = served.code(served.browser(province.an), app.client.id)
    with served.installation.database.write() as tx:
        revoke_grant(tx, OPERATOR, grant, "kiểm thử")
    assert served.redeem(app, code).json()["error"] == "invalid_grant"


def test_an_exempted_client_may_go_without_pkce_but_not_pretend(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Roundcube", pkce_exempt="Roundcube không gửi PKCE")
    agent = served.browser(province.an)
    without = {"code_challenge": None, "code_challenge_method": None}
    code = served.code(agent, app.client.id, **without)
    assert served.redeem(app, code).json()["error"] == "invalid_grant"  # a verifier from nowhere
    code = served.code(agent, app.client.id, **without)
    assert served.redeem(app, code, code_verifier=None).status_code == 200
    with_pkce = served.code(agent, app.client.id)
    assert served.redeem(app, with_pkce, code_verifier=None).json()["error"] == "invalid_grant"


# --- a client for itself --------------------------------------------------------------------------
def test_a_client_gets_a_token_for_itself(served: OidcInstallation) -> None:
    app = served.add_client("Máy", grant_types=["client_credentials"], redirect_uris=[])
    answer = served.token(app, grant_type="client_credentials", scope="openid roles profile")
    assert answer.status_code == 200
    _header, claims = read_unverified(answer.json()["access_token"])
    assert claims["sub"] == claims["client_id"] == claims["aud"] == app.client.id
    assert claims["scope"] == answer.json()["scope"] == "roles"
    assert "refresh_token" not in answer.json()
    assert "id_token" not in answer.json()
    shown = served.introspect(app, answer.json()["access_token"])
    assert shown["active"] is True
    assert served.userinfo(answer.json()["access_token"]).status_code == 401
    granted = served.events("token.granted")[0]
    assert granted.actor == f"client:{app.client.id}"
    assert granted.fields["grant_type"] == "client_credentials"
    assert granted.fields["token"] == claims["jti"]


SCOPES_FOR_ITSELF = [
    # registered, asked for, answered
    ("openid org roles", "roles openid profile", "roles"),
    ("openid org roles", None, "org roles"),
    ("openid org roles", "roles org", "org roles"),
    ("openid org roles", "openid", "invalid_scope"),
    ("openid org roles", "openid profile email offline_access", "invalid_scope"),
    ("openid org", "roles", "invalid_scope"),
    ("openid org", "does-not-exist", "invalid_scope"),
    ("openid profile", None, None),
    ("openid profile", "profile", "invalid_scope"),
]


@pytest.mark.parametrize(("registered", "asked", "expected"), SCOPES_FOR_ITSELF)
def test_an_answer_tells_its_scope_or_refuses_one_of_which_nothing_is_left(
    served: OidcInstallation, registered: str, asked: str | None, expected: str | None
) -> None:
    """RFC 6749 section 5.1: an answer without `scope` says "as you asked"."""
    app = served.add_client(
        "Máy", grant_types=["client_credentials"], redirect_uris=[], scope=registered
    )
    more = {} if asked is None else {"scope": asked}
    answer = served.token(app, grant_type="client_credentials", **more)
    if expected == "invalid_scope":
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
        return
    assert answer.status_code == 200
    assert answer.json().get("scope") == expected
    claims = read_unverified(answer.json()["access_token"])[1]
    assert claims.get("scope") == expected


def test_a_refresh_of_which_no_scope_is_left_is_refused_and_uses_nothing_up(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Đổi phạm vi", scope="openid email org")
    asked = {"scope": "openid email org"}
    token = served.tokens(app, province.an, **asked)["refresh_token"]
    narrow = served.token(app, grant_type="refresh_token", refresh_token=token, scope="email")
    assert narrow.json()["scope"] == "email"
    token = narrow.json()["refresh_token"]
    update_client(
        served.installation, OPERATOR, REGISTRATION, app.client.id, {"scope": "openid org"}
    )
    gone = served.token(app, grant_type="refresh_token", refresh_token=token, scope="email")
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_scope")
    rest = served.token(app, grant_type="refresh_token", refresh_token=token)
    assert (rest.status_code, rest.json()["scope"]) == (200, "openid org")


def test_a_client_names_only_resource_servers_it_is_registered_for(
    served: OidcInstallation, province: Province
) -> None:
    api, store = "https://so-lieu.example/", "https://kho.example/"
    server = served.stand_for(api)
    served.stand_for(store)
    app = served.add_client(
        "Máy khách",
        grant_types=["client_credentials", "authorization_code"],
        resources=[api, store],
    )
    for wanted, audience in ((None, app.client.id), (api, api)):
        more = {} if wanted is None else {"resource": wanted}
        token = served.token(app, grant_type="client_credentials", **more).json()["access_token"]
        assert read_unverified(token)[1]["aud"] == audience
    assert served.introspect(server, token)["active"] is True
    assert served.introspect(province.client, token) == {"active": False}
    wrong = served.token(app, grant_type="client_credentials", resource="https://evil.example/")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_target")
    tokens = served.tokens(app, province.an, resource=api)
    audience = read_unverified(tokens["access_token"])[1]["aud"]
    assert audience == [api, served.issuer]


def test_a_grant_a_client_is_not_registered_for_is_refused(
    served: OidcInstallation, province: Province
) -> None:
    answer = served.token(province.client, grant_type="client_credentials")
    assert answer.json()["error"] == "unauthorized_client"
    for unknown in ("password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "é\n"):
        answer = served.token(province.client, grant_type=unknown)
        assert answer.status_code == 400
        assert answer.json()["error"] == "unsupported_grant_type"
        assert "\n" not in answer.json().get("error_description", "")


# --- shapes --------------------------------------------------------------------------------
def _shapes() -> list[tuple[str, dict[str, Any], int]]:
    form = "application/x-www-form-urlencoded"
    return [
        ("JSON", {"json": {"grant_type": "client_credentials"}}, 415),
        ("multipart", {"files": {"grant_type": ("", "client_credentials")}}, 415),
        ("no body", {}, 415),
        ("10 000 parameters", {"data": [(f"p{i}", "1") for i in range(5000)]}, 400),
        ("1 MB value", {"data": {"grant_type": "client_credentials", "x": "x" * 2**20}}, 413),
        ("bad UTF-8", {"data": "grant_type=%ff", "headers": {"Content-Type": form}}, 400),
        ("raw bytes", {"data": b"grant_type=\xff", "headers": {"Content-Type": form}}, 400),
        ("array", {"data": {"grant_type[]": "client_credentials"}}, 400),
        ("repeated", {"data": [("grant_type", "a"), ("grant_type", "b")]}, 400),
        ("NUL", {"data": {"grant_type": "client_credentials", "client_id": "a\0b"}}, 400),
        ("empty", {"data": {"grant_type": ""}}, 400),
    ]


@pytest.mark.parametrize(("name", "shape", "status"), _shapes(), ids=[s[0] for s in _shapes()])
@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
def test_an_odd_shape_is_refused_quickly(
    served: OidcInstallation, path: str, name: str, shape: dict[str, Any], status: int
) -> None:
    started = time.monotonic()
    answer = requests.post(served.url + path, timeout=10, **shape)
    elapsed = time.monotonic() - started
    assert answer.status_code in ((status,) if path == "/token" else (status, 401))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["error"] in ("invalid_request", "invalid_client")
    assert elapsed < 5.0


MACHINES = [route for route in routes_of(COMPONENTS, "issuer") if route.answers_json]


@pytest.mark.parametrize("route", MACHINES, ids=lambda route: route.name)
def test_a_machine_at_the_wrong_door_is_answered_in_json(
    served: OidcInstallation, route: Route
) -> None:
    """RFC 9110 sections 15.5.5, 15.5.6 and 15.5.12."""
    path = route.path
    browser = {"Accept": "text/html,*/*"}  # what several libraries send, whatever they want
    wrong = [("PUT", path, 405), ("DELETE", path, 405)]
    wrong += [(method, path + "/", 404) for method in ("GET", "POST", "PUT")]
    wrong.append(("PATCH" if "GET" in route.methods else "GET", path, 405))
    for method, address, status in wrong:
        answer = requests.request(method, served.url + address, headers=browser, timeout=10)
        assert answer.status_code == status, (method, address)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["error"]
        assert ("Allow" in answer.headers) == (status == 405)
    page = requests.get(f"{served.url}/tokens", headers=browser, timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke", "/userinfo"])
def test_a_body_of_unknown_length_is_411_in_json(served: OidcInstallation, path: str) -> None:
    chunks = iter([b"grant_type=", b"x"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(served.url + path, data=chunks, headers=form, timeout=10)
    assert answer.status_code == 411
    assert answer.json()["error"] == "invalid_request"
    if path != "/userinfo":  # where a token in the header needs no body
        assert _without_any_length(served, path).startswith(b"HTTP/1.1 411")
    page = requests.post(f"{served.url}/authorize", data=iter([b"a=b"]), headers=form, timeout=10)
    assert page.status_code == 411
    assert page.headers["Content-Type"].startswith("text/html")


def _without_any_length(served: OidcInstallation, path: str) -> bytes:
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("localhost", port), timeout=5) as sock:
        sock.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n".encode()
        )
        return sock.recv(64)


def test_an_endless_chunked_body_is_refused_without_waiting_for_its_end(
    served: OidcInstallation,
) -> None:
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("localhost", port), timeout=5) as sock:
        sock.sendall(
            f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            "Transfer-Encoding: chunked\r\n\r\n5\r\ngrant".encode()
        )
        assert sock.recv(64).startswith(b"HTTP/1.1 411")


def test_refusals_are_audited(served: OidcInstallation, province: Province) -> None:
    served.redeem(province.client, "nothing")
    event = served.events("token.refused")[0]
    assert event.actor == f"client:{province.client.client.id}"
    assert event.fields["error"] == "invalid_grant"
    assert event.fields["grant_type"] == "authorization_code"


# --- what it costs ---------------------------------------------------------------------
@pytest.mark.both_engines
def test_client_credentials_is_at_most_two_statements_and_one_commit(
    served: OidcInstallation,
) -> None:
    app = served.add_client("Đếm", grant_types=["client_credentials"], redirect_uris=[])
    for _ in range(3):
        with served.statements() as seen:
            assert served.token(app, grant_type="client_credentials").status_code == 200
        assert len(seen.texts) <= 2, seen.texts
        assert seen.commits == 1


@pytest.mark.both_engines
def test_code_exchange_and_refresh_are_at_most_five_statements_and_one_commit(
    served: OidcInstallation, province: Province
) -> None:
    person = served.add_person(f"dem.{new_id()[:8]}")  # nothing about them is cached
    with served.installation.database.write() as tx:
        note_signed_in(tx, person.id)  # once a day it is one more
    code = served.code(served.browser(person), province.client.client.id)
    with served.statements() as exchange:
        tokens = served.redeem(province.client, code).json()
    assert len(exchange.texts) <= 5, exchange.texts
    assert exchange.commits == 1
    with served.statements() as refresh:
        answer = served.token(
            province.client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
    assert answer.status_code == 200
    assert len(refresh.texts) <= 5, refresh.texts
    assert refresh.commits == 1
    with served.statements() as looks:
        served.userinfo(answer.json()["access_token"])
        served.introspect(province.client, answer.json()["access_token"])
    assert len(looks.texts) <= 3, looks.texts


@pytest.mark.both_engines
def test_a_fault_in_the_store_is_503_and_not_invalid_client(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    from directory.database.engine import Database
    from directory.errors import Unavailable

    def refuse(_self: Database) -> object:
        raise Unavailable(DATABASE_UNAVAILABLE, retry_after_s=5)

    monkeypatch.setattr(Database, "write", refuse)
    answer = served.post("/token", **as_client(province.client, {"grant_type": "x"}))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["error"] == "temporarily_unavailable"
