"""The real product, started as a person starts it, for tests that look at it from outside.

One product for http and one for https per test session; both are stopped at the end, and a process
left behind fails the run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import requests

from tests.support.browser import Account, Browser
from tests.support.command_line import Ended, run_here
from tests.support.ports import BLOCK, find_free_block
from tests.support.postgres import sql_store

REPOSITORY = Path(__file__).resolve().parents[2]
PEOPLE = 300
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 20
# After them in the block: two Apache and two Node relying parties.
PRODUCT_PORTS = 6
APACHE_HOST = "127.0.0.4"
NODE_HOST = "127.0.0.5"


@dataclass(frozen=True)
class Product:
    """A started product: where it listens, who can sign in, and its command line."""

    state: Path
    port: int
    tls: bool
    environment: dict[str, str]
    log: Path
    session_id: int
    checkout: Path = REPOSITORY

    def _url(self, host: str, offset: int) -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port + offset}"

    @property
    def issuer(self) -> str:
        return self._url("localhost", 0)

    @property
    def console_url(self) -> str:
        return self._url("localhost", 1)

    @property
    def document_url(self) -> str:
        return self._url("127.0.0.2", 4)

    @property
    def one_stop_url(self) -> str:
        return self._url("127.0.0.3", 5)

    @property
    def ca_file(self) -> Path | None:
        """The local certificate authority a relying party must trust; None over http."""
        return self.state / "tls" / "ca.pem" if self.tls else None

    @property
    def verify(self) -> str | bool:
        """What `requests` wants as ``verify``."""
        return str(self.ca_file) if self.ca_file else True

    @property
    def apache_ports(self) -> tuple[int, int]:
        return self.port + PRODUCT_PORTS, self.port + PRODUCT_PORTS + 1

    @property
    def node_ports(self) -> tuple[int, int]:
        return self.port + PRODUCT_PORTS + 2, self.port + PRODUCT_PORTS + 3

    def browser(self) -> Browser:
        """A person's browser, at the issuer."""
        return Browser(self.issuer, verify=self.verify)

    def account(self, username: str) -> Account:
        """The demo account of that name, as `deploy/run` prints it."""
        rows = json.loads((self.state / "secrets" / "demo-accounts.json").read_text())
        row = next(row for row in rows if row["username"] == username)
        return Account(row["username"], row["password"], row["full_name"])

    def danhmuc(self, *arguments: str, stdin: str = "", check: bool = True) -> Ended:
        """Run the command line against this product's state folder: in this process, unless the
        product is of another version."""
        if self.checkout == REPOSITORY:
            done = run_here(arguments, self.environment, stdin)
        else:
            done = self._run_beside(arguments, stdin)
        if check and done.returncode != 0:
            raise AssertionError(
                f"danhmuc {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def _run_beside(self, arguments: Sequence[str], stdin: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "admin_ui.cli", *arguments],
            cwd=self.checkout,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def danhmuc_json(self, *arguments: str, stdin: str = "") -> Any:
        """The one JSON document a command prints."""
        return json.loads(self.danhmuc(*arguments, "--json", stdin=stdin).stdout)

    def import_clients(self, clients: list[dict[str, Any]]) -> Any:
        """Register applications by their RFC 7591 metadata."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(clients, file)
            file.flush()
            return self.danhmuc_json("client", "import", file.name)

    def account_in(self, application: str, username: str) -> dict[str, Any] | None:
        """The account a demo application (``document``, ``one_stop``) keeps of somebody, as its own
        file has it: whether it `works`, and its `groups`."""
        file = self.state / "applications" / f"{application}.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            found = connection.execute(
                "SELECT id, is_active FROM account WHERE username = ?", (username,)
            ).fetchone()
            if found is None:
                return None
            groups = connection.execute(
                "SELECT name FROM account_group JOIN account_group_member ON group_id = id"
                " WHERE account_id = ? ORDER BY name",
                (found[0],),
            ).fetchall()
        return {"works": bool(found[1]), "groups": [name for (name,) in groups]}

    def log_tail(self, lines: int = 60) -> str:
        """The last lines of what the product wrote, for a failure's message."""
        texts = [self.log, *sorted((self.state / "logs").glob("*"))]
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
            for path in texts
            if path.is_file()
        )

    def processes(self) -> dict[int, str]:
        """Living processes of this product: by session id or by the state folder they name."""
        marker = str(self.state).encode()
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                command = (folder / "cmdline").read_bytes()
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                surroundings = (folder / "environ").read_bytes()
            except OSError:
                continue
            ours = int(fields[3]) == self.session_id or marker in command + surroundings
            if ours and fields[0] != "Z":
                found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found


def _environment(state: Path, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
    allowed = [f"127.0.0.2/32:{port + 4}", f"127.0.0.3/32:{port + 5}"]
    for host in (APACHE_HOST, NODE_HOST):
        allowed += [f"{host}/32:{port + n}" for n in range(PRODUCT_PORTS, BLOCK)]
    return {
        **kept,
        "DANHMUC_STATE": str(state),
        "DANHMUC_PORT": str(port),
        "DANHMUC_OUTBOUND_ALLOW": ",".join(allowed),
        "PYTHONUNBUFFERED": "1",
    }


def _await_ready(product: Product, process: subprocess.Popen[bytes]) -> None:
    waiting = [
        f"{product.issuer}/readyz",
        f"{product.console_url}/readyz",
        product.document_url,
        product.one_stop_url,
    ]
    deadline = time.monotonic() + START_TIMEOUT_S
    while waiting or not _have_accounts(product):
        if process.poll() is not None:
            raise AssertionError(f"up ended with {process.returncode}\n{product.log_tail()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"not ready in time: {waiting}\n{product.log_tail()}")
        if not waiting:
            time.sleep(0.2)
            continue
        try:
            answer = requests.get(
                waiting[0], verify=product.verify, timeout=5, allow_redirects=False
            )
            if answer.status_code < 400:
                waiting.pop(0)
                continue
        except (requests.RequestException, OSError):
            pass  # Not listening yet, or its certificate is not written yet.
        time.sleep(0.2)


def _have_accounts(product: Product) -> bool:
    """Whether those who sign in with the demo accounts have theirs in the applications."""
    if not list((product.state / "secrets").glob("scim-*.token")):
        return True  # of a version whose applications kept none
    document = ("vanthu.stttt", "lanhdao.stttt", "chuyenvien.stttt", "quantri.stttt")
    one_stop = ("vanthu.stttt", "chuyenvien.stttt")
    return all(product.account_in("document", name) for name in document) and all(
        product.account_in("one_stop", name) for name in one_stop
    )


def start_product(
    folder: Path,
    port: int,
    *,
    tls: bool = False,
    people: int = PEOPLE,
    store: Mapping[str, str] = MappingProxyType({}),
    checkout: Path = REPOSITORY,
) -> tuple[Product, subprocess.Popen[bytes]]:
    """`danhmuc up` with its state in `folder`, ready to serve; again on the same state too.

    `store`: what `tests.support.postgres.sql_store` gave. `checkout`: where another version is.
    """
    state = folder / "state"
    environment = {**_environment(state, port), **store, "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-m", "admin_ui.cli", "up", "--people", str(people)]
    log = folder / "up.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--tls"] if tls else command,
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    product = Product(state, port, tls, environment, log, process.pid, checkout)
    try:
        _await_ready(product, process)
    except BaseException:
        _kill(product)
        process.wait()
        raise
    return product, process


@contextmanager
def running_product(*, tls: bool, people: int = PEOPLE) -> Iterator[Product]:
    """`danhmuc up` in a state folder of its own, ready to serve, stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="danhmuc-product-"))
    try:
        with sql_store(migrated=False) as store:
            port = find_free_block()
            product, process = start_product(folder, port, tls=tls, people=people, store=store)
            try:
                yield product
            finally:
                stop_product(product, process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop_product(product: Product, process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the supervisor alone; everything it started must go with it."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT_S)
    deadline = time.monotonic() + 10
    while (left := product.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    _kill(product)
    assert not left, f"left behind after SIGTERM: {left}\n{product.log_tail()}"
    assert process.returncode == 0, f"up ended with {process.returncode}\n{product.log_tail()}"


def _kill(product: Product) -> None:
    for pid in product.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def http_product() -> Iterator[Product]:
    """The product over http, shared by every test of the session."""
    with running_product(tls=False) as product:
        yield product


@pytest.fixture(scope="session")
def tls_product() -> Iterator[Product]:
    """The product over https with its own certificate authority, shared like `http_product`."""
    with running_product(tls=True) as product:
        yield product


@pytest.fixture(scope="session", params=["http", "tls"])
def product(request: pytest.FixtureRequest) -> Product:
    """Each of the two products in turn."""
    found: Product = request.getfixturevalue(f"{request.param}_product")
    return found


__all__ = [
    "Account",
    "Product",
    "http_product",
    "product",
    "running_product",
    "start_product",
    "stop_product",
    "tls_product",
]
