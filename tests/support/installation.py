"""A prepared installation in a folder of its own: real slapd, real SQL, the schema, keys."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from directory.actor import Actor
from directory.agencies.service import add_agency
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post
from directory.clock import today
from directory.database.migrating import upgrade
from directory.ids import new_id
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.people.service import NewPerson, add_record
from directory.sealed import KeyRing
from directory.settings import Settings, read_settings
from directory.text import split_name
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
def running_installation(state: Path, **environ: str) -> Iterator[RunningInstallation]:
    """Prepare `state` and run its slapd while the block lasts.

    The SQL store is a new one of the run's engine, unless `environ` names one.
    """
    opening: AbstractContextManager[dict[str, str]] = (
        nullcontext({}) if "DANHMUC_DATABASE_URL" in environ else sql_store()
    )
    with opening as store:
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
    installation = None
    try:
        embedded.wait_until_ready(settings)
        installation = open_installation(settings, "catalogue")
        upgrade(installation.database)
        running = RunningInstallation(settings, installation, slapd, given)
        yield running
    finally:
        if installation is not None:
            installation.close_connections()
        embedded.stop(running.slapd if installation is not None else slapd)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a UNIX socket."""
    with tempfile.TemporaryDirectory(prefix="dm-", dir=os.environ.get("TMPDIR", "/tmp")) as name:
        yield Path(name)


def a_department(installation: Installation, code: str = "STTTT", parent: str = "") -> Agency:
    """Add an agency."""
    name = f"Sở {code}"
    return add_agency(
        installation,
        OPERATOR,
        Agency(id=new_id(), name=name, code=code, type="DEPARTMENT", parent_id=parent),
    )


def an_active_person(installation: Installation, new: NewPerson) -> Person:
    """Add somebody who is active already, as an import does: no password, one change."""
    family, middle, given = split_name(new.full_name)
    post = Post(
        new_id(),
        new.agency_id,
        new.unit_id,
        new.title or "Nhân viên",
        start=today().isoformat(),
    )
    person = Person(
        id=new.id or new_id(),
        username=new.username,
        full_name=new.full_name,
        family_name=family,
        middle_name=middle,
        given_name=given,
        mail=new.mail.lower(),
        phone=new.phone,
        staff_no=new.staff_no,
        staff_category=new.staff_category,
        posts=(post,),
    )
    return add_record(installation, OPERATOR, person)
