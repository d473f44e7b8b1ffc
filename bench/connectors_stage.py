"""What connectors are measured with: an installation with a province, a worker, foreign targets."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from sqlalchemy import func, select

from admin_ui.components import COMPONENTS
from admin_ui.operations.seed.loading import load_province
from bench.product import CHECKOUT
from directory.authz import applications
from directory.authz.applications import Application
from directory.component import load_tables
from directory.installation import Installation
from directory.ldap import embedded
from directory.outbound.client import Connections, Response
from directory.people import entry_steps
from directory.release import service as release
from directory.release.attributes import ATTRIBUTES
from directory.settings import read_settings
from sync.connectors.scim.client import ScimClient
from sync.connectors.scim.groups import Groups
from sync.connectors.scim.profiles import PROFILES
from sync.engine import connectors
from sync.engine.tables import connector_account
from sync.engine.target import Access, TargetDefinition
from sync.feed.polling import poll
from tests.support.installation import OPERATOR, RunningInstallation, running_installation
from tests.sync.foreign.processes import ForeignProcess, started
from tests.sync.foreign.servers import django_scim2, scim2
from tests.sync.scim_server import TOKEN

load_tables(COMPONENTS)
_APPLICATION = "do-luong"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}


@dataclass
class TargetServer:
    """A running server. `count`: (accounts, those that work), of its own store; `has`: whether a
    name is in it, and works."""

    name: str
    process: ForeignProcess
    path: str
    profile: str
    count: Callable[[], tuple[int, int]]
    has: Callable[[str], bool]

    @property
    def port(self) -> int:
        return self.process.port


@contextmanager
def targets(folder: Path, names: Sequence[str]) -> Iterator[Mapping[str, TargetServer]]:
    """Those of: ``django`` (on SQL), ``scim2`` (in memory), ``minimal`` (ours)."""
    with ExitStack() as stack:
        yield {name: _start(stack, folder, name) for name in names}


def _start(stack: ExitStack, folder: Path, name: str) -> TargetServer:
    if name.startswith("django"):
        own = folder / name
        own.mkdir(parents=True)
        process = stack.enter_context(django_scim2(own))
        store = own / "django.db"
        told = (lambda: _count_rows(store)), (lambda login: _has_row(store, login))
        return TargetServer(name, process, "/scim/v2", "django-scim2", *told)
    if name.startswith("scim2"):
        process = stack.enter_context(scim2())
    else:
        command = [sys.executable, "-m", "bench.scim_target"]
        process = stack.enter_context(started(command, CHECKOUT, TOKEN=TOKEN))
    return TargetServer(
        name,
        process,
        "",
        "standard",
        lambda: _count_listed(process.port),
        lambda login: _is_listed(process.port, login),
    )


def _count_rows(store: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=20)) as rows:
        found = rows.execute("SELECT count(*), coalesce(sum(is_active), 0) FROM keeping_user")
        count, active = found.fetchone()
    return count, active


def _has_row(store: Path, login: str) -> bool:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=20)) as rows:
        query = "SELECT 1 FROM keeping_user WHERE username = ? AND is_active"
        return rows.execute(query, (login,)).fetchone() is not None


def _count_listed(port: int) -> tuple[int, int]:
    status, found = ask(port, "GET", "/counts")
    if status == 200 and "active" in found:
        return found["accounts"], found["active"]
    _, page = ask(port, "GET", "/Users?count=1")
    return page["totalResults"], -1


def _is_listed(port: int, login: str) -> bool:
    condition = quote(f'userName eq "{login}"')
    _, found = ask(port, "GET", f"/Users?filter={condition}")
    return any(each.get("active") is True for each in found.get("Resources") or [])


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """One request on a connection of its own."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        sent = None if body is None else dumps(body).encode()
        connection.request(method, path, sent, {**_HEADERS, "Connection": "close"})
        answer = connection.getresponse()
        said = answer.read()
    return answer.status, loads(said) if said else {}


def create_plainly(server: TargetServer, count: int, at_once: int) -> float:
    """Creates a second by a client that does nothing else, as many connections at once."""

    def create(number: int) -> None:
        user = {
            "schemas": [_USER],
            "userName": f"thuong{number}",
            "externalId": f"thuong{number}",
            "active": True,
            "displayName": f"Nguyễn Văn Thường {number}",
            "name": {"familyName": "Nguyễn", "givenName": "Thường"},
            "title": "Chuyên viên",
            "emails": [{"value": f"thuong{number}@x.gov.vn", "type": "work", "primary": True}],
        }
        status, said = ask(server.port, "POST", f"{server.path}/Users", user)
        assert status == 201, said

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(create, range(count)))
    return count / (time.monotonic() - began)


def look_up_plainly(server: TargetServer, logins: Sequence[str]) -> float:
    """Milliseconds that a look-up by a filter takes, one after the other."""
    began = time.monotonic()
    for login in logins:
        condition = quote(f'userName eq "{login}"')
        ask(server.port, "GET", f"{server.path}/Users?filter={condition}")
    return (time.monotonic() - began) * 1000 / len(logins)


def put_group(
    server: TargetServer, name: str, size: int, more: int
) -> tuple[Sequence[str], Sequence[str]]:
    """A group with so many accounts in it, which are there as far as a server wants to know: their
    ids, and those of others that are in none."""
    ids = [f"{number:032x}" for number in range(size + more)]
    schema = "urn:ietf:params:scim:schemas:core:2.0:Group"
    members = [{"value": each} for each in ids[:size]]
    body = {"schemas": [schema], "displayName": name, "members": members}
    status, said = ask(server.port, "POST", f"{server.path}/Groups", body)
    assert status == 201, said
    return ids[:size], ids[size:]


def groups_of(folder: Path, server: TargetServer) -> Groups:
    """What a connector changes the groups of a server with, in one turn."""
    allowed = {"DANHMUC_OUTBOUND_ALLOW": f"127.0.0.1/32:{server.port}"}
    settings = read_settings({"DANHMUC_STATE": str(folder), **allowed})
    target = TargetDefinition("scim", f"http://127.0.0.1:{server.port}{server.path}")
    return Groups(ScimClient(settings, Access(target, TOKEN), PROFILES[server.profile]))


@dataclass(frozen=True)
class Exchange:
    """A request of ours: bytes of its body, and of its answer's as far as it was read."""

    method: str
    url: str
    sent: int
    read: int


@contextmanager
def asked_by_us() -> Iterator[list[Exchange]]:
    """What connectors of this process ask meanwhile."""
    asked: list[Exchange] = []
    send = Connections.send

    def noting(self: Connections, method: str, url: str, **more: Any) -> Response:
        answer = send(self, method, url, **more)
        asked.append(Exchange(method, url, len(more.get("body") or b""), len(answer.body)))
        return answer

    with patch.object(Connections, "send", noting):
        yield asked


@contextmanager
def installed(people: int, servers: Mapping[str, TargetServer]) -> Iterator[RunningInstallation]:
    """An installation with a province, which the feed has read, that may speak with the servers,
    and an application that everybody may enter."""
    allowed = " ".join(f"127.0.0.1/32:{each.port}" for each in servers.values())
    # Safe writes, as in production: what they cost is measured too.
    with running_installation(
        DANHMUC_OUTBOUND_ALLOW=allowed, DANHMUC_SQLITE_SYNCHRONOUS="FULL"
    ) as running:
        embedded.stop(running.slapd)
        load_province(running.installation, OPERATOR, people, lambda *_: None)
        running.start_slapd()
        poll(running.installation)
        with running.installation.database.write() as tx:
            entry_steps.mark_done(tx)  # this version made all of it
            app = Application(id=_APPLICATION, name="Đo lường")
            applications.put(tx, OPERATOR, app)
            release.begin(tx, OPERATOR, app, release.proposed(ATTRIBUTES))
        yield running


def connect(
    running: RunningInstallation, server: TargetServer, at_once: int, *, is_paused: bool = False
) -> None:
    """A connector for the server, named as it."""
    source = f"""\
connector: {server.name}
application: {_APPLICATION}
target: {{kind: scim, profile: {server.profile}, url: "http://127.0.0.1:{server.port}{server.path}"}}
accounts:
  userName: username
  displayName: full_name
  name.familyName: family_name
  name.givenName: given_name
  emails: mail
  title: post.title
  enterprise.department: unit.name ?? agency.name
limits: {{per_second: 1000, at_once: {at_once}}}
"""
    its = (running.installation, OPERATOR, source, TOKEN)
    connectors.put(*its, is_paused=is_paused)


class Worker:
    """The product's worker; it dies with what measures."""

    def __init__(self, running: RunningInstallation, log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "admin_ui.cli", "worker"],
                cwd=CHECKOUT,
                env=running.environment,
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def memory_mib(self) -> tuple[float, float]:
        """What of it is in memory now, and how much of that is its own, not pages of files."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        sizes = dict(line.split(":", 1) for line in status.splitlines())
        rss, own = (int(sizes[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))
        return rss, own

    @property
    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def count_states(installation: Installation, name: str) -> Mapping[str, int]:
    """How many accounts stand how."""
    columns = connector_account.c
    query = select(columns.state, func.count()).where(columns.connector == name)
    with installation.database.read() as tx:
        return {row[0]: row[1] for row in tx.execute(query.group_by(columns.state))}


def await_that(holds: Callable[[], bool], seconds: float, every_s: float = 0.05) -> float:
    """How long it took. Raises when it takes longer."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(every_s)
    return time.monotonic() - began


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
