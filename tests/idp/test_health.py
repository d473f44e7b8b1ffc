"""Each way in which sign-in can be down, and what `/readyz` and `doctor` say of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, insert

from admin_ui.components import COMPONENTS
from admin_ui.operations.doctor import examine
from directory import disk
from directory.clock import DAY, HOUR, MINUTE, now_ms
from directory.database import job_runs
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.database.job_runs import (
    FEED,
    PROBE,
    WORKER,
    JobRun,
    list_runs,
    note_start,
    write_runs,
)
from directory.database.tables import job_run
from directory.errors import Unavailable
from directory.outbox.tables import outbox
from tests.support.installation import RunningInstallation as Running
from tests.support.installation import running_installation
from web.health import checks

CHECKS = checks.ready_checks(COMPONENTS)
PATIENCE = {"worker": MINUTE // 2, "feed": 2 * MINUTE}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_installation() as found:
        yield found


@pytest.fixture
def going(running: Running) -> Iterator[Running]:
    """An installation whose worker and feed run, as far as anybody can see."""
    now = now_ms()
    with running.installation.database.write() as tx:
        write_runs(tx, [JobRun(WORKER, now, now, None), JobRun(FEED, now, now, None)])
    yield running
    with running.installation.database.write() as tx:
        tx.execute(delete(job_run))
        tx.execute(delete(outbox))


def wrong(running: Running) -> set[str]:
    found = checks.look(running.installation, CHECKS)
    return {name for name, said in found.items() if said != checks.OK}


def readiness(running: Running) -> str:
    return checks.status(CHECKS, checks.look(running.installation, CHECKS))


def doctor_complains_of(running: Running) -> set[str]:
    return {one.part for one in examine(running.installation.settings, COMPONENTS) if not one.ok}


def test_all_is_well(going: Running) -> None:
    assert wrong(going) == set()
    assert readiness(going) == "ok"
    assert not doctor_complains_of(going) & {check.part for check in CHECKS}


@pytest.mark.parametrize("name", ["worker", "feed"])
@pytest.mark.parametrize("at", ["never", "long ago", "a year ahead", "failing"])
def test_a_part_that_stands_still_is_named_and_sign_in_goes_on(
    going: Running, name: str, at: str
) -> None:
    row = {"worker": WORKER, "feed": FEED}[name]
    moment = {"long ago": now_ms() - PATIENCE[name] - 1, "a year ahead": now_ms() + 365 * DAY}
    with going.installation.database.write() as tx:
        tx.execute(delete(job_run).where(job_run.c.name == row))
        if at in moment:
            write_runs(tx, [JobRun(row, moment[at], moment[at], None)])
        if at == "failing":
            write_runs(tx, [JobRun(row, now_ms(), None, "ldap.unavailable")])
    assert wrong(going) == {name}
    assert readiness(going) == "degraded"
    assert name in doctor_complains_of(going)


@pytest.mark.parametrize("last", ["never", "long ago"])
def test_a_feed_that_has_just_begun_is_no_fault(
    going: Running, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, database = now_ms(), going.installation.database
    with database.write() as tx:
        tx.execute(delete(job_run).where(job_run.c.name == FEED))
        if last == "long ago":
            write_runs(tx, [JobRun(FEED, began - DAY, began - DAY, None)])
        note_start(tx, FEED)
    assert wrong(going) == set()
    later = now_ms() + MINUTE
    monkeypatch.setattr(job_runs, "now_ms", lambda: later)
    with database.write() as tx:  # it died and was started again: that gives no more time
        note_start(tx, FEED)
    later += MINUTE + 1
    assert "feed" in wrong(going)
    with database.write() as tx:
        write_runs(tx, [JobRun(FEED, later, later, None)])
        note_start(tx, FEED)
    assert "feed" not in wrong(going)
    with database.write() as tx:  # the first turn failed: that is a fault at once
        tx.execute(delete(job_run).where(job_run.c.name == FEED))
        write_runs(tx, [JobRun(FEED, later + 1, None, "ldap.unavailable")])
    assert "feed" in wrong(going)


def test_a_failure_keeps_the_last_success(going: Running) -> None:
    with going.installation.database.write() as tx:
        before = list_runs(tx)[FEED].succeeded_at
        write_runs(tx, [JobRun(FEED, now_ms(), None, "ldap.unavailable")])
        after = list_runs(tx)[FEED]
    assert after.succeeded_at == before and after.failed_code == "ldap.unavailable"


def test_a_delivery_that_waits_is_named(going: Running) -> None:
    row = {"id": "x", "topic": "t", "payload": "", "due_at": 0, "tries": 1, "last_error": ""}
    with going.installation.database.write() as tx:
        tx.execute(insert(outbox).values(**row, created_at=now_ms() - HOUR))
    assert wrong(going) == {"deliveries"}
    assert "deliveries in time" in doctor_complains_of(going)


def _raise(error: Exception) -> None:
    raise error


def test_a_store_that_takes_no_writes_is_not_ready(
    going: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading works on, as it does on a full disk and on a standby."""
    for error in (Unavailable(DATABASE_UNAVAILABLE), RuntimeError("read-only")):

        @contextmanager
        def refused(error: Exception = error) -> Iterator[None]:
            _raise(error)
            yield

        monkeypatch.setattr(type(going.installation.database), "write", lambda _self: refused())
        assert readiness(going) == "unavailable"
        monkeypatch.undo()
    assert readiness(going) == "ok"


@pytest.mark.parametrize(
    ("free", "status", "parts"),
    [
        (disk.RESERVE_BYTES + 1, "ok", set()),
        (disk.RESERVE_BYTES - 1, "degraded", {"room for the catalogue"}),
        (disk.FULL_BYTES - 1, "unavailable", {"room", "room for the catalogue"}),
        (0, "unavailable", {"room", "room for the catalogue"}),
    ],
)
def test_room_on_disk(
    going: Running,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    status: str,
    parts: set[str],
) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _place: free)
    assert readiness(going) == status
    assert doctor_complains_of(going) & {check.part for check in CHECKS} == parts


def test_slapd_without_room_is_named(going: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.health.checks.LARGEST_CATALOGUE_BYTES", 4096)
    assert wrong(going) == {"ldap_room"}


def test_slapd_that_is_dead_is_not_ready(going: Running) -> None:
    going.kill_slapd()
    try:
        assert "ldap" in wrong(going)
        assert readiness(going) == "unavailable"
        assert "LDAP" in doctor_complains_of(going)
    finally:
        going.start_slapd()


def test_the_probe_leaves_one_row(going: Running) -> None:
    for _ in range(3):
        assert checks.look(going.installation, CHECKS)["sql"] == checks.OK
    with going.installation.database.read() as tx:
        assert PROBE in list_runs(tx)
