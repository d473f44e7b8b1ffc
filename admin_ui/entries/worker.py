"""The worker: one process that runs the jobs that components declare, each in its own rhythm.

Every job has a thread of its own: a slow one (an application that does not answer, a first load of
200,000 people) never keeps the others waiting. A job that fails is logged and tried again at its
next turn.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing import rotation
from directory import log_lines
from directory.clock import now_ms
from directory.component import Job, load
from directory.database import lease as leases
from directory.database.job_runs import WORKER, JobRun, note_start, write_runs
from directory.errors import AppError
from directory.installation import Installation
from web.health.checks import FEED

log = logging.getLogger("danhmuc.worker")

_TELL_EVERY_S = 5.0

# Work over everything that is declared, which the components themselves do not see.
_OVER_ALL = (
    Job("forget", 60.0, f"{__name__}:forget_expired"),
    Job("sealing", 60.0, f"{__name__}:seal_again"),
)
JOBS: Sequence[Job] = (*_OVER_ALL, *(job for component in COMPONENTS for job in component.jobs))


def forget_expired(installation: Installation) -> None:
    """Have every component forget what has expired, each in a transaction of its own."""
    for name in (name for component in COMPONENTS for name in component.forget):
        forget = load(name)
        with installation.database.write() as tx:
            forget(tx)


def seal_again(installation: Installation) -> None:
    """Go on with a rotation of the sealing key that was begun."""
    rotation.go_on(installation, COMPONENTS)


def run_worker(installation: Installation) -> None:
    """Run until SIGTERM or SIGINT; the jobs under way are finished first."""
    log_lines.configure("worker", installation.settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runs = _Runs()
    runs.begin(installation)
    threads = [
        threading.Thread(target=_repeat, args=(job, installation, stop, runs), name=job.name)
        for job in JOBS
    ]
    for thread in threads:
        thread.start()
    log.info("worker started with %s jobs", len(JOBS))
    while True:
        runs.write(installation)
        if stop.wait(_TELL_EVERY_S):
            break
    for thread in threads:
        thread.join()
    leases.release_all(installation.database, leases.process_name())
    installation.close_connections()


class _Runs:
    """How the last run of each job ended, written down together every few seconds: for whoever asks
    whether this process is alive, from whatever machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unwritten: dict[str, JobRun] = {}

    def begin(self, installation: Installation) -> None:
        with suppress(AppError), installation.database.write() as tx:
            note_start(tx, FEED)

    def note(self, name: str, failed_code: str | None) -> None:
        now = now_ms()
        run = JobRun(name, now, None if failed_code else now, failed_code)
        with self._lock:
            # A success between two writings is not forgotten because a failure came after it.
            before = self._unwritten.get(name)
            if failed_code and before and before.succeeded_at:
                run = replace(run, succeeded_at=before.succeeded_at)
            self._unwritten[name] = run

    def write(self, installation: Installation) -> None:
        self.note(WORKER, None)
        with self._lock:
            runs, self._unwritten = self._unwritten, {}
        try:
            with installation.database.write() as tx:
                write_runs(tx, runs.values())
        except AppError as error:
            log.warning("runs not written", extra={"code": error.code, "detail": error.detail})


def _repeat(job: Job, installation: Installation, stop: threading.Event, runs: _Runs) -> None:
    work = load(job.work)
    while not stop.is_set():
        runs.note(job.name, _run(job.name, work, installation))
        stop.wait(job.every_s)


def _run(
    name: str, work: Callable[[Installation], object], installation: Installation
) -> str | None:
    """Do the work of a job once; the code of its failure."""
    try:
        work(installation)
    except AppError as error:
        log.warning("job failed", extra={"job": name, "code": error.code, "detail": error.detail})
        return error.code[:64]
    except Exception:
        log.exception("job failed", extra={"job": name})
        return "fault"
    return None
