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


class SupervisedGroup:
    """A started small group and what it has said."""

    def __init__(self, state: Path, patience_s: float, *kinds: str) -> None:
        port = free_port()
        self.state = state
        self.said = state.parent / "said"
        # Under nohup(1) the suite, and so its children, would never hear of it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with self.said.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.deploy.small_installation", state, str(port),
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
def group(state: Path) -> Iterator[SupervisedGroup]:
    started = SupervisedGroup(state, 10)
    try:
        started.await_line("ready")
        yield started
    finally:
        started.end()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_everything_ends_in_order_and_quickly(
    group: SupervisedGroup, signum: signal.Signals
) -> None:
    assert len(living(group.session_id)) >= 4, "supervisor, store, gunicorn and its workers"
    group.process.send_signal(signum)
    assert group.process.wait(timeout=9) == 0  # less than its patience: nothing was killed
    assert living(group.session_id) == {}
    assert (group.state / "order").read_text() == "store\n"


def test_killed_supervisor_leaves_nothing_behind_and_the_next_start_works(
    group: SupervisedGroup, state: Path
) -> None:
    group.process.kill()
    group.process.wait()
    assert await_empty(group.session_id, 5) == {}
    again = SupervisedGroup(state, 10)
    try:
        again.await_line("ready")
    finally:
        again.end()


def test_child_that_dies_is_started_again_and_said_so(group: SupervisedGroup) -> None:
    first = group.pid_of("gunicorn")
    os.kill(first, signal.SIGKILL)
    text = group.await_line("web ended (signal SIGKILL); starting it again in 1 s")
    assert "web.log" in text
    deadline = time.monotonic() + 30
    while "gunicorn" not in " ".join(living(group.session_id).values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert group.pid_of("gunicorn") != first
    assert group.process.poll() is None


def test_child_that_ignores_the_request_is_killed_after_the_patience(state: Path) -> None:
    group = SupervisedGroup(state, 1, "stubborn")
    try:
        group.await_line("ready")
        group.process.terminate()
        assert group.process.wait(timeout=20) == 0
        assert living(group.session_id) == {}
        assert "stubborn does not stop; killing it" in group.said.read_text()
        assert (group.state / "order").read_text() == "store\n", "the others were asked first"
    finally:
        group.end()


def test_child_that_cannot_start_ends_the_start_with_its_last_words(state: Path) -> None:
    group = SupervisedGroup(state, 10, "broken")
    try:
        assert group.process.wait(timeout=20) == 1
        assert living(group.session_id) == {}
        text = group.said.read_text()
        assert "broken stopped (exit code 1)" in text
        assert "the schema is missing" in text
    finally:
        group.end()


def test_children_do_not_keep_the_lock(group: SupervisedGroup) -> None:
    """A child that inherited the lock would block the next start for as long as it lives."""
    inode = (group.state / "run" / "supervisor.lock").stat().st_ino
    for pid in living(group.session_id):
        if pid == group.process.pid:
            continue
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            assert handle.stat().st_ino != inode, f"pid {pid} holds the lock file"
