"""A person's browser at a demo application: Flask's client and the hops between."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.demo.foreign_issuer import Client, ForeignIssuer

DOCUMENT = Client("quan-ly-van-ban", "document-secret", "http://127.0.0.2:8404")
ONE_STOP = Client("mot-cua-dien-tu", "one-stop-secret", "http://127.0.0.3:8405")


@dataclass
class Browser:
    """One person at one application: Flask's client, plus the hops over the issuer."""

    app: Flask
    client: FlaskClient

    def authorization_request(self, path: str = "/dang-nhap") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 302, answer.text
        return answer.location

    def authorization_answer(self, path: str = "/dang-nhap") -> dict[str, str]:
        """The parameters the issuer sends back to the callback."""
        target = self.authorization_request(path)
        answer = requests.get(target, allow_redirects=False, timeout=20)
        return {
            name: values[0]
            for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
        }

    def call_back(self, answer: dict[str, str]) -> TestResponse:
        return self.client.get("/callback", query_string=answer)

    def sign_in(self, path: str = "/dang-nhap") -> TestResponse:
        answer = self.call_back(self.authorization_answer(path))
        assert answer.status_code == 302, answer.text
        return answer

    def is_signed_in(self) -> bool:
        return self.client.get("/").status_code == 302

    def submit(
        self, path: str, form: dict[str, str] | None = None, page: str = "/"
    ) -> TestResponse:
        """Post a form with the token that `page` shows."""
        shown = self.client.get(page, follow_redirects=True).text
        found = re.search(r'name="form_token" value="([^"]+)"', shown)
        assert found, shown
        return self.client.post(path, data={**(form or {}), "form_token": found.group(1)})

    def post_logout_token(self, token: str) -> TestResponse:
        return self.app.test_client().post("/backchannel-logout", data={"logout_token": token})


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


def refresh_target(page: TestResponse) -> str:
    """Where the page takes a browser at once, without scripts."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found.group(1))


def reached(app: Flask, client: Client) -> Flask:
    """`app` with Flask's test client calling at its own address: no other is answered."""
    app.config["SERVER_NAME"] = urlsplit(client.base_url).netloc
    return app


def open_browser(app: Flask) -> Browser:
    return Browser(app, app.test_client())


def sign_in_as(app: Flask, issuer: ForeignIssuer, username: str) -> Browser:
    """A browser of its own in which `username` has signed in."""
    issuer.signed_in_as = username
    browser = open_browser(app)
    browser.sign_in()
    return browser
