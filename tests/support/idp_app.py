"""A complete installation with the sign-in application served on a real port.

Real slapd, real SQL, keys, agencies, people and clients made through the services, and applications
that listen for logout tokens. `idp_app` is one per test session: tests make their own people, and
every `Browser` comes from an address of its own, so that throttles do not meet.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from flask import Flask

from admin_ui.components import COMPONENTS, REGISTRATION
from directory.audit.reading import Event, list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.clock import now_ms
from directory.component import Component
from directory.installation import Installation
from directory.ldap import embedded
from directory.people.service import NewPerson, add_person
from idp.app import JOURNEYS, create_app
from idp.clients.service import add_client
from idp.journeys.journey import Journey
from idp.throttle.store import Counter
from tests.support.browser import PASSWORD, Browser
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    opened,
    running_installation,
    serving,
    short_folder,
)
from tests.support.made_once import make_keys
from tests.support.ports import free_port
from tests.support.province import a_department, who_can_sign_in
from tests.support.relying_party import NOWHERE, Receiver, RelyingParty


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
    documents: RelyingParty
    one_stop: RelyingParty
    calendar: RelyingParty
    slapd_log: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def apps(self) -> tuple[RelyingParty, ...]:
        return self.documents, self.one_stop, self.calendar

    def person(self, password: str = PASSWORD, username: str = "", **facts: Any) -> Person:
        """A new active person who can sign in at once."""
        name = username or f"nguoi.{next(self._numbers)}.{secrets.token_hex(3)}"
        facts = {"full_name": "Nguyễn Thị Thuỳ Dung", "mail": f"{name}@binhduong.gov.vn"} | facts
        new = NewPerson(username=name, agency_id=self.agency.id, title="Chuyên viên", **facts)
        if not password:
            return add_person(self.installation, OPERATOR, new)
        return who_can_sign_in(self.installation, new, password)

    def browser(self, address: str = "") -> Browser:
        """A new browser, from an address of its own unless one is given."""
        number = next(self._numbers)
        own = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return Browser(self.url, address=address or own, stays=True, app=self.app)

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


def _register(
    installation: Installation, client_id: str, name: str, receiver: Receiver | None
) -> RelyingParty:
    app = RelyingParty(
        installation.settings.issuer,
        client_id,
        name=name,
        redirect_uri=f"{NOWHERE}/{client_id}/callback",
        after_logout_uri=f"{NOWHERE}/{client_id}/",
        receiver=receiver,
    )
    add_client(installation, OPERATOR, REGISTRATION, app.metadata())
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
def running_idp(
    journeys: Sequence[Journey] = JOURNEYS,
    components: Sequence[Component] = COMPONENTS,
    **environ: str,
) -> Iterator[IdpApp]:
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
        make_keys(running.installation)
        served = stack.enter_context(opened(running.settings, "idp"))
        app = create_app(served, components, journeys=journeys)
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


def pause_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wrong try begins a pause already."""
    monkeypatch.setattr(Counter.__init__, "__defaults__", (True, 1))
