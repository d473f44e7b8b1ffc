"""The supervisor's core with real processes: order, restarts, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.sessions import await_empty, living
from tests.support.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


class House:
    """A started small house and what it has said."""

    def __init__(self, state: Path, patience_s: float, *kinds: str) -> None:
        port = free_port()
        self.state = state
        self.said = state.parent / "said"
        # Under nohup(1) the suite, and so its children, would never hear of it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with self.said.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.deploy.small_house", state, str(port),
                 str(patience_s), *kinds],
                cwd=REPOSITORY,
                env=dict(os.environ) | {"PYTHONPATH": str(REPOSITORY)},
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    @property
    def session_id(self) -> int:
        return self.process.pid

    def await_line(self, words: str, seconds: float = 40) -> str:
        deadline = time.monotonic() + seconds
        while words not in (text := self.said.read_text()):
            assert self.process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.02)
        return text

    def pid_of(self, words: str) -> int:
        return min(pid for pid, command in living(self.session_id).items() if words in command)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pid in await_empty(self.session_id, 3):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def house(state: Path) -> Iterator[House]:
    started = House(state, 10)
    try:
        started.await_line("ready")
        yield started
    finally:
        started.end()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_everything_ends_in_order_and_quickly(
    house: House, signum: signal.Signals
) -> None:
    assert len(living(house.session_id)) >= 4, "supervisor, store, gunicorn and its workers"
    house.process.send_signal(signum)
    assert house.process.wait(timeout=9) == 0  # less than its patience: nothing was killed
    assert living(house.session_id) == {}
    assert (house.state / "order").read_text() == "store\n"


def test_killed_supervisor_leaves_nothing_behind_and_the_next_start_works(
    house: House, state: Path
) -> None:
    house.process.kill()
    house.process.wait()
    assert await_empty(house.session_id, 5) == {}
    again = House(state, 10)
    try:
        again.await_line("ready")
    finally:
        again.end()


def test_child_that_dies_is_started_again_and_said_so(house: House) -> None:
    first = house.pid_of("gunicorn")
    os.kill(first, signal.SIGKILL)
    text = house.await_line("web ended (signal SIGKILL); starting it again in 1 s")
    assert "web.log" in text
    deadline = time.monotonic() + 30
    while "gunicorn" not in " ".join(living(house.session_id).values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert house.pid_of("gunicorn") != first
    assert house.process.poll() is None


def test_child_that_ignores_the_request_is_killed_after_the_patience(state: Path) -> None:
    house = House(state, 1, "stubborn")
    try:
        house.await_line("ready")
        house.process.terminate()
        assert house.process.wait(timeout=20) == 0
        assert living(house.session_id) == {}
        assert "stubborn does not stop; killing it" in house.said.read_text()
        assert (house.state / "order").read_text() == "store\n", "the others were asked first"
    finally:
        house.end()


def test_child_that_cannot_start_ends_the_start_with_its_last_words(state: Path) -> None:
    house = House(state, 10, "broken")
    try:
        assert house.process.wait(timeout=20) == 1
        assert living(house.session_id) == {}
        text = house.said.read_text()
        assert "broken stopped (exit code 1)" in text
        assert "the schema is missing" in text
    finally:
        house.end()


def test_children_do_not_keep_the_lock(house: House) -> None:
    """A child that inherited the lock would block the next start for as long as it lives."""
    inode = (house.state / "run" / "supervisor.lock").stat().st_ino
    for pid in living(house.session_id):
        if pid == house.process.pid:
            continue
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            assert handle.stat().st_ino != inode, f"pid {pid} holds the lock file"
