"""Every way of having an installation that runs: real slapd, real SQL, the schema, keys.

`running_installation` is the quick one, in a folder of its own; `prepared` makes a state folder as
the product's own first start does, and `started` runs one that is prepared. A prepared one is
opened once more by `opened`, as another process would.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from admin_ui.components import COMPONENTS
from admin_ui.operations.initialise import initialise_stopped
from admin_ui.operations.options import UpOptions
from directory.actor import Actor
from directory.database.engine import Database
from directory.ids import new_secret
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.ldap.accounts import LdapAccount
from directory.ldap.gateway import Gateway
from directory.sealed import KeyRing
from directory.settings import Settings, read_settings
from tests.support.made_once import make_keys, make_tables, quick_first_start
from tests.support.postgres import sql_store

_REPOSITORY = Path(__file__).resolve().parents[2]
OPERATOR = Actor("os", "tester", request_id="test")


@dataclass
class RunningInstallation:
    """An installation and its slapd, which a test may kill and start again."""

    settings: Settings
    installation: Installation
    slapd: Popen[bytes]
    given: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process of this installation."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
        return {**kept, **self.given, "PYTHONPATH": str(_REPOSITORY)}

    def kill_slapd(self) -> None:
        self.slapd.kill()
        self.slapd.wait()

    def start_slapd(self) -> None:
        self.slapd = embedded.start(self.settings)
        embedded.wait_until_ready(self.settings)


@contextmanager
def running_installation(
    state: Path | None = None, **environ: str
) -> Iterator[RunningInstallation]:
    """Prepare `state`, or a folder of its own, and run its slapd while the block lasts.

    The SQL store is a new one of the run's engine, unless `environ` names one.
    """
    own: AbstractContextManager[Path] = nullcontext(state) if state else short_folder()
    opening: AbstractContextManager[dict[str, str]] = (
        nullcontext({}) if "DANHMUC_DATABASE_URL" in environ else sql_store()
    )
    with own as state, opening as store:
        given = {"DANHMUC_STATE": str(state), "DANHMUC_SQLITE_SYNCHRONOUS": "NORMAL"}
        with _running(given | store | environ) as running:
            yield running


@contextmanager
def _running(given: Mapping[str, str]) -> Iterator[RunningInstallation]:
    settings = read_settings(given)
    for folder in (settings.state, settings.run_dir, settings.logs_dir, settings.secrets_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    KeyRing.create(settings.keys_dir)
    embedded.prepare(settings)
    slapd = embedded.start(settings)
    running = None
    try:
        embedded.wait_until_ready(settings)
        with opened(settings) as installation:
            make_tables(installation.database)
            running = RunningInstallation(settings, installation, slapd, given)
            yield running
    finally:
        embedded.stop(running.slapd if running else slapd)


def prepare(settings: Settings, *, people: int = 0) -> None:
    """Make the state folder as `danhmuc init` does: with a demo province of so many, or empty."""
    options = UpOptions(people=people) if people else UpOptions(empty=True)
    with quick_first_start():
        initialise_stopped(settings, COMPONENTS, options, lambda *_: None)


@contextmanager
def running_slapd(settings: Settings) -> Iterator[None]:
    """The private slapd of a prepared state folder while the block lasts."""
    slapd = embedded.start(settings)
    try:
        embedded.wait_until_ready(settings)
        yield
    finally:
        embedded.stop(slapd)


@contextmanager
def opened(settings: Settings, account: LdapAccount = "catalogue") -> Iterator[Installation]:
    """An installation opened once more, as another process has it; its slapd need not run."""
    installation = open_installation(settings, account)
    try:
        yield installation
    finally:
        installation.close_connections()


@contextmanager
def started(settings: Settings) -> Iterator[Installation]:
    """A prepared state folder with its slapd running, opened."""
    with running_slapd(settings), opened(settings) as installation:
        yield installation


def open_without_catalogue(
    state: Path, port: int, store: Mapping[str, str], *, new: bool = True
) -> Installation:
    """An installation in `state` whose slapd answers nobody; `new` makes tables and keys."""
    environ = {
        "DANHMUC_STATE": str(state),
        "DANHMUC_PORT": str(port),
        "DANHMUC_SQLITE_SYNCHRONOUS": "NORMAL",
    }
    settings = read_settings({**environ, **store})
    state.mkdir(parents=True, exist_ok=True)
    (state / "demo").touch()
    KeyRing.create(settings.keys_dir)
    nowhere = Gateway(["ldapi://%2Fnowhere"], "cn=nobody", new_secret())
    installation = Installation(
        settings=settings,
        database=Database(settings.database_url, synchronous="NORMAL"),
        keyring=KeyRing.load(settings.keys_dir),
        ldap=nowhere,
        credentials=nowhere,
    )
    if new:
        make_tables(installation.database)
        make_keys(installation)
    return installation


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:  # requests are not news
        pass


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve `app` on loopback with a thread per connection."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a UNIX socket."""
    with tempfile.TemporaryDirectory(prefix="dm-", dir=os.environ.get("TMPDIR", "/tmp")) as name:
        yield Path(name)
