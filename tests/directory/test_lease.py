"""One holder at a time, and a holder that was away too long writes nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from directory import clock
from directory.database import lease as leases
from directory.database.engine import Database, metadata
from directory.database.holders import is_gone, process_name
from directory.database.lease import LeaseLost
from directory.database.tables import lease as lease_table
from directory.database.tables import used
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

TTL = 10_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        metadata.create_all(found.engine, tables=[lease_table, used])
        yield found
        found.dispose()


class Clock:
    """The time as one paused process sees it: it stands still until moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = clock.now_ms()
        monkeypatch.setattr(clock, "now_ms", lambda: self.now)


def test_one_holds_it_and_the_other_gets_none(database: Database) -> None:
    first = leases.acquire(database, "feed", "a", TTL)
    assert first is not None
    assert leases.acquire(database, "feed", "b", TTL) is None
    assert leases.acquire(database, "other", "b", TTL) is not None
    again = leases.acquire(database, "feed", "a", TTL)
    assert again is not None
    assert again.epoch == first.epoch


def test_a_released_lease_passes_on_with_a_later_epoch(database: Database) -> None:
    first = leases.acquire(database, "feed", "a", TTL)
    assert first is not None
    leases.release(database, first)
    second = leases.acquire(database, "feed", "b", TTL)
    assert second is not None
    assert second.epoch > first.epoch
    leases.release(database, first)  # too late: it is not theirs to release
    with database.write() as tx:
        leases.assert_held(tx, second)


def test_a_paused_holder_writes_nothing_after_another_took_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP in the middle of the work, seen through the clock."""
    time = Clock(monkeypatch)
    stale = leases.acquire(database, "feed", "a", TTL)
    assert stale is not None
    time.now += TTL + 1
    fresh = leases.acquire(database, "feed", "b", TTL)
    assert fresh is not None
    with pytest.raises(LeaseLost), database.write() as tx:
        leases.assert_held(tx, stale)
        tx.execute(insert(used).values(kind="t", key_hash="stale", expires_at=0))
    with pytest.raises(LeaseLost):
        leases.renew(database, stale, TTL)
    with database.read() as tx:
        assert tx.execute(select(used.c.key_hash)).first() is None
    # When the first comes back after the second is gone, it is a new epoch, not the old one.
    leases.release(database, fresh)
    later = leases.acquire(database, "feed", "a", TTL)
    assert later is not None
    assert later.epoch > fresh.epoch
    with pytest.raises(LeaseLost), database.write() as tx:
        leases.assert_held(tx, stale)


def test_an_expired_lease_that_nobody_took_is_still_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Clock(monkeypatch)
    held = leases.acquire(database, "feed", "a", TTL)
    assert held is not None
    time.now += 5 * TTL
    with database.write() as tx:
        leases.assert_held(tx, held)
    assert leases.renew(database, held, TTL).deadline == time.now + TTL


def test_nobody_takes_over_while_the_holder_writes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between `assert_held` and the commit the row is locked: the taker waits."""
    time = Clock(monkeypatch)
    held = leases.acquire(database, "feed", "a", TTL)
    assert held is not None
    time.now += TTL + 1
    order: list[str] = []

    def take() -> None:
        assert leases.acquire(database, "feed", "b", TTL) is not None
        order.append("taken")

    taker = threading.Thread(target=take)
    with database.write() as tx:
        leases.assert_held(tx, held)
        taker.start()
        taker.join(0.3)
        order.append("written")
    taker.join()
    assert order == ["written", "taken"]


def test_holding_on_writes_only_when_half_the_time_is_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Clock(monkeypatch)
    first = leases.hold(database, "feed", "a", TTL)
    time.now += 4_000
    assert leases.hold(database, "feed", "a", TTL) == first
    time.now += 2_000
    later = leases.hold(database, "feed", "a", TTL)
    assert first is not None
    assert later is not None
    assert (later.epoch, later.deadline) == (first.epoch, time.now + TTL)
    assert leases.hold(database, "feed", "b", TTL) is None


def _race(url: str, number: int, start: Barrier, won: multiprocessing.Queue[int]) -> None:
    database = Database(url)
    start.wait()
    if leases.acquire(database, "race", f"racer-{number}", TTL) is not None:
        won.put(number)
    database.dispose()


def test_of_racing_processes_one_wins(database: Database) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what all of them import is imported once
    start, won = context.Barrier(4), context.Queue()
    racers = [
        context.Process(target=_race, args=(database.url, number, start, won))
        for number in range(4)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
        assert racer.exitcode == 0
    winners = [won.get(timeout=5)]
    assert won.empty(), winners


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that lives until it is killed, and what it is called as a holder."""
    code = "from directory.database.holders import process_name as name; print(name(), flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_what_a_killed_process_of_this_machine_held_is_free_at_once(
    database: Database, other: tuple[subprocess.Popen[str], str]
) -> None:
    process, holder = other
    held = leases.acquire(database, "feed", holder, TTL)
    assert held is not None
    with database.write() as tx:
        assert leases.keep_all(tx, {"job": 1}, holder, TTL) == {"job"}
    process.send_signal(signal.SIGSTOP)
    assert leases.acquire(database, "feed", process_name(), TTL) is None
    with database.write() as tx:
        assert leases.keep_all(tx, {"job": None}, process_name(), TTL) == set()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and nobody took note yet
    fresh = leases.hold(database, "feed", process_name(), TTL)
    assert fresh is not None
    assert fresh.epoch > held.epoch
    process.wait()
    with database.write() as tx:
        assert leases.keep_all(tx, {"job": None}, process_name(), TTL) == {"job"}
    with pytest.raises(LeaseLost), database.write() as tx:
        leases.assert_held(tx, held)


def test_only_what_is_certainly_gone_is_gone(other: tuple[subprocess.Popen[str], str]) -> None:
    process, holder = other
    host, boot, space, pid, started, secret = holder.split(":")
    assert not is_gone(holder)
    assert not is_gone(process_name())
    assert len(holder) <= lease_table.c.holder.type.length  # type: ignore[attr-defined]
    # The same id, of a process that began at another time: that one is gone.
    assert is_gone(":".join((host, boot, space, pid, str(int(started) - 1), secret)))
    process.kill()
    process.wait()
    assert is_gone(holder)
    elsewhere = {
        "another machine": ("other", boot, space),
        "an earlier boot": (host, boot[::-1], space),
        "a container": (host, boot, space + "1"),
    }
    for what, place in elsewhere.items():
        assert not is_gone(":".join((*place, pid, started, secret))), what
    # What an earlier version wrote, what others call themselves, and nobody.
    for name in (f"{host}:{pid}:{secret}", "rebuild:1", "", f"{host}:{boot}:{space}:x:1:y"):
        assert not is_gone(name), name


def _race_for_the_dead(url: str, turn: Barrier, won: multiprocessing.Queue[int]) -> None:
    database = Database(url)
    turn.wait()
    got = leases.acquire(database, "race", process_name(), TTL)
    turn.wait()  # who has it stays until all have asked, or is gone as well
    if got is not None:
        won.put(got.epoch)
    database.dispose()


def test_of_those_who_find_the_holder_gone_one_gets_it(
    database: Database, other: tuple[subprocess.Popen[str], str]
) -> None:
    process, holder = other
    held = leases.acquire(database, "race", holder, TTL)
    assert held is not None
    process.kill()
    process.wait()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    turn, won = context.Barrier(4), context.Queue()
    racers = [
        context.Process(target=_race_for_the_dead, args=(database.url, turn, won)) for _ in range(4)
    ]
    for racer in racers:
        racer.start()
    winners = [won.get(timeout=30)]
    for racer in racers:
        racer.join(60)
        assert racer.exitcode == 0
    assert won.empty()
    assert winners == [held.epoch + 1]
