"""The running worker tells within three seconds, and after being killed tells everything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.database.tables import lease
from directory.people.service import change_person
from sync.feed.state import read_state
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department
from tests.support.waiting import wait_until
from tests.sync.outsider import Fed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed() -> Iterator[Fed]:
    with running_installation() as running:
        yield Fed(running, a_department(running.installation))


@contextmanager
def worker(fed: Fed) -> Iterator[subprocess.Popen[bytes]]:
    """The product's worker, stopped politely if it still runs at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "admin_ui.cli", "worker"],
        env=fed.running.environment,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


def waited_for(fed: Fed, person_id: str, count: int, patience_s: float) -> float:
    """Seconds until `count` reports about a person were there."""
    start = time.monotonic()
    while len(fed.reports(person_id)) < count:
        assert time.monotonic() - start < patience_s, f"nothing after {patience_s} s"
        time.sleep(0.05)
    return time.monotonic() - start


def wait_for_first_load(fed: Fed) -> None:
    def is_loaded() -> bool:
        with fed.installation.database.read() as tx:
            return bool(read_state(tx).loaded_at)

    wait_until(is_loaded, 60, every_s=0.1)


def test_a_title_changed_by_ldapmodify_is_reported_within_three_seconds(installed: Fed) -> None:
    """One intent, then the real ldapmodify, which leaves the intent's mark alone."""
    fed = installed
    person = fed.someone(title="Chuyên viên")
    with worker(fed) as process:
        wait_for_first_load(fed)
        change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 1"})
        fed.replace(person.id, "title", "Giam doc")
        took = [waited_for(fed, person.id, 1, 30.0)]
        assert fed.reports(person.id) == [({"title": ["Chuyên viên"]}, {"title": ["Giam doc"]})]
        while took[-1] >= 3.0 and len(took) < 4:  # a machine busy with something else
            fed.replace(person.id, "title", f"Giam doc {len(took)}")
            took.append(waited_for(fed, person.id, len(took) + 1, 30.0))
        assert min(took) < 3.0, took
        process.terminate()
        assert process.wait(20) == 0
    with fed.installation.database.read() as tx:
        holders = tx.execute(select(lease.c.holder)).scalars().all()
    assert holders
    assert set(holders) == {""}  # the next one need not wait


def test_a_killed_worker_leaves_nothing_untold(installed: Fed) -> None:
    fed = installed
    people = [fed.someone() for _ in range(6)]
    with worker(fed) as process:
        wait_for_first_load(fed)
        for person in people[:3]:
            fed.replace(person.id, "telephoneNumber", "0274 5")
            time.sleep(0.35)
        process.kill()
        process.wait()
    for person in people[3:]:
        fed.replace(person.id, "telephoneNumber", "0274 6")
    with worker(fed):
        for person in people:
            waited_for(fed, person.id, 1, 30.0)
        time.sleep(1.5)
    assert [len(fed.reports(person.id)) for person in people] == [1] * 6
