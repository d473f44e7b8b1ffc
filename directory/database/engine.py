"""Opening the SQL store and running transactions on it, the same way on SQLite and PostgreSQL."""

from __future__ import annotations

import fcntl
import random
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData, String, Table, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from directory import tally
from directory.database.errors import (
    DATABASE_DAMAGED,
    DATABASE_MISSING,
    DATABASE_UNAVAILABLE,
    DATABASE_VALUE_REFUSED,
)
from directory.errors import Invalid, Unavailable

_T = TypeVar("_T")
_READING = "reading"
_ASKED = "asked"
_READING_WORDS = ("SELECT", "WITH")
# Written by what began as a question, locked, or waited for.
_NO_READING = ("INSERT", "UPDATE", "DELETE", "MERGE", "SHARE", "pg_advisory", "nextval")
# A slow store sheds load instead of holding every worker.
_STATEMENT_LIMIT_MS = 2000
_MAPPED_BYTES = 1 << 30  # reading a large store from memory costs a third less than by calls
# A server whose machine or network is gone says no more; by itself the kernel finds out after two
# hours (what waits for an answer: tcp_keepalive_time) or a quarter of one (what was sent:
# tcp_retries2; tcp(7)). After half a minute of silence the connection is lost, either way. A server
# that is only slow still answers these probes: the limit above is for that.
_LOST_AFTER_S = 30
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": (_LOST_AFTER_S - 10) // 5,
    "tcp_user_timeout": _LOST_AFTER_S * 1000,
}
# Compiling a statement of ours, or beginning further processes for it, takes longer than it saves.
# What is read lies in memory or on a disk without heads: a page out of the order costs hardly more
# (postgresql.org/docs/current/runtime-config-query.html#GUC-RANDOM-PAGE-COST).
# And each statement is planned for the values it comes with: which role, kind or place is asked for
# decides how many rows there are, and a plan for any of them took thirty times as long.
_PLANNER = (
    "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    " -c plan_cache_mode=force_custom_plan"
)
_RETRIES = 3
# Who lost lets the winner take the freed row first: else both meet in the same circle again.
_PAUSE_S = (0.1, 0.3)
# serialization_failure, deadlock_detected: the transaction is undone and may be tried again.
_LOST_RACES = ("40001", "40P01")
# SQLITE_NOTADB and SQLITE_CORRUPT: the file is not, or no longer, a store.
_DAMAGED = ("file is not a database", "database disk image is malformed")

# What `reading_together` reads with, for which store.
_together: ContextVar[tuple[Database, Connection] | None] = ContextVar("together", default=None)

# In the `info` of a table: a copy, which `danhmuc catalogue rebuild` makes anew from LDAP.
COPY = "copy"
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@event.listens_for(Table, "after_parent_attach")
def compare_text_by_bytes(table: Table, owner: MetaData) -> None:
    """PostgreSQL compares, sorts and finds beginnings as SQLite does, whatever its locale is.

    Sort keys are made for that order, and an index then answers for the beginning of a word.
    """
    for column in table.columns if owner is metadata else ():
        if isinstance(column.type, String):
            bytewise = type(column.type)(column.type.length, collation="C")
            column.type = column.type.with_variant(bytewise, "postgresql")


class Database:
    """The SQL store. `read()` and `write()` give a connection inside one transaction.

    No LDAP and no HTTP call inside a transaction (they would hold the write lock).
    A store that does not answer raises `Unavailable("database.unavailable")`.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.file = Path(str(parsed.database)) if self.is_sqlite else None
        # The text of an error goes to the log: without the values, which are people's or secrets.
        self.engine = create_engine(parsed, hide_parameters=True, **self._engine_options())
        event.listen(self.engine, "before_cursor_execute", _forget_what_may_change)
        if self.is_sqlite:
            self._prepare_sqlite(synchronous)

    def _engine_options(self) -> dict[str, Any]:
        # The connection used last has what it needs in its caches; the others may grow cold.
        warm = {"pool_use_lifo": True}
        if self.is_sqlite:
            return {**warm, "connect_args": {"timeout": 15}, "pool_size": 16, "max_overflow": 16}
        return {
            **warm,
            "pool_size": 8,
            "max_overflow": 8,
            "pool_timeout": 3,
            "pool_pre_ping": True,
            "connect_args": {
                "connect_timeout": 3,
                **_KEEPALIVES,
                "options": f"-c statement_timeout={_STATEMENT_LIMIT_MS} {_PLANNER}",
            },
        }

    def _prepare_sqlite(self, synchronous: str) -> None:
        self._write_lock = FileLock(Path(f"{self.file}.write-lock"))

        @event.listens_for(self.engine, "connect")
        def set_pragmas(connection: Any, _record: Any) -> None:
            # We begin transactions ourselves: the driver's implicit BEGIN is deferred, and a
            # deferred transaction that reads and then writes fails with "database is locked".
            connection.isolation_level = None
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={synchronous}",
                "foreign_keys=ON",
                "busy_timeout=15000",
                f"mmap_size={_MAPPED_BYTES}",
            ):
                connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; nothing can be written.

        On SQLite one consistent snapshot. On PostgreSQL every statement sees what is committed when
        it begins: an older snapshot would find the tables empty that a rebuild puts in place.
        """
        together = _together.get()
        if together is not None and together[0] is self:
            yield together[1]
            return
        self._require_file()
        with _store_faults(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_READING: True, _ASKED: {}})
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(postgresql_readonly=True)
            yield connection
            connection.rollback()

    @contextmanager
    def reading_together(self) -> Iterator[None]:
        """What is read inside is read in one transaction, so that whatever several want is asked
        once (`ask_once`). For work that writes nothing it wants to read again, and waits for
        nothing but SQL."""
        with self.read() as tx:
            before = _together.set((self, tx))
            try:
                yield
            finally:
                _together.reset(before)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection inside one write transaction: committed at the end, rolled back on error.

        On SQLite writers of all processes queue on one file lock (fair and without the busy
        handler's sleeps) and begin IMMEDIATE.
        """
        self._require_file()
        with _store_faults():
            if not self.is_sqlite:
                with self.engine.begin() as connection:
                    yield connection.execution_options(**{_ASKED: {}})
                return
            with self._write_lock, self.engine.connect() as connection:
                connection = connection.execution_options(**{_ASKED: {}})
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()

    def _require_file(self) -> None:
        """SQLite makes an empty store where there is none: only the first step of all may."""
        if self.file is not None and not self.file.exists():
            raise Unavailable(DATABASE_MISSING, path=str(self.file))

    def retrying(self, work: Callable[[Connection], _T]) -> _T:
        """What `work` gives, done in a write transaction; `work` must do nothing but SQL.

        When PostgreSQL undid it because it and others waited for each other, it is done again after
        a short pause, at most three times.
        """
        for _ in range(_RETRIES):
            try:
                with self.write() as tx:
                    return work(tx)
            except Unavailable as error:
                if not _is_lost_race(error.__cause__):
                    raise
            time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - a pause, not a secret
        with self.write() as tx:
            return work(tx)

    def dispose(self) -> None:
        """Close every pooled connection (before a fork, at the end of a test)."""
        self.engine.dispose()


@contextmanager
def _store_faults() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        if _is_our_mistake(error):
            raise
        tally.count("database_errors", "unavailable")
        raise Unavailable(DATABASE_UNAVAILABLE, detail=_told(error), retry_after_s=5) from error
    except DataError as error:
        # Too long, NUL, out of range: SQLite would have taken it.
        tally.count("database_errors", "value_refused")
        # The driver quotes the value in its text: the class says enough.
        raise Invalid(DATABASE_VALUE_REFUSED, detail=type(error.orig).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            tally.count("database_errors", "connection_lost")
            raise Unavailable(DATABASE_UNAVAILABLE, detail=_told(error), retry_after_s=5) from error
        if str(error.orig).startswith(_DAMAGED):
            raise Unavailable(DATABASE_DAMAGED, detail=str(error.orig)) from error
        raise


def _told(error: Exception) -> str:
    """What the store itself says, in one line: never a statement or a value of ours."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _is_our_mistake(error: Exception) -> bool:
    """SQLite calls a missing table or bad SQL "operational" too; that is a bug, not an outage."""
    said = str(getattr(error, "orig", error))
    return said.startswith(("no such ", "near ", "table ", "too many SQL variables"))


def _is_lost_race(error: BaseException | None) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _LOST_RACES


def is_reading(tx: Connection) -> bool:
    """Whether the transaction is one of `Database.read`, in which nothing can be written."""
    return _READING in tx.get_execution_options()


def ask_once(tx: Connection, question: Hashable, ask: Callable[[], _T]) -> _T:
    """What `ask` gives; within a transaction the same question is asked once, until something is
    written or waited for in it."""
    answers: dict[Hashable, Any] | None = tx.get_execution_options().get(_ASKED)
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    answer: _T = answers[question]
    return answer


def remember(tx: Connection, question: Hashable, answer: object) -> None:
    """What `ask_once` gives to that question from now on: it was part of another."""
    answers: dict[Hashable, Any] | None = tx.get_execution_options().get(_ASKED)
    if answers is not None:
        answers[question] = answer


def recall(tx: Connection, question: Hashable) -> Any:
    """What was asked once, or remembered, and may not have changed; None where nothing was."""
    answers: dict[Hashable, Any] | None = tx.get_execution_options().get(_ASKED)
    return answers.get(question) if answers else None


def _forget_what_may_change(tx: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    """What was asked holds until this transaction writes, goes back to a savepoint, or waits for
    others, who may have written meanwhile."""
    if statement.startswith(_READING_WORDS) and not any(word in statement for word in _NO_READING):
        return
    answers: dict[Hashable, Any] | None = tx.get_execution_options().get(_ASKED)
    if answers:
        answers.clear()


def lift_statement_limit(tx: Connection) -> None:
    """Work of which one statement may take long, and for which nobody waits: until `tx` ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL statement_timeout = 0"))


class FileLock:
    """An exclusive lock between threads and processes on one file. Not re-entrant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._file: Any = None

    def __enter__(self) -> None:
        self._thread_lock.acquire()
        try:
            self._file = self._path.open("w")  # close-on-exec: a child never inherits the lock
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._thread_lock.release()
            raise

    def __exit__(self, *_exc: object) -> None:
        self._file.close()
        self._thread_lock.release()
