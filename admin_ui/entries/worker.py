"""The worker: one process that runs the jobs that components declare, each in its own rhythm.

Every job has a thread of its own: a slow one (an application that does not answer, a first load of
200,000 people) never keeps the others waiting. It runs while this process has the job's lease; a
second worker waits, and takes over within seconds when this one dies or hangs. A job that fails is
logged, and tried again after pauses that grow. One that does not end cannot be ended alone, as
Python has no way to end a thread: the process ends itself, and whoever looks after it starts it
anew; every job may be killed anywhere. Who judges that waits for nothing that a job may hold.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing import rotation
from directory import log_lines
from directory.clock import SECOND, now_ms
from directory.component import Job, jobs_of
from directory.database import lease as leases
from directory.database.holders import process_name
from directory.database.job_runs import FEED, WORKER, JobRun, note_start, write_runs
from directory.errors import AppError
from directory.installation import Installation
from directory.loading import load

log = logging.getLogger("danhmuc.worker")

# How long the death of a worker keeps another waiting: a lease and one tick.
LEASE_S = 10
TICK_S = 2.5
# How long ending itself may wait for a store that the hanging job may hold.
_FAREWELL_S = 3.0
# Who was told `change.pending` comes back after RECOVERED_WITHIN_S (directory.intents.carrying):
# the ten seconds for which recovery leaves an intent alone, and this pause.
_LONGEST_PAUSE_S = 5.0
TOO_LONG = "job.too_long"
JOBS = jobs_of(COMPONENTS)


def forget_expired(installation: Installation) -> None:
    """Have every component forget what has expired, each in a transaction of its own."""
    for name in (name for component in COMPONENTS for name in component.forget):
        forget = load(name)
        with installation.database.write() as tx:
            forget(tx)


def seal_again(installation: Installation) -> None:
    """Go on with a rotation of the sealing key that was begun."""
    rotation.go_on(installation, COMPONENTS)


def run_worker(installation: Installation, jobs: Sequence[Job] = JOBS) -> None:
    """Run until SIGTERM or SIGINT; the jobs under way are finished first."""
    log_lines.configure("worker", installation.settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    desk = _Desk(installation, jobs)
    desk.begin()
    threads = [
        threading.Thread(target=_repeat, args=(job, installation, stop, desk), name=job.name)
        for job in jobs
    ]
    for thread in threads:
        thread.start()
    threading.Thread(target=_watch, args=(desk,), name="watch", daemon=True).start()
    log.info("worker started with %s jobs", len(jobs))
    try:
        while not stop.wait(TICK_S):
            desk.write()
        for thread in threads:
            while thread.is_alive():
                desk.write()
                thread.join(TICK_S)
    except Exception:  # nobody would keep the leases: the threads would wait for them for ever
        log.exception("worker ends")
        os._exit(1)
    desk.write()
    desk.release()
    installation.close_connections()


def _watch(desk: _Desk) -> None:
    """Judge how long jobs run. Whoever writes to a store may wait without end for what a hanging
    job holds (on SQLite the lock of all writers): this thread asks only memory and a clock that
    nobody sets, and leaves what may wait to others."""
    try:
        while True:
            time.sleep(TICK_S)
            _judge(desk)
    except Exception:  # nobody would see that a job hangs
        log.exception("worker ends")
        os._exit(1)


def _judge(desk: _Desk) -> None:
    for job, seconds in desk.running_too_long():
        told = {"job": job.name, "seconds": seconds, "longest_s": job.longest_s}
        if seconds > 2 * job.longest_s:
            _try_for(_FAREWELL_S, partial(_say_farewell, desk, job, told))
            os._exit(1)
        if desk.is_first_time(job):
            _try_for(_FAREWELL_S, partial(log.warning, "job runs too long", extra=told))


def _say_farewell(desk: _Desk, job: Job, told: Mapping[str, object]) -> None:
    log.error("job does not end: the worker does, to be started anew", extra=told)
    desk.end(job, TOO_LONG)
    desk.write()
    desk.release()


def _try_for(seconds: float, work: Callable[[], object]) -> None:
    """Have it done, and wait no longer than this for its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)


class _Desk:
    """Which jobs are ours to run, which run, and how the last run of each ended. Written down
    together every few seconds: for another worker, and for whoever asks whether this one is alive,
    from whatever machine."""

    def __init__(self, installation: Installation, jobs: Sequence[Job]) -> None:
        self._database = installation.database
        self._jobs = jobs
        self._lock = threading.Lock()
        self._unwritten: dict[str, JobRun] = {}
        # Since when each runs: in ms for others, and by the clock that nobody sets for us.
        self._working: dict[str, tuple[int, float]] = {}
        self._ours: frozenset[str] = frozenset()
        self._ours_until = 0.0
        self._told: frozenset[object] = frozenset()
        # The worker's end may come between two writings, from another thread: one after the other,
        # and none takes back what was released.
        self._at_store = threading.Lock()
        self._is_over = False

    def begin(self) -> None:
        with suppress(AppError), self._database.write() as tx:
            note_start(tx, FEED)
        self.write()

    def is_ours(self, job: Job) -> bool:
        """Whether this process may begin a run."""
        with self._lock:
            return job.lease in self._ours and time.monotonic() < self._ours_until

    def start(self, job: Job) -> None:
        with self._lock:
            self._working[job.name] = (now_ms(), time.monotonic())

    def end(self, job: Job, failed_code: str | None) -> None:
        with self._lock:
            self._working.pop(job.name, None)
        self.note(job.name, failed_code)

    def note(self, name: str, failed_code: str | None) -> None:
        now = now_ms()
        with self._lock:
            run = JobRun(name, now, now)
            if failed_code:
                run = JobRun(name, now, None, failed_code, failing_since=now)
            # A success between two writings is not forgotten because a failure came after it.
            before = self._unwritten.get(name)
            if failed_code and before and before.succeeded_at:
                run = replace(run, succeeded_at=before.succeeded_at)
            self._unwritten[name] = run

    def is_first_time(self, job: Job) -> bool:
        """Whether this run of the job is told of for the first time."""
        run = (job.name, self._working.get(job.name))
        is_new, self._told = run not in self._told, self._told | {run}
        return is_new

    def running_too_long(self) -> list[tuple[Job, int]]:
        """Jobs that run for longer than they should, and for how many seconds."""
        now = time.monotonic()
        with self._lock:
            running = [
                (job, int(now - self._working[job.name][1]))
                for job in self._jobs
                if job.name in self._working
            ]
        return [(job, seconds) for job, seconds in running if seconds > job.longest_s]

    def write(self) -> None:
        """Keep the leases, and tell how the last runs ended."""
        with self._at_store:
            if not self._is_over:
                self._write()

    def _write(self) -> None:
        self.note(WORKER, None)
        with self._lock:
            runs, self._unwritten = self._unwritten, {}
            since = {name: began for name, (began, _) in self._working.items()}
        working = {job.lease: since.get(job.name) for job in self._jobs}
        asked = time.monotonic()
        try:
            with self._database.write() as tx:
                ours = leases.keep_all(tx, working, process_name(), LEASE_S * SECOND)
                write_runs(tx, runs.values())
            with self._lock:
                self._ours, self._ours_until = ours, asked + LEASE_S
        except AppError as error:
            with self._lock:
                self._unwritten = {**runs, **self._unwritten}
            log.warning("runs not written", extra={"code": error.code, "detail": error.detail})

    def release(self) -> None:
        """Others need not wait for the deadlines; they will when the store is away."""
        with self._at_store, suppress(AppError):
            self._is_over = True
            leases.release_all(self._database, process_name())


def _repeat(job: Job, installation: Installation, stop: threading.Event, desk: _Desk) -> None:
    work, failures = load(job.work), 0
    while not stop.is_set():
        if not desk.is_ours(job):
            stop.wait(1)
            continue
        desk.start(job)
        code = _run(job.name, work, installation)
        desk.end(job, code)
        failures = failures + 1 if code else 0
        stop.wait(_pause_s(job, failures))


def _pause_s(job: Job, failures: int) -> float:
    """What fails again and again is not asked every second whether it still does, but soon enough
    for whoever was told when to come back."""
    longest = max(job.every_s, _LONGEST_PAUSE_S)
    return float(min(job.every_s * 2 ** min(failures, 10), longest))


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
