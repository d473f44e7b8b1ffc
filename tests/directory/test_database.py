"""Transactions on the real stores: writers queue, nothing is half done."""

from __future__ import annotations

import multiprocessing
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from directory.database.advisory_lock import take_advisory_lock
from directory.database.counting import Count, answer, count_of
from directory.database.engine import Database, ask_once, lift_statement_limit
from directory.errors import Invalid, Unavailable
from tests.support.ports import free_port
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

counter = Table("counter", MetaData(), Column("n", Integer, nullable=False))


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with empty_database(tmp_path) as url:
        database = Database(url, synchronous="NORMAL")
        counter.metadata.create_all(database.engine)
        with database.write() as tx:
            tx.execute(insert(counter).values(n=0))
        database.dispose()
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    found = Database(url, synchronous="NORMAL")
    yield found
    found.dispose()


def write_in_a_process(url: str, times: int) -> None:
    read_then_write(Database(url, synchronous="NORMAL"), times)


def read_then_write(database: Database, times: int) -> None:
    """A deferred transaction doing this fails with "database is locked"."""
    for _ in range(times):
        with database.write() as tx:
            take_advisory_lock(tx, "counter", "")
            n = tx.execute(select(counter.c.n)).scalar_one()
            tx.execute(update(counter).values(n=n + 1))
    database.dispose()


def test_writers_of_threads_and_processes_never_lose_an_update(url: str) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what all of them import is imported once
    processes = [context.Process(target=write_in_a_process, args=(url, 40)) for _ in range(2)]
    # As in a process of ours: made by one thread, each with connections of its own.
    opened = [Database(url, synchronous="NORMAL") for _ in range(3)]
    threads = [threading.Thread(target=read_then_write, args=(each, 40)) for each in opened]
    workers: list[BaseProcess | threading.Thread] = [*processes, *threads]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert value(url) == 200


def value(url: str) -> int:
    database = Database(url)
    with database.read() as tx:
        n: int = tx.execute(select(counter.c.n)).scalar_one()
    database.dispose()
    return n


def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        tx.execute(update(counter).values(n=99))
        raise RuntimeError
    with database.read() as tx:
        assert tx.execute(select(counter.c.n)).scalar_one() == 0
    with database.write() as tx:  # the lock was given back
        tx.execute(update(counter).values(n=1))


def test_a_store_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(Unavailable, match=r"database\.missing"), database.read():
        pass
    assert not (tmp_path / "x.db").exists()
    (tmp_path / "x.db").mkdir()
    with pytest.raises(Unavailable, match=r"database\.unavailable"), database.read():
        pass


def test_a_missing_table_is_a_bug_and_not_an_outage(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        database = Database(url)
        if database.file is not None:
            database.file.touch()
        with pytest.raises(DBAPIError), database.read() as tx:
            tx.execute(select(counter.c.n))
        database.dispose()


def test_what_the_store_says_is_one_line_of_its_own(url: str, tmp_path: Path) -> None:
    """It goes to the log and to whoever runs a command: no statement and no value of ours."""
    (tmp_path / "folder.db").mkdir()
    nobody = f"postgresql+psycopg://danhmuc:geheim@127.0.0.1:{free_port()}/danhmuc"
    for broken in (f"sqlite:///{tmp_path}/folder.db", nobody):
        told(Database(broken), "SELECT 'geheim'")
    database = Database(url)
    if database.is_sqlite:
        told(database, "UPDATE counter SET n = 'geheim'", before="PRAGMA query_only = ON")
    else:
        told(database, "SELECT 'geheim', pg_sleep(60)", before="SET LOCAL statement_timeout = 10")


def told(database: Database, statement: str, *, before: str = "") -> None:
    with pytest.raises(Unavailable) as refused, database.write() as tx:
        if before:
            tx.exec_driver_sql(before)
        tx.exec_driver_sql(statement)
    database.dispose()
    said = refused.value.detail
    assert said
    assert not re.search(r"\n|\[SQL|[Bb]ackground on|sqlalche|geheim|SELECT|UPDATE", said), said


@pytest.mark.only_on_postgresql("on SQLite every writer waits for every other")
def test_one_turn_does_not_wait_for_another(database: Database) -> None:
    with database.write() as first, database.write() as second:
        take_advisory_lock(first, "counter", "a")
        take_advisory_lock(second, "counter", "b")
        take_advisory_lock(second, "other", "a")


def test_what_was_undone_in_a_circle_is_done_again(database: Database) -> None:
    """Each of the two holds what the other wants.

    Who lost must let the winner go first: else both meet again, and again, until a statement has
    waited longer than it may.
    """
    with database.write() as tx:
        tx.execute(insert(counter).values(n=1000))
    both_hold_one, tries = threading.Barrier(2), []

    def count_up(order: tuple[int, int], tx: Connection) -> None:
        tries.append(order)
        for step, base in enumerate(order):
            is_its = counter.c.n.between(base, base + 999)
            tx.execute(update(counter).where(is_its).values(n=counter.c.n + 1))
            if step == 0 and len(tries) <= 2 and not database.is_sqlite:
                both_hold_one.wait(5)

    workers = [
        threading.Thread(target=database.retrying, args=(partial(count_up, order),))
        for order in ((0, 1000), (1000, 0))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with database.read() as tx:
        assert sorted(tx.execute(select(counter.c.n)).scalars()) == [2, 1002]
    assert len(tries) == 2 if database.is_sqlite else len(tries) >= 3


@pytest.mark.only_on_postgresql("on SQLite nobody loses a race")
def test_a_race_lost_again_and_again_is_an_outage(database: Database) -> None:
    tries = []

    def lose(tx: Connection) -> None:
        tries.append(1)
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$"))

    with pytest.raises(Unavailable, match=r"database\.unavailable"):
        database.retrying(lose)
    assert len(tries) == 4


@pytest.mark.only_on_postgresql("SQLite has no such limit")
def test_a_statement_without_end_is_ended(database: Database) -> None:
    """Two seconds, so that slow statements do not hold every worker."""
    began = time.monotonic()
    with pytest.raises(Unavailable), database.read() as tx:
        tx.execute(text("SELECT pg_sleep(60)"))
    assert 1.9 < time.monotonic() - began < 10
    with database.write() as tx:
        lift_statement_limit(tx)
        assert tx.execute(text("SHOW statement_timeout")).scalar() == "0"
    with database.write() as tx:
        assert tx.execute(text("SHOW statement_timeout")).scalar() == "2s"


@pytest.mark.only_on_postgresql("SQLite is a file")
def test_a_server_that_is_gone_is_found_out_within_half_a_minute(database: Database) -> None:
    """Asked of the kernel: a server that is gone says no more, and sends no end either."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as held:

            def option(name: int) -> int:
                return held.getsockopt(socket.IPPROTO_TCP, name)

            assert held.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            probing = option(socket.TCP_KEEPINTVL) * option(socket.TCP_KEEPCNT)
            assert option(socket.TCP_KEEPIDLE) + probing <= 30
            assert 0 < option(socket.TCP_USER_TIMEOUT) <= 30_000


def asked(tx: Connection) -> int:
    """What the counter says, asked once."""
    return ask_once(tx, "n", lambda: int(tx.execute(select(counter.c.n)).scalar_one()))


def test_the_same_is_asked_once_until_something_is_written(database: Database) -> None:
    with database.read() as tx:
        assert ask_once(tx, "n", lambda: 1) == 1
        assert asked(tx) == 1
    with database.write() as tx:
        assert ask_once(tx, "n", lambda: 7) == 7, "another transaction asks anew"
        assert tx.execute(select(counter.c.n)).scalar_one() == 0
        assert asked(tx) == 7
        tx.execute(update(counter).values(n=1))
        assert asked(tx) == 1
        savepoint = tx.begin_nested()
        tx.execute(update(counter).values(n=2))
        assert asked(tx) == 2
        savepoint.rollback()
        assert asked(tx) == 1
        tx.execute(text("WITH two AS (SELECT 1) UPDATE counter SET n = 3"))
        assert asked(tx) == 3


def wait_for_a_row(tx: Connection) -> None:
    tx.execute(select(counter.c.n).with_for_update())


def wait_for_a_shared_row(tx: Connection) -> None:
    tx.execute(select(counter.c.n).with_for_update(read=True))


def wait_for_a_turn(tx: Connection) -> None:
    take_advisory_lock(tx, "counter", "")


@pytest.mark.only_on_postgresql("on SQLite nobody writes while another does")
@pytest.mark.parametrize("wait", [wait_for_a_row, wait_for_a_shared_row, wait_for_a_turn])
def test_what_was_asked_before_a_wait_is_asked_anew(
    database: Database, wait: Callable[[Connection], None]
) -> None:
    with database.write() as tx:
        assert asked(tx) == 0
        with database.write() as other:
            other.execute(update(counter).values(n=1))
        assert asked(tx) == 0
        wait(tx)
        assert asked(tx) == 1


@pytest.mark.only_on_postgresql("on SQLite every writer waits for every other")
def test_a_turn_that_was_given_back_is_taken_again(database: Database) -> None:
    mine = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    with database.write() as tx:
        savepoint = tx.begin_nested()
        wait_for_a_turn(tx)
        savepoint.rollback()
        assert tx.execute(mine).scalar_one() == 0
        wait_for_a_turn(tx)
        assert tx.execute(mine).scalar_one() == 1
        assert asked(tx) == 0
        with database.write() as other:
            other.execute(update(counter).values(n=1))
        wait_for_a_turn(tx)
        assert asked(tx) == 0, "whoever has the turn does not wait for it"


def test_counts_are_answered_together_and_never_with_what_another_binds(
    database: Database,
) -> None:
    numbers = select(literal(1).label("n")).union_all(select(literal(2)), select(literal(3)))
    few = select(numbers.subquery().c.n)
    below = few.where(few.selected_columns.n <= bindparam("most"))
    counts = [
        count_of(few),
        count_of(below, {"most": 1}),
        count_of(below, {"most": 2}),
        Count(select(func.count()), {}),
    ]
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with database.read() as tx:
        assert answer(tx, counts) == [3, 1, 2, 1]
        assert answer(tx, []) == []
    assert len([each for each in asked if each.startswith("SELECT")]) == 2


def test_what_is_read_together_is_one_transaction_and_asked_once(database: Database) -> None:
    asked: list[int] = []
    with database.reading_together():
        for _ in range(2):
            with database.read() as tx:
                ask_once(tx, "a question", lambda: asked.append(1))
        with database.read() as one, database.read() as other:
            assert one is other
        with database.write() as writing:
            assert writing is not one
    assert asked == [1]
    with database.read() as after:
        assert after is not one


def test_what_reads_cannot_write(database: Database) -> None:
    with suppress(DBAPIError), database.read() as tx:
        tx.execute(update(counter).values(n=99))
    with database.write() as tx:
        assert tx.execute(select(counter.c.n)).scalar_one() == 0
        tx.execute(update(counter).values(n=1))
    with database.read() as tx:
        assert tx.execute(select(counter.c.n)).scalar_one() == 1


@pytest.mark.only_on_postgresql("SQLite holds anything")
@pytest.mark.parametrize("value", ["x" * 65, "a\0b"])
def test_a_value_the_store_cannot_hold_is_a_refusal(database: Database, value: str) -> None:
    """PostgreSQL holds no NUL and no more than was declared."""
    note = Table("note", MetaData(), Column("text", String(64)))
    note.create(database.engine)
    with (
        pytest.raises(Invalid, match=r"database\.value_refused"),
        database.write() as tx,
    ):
        tx.execute(insert(note).values(text=value))
