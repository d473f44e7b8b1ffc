"""The private slapd of the embedded default: built, started and stopped by us alone.

It shares nothing with a slapd the system may run: own folder, own socket, no port unless asked.
In the state folder: `slapd/db` is the catalogue, `slapd/config-<fingerprint>` the generated
configuration. Both are built beside their place and renamed into it, so what is there is whole,
and what a crash left half-built is built again.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast
from urllib.parse import unquote, urlsplit

from directory.errors import AppError, Conflict, Invalid, Unavailable
from directory.ldap.accounts import make_password
from directory.ldap.base_entries import (
    PROBE,
    SERVICE_ACCOUNTS,
    base_entries,
    complete_base_entries,
)
from directory.ldap.config import SlapdConfig, TlsFiles
from directory.ldap.errors import LDAP_CANNOT_BUILD, LDAP_NO_SLAPD, LDAP_RUNNING, LDAP_UNAVAILABLE
from directory.ldap.gateway import Gateway
from directory.ldap.ldif import records
from directory.ldap.slapd import SlapdInstallation, candidate_roots, slapd_installation
from directory.ldap.sockets import ldap_socket_uri, ldapi_path, prepare_socket_folder
from directory.settings import Settings

__all__ = [
    "PrivateSlapd",
    "command",
    "environment",
    "export_ldif",
    "import_ldif",
    "is_ready",
    "ldapi_path",
    "prepare",
    "private_slapd",
    "start",
    "stop",
    "wait_until_ready",
]

LDAP_PORT_OFFSET = 3
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_TOOL_TIMEOUT_S = 600
_PIPED_BYTES = 1 << 20
# Where a configuration says what it is for. (A brace is no pattern, a bracket is.)
_SAID = (
    ("suffix", "olcDatabase={1}mdb.ldif", re.compile(r"^olcSuffix: (.+)$", re.MULTILINE)),
    (
        "oid_arc",
        "cn=schema/cn={*}danhmuc-0001.ldif",
        re.compile(r"^olcObjectIdentifier: (?:\{0\})?dmRoot (.+)$", re.MULTILINE),
    ),
)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PrivateSlapd:
    """One private slapd: where it lives and what decides its configuration."""

    state: Path
    secrets_dir: Path
    suffix: str
    organisation: str
    oid_arc: str
    port: int
    installation: SlapdInstallation
    tls: TlsFiles | None = None

    @property
    def home(self) -> Path:
        return self.state / "slapd"

    @property
    def database_dir(self) -> Path:
        return self.home / "db"

    @property
    def uri(self) -> str:
        """Where its clients connect."""
        return ldap_socket_uri(self.state)

    @property
    def port_uri(self) -> str:
        """The loopback port for LDAP applications, when it is opened."""
        return f"{'ldaps' if self.tls else 'ldap'}://127.0.0.1:{self.port}"

    def config(self) -> SlapdConfig:
        return SlapdConfig(
            home=self.home,
            installation=self.installation,
            suffix=self.suffix,
            oid_arc=self.oid_arc,
            database_dir=self.database_dir,
            pid_file=self.home / "slapd.pid",
            tls=self.tls,
            # Ours alone reach the socket: its folder has mode 0700, other programs use the port.
            provider_listeners=(self.uri,),
        )

    @property
    def config_dir(self) -> Path:
        return self.home / f"config-{self.config().fingerprint()}"


def private_slapd(settings: Settings) -> PrivateSlapd:
    """The private slapd of an installation. Raises Unavailable(``ldap.no_slapd``)."""
    installation = slapd_installation(candidate_roots(settings.state))
    if installation is None:
        raise Unavailable(LDAP_NO_SLAPD, detail="apt-get install slapd")
    tls_dir = settings.tls_dir
    tls = TlsFiles(tls_dir / "ca.pem", tls_dir / "server.pem", tls_dir / "server.key")
    return PrivateSlapd(
        state=settings.state,
        secrets_dir=settings.secrets_dir,
        suffix=settings.suffix,
        organisation=settings.province,
        oid_arc=settings.oid_arc,
        port=settings.port + LDAP_PORT_OFFSET,
        installation=installation,
        tls=tls if settings.tls and tls.certificate.exists() else None,
    )


def prepare(settings: Settings) -> None:
    """Make the private slapd ready to start: harmless when it is already. See `prepare_slapd`."""
    prepare_slapd(private_slapd(settings))


@contextmanager
def load_offline(settings: Settings) -> Iterator[IO[str]]:
    """A stream for LDIF whose entries go into the prepared database while slapd is stopped.

    slapadd works beside the writer of the stream and has finished when the block ends. It checks
    neither uniqueness nor constraints, and a failure leaves the database half loaded: for an
    installation that nobody uses yet. Raises Conflict(``ldap.running``).
    """
    slapd = private_slapd(settings)
    with _one_at_a_time(slapd.home / "prepare.lock"):
        if answers(slapd.uri):
            raise Conflict(LDAP_RUNNING, detail="stop the running slapd first")
        folder = str(slapd.config_dir)
        with _fed(slapd, "-Tadd", "-q", "-w", "-b", slapd.suffix, "-F", folder) as stream:
            yield stream


def command(settings: Settings, *, open_port: bool = False) -> list[str]:
    """The command that runs the prepared slapd in the foreground, in `slapd` of the state folder;
    see `environment`.

    `open_port`: also listen on loopback, port ``PORT+3``, for LDAP applications.
    """
    return slapd_command(private_slapd(settings), open_port=open_port)


def environment(settings: Settings) -> dict[str, str]:
    """The whole environment of the slapd process."""
    return dict(private_slapd(settings).installation.environment())


def start(settings: Settings, *, open_port: bool = False) -> subprocess.Popen[bytes]:
    """Start the prepared slapd as a child that dies with this process. It writes no log."""
    return start_slapd(private_slapd(settings), open_port=open_port)


def is_ready(settings: Settings) -> bool:
    """Whether slapd answers on its socket."""
    return answers(ldap_socket_uri(settings.state))


def wait_until_ready(settings: Settings, timeout_s: float = 10.0) -> None:
    """Return as soon as slapd answers; Unavailable(``ldap.unavailable``) after `timeout_s`."""
    wait_for(ldap_socket_uri(settings.state), timeout_s)


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """slapd answers while this lasts: it is started for it, unless it runs already."""
    slapd = None if is_ready(settings) else start(settings)
    try:
        wait_until_ready(settings)
        yield
    finally:
        if slapd is not None:
            stop(slapd)


def built_for(state: Path) -> dict[str, str]:
    """What the private slapd there was configured for: ``suffix`` and ``oid_arc``, as far as its
    configuration says. Empty when there is none."""
    found: dict[str, str] = {}
    for field, place, said in _SAID:
        for path in (state / "slapd").glob(f"config-*/cn=config/{place}"):
            if match := said.search(path.read_text("utf-8")):
                found[field] = match[1]
    return found


def export_ldif(slapd: PrivateSlapd, target: Path) -> None:
    """Write the whole catalogue to `target` (mode 0600): one consistent snapshot, slapd may run.

    It holds password hashes; who calls this encrypts it.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(descriptor)
    # An older version's configuration, as long as this version has not made its own.
    there = slapd.config_dir if slapd.config_dir.exists() else next(slapd.home.glob("config-*"))
    _run(slapd, "-Tcat", "-F", str(there), "-b", slapd.suffix, "-l", str(target))


def import_ldif(slapd: PrivateSlapd, source: Path) -> None:
    """Put the catalogue that `export_ldif` wrote in place of the present one; slapd is stopped.

    Ids, entryUUIDs and entryCSNs stay as they were. Service accounts get the passwords of this
    installation. Feed cookies newer than the export are of no use afterwards: drop them.
    The old database is kept as ``db.before-import`` until the next import.
    """
    prepare_slapd(slapd)
    with _one_at_a_time(slapd.home / "prepare.lock"):
        if answers(slapd.uri):
            raise Conflict(LDAP_RUNNING, detail="stop the running slapd first")
        _build_database(slapd, source)
    _complete(slapd, [*SERVICE_ACCOUNTS, PROBE])


def prepare_slapd(slapd: PrivateSlapd) -> None:
    """Passwords, socket folder, configuration and database: made where missing or out of date.

    Raises Conflict(``ldap.running``) when the configuration must change and slapd is running.
    """
    slapd.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    slapd.home.chmod(0o700)
    with _one_at_a_time(slapd.home / "prepare.lock"):
        listening_at = prepare_socket_folder(slapd.state)
        if listening_at.parent != slapd.home:
            _LOG.warning("the state path is too long for a socket; slapd's is %s", listening_at)
        secret = (*SERVICE_ACCOUNTS, PROBE)
        new = [name for name in secret if make_password(slapd.secrets_dir, name)]
        fresh = not slapd.database_dir.exists()
        outdated = not slapd.config_dir.exists()
        if not (fresh or outdated or new):
            return
        if answers(slapd.uri):
            raise Conflict(LDAP_RUNNING, detail="stop the running slapd first")
        if fresh:
            _build_database(slapd)
        if outdated:
            _build_config(slapd, reindex=not fresh)
        if not fresh:
            _complete(slapd, new)


def slapd_command(
    slapd: PrivateSlapd, *, open_port: bool = False, log_level: str = "0"
) -> list[str]:
    """slapd in the foreground, on its socket and where asked on its port."""
    uris = [slapd.uri, *([slapd.port_uri] if open_port else [])]
    binary, config = str(slapd.installation.binary), str(slapd.config_dir)
    return [binary, "-F", config, "-h", " ".join(uris), "-d", log_level]


def start_slapd(
    slapd: PrivateSlapd,
    *,
    open_port: bool = False,
    log_level: str = "0",
    log: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """As `start`; `log` takes what slapd writes at `log_level`."""
    return subprocess.Popen(
        slapd_command(slapd, open_port=open_port, log_level=log_level),
        env=dict(slapd.installation.environment()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
        cwd=slapd.home,
        preexec_fn=_die_with_parent,
    )


def stop(process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> int:
    """Stop slapd cleanly (SIGTERM), by force if it will not. Returns its exit status."""
    process.terminate()
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def answers(uri: str) -> bool:
    """Whether a slapd answers at the ``ldapi://`` address `uri`."""
    # Looking before asking: a refused connection would make the breaker leave slapd alone.
    if not _accepts(_socket_of(uri)):
        return False
    manager = Gateway.external(uri, timeout_s=2)
    try:
        return manager.read("", ["1.1"]) is not None
    except AppError:
        return False
    finally:
        manager.close()


def wait_for(
    uri: str, timeout_s: float = 10.0, process: subprocess.Popen[bytes] | None = None
) -> None:
    """As `wait_until_ready`, at `uri`; gives up too when `process` ends."""
    deadline = time.monotonic() + timeout_s
    while not answers(uri):
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() >= deadline:
            raise Unavailable(LDAP_UNAVAILABLE, detail=f"slapd does not answer at {uri}")
        time.sleep(0.01)


def _build_database(slapd: PrivateSlapd, source: Path | None = None) -> None:
    """The catalogue from the LDIF `source`, else with its base entries; whole or not at all."""
    new, build = slapd.home / "db.new", slapd.home / "build"
    for folder in (new, build):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    config = replace(slapd.config(), database_dir=new, tls=None)
    _load(slapd, config.ldif(), build, "-n0")
    if source:
        # Quick: without a sync for every entry. A failure leaves nothing but `db.new`.
        _run(slapd, "-Tadd", "-q", "-F", str(build), "-b", slapd.suffix, "-l", str(source))
    else:
        base = base_entries(slapd.suffix, slapd.organisation, slapd.secrets_dir)
        _load(slapd, records(base), build, "-w", "-b", slapd.suffix)  # -w writes contextCSN
    shutil.rmtree(build)
    _set_aside(slapd.database_dir)
    new.rename(slapd.database_dir)
    _sync_folder(slapd.home)


def _set_aside(database_dir: Path) -> None:
    """Out of the way, not gone: a restore may itself be the mistake."""
    if database_dir.exists():
        old = database_dir.with_name("db.before-import")
        shutil.rmtree(old, ignore_errors=True)
        database_dir.rename(old)


def _build_config(slapd: PrivateSlapd, *, reindex: bool) -> None:
    target = slapd.config_dir
    new = slapd.home / "config.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _load(slapd, slapd.config().ldif(), new, "-n0")
    if reindex:
        _run(slapd, "-Tindex", "-F", str(new), "-b", slapd.suffix)
    new.rename(target)
    _sync_folder(slapd.home)
    for old in slapd.home.glob("config-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)


def _complete(slapd: PrivateSlapd, new_passwords: list[str]) -> None:
    """What only a running slapd can be given: missing base entries, passwords made anew."""
    process = start_slapd(slapd)
    manager = Gateway.external(slapd.uri)
    try:
        wait_for(slapd.uri, process=process)
        done = complete_base_entries(
            manager,
            slapd.suffix,
            slapd.organisation,
            slapd.secrets_dir,
            new_passwords=new_passwords,
        )
        for dn in done:
            _LOG.info("completed %s", dn)
    finally:
        manager.close()
        stop(process)


def _load(slapd: PrivateSlapd, content: str, config_dir: Path, *options: str) -> None:
    """``slapd -Tadd`` of `content`, through a file only we can read: it holds hashes."""
    file = slapd.home / f"load.{os.getpid()}.ldif"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(content)
        _run(slapd, "-Tadd", *options, "-F", str(config_dir), "-l", str(file))
    finally:
        file.unlink()


def _run(slapd: PrivateSlapd, *arguments: str) -> None:
    done = subprocess.run(
        [str(slapd.installation.binary), *arguments],
        env=dict(slapd.installation.environment()),
        capture_output=True,
        check=False,
        cwd=slapd.home,
        timeout=_TOOL_TIMEOUT_S,
        preexec_fn=_die_with_parent,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Invalid(LDAP_CANNOT_BUILD, why=f"slapd {arguments[0]}: {said}")


@contextmanager
def _fed(slapd: PrivateSlapd, *arguments: str) -> Iterator[IO[str]]:
    """As `_run`, on what the block writes to the stream; killed when the block fails."""
    with tempfile.TemporaryFile() as said:
        tool = subprocess.Popen(
            [str(slapd.installation.binary), *arguments],
            env=dict(slapd.installation.environment()),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            encoding="utf-8",
            bufsize=_PIPED_BYTES,
            cwd=slapd.home,
            preexec_fn=_die_with_parent,
        )
        stream = cast(IO[str], tool.stdin)
        try:
            with suppress(BrokenPipeError):  # it gave up early: its exit status tells
                yield stream
                stream.close()
            failed = bool(tool.wait(_TOOL_TIMEOUT_S))
        finally:
            tool.kill()
            tool.wait()
        if failed:
            said.seek(0)
            why = said.read().decode(errors="replace").strip()
            raise Invalid(LDAP_CANNOT_BUILD, why=f"slapd {arguments[0]}: {why}")


def _die_with_parent() -> None:
    # An orphan would keep the database open and its socket taken.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:  # close-on-exec: slapd never inherits the lock
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _accepts(socket_path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_path))
        except OSError:
            return False
    return True


def _socket_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).netloc))
