"""A whole sign-in through the real application: from the authorization request to the ID token.

What a drill must show is not that files came back but that a person can work. Everything runs in
this process, over the application's own WSGI interface; only in a scratch system, for it gives a
person a password and registers an application.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client, TestResponse

from admin_ui.operations.backup.errors import BACKUP_DRILL_BIND, BACKUP_DRILL_SIGN_IN
from directory.actor import system
from directory.component import Component
from directory.errors import Invalid
from directory.ids import new_secret
from directory.installation import Installation, open_installation
from directory.ldap.bind import BindResult
from directory.people import credentials
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp.app import create_app
from idp.clients.service import Registered, add_client
from idp.feature import registration_of
from idp.keys.store import verify_own

_ACTOR = system("drill")
_CALLBACK = "https://drill.invalid/callback"
_MOST_REDIRECTS = 10


@dataclass(frozen=True)
class Probe:
    """A person of the restored catalogue with a password of the drill's own."""

    person: PersonRow
    password: str


def give_password(installation: Installation) -> Probe | None:
    """Choose an active person, set a password and have slapd accept it. None: nobody is active.

    Raises Invalid(``backup.drill_bind``).
    """
    with installation.database.read() as tx:
        _total, people = queries.list_people(tx, query="", place_id="", limit=500)
    person = next((each for each in people if each.status == "active"), None)
    if person is None:
        return None
    password = f"{new_secret()}-aA1"  # of all kinds of characters, whatever the policy
    credentials.set_password(installation, _ACTOR, person.id, password)
    found = credentials.check_password(installation, person.id, password)
    if found is not BindResult.ACCEPTED:
        raise Invalid(BACKUP_DRILL_BIND, found=found.value)
    return Probe(person, password)


def sign_in(
    installation: Installation, components: Sequence[Component], probe: Probe
) -> dict[str, Any]:
    """Sign the probe in at the restored application. Gives the claims of the verified ID token.

    Raises Invalid(``backup.drill_sign_in``), telling the step that failed.
    """
    metadata = {
        "client_name": "Diễn tập khôi phục",
        "redirect_uris": [_CALLBACK],
        "scope": "openid profile",
    }
    application = add_client(installation, _ACTOR, registration_of(components), metadata)
    served = open_installation(installation.settings, "idp")
    try:
        browser = _Browser(Client(create_app(served, components)), installation.settings.issuer)
        return _run(installation, browser, probe, application)
    finally:
        served.close_connections()


def _run(
    installation: Installation, browser: _Browser, probe: Probe, application: Registered
) -> dict[str, Any]:
    verifier, nonce, client_id = new_secret(), new_secret(16), application.client.id
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    page = browser.follow(
        browser.get(
            "/authorize",
            response_type="code",
            client_id=client_id,
            redirect_uri=_CALLBACK,
            scope="openid profile",
            state=new_secret(16),
            nonce=nonce,
            code_challenge=challenge.rstrip(b"=").decode(),
            code_challenge_method="S256",
        )
    )
    back = browser.follow(browser.answer(page, probe))
    answer = browser.redeem(_code_of(back), verifier, application)
    claims = verify_own(installation, answer["id_token"], "JWT").claims
    if (claims["sub"], claims["aud"], claims["nonce"]) != (probe.person.id, client_id, nonce):
        raise _failed("the ID token names somebody or something else")
    return claims


def _code_of(back: TestResponse) -> str:
    """The code on the way back: in a redirect, or on the page that leads on after a form."""
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', back.text)
    location = html.unescape(onward[1]) if onward else back.headers.get("Location", "")
    if not location.startswith(_CALLBACK):
        raise _failed(f"no way back to the application: {back.status}")
    return parse_qs(urlsplit(location).query).get("code", [""])[0]


class _Browser:
    """Cookies, redirects within our site, and forms."""

    def __init__(self, client: Client, issuer: str) -> None:
        self._client = client
        self._issuer = issuer

    def get(self, path: str, **query: str) -> TestResponse:
        return self._client.get(path, base_url=self._issuer, query_string=query or None)

    def follow(self, response: TestResponse) -> TestResponse:
        for _ in range(_MOST_REDIRECTS):
            target = response.headers.get("Location", "")
            if not target.startswith(("/", self._issuer + "/")):
                return response
            response = self.get(target.removeprefix(self._issuer))
        raise _failed("redirected in circles")

    def answer(self, page: TestResponse, probe: Probe) -> TestResponse:
        """Fill in the sign-in form of `page`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        if page.status_code != 200 or token is None:
            raise _failed(f"no sign-in form: {page.status}")
        form = {"csrf_token": html.unescape(token[1]), "login": probe.person.username}
        response = self._client.post(
            page.request.full_path,
            base_url=self._issuer,
            data=form | {"password": probe.password},
            headers={"Origin": self._issuer},
        )
        if response.status_code != 303:
            raise _failed(f"the sign-in form was answered with {response.status}")
        return response

    def redeem(self, code: str, verifier: str, application: Registered) -> dict[str, Any]:
        response = self._client.post(
            "/token",
            base_url=self._issuer,
            auth=(application.client.id, application.secret or ""),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": _CALLBACK,
                "code_verifier": verifier,
            },
        )
        answer = response.get_json(silent=True) or {}
        if response.status_code != 200 or "id_token" not in answer:
            raise _failed(f"the token endpoint answered {response.status}: {answer.get('error')}")
        return dict(answer)


def _failed(why: str) -> Invalid:
    return Invalid(BACKUP_DRILL_SIGN_IN, why=why)
