"""What is counted, and where the counts are kept."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Histogram, values

from directory import tally
from directory.settings import Settings
from web.guard import Told

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - checked below
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Counters:
    """The counts of one process; they add up with those of its siblings."""

    def __init__(self) -> None:
        self._requests = Counter(
            "danhmuc_requests", "Answered requests.", ["endpoint", "method", "status"]
        )
        self._seconds = Histogram(
            "danhmuc_request_seconds",
            "Time until the answer begins.",
            ["endpoint"],
            buckets=_SECONDS,
        )
        self._counts = {
            "events": Counter(
                "danhmuc_events",
                "Audit events by kind: sign-ins, tokens, refusals, changes.",
                ["kind"],
            ),
            "events_left_out": Counter(
                "danhmuc_events_left_out", "Events over a budget, told as a number only.", ["kind"]
            ),
            "tokens_granted": Counter(
                "danhmuc_tokens_granted", "Answered token requests.", ["grant_type"]
            ),
            "database_errors": Counter(
                "danhmuc_database_errors", "Transactions the store refused.", ["code"]
            ),
            "log_lines_dropped": Counter(
                "danhmuc_log_lines_dropped", "Log lines not written.", ["why"]
            ),
            "hash_slots": Counter(
                "danhmuc_hash_slots", "Passwords to be hashed: slot had, or given up.", ["outcome"]
            ),
        }
        self._times = {
            "hash_slot_wait": Histogram(
                "danhmuc_hash_slot_wait_seconds", "Wait for a slot to hash in.", buckets=_SECONDS
            ),
        }
        self._children: dict[tuple[object, ...], Any] = {}

    def count(self, name: str, label: str) -> None:
        self._child(self._counts[name], label).inc()

    def observe(self, name: str, seconds: float) -> None:
        self._times[name].observe(seconds)

    def note_answer(self, told: Told) -> None:
        """Count one answered request."""
        endpoint = told.endpoint or "none"
        self._child(self._requests, endpoint, told.method, str(told.status)).inc()
        self._child(self._seconds, endpoint).observe(told.seconds)

    def _child(self, metric: Any, *labels: str) -> Any:
        # Finding a child by its labels takes longer than counting.
        found = self._children.get((metric, *labels))
        if found is None:
            found = self._children[(metric, *labels)] = metric.labels(*labels)
        return found


def count_in_files(settings: Settings, process: str) -> Counters:
    """Count for all workers of this process, in files of shared memory.

    Not on the disk of the state folder: a counter is memory of a file, and on a full disk the
    kernel would kill whoever writes to it. What workers that are gone have left is removed.
    """
    folder = _folder(settings, process)
    for file in folder.glob("*.db"):
        if not Path(f"/proc/{file.stem.rpartition('_')[2]}").exists():
            file.unlink(missing_ok=True)
    atexit.register(_remove, folder, os.getpid())
    os.environ[_VARIABLE] = str(folder)
    # prometheus-client looks for the variable when it is imported, which may have been before.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    counters = Counters()
    tally.keep_with(counters)
    return counters


def _remove(folder: Path, owner: int) -> None:
    # Workers inherit this, and end before the process that made the folder.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _folder(settings: Settings, process: str) -> Path:
    name = hashlib.sha256(os.fsencode(settings.state)).hexdigest()[:12]
    folder = _SHARED_MEMORY / f"danhmuc-{os.geteuid()}-{name}-{process}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        # Anybody may make a folder there: only our own, closed one is used.
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            folder.chmod(0o700)
            return folder
    return Path(tempfile.mkdtemp(prefix="danhmuc-metrics-"))
