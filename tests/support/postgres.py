"""Where the SQL store of a test lies: in SQLite, or in a PostgreSQL that the tests start.

The environment variable TEST_ENGINE decides for a whole run: ``sqlite`` (the default) or
``postgresql``. Every fixture that builds an installation takes its store from `sql_store`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg import sql

from directory.database.engine import Database
from directory.database.migrating import upgrade
from directory.ids import new_id
from tests.support.ports import free_port

ENGINES = ("sqlite", "postgresql")
ENGINE = os.environ.get("TEST_ENGINE", "sqlite")
assert ENGINE in ENGINES, f"TEST_ENGINE={ENGINE}: must be one of {', '.join(ENGINES)}"

_TEMPLATE = "template_migrated"
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "150",
    # Nothing here outlives the run, so nothing is made durable.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL; `url` is that of its first, empty database."""

    port: int

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://danhmuc@127.0.0.1:{self.port}/{database}"

    def add_database(self, *, migrated: bool = False) -> str:
        """The URL of a new database: empty, or with every table of this version."""
        name = f"t{new_id().replace('-', '')}"
        template = self._migrated_template() if migrated else "template1"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(url.rpartition("/")[2])))

    @contextmanager
    def closed(self, url: str) -> Iterator[None]:
        """Whoever is connected to a database is thrown out, and nobody gets in."""
        name = url.rpartition("/")[2]
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        self._execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}"
        self._execute(sql.SQL(end).format(sql.Literal(name)))
        try:
            yield
        finally:
            self._execute(allow.format(sql.Identifier(name), sql.Literal(True)))

    def _migrated_template(self) -> str:
        _make_template(self)
        return _TEMPLATE

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)


@lru_cache
def _make_template(cluster: Cluster) -> None:
    cluster._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    database = Database(cluster.url_of(_TEMPLATE))
    upgrade(database)
    database.dispose()


@contextmanager
def running_postgres(kept: Path | None = None) -> Iterator[Cluster]:
    """A cluster in a folder of its own, thrown away at the end; in `kept` it stays, and is found
    again.

    Its databases sort as a Vietnamese administrator would have them sort, not byte by byte: what
    must not depend on that has to say so.
    """
    folder, port = kept or Path(tempfile.mkdtemp(prefix="dm-pg-")), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = None
    try:
        if not (folder / "data").exists():
            _make_cluster(folder / "data")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(_server_command(folder, port), stdout=log, stderr=log)
        _wait_for(port, server, folder / "log")
        yield Cluster(port)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # fast shutdown
            server.wait(timeout=20 if kept is None else 120)  # all is written down first
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(data: Path) -> None:
    words = [str(_binaries() / "initdb"), "-D", str(data), "-A", "trust", "-U", "danhmuc"]
    words += ["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    words += ["--locale-provider=icu", "--icu-locale=vi-VN"]
    done = subprocess.run(_as_owner(words), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _server_command(folder: Path, port: int) -> list[str]:
    options = _OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
    switches = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return _as_owner([str(_binaries() / "postgres"), "-D", str(folder / "data"), *switches])


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "these tests need PostgreSQL: apt-get install postgresql"
    return found[-1].parent


def _as_owner(command: Sequence[str]) -> list[str]:
    # A test process that is killed must not leave a server behind.
    words = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        words += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return [*words, *command]


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            psycopg.connect(f"postgresql://danhmuc@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"PostgreSQL did not come up: {log.read_text(errors='replace')}")


# What lives as long as the run. Ended by `end_shared_cluster`, which the root conftest calls.
_lasting = ExitStack()


@lru_cache(maxsize=1)
def shared_cluster() -> Cluster:
    """The one cluster of this test process, started when first asked for."""
    return _lasting.enter_context(running_postgres())


def end_shared_cluster() -> None:
    """Stop the shared cluster if it was started."""
    _lasting.close()
    shared_cluster.cache_clear()


@contextmanager
def sql_store(*, migrated: bool = True) -> Iterator[dict[str, str]]:
    """Settings that put an installation's SQL store where this run wants it; it is new.

    On SQLite there are none: the store is a file in the state folder. `migrated=False` is for
    programs that make their tables themselves.
    """
    if ENGINE == "sqlite":
        yield {}
        return
    url = shared_cluster().add_database(migrated=migrated)
    try:
        yield {"DANHMUC_DATABASE_URL": url}
    finally:
        shared_cluster().drop_database(url)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The URL of a new database of this run's engine without any table."""
    # SQLite's file is there, and empty: only the first start of all may make one.
    (folder / "empty.db").touch()
    with sql_store(migrated=False) as settings:
        yield settings.get("DANHMUC_DATABASE_URL", f"sqlite:///{folder}/empty.db")
