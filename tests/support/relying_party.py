"""An application that trusts our issuer: what it asks, what it redeems, what it is told.

Nobody listens at its callback: the answer that leads there is what a test looks at.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

from idp.clients.service import Registered
from idp.keys.jose import Claims, read_unverified
from tests.support.browser import Browser, Named, next_url

NOWHERE = "http://127.0.0.2:9"
REDIRECT = f"{NOWHERE}/callback"
VERIFIER = "v" * 20 + "-._~" + "A1" * 20


def challenge_of(verifier: str) -> str:
    """The S256 challenge (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


CHALLENGE = challenge_of(VERIFIER)


@dataclass
class Receiver:
    """An application's back channel: what it was told, and how it answers."""

    port: int = 0
    status: int = 200
    delay_s: float = 0
    tokens: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/backchannel-logout"

    def claims(self) -> list[Claims]:
        """The claims of every logout token received."""
        return [read_unverified(token)[1] for token in self.tokens]

    @contextmanager
    def listening(self) -> Iterator[Self]:
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.tokens += parse_qs(body).get("logout_token", [])
                time.sleep(receiver.delay_s)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return

        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


@dataclass(frozen=True)
class RelyingParty:
    """One registered application of `issuer`, by default with the method of most: a secret."""

    issuer: str
    client_id: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    name: str = ""
    redirect_uri: str = REDIRECT
    after_logout_uri: str = f"{NOWHERE}/"
    auth_method: str = "client_secret_basic"
    receiver: Receiver | None = None
    call: Callable[..., requests.Response] = requests.request

    @classmethod
    def of(cls, issuer: str, made: Registered, **more: Any) -> Self:
        """The application that was registered as `made`."""
        found = made.client
        return cls(issuer, found.id, made.secret or "", auth_method=found.auth_method, **more)

    def metadata(self, **more: Any) -> dict[str, Any]:
        """What registers it (RFC 7591)."""
        told: dict[str, Any] = {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "client_name": self.name,
            "client_uri": self.after_logout_uri,
            "redirect_uris": [self.redirect_uri],
            "post_logout_redirect_uris": [self.after_logout_uri],
            "scope": "openid profile email org roles offline_access",
        }
        if self.receiver:
            told["backchannel_logout_uri"] = self.receiver.url
        return told | more

    # --- the code flow ---------------------------------------------------------------------------
    def enter(self, browser: Browser, person: Named, **changes: str) -> requests.Response:
        """Enter it, signing in if asked; gives the answer that leads back to it."""
        asked = authorization_request(self, **changes)
        back = browser.enter("/authorize", person, until=self.redirect_uri, **asked)
        assert next_url(back).startswith(self.redirect_uri), back.text
        return back

    def tokens(self, browser: Browser, person: Named, **changes: str) -> dict[str, Any]:
        """Enter it and redeem its code."""
        code = parse_qs(urlsplit(next_url(self.enter(browser, person, **changes))).query)["code"]
        answer = self.redeem(code[0])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def redeem(self, code: str | None, **changes: str | None) -> requests.Response:
        good: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return self.token(**_given(good | changes))

    def refresh(self, token: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    # --- the endpoints ---------------------------------------------------------------------------
    def post(self, path: str, data: Mapping[str, str]) -> requests.Response:
        """POST as this application, by its registered method."""
        mine = self.authenticated(data)
        return self.call("POST", f"{self.issuer}{path}", timeout=30, **mine)

    def authenticated(self, data: Mapping[str, str]) -> dict[str, Any]:
        """Keyword arguments for a POST that authenticates as this application."""
        if self.auth_method == "client_secret_basic":
            return {"data": dict(data), "auth": (self.client_id, self.secret)}
        body = {"client_id": self.client_id, **data}
        if self.secret:
            body["client_secret"] = self.secret
        return {"data": body}

    def token(self, **data: str) -> requests.Response:
        return self.post("/token", data)

    def introspect(self, token: str) -> dict[str, Any]:
        answer = self.post("/introspect", {"token": token})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def userinfo(self, token: str) -> requests.Response:
        bearer = {"Authorization": f"Bearer {token}"}
        return self.call("GET", f"{self.issuer}/userinfo", headers=bearer, timeout=10)


def authorization_request(app: RelyingParty, **changes: str | None) -> dict[str, str]:
    """A good authorization request with `changes`; None takes a parameter away."""
    good: dict[str, str | None] = {
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "response_type": "code",
        "scope": "openid profile email org roles",
        "state": "trạng-thái",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return _given(good | changes)


def as_client(client: Registered, data: Mapping[str, str]) -> dict[str, Any]:
    """Keyword arguments for a POST that authenticates as `client`."""
    return RelyingParty.of("", client).authenticated(data)


def _given(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}


def answer_fields(answer: requests.Response) -> dict[str, str]:
    """The parameters of a redirect to the application."""
    query = urlsplit(answer.headers["Location"]).query
    return dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))


def doubled_fields(answer: requests.Response) -> list[str]:
    return [k for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items() if v[1:]]
