"""The daily backup and the alarm when there has been none for a week."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from admin_ui.components import COMPONENTS, VOCABULARY
from admin_ui.entries import worker
from admin_ui.operations.backup import schedule
from admin_ui.operations.backup.generations import default_folder, list_generations
from admin_ui.operations.doctor import examine
from directory.audit.reading import list_events, sentence
from directory.clock import DAY, HOUR, MINUTE, SECOND, now_ms
from directory.installation import Installation
from directory.loading import load
from tests.support.installation import running_installation, short_folder

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")


@pytest.fixture
def installation() -> Iterator[Installation]:
    with short_folder() as folder, running_installation(folder / "state") as running:
        yield running.installation


def make_older(installation: Installation, age_ms: int) -> None:
    """The installation was initialised so long ago."""
    then = (now_ms() - age_ms) / SECOND
    os.utime(installation.settings.keys_dir / "master.key", (then, then))


def count(installation: Installation) -> int:
    return len(list_generations(default_folder(installation.settings)))


def overdue_events(installation: Installation) -> int:
    with installation.database.read() as tx:
        return len(list_events(tx, kind="backup.overdue"))


def finding(installation: Installation) -> tuple[bool, str]:
    (found,) = [
        each for each in examine(installation.settings, COMPONENTS) if each.part == "backup"
    ]
    return found.ok, found.says


def test_the_worker_does_it() -> None:
    assert schedule.back_up_when_due in {load(job.work) for job in worker.JOBS}


def test_a_backup_is_made_once_a_day(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.back_up_when_due(installation)
    assert count(installation) == 0  # an installation somebody only looks at
    assert finding(installation) == (
        True,
        "none of LDAP and the SQL store yet; the worker makes one every day",
    )
    make_older(installation, HOUR + MINUTE)
    schedule.back_up_when_due(installation)
    schedule.back_up_when_due(installation)
    assert count(installation) == 1
    patch_time(monkeypatch, DAY - MINUTE)
    schedule.back_up_when_due(installation)
    assert count(installation) == 1
    patch_time(monkeypatch, DAY + MINUTE)
    schedule.back_up_when_due(installation)
    assert count(installation) == 2
    assert finding(installation)[0]
    assert overdue_events(installation) == 0


def patch_time(monkeypatch: pytest.MonkeyPatch, ahead_ms: int) -> None:
    """The clock as the rooms here have imported it."""
    there = now_ms() + ahead_ms
    for module in ("schedule", "create"):
        monkeypatch.setattr(f"admin_ui.operations.backup.{module}.now_ms", lambda: there)
    monkeypatch.setattr("directory.audit.log.now_ms", lambda: there)


def test_after_a_week_without_one_the_alarm_is_raised_once_a_day(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_older(installation, 8 * DAY)
    # No folder can be made where a file is: every backup fails.
    default_folder(installation.settings).write_text("in the way")
    with caplog.at_level(logging.ERROR):
        schedule.back_up_when_due(installation)
        schedule.back_up_when_due(installation)
    assert "the daily backup failed" in caplog.text
    assert "no good backup for 8 days" in caplog.text
    assert overdue_events(installation) == 1
    ok, says = finding(installation)
    assert not ok
    assert "8 days" in says
    patch_time(monkeypatch, DAY + MINUTE)
    schedule.back_up_when_due(installation)
    assert overdue_events(installation) == 2
    with installation.database.read() as tx:
        event = list_events(tx, kind="backup.overdue")[0]
    assert "9 ngày" in sentence(event, VOCABULARY, {})
    default_folder(installation.settings).unlink()
    schedule.back_up_when_due(installation)
    assert count(installation) == 1
    assert finding(installation)[0]
    assert overdue_events(installation) == 2
