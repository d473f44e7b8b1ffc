"""Client authentication: one method, the registered one; everything else is `invalid_client`."""

from __future__ import annotations

import base64
import hmac
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from directory.clock import now_s
from directory.ids import new_secret
from idp.clients.service import Registered, disable_client, rotate_secret
from idp.oidc.client_assertion import TYPE
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation
from tests.support.waiting import wait_until

GRANT = {"grant_type": "client_credentials"}


def machine(
    served: OidcInstallation, method: str = "client_secret_basic", **more: Any
) -> Registered:
    return served.add_client(
        f"Máy {method}",
        grant_types=["client_credentials"],
        redirect_uris=[],
        token_endpoint_auth_method=method,
        **more,
    )


def basic(client_id: str, secret: str) -> dict[str, str]:
    both = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {both}"}


def is_refused(answer: requests.Response) -> bool:
    assert answer.status_code == 401, answer.text
    challenge = 'Basic realm="danhmuc", charset="UTF-8", error="invalid_client", '
    assert answer.headers["WWW-Authenticate"].startswith(challenge)  # RFC 7617 section 2
    assert answer.headers["Cache-Control"] == "no-store"
    return bool(answer.json()["error"] == "invalid_client")


def test_basic_and_post_work_for_those_registered_so(served: OidcInstallation) -> None:
    for method in ("client_secret_basic", "client_secret_post"):
        assert served.token(machine(served, method), **GRANT).status_code == 200


def test_basic_halves_are_form_decoded(served: OidcInstallation) -> None:
    # RFC 6749 section 2.3.1; openid-client percent-encodes even "-".
    app = machine(
        served,
        client_id="ứng dụng".encode().hex() + "-a:b+c~d",
        client_secret="p%+ /:é".encode("ascii", "ignore").decode().replace(" ", "") + "x" * 40,
    )
    client_id, secret = app.client.id, app.secret or ""
    plain = served.post("/token", GRANT, headers=basic(quote_plus(client_id), quote_plus(secret)))
    assert plain.status_code == 200
    every = "".join(f"%{byte:02X}" for byte in client_id.encode())
    assert served.post("/token", GRANT, headers=basic(every, quote_plus(secret))).status_code == 200


def test_wrong_secrets_are_refused(served: OidcInstallation) -> None:
    app = machine(served)
    secret = app.secret or ""
    wrong = [
        "",
        "null",
        "None",
        "[]",
        secret[:-1],
        secret[:10],
        secret + "\0",
        secret + " ",
        secret.swapcase(),
        "%00",
        "'",
        "é",
    ]
    for text in wrong:
        assert is_refused(served.post("/token", GRANT, headers=basic(app.client.id, text))), text
    assert served.token(app, **GRANT).status_code == 200


def test_odd_ways_to_bring_a_secret_are_refused(served: OidcInstallation) -> None:
    app, form = machine(served), machine(served, "client_secret_post")
    good = {"client_id": app.client.id, "client_secret": app.secret or ""}
    assert is_refused(served.post("/token", GRANT))
    assert is_refused(served.post("/token", GRANT | {"client_id": app.client.id}))
    assert is_refused(
        served.post("/token", GRANT | {"client_id": app.client.id, "client_secret": ""})
    )
    assert is_refused(
        served.post("/token", GRANT | {"client_id": app.client.id, "client_secret[]": app.secret})
    )
    # in the query string
    assert is_refused(requests.post(f"{served.url}/token", params=good, data=GRANT, timeout=10))
    # the other registered method
    assert is_refused(served.post("/token", GRANT | good))
    assert is_refused(
        served.post("/token", GRANT, headers=basic(form.client.id, form.secret or ""))
    )
    # two methods at once
    assert is_refused(
        served.post("/token", GRANT | good, headers=basic(app.client.id, app.secret or ""))
    )
    # a client_id beside Basic must be the same
    assert is_refused(
        served.post(
            "/token",
            GRANT | {"client_id": form.client.id},
            headers=basic(app.client.id, app.secret or ""),
        )
    )
    assert (
        served.post(
            "/token",
            GRANT | {"client_id": app.client.id},
            headers=basic(app.client.id, app.secret or ""),
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic bm9jb2xvbg==",
        "Basic /////w==",
        "Bearer x",
        "Digest a=b",
        "basic",
        "Negotiate YII=",
        "Basic " + "QTpB" * 2000,
    ],
)
def test_odd_authorization_headers_are_refused(served: OidcInstallation, header: str) -> None:
    assert is_refused(served.post("/token", GRANT, headers={"Authorization": header}))


def test_introspection_accepts_empty_fields_beside_basic(served: OidcInstallation) -> None:
    app = machine(served)
    answer = served.post(
        "/introspect",
        {"token": "x", "client_id": "", "client_secret": ""},
        headers=basic(app.client.id, app.secret or ""),
    )
    assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_a_public_client_may_not_introspect(served: OidcInstallation) -> None:
    app = served.add_client("Công khai", token_endpoint_auth_method="none")
    assert is_refused(served.post("/introspect", {"token": "x", "client_id": app.client.id}))


def test_a_public_client_with_a_secret_is_refused(served: OidcInstallation) -> None:
    app = served.add_client("Công khai", token_endpoint_auth_method="none")
    data = {"grant_type": "authorization_code", "code": "x", "client_id": app.client.id}
    assert is_refused(served.post("/token", data | {"client_secret": "anything"}))
    assert served.post("/token", data).json()["error"] == "invalid_grant"


def test_failures_are_audited_without_the_secret(served: OidcInstallation) -> None:
    app = machine(served)
    served.post("/token", GRANT, headers=basic(app.client.id, "SECRET-TYPED-WRONG"))
    event = served.events("client.auth_failed")[0]
    assert event.subject == f"client:{app.client.id}"
    assert event.fields == {"method": "client_secret_basic", "reason": "wrong secret"}
    served.post("/token", GRANT, headers=basic("<b>nobody</b>", "x"))
    assert served.events("client.auth_failed")[0].subject == ""
    served.post("/introspect", {"token": "x"}, headers=basic(app.client.id, "wrong"))
    assert served.events("client.auth_failed")[0].subject == f"client:{app.client.id}"


def test_a_rotated_secret_and_a_disabled_client_are_refused(served: OidcInstallation) -> None:
    app = machine(served)
    new = rotate_secret(served.installation, OPERATOR, app.client.id, overlap_ms=0).secret
    assert is_refused(served.token(app, **GRANT))
    assert served.post("/token", GRANT, headers=basic(app.client.id, new)).status_code == 200
    disable_client(served.installation, OPERATOR, app.client.id, "kiểm thử")
    assert is_refused(served.post("/token", GRANT, headers=basic(app.client.id, new)))


def test_another_process_refuses_a_disabled_client_within_five_seconds(
    served: OidcInstallation,
) -> None:
    from sqlalchemy import update

    from idp.clients.tables import client

    app = machine(served)
    assert served.token(app, **GRANT).status_code == 200
    mine = client.c.client_id == app.client.id
    gone = update(client).where(mine).values(disabled_at=1, version=client.c.version + 1)
    with (
        served.installation.database.write() as tx
    ):  # as another process does it: our cache is not told
        tx.execute(gone)
    wait_until(lambda: served.token(app, **GRANT).status_code != 200, every_s=0.2)


def test_a_right_prefix_takes_as_long_as_a_wrong_one(served: OidcInstallation) -> None:
    from idp.clients.model import check_client_secret

    app = machine(served)
    secret = app.secret or ""
    wrong = "x" * len(secret)

    def median(presented: str, client: Any) -> float:
        times = []
        for _ in range(500):
            started = time.perf_counter_ns()
            check_client_secret(client, presented)
            times.append(time.perf_counter_ns() - started)
        return statistics.median(times) / 1e6

    close, far, nobody = (
        median(secret[:-1] + "!", app.client),
        median(wrong, app.client),
        median(wrong, None),
    )
    assert abs(close - far) < 1
    assert abs(close - nobody) < 1


# --- private_key_jwt -----------------------------------------------------------------------
class Signer:
    """A relying party with a key of its own."""

    def __init__(self, served: OidcInstallation, kind: str = "EC") -> None:
        self.served = served
        self.key: Any = ECKey.generate_key("P-256") if kind == "EC" else RSAKey.generate_key(2048)
        self.alg = "ES256" if kind == "EC" else "RS256"
        self.jwk = self.key.as_dict(private=False) | {"kid": "k1"}
        self.client = machine(served, "private_key_jwt", jwks={"keys": [self.jwk]}).client

    def claims(self, **changes: Any) -> dict[str, Any]:
        good = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": self.served.issuer,
            "jti": new_secret(),
            "iat": now_s(),
            "exp": now_s() + 60,
        }
        return {k: v for k, v in (good | changes).items() if v is not None}

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        head = {"alg": self.alg, "kid": "k1", "typ": "JWT"} | (header or {})
        head = {k: v for k, v in head.items() if v is not None}
        payload = json.dumps(self.claims(**changes))
        return jws.serialize_compact(head, payload, self.key, algorithms=[head["alg"]])

    def send(self, assertion: str, **more: str) -> requests.Response:
        data = GRANT | {"client_assertion_type": TYPE, "client_assertion": assertion} | more
        return self.served.post("/token", data)


@pytest.fixture(scope="module", params=["EC", "RSA"])
def signer(served: OidcInstallation, request: pytest.FixtureRequest) -> Signer:
    return Signer(served, request.param)


def test_a_good_assertion_is_accepted_once(signer: Signer) -> None:
    assertion = signer.assertion()
    assert signer.send(assertion).status_code == 200
    assert is_refused(signer.send(assertion))
    assert signer.send(signer.assertion({"kid": None})).status_code == 200
    assert signer.send(signer.assertion(iat=now_s() + 9, nbf=now_s() + 9)).status_code == 200
    assert signer.send(signer.assertion(), client_id=signer.client.id).status_code == 200


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"aud": "http://localhost:1/token"},
    {"aud": ["ISSUER", "https://evil.example"]},
    {"aud": ["ISSUER", "ISSUER/token"]},
    {"aud": []},
    {"aud": {"ISSUER": 1}},
    {"aud": ["ISSUER", "ISSUER"]},
    {"aud": "ISSUER/authorize"},
    {"aud": "ISSUER/token/"},
    {"aud": "https://other.example"},
    {"aud": "ISSUER/"},
    {"aud": None},
    {"iss": "somebody"},
    {"iss": None},
    {"exp": None},
    {"exp": 3700},
    {"exp": -1},
    {"exp": "soon"},
    {"exp": 1e400},
    {"exp": 60.5},
    {"exp": True},
    {"iat": 120},
    {"nbf": 61},
    {"jti": None},
    {"jti": 7},
    {"jti": ""},
    {"jti": "x" * 300},
]


@pytest.mark.parametrize("changes", WRONG_CLAIMS, ids=str)
def test_a_wrong_claim_is_refused(signer: Signer, changes: dict[str, Any]) -> None:
    issuer = signer.served.issuer
    text = json.dumps(changes).replace("ISSUER", issuer)
    changes = json.loads(text)
    for name in ("exp", "iat", "nbf"):
        if type(changes.get(name)) is int:
            changes[name] += now_s()
    assert is_refused(signer.send(signer.assertion(**changes)))


def test_wrong_keys_and_algorithms_are_refused(signer: Signer) -> None:
    stranger = ECKey.generate_key("P-256")
    claims = json.dumps(signer.claims())
    by_stranger = jws.serialize_compact({"alg": "ES256", "kid": "k1"}, claims, stranger)
    assert is_refused(signer.send(by_stranger))
    assert is_refused(signer.send(signer.assertion({"kid": "other"})))
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(claims.encode()).rstrip(b"=").decode()
    for none in (f"{head}.{body}.", f"{head}.{body}.AA", f"{head}.{body}"):
        assert is_refused(signer.send(none))
    for secret in (signer.key.as_pem(private=False), json.dumps(signer.jwk).encode()):
        assert is_refused(signer.send(_hs256(secret, claims)))
    assert is_refused(signer.send(signer.assertion({"typ": "logout+jwt"})))
    if signer.alg == "RS256":
        assert is_refused(signer.send(signer.assertion({"alg": "PS256"})))
        assert is_refused(signer.send(signer.assertion({"alg": "RS512"})))


def _hs256(secret: bytes, claims: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(claims.encode()).rstrip(b"=").decode()
    mac = hmac.new(secret, f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_an_assertion_without_its_type_or_beside_a_secret_is_refused(signer: Signer) -> None:
    served = signer.served
    assert is_refused(served.post("/token", GRANT | {"client_assertion": signer.assertion()}))
    assert is_refused(served.post("/token", GRANT | {"client_assertion_type": TYPE}))
    assert is_refused(
        signer.send(signer.assertion(), client_assertion_type="urn:ietf:params:oauth:x")
    )
    assert is_refused(signer.send(signer.assertion(), client_secret="x"))
    assert is_refused(signer.send(signer.assertion(), client_id="another"))


def test_a_client_with_a_secret_cannot_use_an_assertion(served: OidcInstallation) -> None:
    app = machine(served)
    key = OctKey.import_key((app.secret or "").encode())
    claims = {
        "iss": app.client.id,
        "sub": app.client.id,
        "aud": served.issuer,
        "jti": "1",
        "exp": now_s() + 60,
    }
    text = jws.serialize_compact({"alg": "HS256"}, json.dumps(claims), key, algorithms=["HS256"])
    assert is_refused(
        served.post("/token", GRANT | {"client_assertion_type": TYPE, "client_assertion": text})
    )


def test_of_many_at_once_exactly_one_gets_through(served: OidcInstallation) -> None:
    signer = Signer(served)
    assertion = signer.assertion()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: signer.send(assertion).status_code, range(10)))
    assert sorted(answers) == [200] + [401] * 9


def test_an_assertion_works_at_introspection(served: OidcInstallation) -> None:
    signer = Signer(served)
    data = {"token": "x", "client_assertion_type": TYPE, "client_assertion": signer.assertion()}
    assert served.post("/introspect", data).json() == {"active": False}
    assert is_refused(served.post("/introspect", data))
