"""deploy/run for real: starts, stops without a trace, survives a kill, says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deploy.sessions import await_empty, living
from tests.support.ports import find_free_block

REPOSITORY = Path(__file__).resolve().parents[2]
READY = "Danh Mục is ready"
PEOPLE = "300"


@dataclass
class Run:
    """One `deploy/run` in a session of its own."""

    state: Path
    port: int
    arguments: tuple[str, ...] = ("--people", PEOPLE)
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    said: Path = field(init=False)

    def __enter__(self) -> Run:
        self.said = Path(tempfile.mkstemp(prefix="danhmuc-said-")[1])
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
        ours = {"DANHMUC_STATE": str(self.state), "DANHMUC_PORT": str(self.port)}
        with self.said.open("wb") as stream:
            self.process = subprocess.Popen(
                [REPOSITORY / "deploy" / "run", *self.arguments],
                env=kept | ours | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pid in await_empty(self.process.pid, 3):
            os.kill(pid, signal.SIGKILL)
        self.said.unlink()

    def await_ready(self, seconds: float) -> float:
        """Seconds it took from the first process to the last line."""
        began = time.monotonic()
        while READY not in self.said.read_text():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() - began < seconds, self.said.read_text()
            time.sleep(0.02)
        return time.monotonic() - began

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, self.said.read_text()
        assert living(self.process.pid) == {}, "left behind after SIGTERM"

    def refusal(self) -> str:
        """What a start that cannot be says; it must end by itself, with 1 and without trace."""
        assert self.process.wait(timeout=30) == 1, self.said.read_text()
        assert await_empty(self.process.pid, 2) == {}
        text = self.said.read_text()
        assert "Traceback" not in text
        return text


@dataclass
class Place:
    """One state folder for this file: started when a test needs it to run, stopped when not."""

    state: Path
    port: int
    run: Run | None = None

    def running(self) -> Run:
        if self.run is None:
            self.run = Run(self.state, self.port).__enter__()
            self.run.await_ready(120)
        return self.run

    def stopped(self) -> tuple[Path, int]:
        """The folder after a start and a clean stop."""
        if self.run is not None or not self.state.exists():
            self.running().stop()
            self.forget()
        return self.state, self.port

    def forget(self) -> None:
        if self.run is not None:
            self.run.__exit__()
        self.run = None


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="danhmuc-run-") as folder:
        found = Place(Path(folder) / "state", find_free_block())
        yield found
        found.forget()


@pytest.fixture(scope="module")
def stopped(place: Place) -> tuple[Path, int]:
    return place.stopped()


def answer(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as response:
        return int(response.status)


def test_everything_answers_and_the_accounts_are_printed(place: Place) -> None:
    running = place.running()
    assert answer(f"http://localhost:{running.port}/readyz") == 200
    assert answer(f"http://localhost:{running.port + 1}/readyz") == 200
    assert answer(f"http://localhost:{running.port + 2}/readyz") == 200
    assert answer(f"http://127.0.0.2:{running.port + 4}/healthz") == 200
    assert answer(f"http://127.0.0.3:{running.port + 5}/healthz") == 200
    accounts = json.loads((running.state / "secrets" / "demo-accounts.json").read_text())
    text = running.said.read_text()
    for account in accounts:
        assert account["username"] in text
        assert account["password"] in text
    commands = " ".join(living(running.process.pid).values())
    for part in (
        "slapd",
        "worker",
        "admin_ui.entries.issuer",
        "admin_ui.entries.console",
        "admin_ui.entries.machine",
        "document.wsgi",
        "one_stop.wsgi",
    ):
        assert part in commands


def test_second_run_on_the_same_state_is_refused(place: Place) -> None:
    first = place.running()
    with Run(first.state, find_free_block()) as second:
        assert f"already running (pid {first.process.pid})" in second.refusal()
    assert answer(f"http://localhost:{first.port}/readyz") == 200


def test_ctrl_c_stops_everything(place: Place) -> None:
    running = place.running()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=60) == 0
    assert living(running.process.pid) == {}
    place.forget()


def test_killed_supervisor_leaves_nothing_behind_and_the_next_start_repairs(place: Place) -> None:
    """And keeps the data."""
    running = place.running()
    accounts = place.state / "secrets" / "demo-accounts.json"
    before = accounts.read_bytes()
    assert len(living(running.process.pid)) >= 8
    running.process.kill()
    running.process.wait()
    assert await_empty(running.process.pid, 5) == {}
    place.forget()
    again = place.running()
    assert answer(f"http://localhost:{again.port}/readyz") == 200
    assert accounts.read_bytes() == before
    place.stopped()


@pytest.mark.deep
def test_start_killed_while_it_builds_the_catalogue_is_begun_again(tmp_path: Path) -> None:
    """As an empty installation, which has no demo."""
    state, port = tmp_path / "state", find_free_block()
    with Run(state, port, ("--empty",)) as first:
        deadline = time.monotonic() + 60
        while "slapd -Tadd" not in " ".join(living(first.process.pid).values()):
            assert time.monotonic() < deadline, first.said.read_text()
        first.process.kill()
        first.process.wait()
        assert await_empty(first.process.pid, 5) == {}
    with Run(state, port, ("--empty",)) as again:
        again.await_ready(120)
        assert answer(f"http://localhost:{port}/readyz") == 200
        assert not (state / "demo").exists()
        assert "document.wsgi" not in " ".join(living(again.process.pid).values())
        again.stop()


@pytest.mark.parametrize(("host", "offset"), [("127.0.0.1", 1), ("127.0.0.3", 5)])
def test_taken_port_is_told_before_anything_starts(
    stopped: tuple[Path, int], host: str, offset: int
) -> None:
    state, port = stopped
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(other, host, port + offset)
        other.listen()
        with Run(state, port) as run:
            text = run.refusal()
    assert f"port {port + offset} on {host} is taken" in text
    assert "DANHMUC_PORT=" in text


def _bind(taken: socket.socket, host: str, port: int) -> None:
    """Whoever was stopped by the test before may need a moment to let go of it."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return taken.bind((host, port))
        except OSError:
            assert time.monotonic() < deadline, f"{host}:{port} stays taken"
            time.sleep(0.1)


def test_unknown_setting_refuses_to_start(tmp_path: Path) -> None:
    with Run(tmp_path / "state", 8400, variables={"DANHMUC_PROT": "8500"}) as run:
        assert "DANHMUC_PROT" in run.refusal()
    assert not (tmp_path / "state").exists()


def test_state_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with Run(tmp_path / "file" / "state", find_free_block()) as run:
        assert "cannot be written" in run.refusal()


def test_option_of_a_later_version_is_refused(stopped: tuple[Path, int]) -> None:
    with Run(*stopped, arguments=("--with-mail",)) as run:
        assert "--with-mail is not part of this version" in run.refusal()
