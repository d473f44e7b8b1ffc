"""A private PostgreSQL for tests: a cluster in a folder of its own, thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from directory.ids import new_id


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "these tests need PostgreSQL: apt-get install postgresql"
    return found[-1].parent


def _as_owner(command: Sequence[str]) -> list[str]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of an empty database on a cluster of its own (durable commits are off)."""
    folder = Path(tempfile.mkdtemp(prefix="dm-pg-"))
    data, port = folder / "data", _free_port()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    binaries = _binaries()
    initdb = [str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "danhmuc"]
    server = None
    try:
        subprocess.run(
            _as_owner([*initdb, "--no-sync", "-E", "UTF8", "--no-locale"]),
            check=True,
            capture_output=True,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "max_connections": "120",
        }
        switches = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                _as_owner([str(binaries / "postgres"), "-D", str(data), *switches]),
                stdout=log,
                stderr=log,
            )
        _wait_for(port, server, folder / "log")
        yield f"postgresql+psycopg://danhmuc@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            server.send_signal(2)  # fast shutdown
            server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    for _ in range(200):
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            psycopg.connect(f"postgresql://danhmuc@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"PostgreSQL did not come up: {log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One PostgreSQL for the whole session."""
    with running_postgres() as url:
        yield url


def a_database(url: str) -> str:
    """The URL of a new, empty database on the cluster of `url`."""
    import psycopg
    from psycopg import sql

    name = f"t{new_id().replace('-', '')}"
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return url.rpartition("/")[0] + f"/{name}"
