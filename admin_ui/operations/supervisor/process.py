"""One child process: started bound to our life, logged, stopped politely and then firmly."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LOG_LIMIT = 10_000_000  # bytes; of a bigger log this much is set aside
_BACKOFF_S = (1, 2, 4, 8, 16, 30)
_STEADY_S = 10  # a child that lived this long does not die of its own start: back-off anew
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Service:
    """What to run and how to see that it is well. Adding a service is adding one of these."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    is_healthy: Callable[[], bool]
    stage: int  # started in ascending order, stopped in descending order
    cwd: Path | None = None


@dataclass
class Child:
    """A service with its present process, if any. Times are of the monotonic clock, seconds."""

    service: Service
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    start_again_at: float = field(default=0.0)

    def start(self) -> None:
        """Start the process. Must be called from the main thread: the parent-death signal is
        sent when the *thread* that forked ends (prctl(2))."""
        rotate(self.log_path)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.service.argv,
                env=dict(self.service.environ),
                cwd=self.service.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                close_fds=True,
                # Own group: Ctrl-C reaches us alone, and we stop the others in order. Same
                # session: everything of one run is found by its session id.
                process_group=0,
                preexec_fn=_die_with(os.getpid()),
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_exit(self) -> int:
        """Plan the restart of a process that ended by itself; answers the delay in seconds."""
        now = time.monotonic()
        if now - self.started_at > _STEADY_S:
            self.failures = 0
        delay = _BACKOFF_S[min(self.failures, len(_BACKOFF_S) - 1)]
        self.failures += 1
        self.start_again_at = now + delay
        return delay

    def describe_exit(self) -> str:
        """How the process ended: ``exit code 1`` or ``signal SIGKILL``."""
        code = self.process.returncode if self.process else None
        if code is None:
            return "not running"
        if code >= 0:
            return f"exit code {code}"
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

    def ask_to_stop(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and whatever it started, at once."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self._send(signal.SIGKILL)
            self.process.wait()

    def _send(self, signum: signal.Signals) -> None:
        if self.is_running and self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signum)

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for the person who asks why it does not run."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(0, self.log_path.stat().st_size - 8000))
                lines = log.read().decode(errors="replace").splitlines()[-count:]
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in lines)


def rotate(log_path: Path) -> None:
    """Set a log aside that has grown beyond the limit, while its process writes on; one old log is
    kept, of the limit's size at most.

    The process goes on writing to the same file, at its new end (O_APPEND). Lines that it writes
    between the copy and the cut are lost: better few lines than a full disk.
    """
    with contextlib.suppress(FileNotFoundError):
        if log_path.stat().st_size <= _LOG_LIMIT:
            return
        old = log_path.with_suffix(".log.1")
        try:
            _keep_end(log_path, old)
        except OSError:  # no room for a copy: then without one
            old.unlink(missing_ok=True)
        os.truncate(log_path, 0)


def _keep_end(log_path: Path, old: Path) -> None:
    with log_path.open("rb") as log, old.open("wb") as kept:
        log.seek(-_LOG_LIMIT, os.SEEK_END)
        left = _LOG_LIMIT
        while left > 0 and (part := log.read(min(left, 1 << 20))):
            kept.write(part)
            left -= len(part)


def _die_with(parent: int) -> Callable[[], None]:
    def bind() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between fork and prctl: no signal will come
            os._exit(1)

    return bind
