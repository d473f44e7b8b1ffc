"""A private slapd for tests: the one the product runs, with its generated configuration.

`slapd_server` is one per test session (about a fifth of a second), shared: tests make their own
entries under fresh ids. `own_slapd` is for tests that kill it or look at its log.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from directory.ids import new_id
from directory.ldap.accounts import account_dn, read_password
from directory.ldap.embedded import PrivateSlapd, prepare_slapd, start_slapd, stop, wait_for
from directory.ldap.gateway import Gateway
from directory.ldap.passwords import hash_password
from directory.ldap.slapd import slapd_installation

SUFFIX = "dc=binhduong,dc=gov,dc=vn"
OID_ARC = "1.3.6.1.4.1.99999.77"


@dataclass
class SlapdServer:
    """A running private slapd in a folder of its own. Its statistics log is kept in `log_file`."""

    slapd: PrivateSlapd
    process: subprocess.Popen[bytes]
    suffix: str = SUFFIX
    _gateways: list[Gateway] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return self.slapd.uri

    @property
    def state(self) -> Path:
        return self.slapd.state

    @property
    def log_file(self) -> Path:
        return self.state / "slapd.log"

    def log(self) -> str:
        """What slapd logged so far (one line per operation)."""
        return self.log_file.read_text(errors="replace")

    def gateway(self, account: str = "catalogue") -> Gateway:
        """A gateway bound as one of our accounts; closed with the server."""
        dn = account_dn(account, self.suffix)
        return self._kept(Gateway([self.uri], dn, self.password(account)))

    def manager(self) -> Gateway:
        """A gateway with the manager's rights (EXTERNAL)."""
        return self._kept(Gateway.external(self.uri))

    def password(self, account: str) -> str:
        return read_password(self.slapd.secrets_dir, account)

    def add_person(self, username: str, password: str = "", **attributes: str) -> str:
        """A person with the least attributes, and a password if given. Returns the DN."""
        person_id = new_id()
        dn = f"dmId={person_id},ou=people,{self.suffix}"
        values = {
            "uid": username,
            "cn": "Nguyễn Văn An",
            "displayName": "Nguyễn Văn An",
            "sn": "Nguyễn",
            "givenName": "An",
            "dmStatus": "active",
            **attributes,
        }
        entry = {"objectClass": ["inetOrgPerson", "dmPerson"], "dmId": [person_id]}
        if password:
            values["userPassword"] = hash_password(password)
        self.gateway().add(dn, entry | {name: [value] for name, value in values.items()})
        return dn

    def kill(self) -> None:
        """kill -9: what a crash looks like."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Start again after `kill` or a stop."""
        with self.log_file.open("ab") as log:
            self.process = start_slapd(self.slapd, open_port=False, log_level="stats", log=log)
        wait_for(self.uri, process=self.process)

    def pause(self) -> None:
        """Stop every thread of slapd where it is (SIGSTOP): it takes requests and answers none."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = Path(f"/proc/{self.process.pid}/task")
        while any(_state_of(task) != "T" for task in tasks.iterdir()):
            time.sleep(0.001)

    def resume(self) -> None:
        """Let a paused slapd go on."""
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        for gateway in self._gateways:
            gateway.close()
        self.resume()
        stop(self.process)

    def _kept(self, gateway: Gateway) -> Gateway:
        self._gateways.append(gateway)
        return gateway


def plan_slapd(state: Path, *, suffix: str = SUFFIX, port: int = 0) -> PrivateSlapd:
    """A private slapd in `state`, not built yet. Skips nothing: slapd must be there."""
    installation = slapd_installation([Path("/")])
    assert installation is not None, "these tests need slapd: apt-get install slapd"
    return PrivateSlapd(
        state=state,
        secrets_dir=state / "secrets",
        suffix=suffix,
        organisation="tỉnh Bình Dương",
        oid_arc=OID_ARC,
        port=port,
        installation=installation,
    )


def _state_of(task: Path) -> str:
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


@contextmanager
def running_slapd(state: Path) -> Iterator[SlapdServer]:
    """A slapd in the folder `state` (built if empty), stopped at the end."""
    slapd = plan_slapd(state)
    prepare_slapd(slapd)
    with (state / "slapd.log").open("ab") as log:
        process = start_slapd(slapd, log_level="stats", log=log)
    server = SlapdServer(slapd, process)
    try:
        wait_for(server.uri, process=process)
        yield server
    finally:
        server.close()


@contextmanager
def _short_folder() -> Iterator[Path]:
    # pytest's own temporary folders are too deep for a UNIX socket.
    folder = Path(tempfile.mkdtemp(prefix="dm-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def slapd_server() -> Iterator[SlapdServer]:
    """One slapd for the whole session."""
    with _short_folder() as state, running_slapd(state) as server:
        yield server


@pytest.fixture
def own_slapd() -> Iterator[SlapdServer]:
    """A slapd of the test's own: it may be killed, and its log holds nothing else."""
    with _short_folder() as state, running_slapd(state) as server:
        yield server
