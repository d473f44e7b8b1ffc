"""A small installation whose processes are started one by one, each with or without a fault point.

Real slapd, real SQL, the web application under gunicorn, the worker and the command line's way of
editing, all as processes of their own: a SIGKILL takes everything a process had in memory.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from admin_ui.components import REGISTRATION
from directory.catalogue.person import Person
from directory.people.service import NewPerson
from idp.clients.service import add_client
from tests.deep.sign_in_client import SignIn, application
from tests.support.browser import PASSWORD
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
    short_folder,
)
from tests.support.journal import Journal
from tests.support.made_once import make_keys
from tests.support.mail_server import MailServer
from tests.support.ports import free_port
from tests.support.product import REPOSITORY, Account
from tests.support.province import a_department, who_can_sign_in
from tests.support.relying_party import Receiver, RelyingParty
from tests.support.waiting import wait_until

_START_S = 20.0


@dataclass
class FaultInstallation:
    """The installation, one person who can sign in, one application that is told of sign-outs."""

    running: RunningInstallation
    environment: dict[str, str]
    person: Person
    application: RelyingParty
    receiver: Receiver
    mail: MailServer
    journal: Journal

    def process(self, module: str, *arguments: str, point: str = "") -> subprocess.Popen[str]:
        """Start a Python module of ours that dies at `point`."""
        fault = {"DANHMUC_FAULT_POINT": point} if point else {}
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=REPOSITORY,
            env=self.environment | fault,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def web(self, point: str = "") -> Iterator[subprocess.Popen[str]]:
        """The sign-in application with one worker, ready to answer, while the block lasts."""
        port = self.running.settings.port
        arguments: tuple[str, ...] = ("--config", str(REPOSITORY / "deploy" / "gunicorn.conf.py"))
        arguments += ("--workers", "1", "--bind", f"127.0.0.1:{port}", "--log-level", "error")
        master = self.process("gunicorn", *arguments, "admin_ui.entries.issuer:app", point=point)
        try:
            wait_until(self._answers, _START_S, every_s=0.05, says="the web does not start")
            yield master
        finally:
            master.terminate()
            master.communicate(timeout=20)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.application.issuer}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def new_sign_in(self) -> SignIn:
        account = Account(self.person.username, PASSWORD, self.person.full_name)
        return SignIn(self.application, self.journal, account, self.person.id)


def assert_killed_itself(process: subprocess.Popen[str], seconds: float = 20) -> None:
    """The process ended by SIGKILL, which nobody else sends it."""
    process.wait(seconds)
    assert process.returncode == -signal.SIGKILL, process.returncode


@contextmanager
def fault_installation(journal: Path) -> Iterator[FaultInstallation]:
    """All of it while the block lasts; the web application and the worker are not started."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        receiver = stack.enter_context(Receiver().listening())
        mail = stack.enter_context(MailServer().listening())
        variables = {
            "DANHMUC_PORT": str(free_port()),
            "DANHMUC_SMTP_URL": mail.url,
            "DANHMUC_OUTBOUND_ALLOW": f"127.0.0.1/32:{receiver.port}",
        }
        running = stack.enter_context(running_installation(folder, **variables))
        (running.settings.state / "demo").touch()  # fault points are for demo states
        writer = Journal(journal)
        stack.callback(writer.close)
        yield FaultInstallation(
            running=running,
            environment=running.environment,
            person=_person(running),
            application=_application(running, receiver),
            receiver=receiver,
            mail=mail,
            journal=writer,
        )


def _person(running: RunningInstallation) -> Person:
    installation = running.installation
    make_keys(installation)
    agency = a_department(installation)
    new = NewPerson(
        username="nguyen.an",
        full_name="Nguyễn Văn An",
        agency_id=agency.id,
        title="Chuyên viên",
        phone="0274 1",
        mail="an@binhduong.gov.vn",
    )
    return who_can_sign_in(installation, new)


def _application(running: RunningInstallation, receiver: Receiver) -> RelyingParty:
    made = application(running.settings.issuer, receiver=receiver)
    add_client(running.installation, OPERATOR, REGISTRATION, made.metadata())
    return made
