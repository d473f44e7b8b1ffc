"""A prepared installation in a folder of its own: real slapd, real SQL, the schema, keys."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from directory.actor import Actor
from directory.agencies.service import add_agency
from directory.catalogue.agency import Agency
from directory.database.migrating import upgrade
from directory.ids import new_id
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.sealed import KeyRing
from directory.settings import Settings, read_settings

OPERATOR = Actor("os", "tester", request_id="test")


@dataclass
class RunningInstallation:
    """An installation and its slapd, which a test may kill and start again."""

    settings: Settings
    house: Installation
    slapd: Popen[bytes]

    def kill_slapd(self) -> None:
        self.slapd.kill()
        self.slapd.wait()

    def start_slapd(self) -> None:
        self.slapd = embedded.start(self.settings)
        embedded.wait_until_ready(self.settings)


@contextmanager
def running_installation(state: Path, **environ: str) -> Iterator[RunningInstallation]:
    """Prepare `state` and run its slapd while the block lasts.

    The environment variable TEST_DATABASE_URL moves the SQL store to PostgreSQL.
    """
    settings = read_settings(
        {"DANHMUC_STATE": str(state), "DANHMUC_SQLITE_SYNCHRONOUS": "NORMAL"} | environ
    )
    for folder in (settings.state, settings.run_dir, settings.logs_dir, settings.secrets_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    KeyRing.create(settings.keys_dir)
    embedded.prepare(settings)
    slapd = embedded.start(settings)
    house = None
    try:
        embedded.wait_until_ready(settings)
        house = open_installation(settings, "catalogue")
        upgrade(house.database)
        running = RunningInstallation(settings, house, slapd)
        yield running
    finally:
        if house is not None:
            house.close_connections()
        embedded.stop(running.slapd if house is not None else slapd)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a UNIX socket."""
    with tempfile.TemporaryDirectory(prefix="dm-", dir=os.environ.get("TMPDIR", "/tmp")) as name:
        yield Path(name)


def a_department(house: Installation, code: str = "STTTT", parent: str = "") -> Agency:
    """Add an agency."""
    name = f"Sở {code}"
    return add_agency(
        house,
        OPERATOR,
        Agency(id=new_id(), name=name, code=code, type="DEPARTMENT", parent_id=parent),
    )
