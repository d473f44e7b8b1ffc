"""Logs stay bounded while their process runs and goes on writing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from admin_ui.operations.supervisor import process
from admin_ui.operations.supervisor.process import rotate

pytestmark = pytest.mark.without_sql
LIMIT = 100_000
WRITER = """
import os, sys, time
for number in range(200_000):
    os.write(1, b'{"n": %06d}\\n' % number)
    if number % 1000 == 0: time.sleep(0.002)
"""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_LOG_LIMIT", LIMIT)


def test_a_log_is_set_aside_while_its_process_writes(tmp_path: Path) -> None:
    log, old = tmp_path / "web.log", tmp_path / "web.log.1"
    with log.open("ab") as stream:
        writer = subprocess.Popen([sys.executable, "-c", WRITER], stdout=stream)
    turns = 0
    while writer.poll() is None:
        before = log.stat().st_size
        rotate(log)
        turns += log.stat().st_size < before
        assert not old.exists() or old.stat().st_size <= LIMIT
        time.sleep(0.01)
    assert turns > 5
    rotate(log)
    assert log.stat().st_size <= LIMIT and old.stat().st_size <= LIMIT
    # The end is there, and no hole at the beginning: each line begins where the file does.
    text = (old.read_bytes() + log.read_bytes()).splitlines()
    assert text[-1] == b'{"n": 199999}' and b"\0" not in old.read_bytes() + log.read_bytes()


def test_without_room_for_a_copy_the_log_is_cut_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "web.log.1").write_bytes(b"old")
    monkeypatch.setattr(process, "_keep_end", no_room)
    rotate(log)
    assert log.stat().st_size == 0
    assert not (tmp_path / "web.log.1").exists()


def test_a_log_that_is_gone_or_small_is_left_alone(tmp_path: Path) -> None:
    rotate(tmp_path / "nowhere.log")
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * LIMIT)
    rotate(log)
    assert log.stat().st_size == LIMIT and list(tmp_path.iterdir()) == [log]
