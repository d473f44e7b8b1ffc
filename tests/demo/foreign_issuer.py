"""An OpenID provider written for these tests, on a real port: it can also answer wrongly.

It shares no code with the product. What is tested here is that a demo application believes a right
answer and refuses each wrong one; that the product gives right answers is tested elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, redirect, request
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """A relying party this issuer knows."""

    client_id: str
    secret: str
    base_url: str


@dataclass
class Code:
    """An authorization code and what it is bound to."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    username: str
    sid: str
    acr: str = "1"
    auth_time: int = 0


def person(username: str, name: str, agency: str, **roles_at: list[str]) -> Claims:
    """The claims of a person; `roles_at` maps an agency code to roles held there."""
    held = [(role, code) for code, names in roles_at.items() for role in names]
    return {
        "sub": f"sub-{username}",
        "name": name,
        "preferred_username": username,
        "email": f"{username}@example.test",
        "agency": {"id": f"id-{agency}", "code": agency, "name": f"Cơ quan {agency}"},
        "agency_code": agency,
        "post": {"id": "p1", "title": "Chuyên viên", "kind": "main"},
        "roles": [{"role": role, "scope": {"agency": code}} for role, code in held],
        "roles_flat": [f"{role}@{code}" for role, code in held],
    }


@dataclass
class ForeignIssuer:
    """The issuer. `mint`, `userinfo_claims`, `metadata_claims` are how a test makes it lie."""

    port: int
    people: dict[str, Claims] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = f"http://localhost:{self.port}"
        self.key = ECKey.generate_key("P-256", {"kid": "es-1", "use": "sig", "alg": "ES256"})
        self.rsa_key = RSAKey.generate_key(2048, {"kid": "rs-1", "use": "sig", "alg": "RS256"})
        self.signed_in_as = ""
        self.keys_served = 0
        self.behave()
        self._server: BaseWSGIServer | None = None

    def behave(self) -> None:
        """Answer rightly again."""
        self.mint: Callable[[Claims], str | None] = self.sign
        self.userinfo_claims: Callable[[Claims], Claims] = lambda claims: claims
        self.metadata_claims: Claims = {}
        self.deliveries: list[int] = []

    def start(self) -> None:
        """Serve on the port."""
        app = _create_app(self)
        self._server = make_server("localhost", self.port, app, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Be unreachable."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def sign(self, claims: Claims, key: Any = None, **header: Any) -> str:
        """Sign claims as this issuer does, or with another key or header."""
        key = key or self.key
        complete = {"alg": "ES256", "kid": key.kid or "es-1", **header}
        registry = jws.JWSRegistry(algorithms=[complete["alg"]], strict_check_header=False)
        return jwt.encode(complete, claims, key, registry=registry, default_type=None)

    def sign_with_secret(self, claims: Claims, secret: bytes) -> str:
        """An HS256 token under `secret`: for instance under the public key or the client secret."""
        # By hand: joserfc would not even make one under a public key.
        signed = f"{_b64(json.dumps({'alg': 'HS256', 'kid': 'es-1'}))}.{_b64(json.dumps(claims))}"
        return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256'))}"

    def unsigned(self, claims: Claims) -> str:
        """The same with `alg` none and an empty signature."""
        return ".".join([_b64(json.dumps({"alg": "none"})), _b64(json.dumps(claims)), ""])

    def logout_claims(self, client_id: str, **more: Any) -> Claims:
        """The claims of a right logout token, `more` over them; None removes a claim."""
        moment = int(time.time())
        claims: Claims = {
            "iss": self.url,
            "aud": client_id,
            "iat": moment,
            "exp": moment + 120,
            "jti": secrets.token_hex(8),
            "events": {LOGOUT_EVENT: {}},
            **more,
        }
        return {name: value for name, value in claims.items() if value is not None}


def _create_app(issuer: ForeignIssuer) -> Flask:
    app = Flask("foreign_issuer")

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Claims:
        base = issuer.url
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "end_session_endpoint": f"{base}/logout",
            "jwks_uri": f"{base}/jwks",
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256", "none"],
            **issuer.metadata_claims,
        }

    @app.get("/jwks")
    def keys() -> Claims:
        issuer.keys_served += 1
        return {"keys": [issuer.key.as_dict(private=False), issuer.rsa_key.as_dict(private=False)]}

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response | str:
        sid = request.cookies.get("op_session", "")
        username = issuer.sessions[sid][0] if sid in issuer.sessions else issuer.signed_in_as
        username = request.form.get("username", username)
        if not username:
            return _login_page()
        if sid not in issuer.sessions:
            sid = secrets.token_hex(8)
            issuer.sessions[sid] = (username, set())
        answer = redirect(_authorization_answer(issuer, username, sid), 303)
        answer.set_cookie("op_session", sid, httponly=True, samesite="Lax")
        return answer

    @app.post("/token")
    def token() -> tuple[Claims, int]:
        return _exchange(issuer)

    @app.get("/userinfo")
    def userinfo() -> Claims:
        username = issuer.tokens[request.headers["Authorization"].removeprefix("Bearer ")]
        return issuer.userinfo_claims(dict(issuer.people[username]))

    @app.get("/logout")
    def logout() -> Response | tuple[str, int]:
        hint = jwt.decode(request.args["id_token_hint"], issuer.key, algorithms=["ES256"]).claims
        client = issuer.clients[hint["aud"]]
        if request.args["post_logout_redirect_uri"] != f"{client.base_url}/":
            return "not registered", 400
        deliver_logout(issuer, hint["sid"])
        return redirect(f"{client.base_url}/?{urlencode({'state': request.args['state']})}")

    return app


def deliver_logout(issuer: ForeignIssuer, sid: str) -> None:
    """End an issuer's session and tell each application that took part, by logout token alone."""
    username, client_ids = issuer.sessions.pop(sid, ("", set()))
    for client_id in client_ids:
        claims = issuer.logout_claims(client_id, sid=sid, sub=issuer.people[username]["sub"])
        answer = requests.post(
            f"{issuer.clients[client_id].base_url}/backchannel-logout",
            data={"logout_token": issuer.sign(claims, typ="logout+jwt")},
            timeout=5,
        )
        issuer.deliveries.append(answer.status_code)


def _authorization_answer(issuer: ForeignIssuer, username: str, sid: str) -> str:
    asked = request.args
    client = issuer.clients[asked["client_id"]]
    assert asked["redirect_uri"] == f"{client.base_url}/callback"
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    code = secrets.token_urlsafe(16)
    issuer.codes[code] = Code(
        client.client_id,
        asked["redirect_uri"],
        asked["code_challenge"],
        asked["nonce"],
        username,
        sid,
        # Who is asked for more proves more, now; everybody else came in the morning.
        acr="2" if asked.get("acr_values") == "2" else "1",
        auth_time=int(time.time()) - (0 if "max_age" in asked else 3600),
    )
    issuer.sessions[sid][1].add(client.client_id)
    answer = {"code": code, "state": asked["state"], "iss": issuer.url}
    return f"{asked['redirect_uri']}?{urlencode(answer)}"


def _exchange(issuer: ForeignIssuer) -> tuple[Claims, int]:
    code = issuer.codes.pop(request.form.get("code", ""), None)
    if code is None:
        return {"error": "invalid_grant"}, 400
    client = issuer.clients[code.client_id]
    credentials = request.authorization
    if not credentials or (credentials.username, credentials.password) != (
        client.client_id,
        client.secret,
    ):
        return {"error": "invalid_client"}, 401
    verifier = request.form.get("code_verifier", "")
    if _b64(hashlib.sha256(verifier.encode()).digest()) != code.challenge:
        return {"error": "invalid_grant"}, 400
    if request.form.get("redirect_uri") != code.redirect_uri:
        return {"error": "invalid_grant"}, 400
    moment, access_token = int(time.time()), secrets.token_urlsafe(16)
    issuer.tokens[access_token] = code.username
    claims = {
        "iss": issuer.url,
        "aud": client.client_id,
        "sub": issuer.people[code.username]["sub"],
        "iat": moment,
        "exp": moment + 300,
        "auth_time": code.auth_time,
        "acr": code.acr,
        "nonce": code.nonce,
        "sid": code.sid,
    }
    answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": 600}
    id_token = issuer.mint(claims)
    return (answer if id_token is None else {**answer, "id_token": id_token}), 200


def _login_page() -> str:
    return (
        "<!doctype html><html lang=vi><title>Đăng nhập</title><h1>Đăng nhập</h1><form method=post>"
        "<label>Tên <input name=username></label><button>Đăng nhập</button></form>"
    )


def _b64(data: str | bytes) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw_signature(issuer: ForeignIssuer, header: Claims, payload: bytes) -> str:
    """A correctly signed JWS over any bytes."""
    return jws.serialize_compact({"alg": "ES256", "kid": "es-1", **header}, payload, issuer.key)
