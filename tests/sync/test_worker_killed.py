"""Who leaves while the worker is killed in the middle of its work is out in time all the same."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from directory.people import service
from tests.support.installation import OPERATOR
from tests.support.waiting import wait_until
from tests.sync.kept_accounts import Sync
from tests.sync.scim_server import Asked

pytestmark = pytest.mark.both_engines

ROOT = Path(__file__).resolve().parents[2]
LEAVER_S = 10.0


@contextmanager
def worker(sync: Sync) -> Iterator[subprocess.Popen[bytes]]:
    """The product's worker; it does not outlive the test."""
    command = [sys.executable, "-m", "admin_ui.cli", "worker"]
    environment = sync.fed.running.environment
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_leaver_is_out_in_ten_seconds_though_the_worker_was_killed(sync: Sync) -> None:
    leaver, other = sync.joiner(), sync.joiner()

    def works(person: object) -> bool:
        user = sync.user(person)  # type: ignore[arg-type]
        return user is not None and user.get("active") is True

    is_asked, is_over = threading.Event(), threading.Event()

    def hang(asked: Asked) -> None:
        if asked.method == "PATCH":
            is_asked.set()
            is_over.wait(20)

    try:
        with worker(sync) as first:
            wait_until(lambda: works(leaver) and works(other), 30, every_s=0.1)
            sync.server.before = hang
            service.change_person(sync.installation, OPERATOR, other.id, {"full_name": "Lê Đổi"})
            assert is_asked.wait(20)  # it has every lease, and waits for an answer
            began = time.monotonic()
            service.suspend(sync.installation, OPERATOR, leaver.id, "nghỉ việc")
            first.kill()
            first.wait()
            sync.server.before = None
            with worker(sync):
                wait_until(lambda: not works(leaver), 60, every_s=0.1)
                took = time.monotonic() - began
    finally:
        is_over.set()
    assert took < LEAVER_S, took
    assert works(other)
