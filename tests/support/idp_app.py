"""A complete installation with the sign-in application served on a real port.

Real slapd, real SQL, keys, agencies, people and clients made through the services, and applications
that listen for logout tokens. `idp_app` is one per test session: tests make their own people, and
every `Browser` comes from an address of its own, so that throttles do not meet.
"""

from __future__ import annotations

import html
import http.server
import itertools
import re
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from subprocess import Popen
from typing import Any, Self
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from directory.audit.reading import Event, list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.clock import now_ms
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.people.credentials import set_password
from directory.people.service import NewPerson, add_person
from idp.app import create_app
from idp.clients.service import add_client
from idp.keys.jose import Claims, read_unverified
from idp.keys.service import ensure_keys
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    a_department,
    running_installation,
    short_folder,
)
from tests.support.ports import free_port
from tests.support.web_agent import next_url

PASSWORD = "chín con trâu trắng"
CALLBACK_HOST = "http://127.0.0.2"


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
class App:
    """A registered application of the tests."""

    client_id: str
    secret: str
    name: str
    receiver: Receiver | None

    @property
    def redirect_uri(self) -> str:
        return f"{CALLBACK_HOST}:9/{self.client_id}/callback"

    @property
    def after_logout_uri(self) -> str:
        return f"{CALLBACK_HOST}:9/{self.client_id}/"


@dataclass
class IdpApp:
    """The running installation and its sign-in application.

    `installation` acts as the catalogue account; `served` is what the web application itself holds.
    """

    running: RunningInstallation
    installation: Installation
    served: Installation
    app: Flask
    url: str
    agency: Agency
    documents: App
    one_stop: App
    calendar: App
    slapd_log: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def apps(self) -> tuple[App, ...]:
        return self.documents, self.one_stop, self.calendar

    def person(self, password: str = PASSWORD, username: str = "", **facts: Any) -> Person:
        """A new active person who can sign in at once."""
        name = username or f"nguoi.{next(self._numbers)}.{secrets.token_hex(3)}"
        facts = {"full_name": "Nguyễn Thị Thuỳ Dung", "mail": f"{name}@binhduong.gov.vn"} | facts
        new = NewPerson(username=name, agency_id=self.agency.id, title="Chuyên viên", **facts)
        person = add_person(self.installation, OPERATOR, new)
        if password:
            set_password(self.installation, OPERATOR, person.id, password)
        return person

    def browser(self, address: str = "") -> Browser:
        """A new browser, from an address of its own unless one is given."""
        number = next(self._numbers)
        return Browser(
            self, address or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        )

    def events(self, kind: str = "", subject: str = "", limit: int = 50) -> list[Event]:
        """Audit events, newest first."""
        with self.installation.database.read() as tx:
            return list(list_events(tx, kind=kind, subject=subject, limit=limit))

    def restart_slapd(self) -> None:
        """Start slapd again, with the same log, after `running.kill_slapd`."""
        self.running.slapd = _start_with_log(self.running, self.slapd_log)

    def count_binds(self, person_id: str = "") -> int:
        """How many binds slapd has seen: as people at all, or as one person."""
        who = f"dmId={person_id}" if person_id else "dmId="
        lines = self.slapd_log.read_text(errors="replace").splitlines()
        return sum(1 for line in lines if f'BIND dn="{who}' in line and "method=128" in line)


class Browser:
    """One browser: cookies of its own, follows nothing by itself, reads forms as a person would."""

    def __init__(self, idp: IdpApp, address: str) -> None:
        self.idp = idp
        self.http = requests.Session()
        # The fixture trusts 127.0.0.1 as its proxy.
        self.http.headers["X-Forwarded-For"] = address

    def get(self, path: str, **query: str) -> requests.Response:
        return self.http.get(
            urljoin(self.idp.url, path), params=query, allow_redirects=False, timeout=20
        )

    def post(self, path: str, data: Any, **headers: str) -> requests.Response:
        return self.http.post(
            urljoin(self.idp.url, path),
            data=data,
            headers={"Origin": self.idp.url} | headers,
            allow_redirects=False,
            timeout=20,
        )

    def follow(self, response: requests.Response) -> requests.Response:
        """Go on within our own site as a browser does; stop where it would leave it."""
        while next_url(response).startswith(self.idp.url + "/"):
            response = self.get(next_url(response))
        return response

    def open_sign_in(self, **parameters: str) -> requests.Response:
        """The sign-in page: of a plain sign-in, or of the authorization request `parameters`."""
        if parameters:
            return self.follow(self.get("/authorize", **parameters))
        return self.follow(self.get("/dang-nhap"))

    def answer(
        self, page: requests.Response, login: str, password: str, **more: str
    ) -> requests.Response:
        """Fill in the sign-in form of `page`; gives the response to the form itself."""
        token = csrf_token(page)
        data = {"csrf_token": token, "login": login, "password": password} | more
        return self.post(page.url, data)

    def sign_in(self, person: Person, password: str = PASSWORD, **more: str) -> requests.Response:
        """Sign in without an application. Asserts that it worked."""
        response = self.answer(self.open_sign_in(), person.username, password, **more)
        assert response.status_code == 303, response.text
        return response

    def enter(self, app: App, person: Person, **parameters: str) -> requests.Response:
        """Enter an application, signing in if asked; gives the answer that leads back to it."""
        response = self.follow(self.get("/authorize", **authorization_request(app, **parameters)))
        if not next_url(response):
            response = self.follow(self.answer(response, person.username, PASSWORD))
        assert next_url(response).startswith(app.redirect_uri), response.text
        return response

    def tokens(self, app: App, person: Person, **parameters: str) -> dict[str, Any]:
        """Enter an application and redeem its code."""
        back = self.enter(app, person, **parameters)
        code = parse_qs(urlsplit(next_url(back)).query)["code"][0]
        answer = requests.post(
            f"{self.idp.url}/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": app.redirect_uri,
                "code_verifier": VERIFIER,
            },
            auth=(app.client_id, app.secret),
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @property
    def cookie(self) -> str:
        """The session cookie's value; empty when there is none."""
        return self.http.cookies.get("dm_session") or ""

    def is_signed_in(self) -> bool:
        return self.get("/").status_code == 200


VERIFIER = "v" * 43


def authorization_request(app: App, **parameters: str) -> dict[str, str]:
    """A good authorization request of an application."""
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": "openid profile",
        "state": "trạng-thái",
        "nonce": "n-1",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | parameters


def csrf_token(page: requests.Response) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, f"{page.status_code} {page.url}: no form\n{page.text[:2000]}"
    return html.unescape(found[1])


def wait_until(holds: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Return when `holds()` is true; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def _register(
    installation: Installation, client_id: str, name: str, receiver: Receiver | None
) -> App:
    app = App(client_id, secrets.token_urlsafe(32), name, receiver)
    metadata: dict[str, Any] = {
        "client_id": client_id,
        "client_secret": app.secret,
        "client_name": name,
        "client_uri": app.after_logout_uri,
        "redirect_uris": [app.redirect_uri],
        "post_logout_redirect_uris": [app.after_logout_uri],
        "scope": "openid profile email org roles offline_access",
    }
    if receiver:
        metadata["backchannel_logout_uri"] = receiver.url
    add_client(installation, OPERATOR, metadata)
    return app


def _log_operations(running: RunningInstallation) -> Path:
    """Start the private slapd anew so that it writes down every operation."""
    log_file = running.settings.state / "slapd-operations.log"
    running.slapd.terminate()
    running.slapd.wait()
    running.slapd = _start_with_log(running, log_file)
    return log_file


def _start_with_log(running: RunningInstallation, log_file: Path) -> Popen[bytes]:
    slapd = embedded.private_slapd(running.settings)
    with log_file.open("ab") as log:
        process = embedded.start_slapd(slapd, log_level="stats", log=log)
    embedded.wait_until_ready(running.settings)
    return process


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve `app` on loopback with a thread per request."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running_idp(**environ: str) -> Iterator[IdpApp]:
    """Everything, prepared and served while the block lasts."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        documents_end = stack.enter_context(Receiver().listening())
        one_stop_end = stack.enter_context(Receiver().listening())
        port = free_port()
        variables = {
            "DANHMUC_PORT": str(port),
            "DANHMUC_TRUSTED_PROXIES": "127.0.0.1",
            "DANHMUC_OUTBOUND_ALLOW": " ".join(
                f"127.0.0.1/32:{end.port}" for end in (documents_end, one_stop_end)
            ),
        }
        running = stack.enter_context(running_installation(folder, **(variables | environ)))
        (running.settings.state / "demo").touch()  # plain http on loopback is fine
        slapd_log = _log_operations(running)
        ensure_keys(running.installation, OPERATOR)
        served = open_installation(running.settings, "idp")
        stack.callback(served.close_connections)
        app = create_app(served)
        stack.enter_context(serving(app, port))
        yield IdpApp(
            running=running,
            installation=running.installation,
            served=served,
            app=app,
            url=running.settings.issuer,
            agency=a_department(running.installation),
            documents=_register(running.installation, "van-ban", "Quản lý văn bản", documents_end),
            one_stop=_register(running.installation, "mot-cua", "Một cửa điện tử", one_stop_end),
            calendar=_register(running.installation, "lich-hop", "Lịch họp", None),
            slapd_log=slapd_log,
        )


@pytest.fixture(scope="session")
def idp_app() -> Iterator[IdpApp]:
    """One installation with its sign-in application for the whole session."""
    with running_idp() as idp:
        yield idp


@contextmanager
def at_time(monkeypatch: pytest.MonkeyPatch, ahead_ms: int) -> Iterator[None]:
    """The clock of this process stands `ahead_ms` ahead: the one room that reads time says so."""
    start = now_ms() + ahead_ms
    with monkeypatch.context() as patch:
        patch.setattr("directory.clock.now_ms", lambda: start)
        patch.setattr("directory.clock.now_s", lambda: start // 1000)
        yield
