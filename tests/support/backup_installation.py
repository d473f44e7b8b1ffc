"""An installation that is backed up, changed and restored: its people's browsers and clients."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client, TestResponse

from directory.installation import open_installation
from directory.settings import Settings
from idp.app import create_app
from idp.clients.service import Registered

CALLBACK = "https://app.example/callback"
PASSWORD = "chín con trâu trắng"
VERIFIER = "v" * 43
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
_COOKIE = "dm_session"


class Site:
    """The sign-in application of a state folder as one start of it serves it."""

    def __init__(self, settings: Settings) -> None:
        self.installation = open_installation(settings, "idp")
        self.app = create_app(self.installation)
        self.issuer = settings.issuer

    def browser(self, cookie: str = "") -> Visitor:
        """A browser; with a session cookie kept from another start of the application."""
        visitor = Visitor(self)
        if cookie:
            visitor.http.set_cookie(_COOKIE, cookie, domain="localhost")
        return visitor

    def post(self, path: str, client: Registered, **form: str) -> TestResponse:
        """What an application posts, authenticated by its secret."""
        return Client(self.app).post(
            path, base_url=self.issuer, data=form, auth=(client.client.id, client.secret or "")
        )

    def refresh(self, client: Registered, token: str) -> TestResponse:
        return self.post("/token", client, grant_type="refresh_token", refresh_token=token)

    def is_active(self, client: Registered, token: str) -> bool:
        answer = self.post("/introspect", client, token=token)
        assert answer.status_code == 200, answer.text
        return bool(answer.get_json()["active"])

    def userinfo(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return Client(self.app).get("/userinfo", base_url=self.issuer, headers=headers).status_code


class Visitor:
    """One browser."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = Client(site.app)

    @property
    def cookie(self) -> str:
        found = self.http.get_cookie(_COOKIE, domain="localhost")
        return found.value if found else ""

    def get(self, path: str, **query: str) -> TestResponse:
        return self.http.get(path, base_url=self.site.issuer, query_string=query or None)

    def follow(self, response: TestResponse) -> TestResponse:
        while (target := response.headers.get("Location", "")).startswith(
            ("/", self.site.issuer + "/")
        ):
            response = self.get(target.removeprefix(self.site.issuer))
        return response

    def is_signed_in(self) -> bool:
        return self.get("/").status_code == 200

    def sign_in(self, login: str, password: str = PASSWORD) -> bool:
        """Fill in the form. Whether that let them in."""
        page = self.follow(self.get("/dang-nhap"))
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token, page.text
        answer = self.http.post(
            page.request.full_path,
            base_url=self.site.issuer,
            data={
                "csrf_token": html.unescape(token[1]),
                "login": login,
                "password": password,
            },
            headers={"Origin": self.site.issuer},
        )
        return answer.status_code == 303

    def enter(self, client: Registered) -> dict[str, Any]:
        """Enter an application while signed in, and redeem the code."""
        back = self.follow(
            self.get(
                "/authorize",
                response_type="code",
                client_id=client.client.id,
                redirect_uri=CALLBACK,
                scope="openid profile roles offline_access",
                state="s",
                nonce="n",
                code_challenge=_CHALLENGE.decode(),
                code_challenge_method="S256",
            )
        )
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        answer = self.site.post(
            "/token",
            client,
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())


@contextmanager
def site_of(settings: Settings) -> Iterator[Site]:
    """The application, started anew: nothing an earlier one held is known to it."""
    site = Site(settings)
    try:
        yield site
    finally:
        site.installation.close_connections()
