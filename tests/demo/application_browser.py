"""A person's browser at a demo application, and the hops over the issuer between."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask

from tests.demo.foreign_issuer import Client, ForeignIssuer
from tests.support.browser import Browser, form_token

DOCUMENT = Client("quan-ly-van-ban", "document-secret", "http://127.0.0.2:8404")
ONE_STOP = Client("mot-cua-dien-tu", "one-stop-secret", "http://127.0.0.3:8405")


class Visitor:
    """One person at one application, whose application runs in this process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browser = Browser(f"http://{app.config['SERVER_NAME']}", app=app)

    def authorization_request(self, path: str = "/dang-nhap") -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def authorization_answer(self, path: str = "/dang-nhap") -> dict[str, str]:
        """The parameters the issuer sends back to the callback, to somebody new to it."""
        target = self.authorization_request(path)
        answer = requests.get(target, allow_redirects=False, timeout=20)
        return {
            name: values[0]
            for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
        }

    def call_back(self, answer: dict[str, str]) -> requests.Response:
        return self.browser.get("/callback", **answer)

    def sign_in(self, path: str = "/dang-nhap") -> requests.Response:
        answer = self.call_back(self.authorization_answer(path))
        assert answer.status_code == 302, answer.text
        return answer

    def is_signed_in(self) -> bool:
        return self.browser.get("/").status_code == 302

    def submit(
        self, path: str, form: dict[str, str] | None = None, page: str = "/"
    ) -> requests.Response:
        """Post a form with the token that `page` shows."""
        token = form_token(self.browser.open(page), "form_token")
        return self.browser.post(path, {**(form or {}), "form_token": token})

    def post_logout_token(self, token: str) -> requests.Response:
        return Visitor(self.app).browser.post("/backchannel-logout", {"logout_token": token})


def environment(issuer: ForeignIssuer, client: Client, folder: Path, **more: str) -> dict[str, str]:
    secret = folder / f"{client.client_id}.secret"
    secret.write_text(client.secret)
    return {
        "DEMO_ISSUER": issuer.url,
        "DEMO_CLIENT_ID": client.client_id,
        "DEMO_CLIENT_SECRET_FILE": str(secret),
        "DEMO_DATABASE": str(folder / f"{client.client_id}.db"),
        "DEMO_BASE_URL": client.base_url,
        "DEMO_SESSION_NAME": f"{client.client_id}-session",
        **more,
    }


def reached(app: Flask, client: Client) -> Flask:
    """`app` with Flask's test client calling at its own address: no other is answered."""
    app.config["SERVER_NAME"] = urlsplit(client.base_url).netloc
    return app


def sign_in_as(app: Flask, issuer: ForeignIssuer, username: str) -> Visitor:
    """A browser of its own in which `username` has signed in."""
    issuer.signed_in_as = username
    browser = Visitor(app)
    browser.sign_in()
    return browser
