"""One worker runs a job at a time; when it dies or hangs another takes over; what does not end or
fails is seen, and keeps no other job waiting. Real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.entries.worker import LEASE_S, TICK_S, TOO_LONG
from directory.component import Component, Job, NotWell
from directory.database.job_runs import JobRun, list_runs, write_runs
from directory.health.checks import jobs_go_on
from directory.installation import Installation
from tests.support.installation import running_installation, short_folder
from tests.support.postgres import shared_cluster
from tests.sync.planted_jobs import FAILING, GOOD, HANGING, HOLDING, turns
from web.metrics.store import StoreCollector

ROOT = Path(__file__).resolve().parents[2]
TAKEN_OVER_S = LEASE_S + TICK_S


@pytest.fixture
def installed() -> Iterator[tuple[Installation, dict[str, str]]]:
    with short_folder() as folder, running_installation(folder) as running:
        yield running.installation, running.environment


@contextmanager
def worker(environ: dict[str, str], *jobs: Job) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.planted_jobs"],
        env={**environ, "PLANTED": " ".join(job.name for job in jobs)},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def waited(condition: Callable[[], object], patience_s: float, what: str) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < patience_s, f"no {what} after {patience_s:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - began


def said_of(installation: Installation, *jobs: Job) -> str:
    """What doctor says of the jobs when not all is well."""
    try:
        jobs_go_on(installation, jobs)
    except NotWell as found:
        return str(found)
    return ""


def gauge(installation: Installation, name: str, job: Job) -> float:
    planted = Component("tests.sync", jobs=(job,))
    families = StoreCollector(installation, (*COMPONENTS, planted)).collect()
    (value,) = [
        sample.value
        for family in families
        if family.name == name
        for sample in family.samples
        if sample.labels["job"] == job.name
    ]
    return float(value)


@contextmanager
def store_away(installation: Installation, environ: dict[str, str]) -> Iterator[None]:
    """Nobody reaches the SQL store."""
    if url := environ.get("DANHMUC_DATABASE_URL"):
        with shared_cluster().closed(url):
            yield
        return
    file = installation.database.file
    assert file
    file.rename(away := file.with_suffix(".away"))
    yield
    away.rename(file)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(signal.SIGKILL, id="killed"),
        pytest.param(signal.SIGSTOP, id="stopped", marks=pytest.mark.deep),
    ],
)
def test_a_second_worker_takes_over_when_the_first_dies_or_hangs(
    installed: tuple[Installation, dict[str, str]], sent: signal.Signals
) -> None:
    installation, environ = installed
    state = installation.settings.state
    with worker(environ, GOOD) as first:
        waited(lambda: len(turns(state)) > 3, 60, "turn of the first")
        with worker(environ, GOOD) as second:
            time.sleep(2 * TICK_S)  # it runs, and waits
            assert set(turns(state)) == {first.pid}
            first.send_signal(sent)
            took = waited(lambda: second.pid in turns(state), 60, "turn of the second")
            if sent == signal.SIGSTOP:
                first.send_signal(signal.SIGCONT)
                time.sleep(TAKEN_OVER_S)
                # One turn was under way when it was stopped.
                late = turns(state)[turns(state).index(second.pid) :]
                assert late.count(first.pid) <= 1
    # One that is dead is waited for no longer than until somebody looks.
    assert took < (2 * TAKEN_OVER_S if sent == signal.SIGSTOP else 2 * TICK_S), took


@pytest.mark.deep
def test_a_job_that_does_not_end_is_seen_and_ends_the_worker(
    installed: tuple[Installation, dict[str, str]],
) -> None:
    installation, environ = installed
    state = installation.settings.state
    with worker(environ, GOOD, HANGING) as process:
        waited(lambda: said_of(installation, HANGING), 60, "finding")
        said = said_of(installation, HANGING)
        assert "planted.hanging has been running for" in said
        assert "its limit is 6 s" in said
        running = gauge(installation, "danhmuc_job_running_seconds", HANGING)
        assert running > gauge(installation, "danhmuc_job_longest_seconds", HANGING) == 6
        before = len(turns(state))
        waited(lambda: len(turns(state)) > before, 10, "turn of another job")
        assert process.wait(60) == 1
    said = said_of(installation, HANGING)
    assert "planted.hanging has failed since" in said and TOO_LONG in said
    # What it held is free at once.
    with worker(environ, GOOD, HANGING) as again:
        waited(lambda: again.pid in turns(state, "hang"), 60, "second try")


@pytest.mark.deep
def test_a_job_that_holds_the_store_and_does_not_end_ends_the_worker(
    installed: tuple[Installation, dict[str, str]],
) -> None:
    """On SQLite nobody else can write, neither leases nor that the worker ends."""
    installation, environ = installed
    state = installation.settings.state
    with worker(environ, HOLDING) as process:
        waited(lambda: turns(state, "hold"), 60, "turn")
        began = time.monotonic()
        assert process.wait(60) == 1
        took = time.monotonic() - began
    assert 2 * HOLDING.longest_s - 1 < took < 2 * HOLDING.longest_s + 2 * TICK_S + 3, took
    with worker(environ, HOLDING) as again:
        waited(lambda: again.pid in turns(state, "hold"), 60, "second try")


@pytest.mark.both_engines
def test_a_worker_that_is_stopped_while_the_store_is_away_ends_well(
    installed: tuple[Installation, dict[str, str]],
) -> None:
    installation, environ = installed
    with worker(environ, GOOD) as process:
        waited(lambda: turns(installation.settings.state), 60, "turn")
        with store_away(installation, environ):
            process.terminate()
            assert process.wait(60) == 0


def test_a_job_that_fails_is_seen_and_asked_less_and_less_often(
    installed: tuple[Installation, dict[str, str]],
) -> None:
    installation, environ = installed
    state = installation.settings.state
    with worker(environ, GOOD, FAILING):
        waited(lambda: len(turns(state, "fail")) >= 4, 60, "fourth failure")
        waited(lambda: said_of(installation, FAILING), 60, "finding")
        said = said_of(installation, FAILING)
        assert "planted.failing has failed since" in said and "ldap.unavailable" in said
        fourth = len(turns(state, "fail"))
        took = waited(lambda: len(turns(state, "fail")) > fourth, 60, "next failure")
        assert took > 0.2 * 2**3
        assert len(turns(state)) > 2 * len(turns(state, "fail"))
        time.sleep(TICK_S)
        assert said_of(installation, FAILING) == said  # since the first failure


@pytest.mark.both_engines
def test_since_when_a_job_fails_is_kept_until_it_succeeds(
    installed: tuple[Installation, dict[str, str]],
) -> None:
    database = installed[0].database

    def after(*runs: JobRun) -> int | None:
        for run in runs:
            with database.write() as tx:
                write_runs(tx, [run])
        with database.read() as tx:
            return list_runs(tx)["planted"].failing_since

    assert after(JobRun("planted", 1, 1)) is None
    assert after(JobRun("planted", 2, None, "a", 2), JobRun("planted", 3, None, "b", 3)) == 2
    assert after(JobRun("planted", 5, 4, "c", 5)) == 5  # it had succeeded in between
    assert after(JobRun("planted", 6, 6)) is None
