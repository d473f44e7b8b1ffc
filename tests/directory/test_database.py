"""Transactions on the real stores: writers queue, nothing is half done."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import OperationalError

from directory.database.engine import Database
from directory.errors import Unavailable

counter = Table("counter", MetaData(), Column("n", Integer, nullable=False))


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/test.db"
    database = Database(url, synchronous="NORMAL")
    counter.metadata.create_all(database.engine)
    with database.write() as tx:
        tx.execute(insert(counter).values(n=0))
    database.dispose()
    return url


def read_then_write(url: str, times: int) -> None:
    """A deferred transaction doing this fails with "database is locked"."""
    database = Database(url, synchronous="NORMAL")
    for _ in range(times):
        with database.write() as tx:
            n = tx.execute(select(counter.c.n)).scalar_one()
            tx.execute(update(counter).values(n=n + 1))
    database.dispose()


def test_writers_of_threads_and_processes_never_lose_an_update(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=read_then_write, args=(url, 40)) for _ in range(2)]
    threads = [threading.Thread(target=read_then_write, args=(url, 40)) for _ in range(3)]
    for worker in (*processes, *threads):
        worker.start()
    for worker in (*processes, *threads):
        worker.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with Database(url).read() as tx:
        assert tx.execute(select(counter.c.n)).scalar_one() == 200


def test_an_error_rolls_everything_back(url: str) -> None:
    database = Database(url)
    with pytest.raises(RuntimeError), database.write() as tx:
        tx.execute(update(counter).values(n=99))
        raise RuntimeError
    with database.read() as tx:
        assert tx.execute(select(counter.c.n)).scalar_one() == 0
    with database.write() as tx:  # the lock was given back
        tx.execute(update(counter).values(n=1))


def test_a_store_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/missing-folder/x.db")
    with pytest.raises(Unavailable, match=r"database\.unavailable"), database.read():
        pass


def test_a_missing_table_is_a_bug_and_not_an_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(OperationalError), database.read() as tx:
        tx.execute(select(counter.c.n))
