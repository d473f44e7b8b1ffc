"""The SQL store that a restore replaces: the newest word on what was withdrawn since the backup."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from admin_ui.operations.backup.create import copy_store
from directory.audit.reading import find_newest_id
from directory.database.engine import Database
from directory.database.migrating import upgrade
from directory.errors import AppError
from directory.settings import sqlite_url
from idp.sessions import store as sessions
from idp.sessions.store import Carried as CarriedSession

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplacedStore:
    """`state`: ``read``, ``none`` (there was no store) or ``unreadable``. `database` is a copy,
    brought to this program's schema; None unless it could be read."""

    state: str
    database: Database | None = None
    audit_head: str = ""
    why: str = ""

    def living_sessions(self) -> Sequence[CarriedSession]:
        """Its open sessions with their applications."""
        if self.database is None:
            return ()
        with self.database.read() as tx:
            return sessions.export_open(tx)


@contextmanager
def open_replaced_store(path: Path, copy: Path) -> Iterator[ReplacedStore]:
    """The store at `path`, read through a `copy`; never raises for a store that is broken."""
    if not path.exists():
        yield ReplacedStore("none")
        return
    store = _open(path, copy)
    try:
        yield store
    finally:
        if store.database is not None:
            store.database.dispose()


def _open(path: Path, copy: Path) -> ReplacedStore:
    database = None
    try:
        copy_store(path, copy)
        database = Database(sqlite_url(copy), synchronous="NORMAL")
        upgrade(database)
        with database.read() as tx:
            head = find_newest_id(tx) or ""
            sessions.export_open(tx)
    except (AppError, CommandError, SQLAlchemyError, OSError) as error:
        _LOG.warning("the present SQL store cannot be read: %s", error)
        if database is not None:
            database.dispose()
        return ReplacedStore("unreadable", why=str(getattr(error, "detail", "") or error))
    return ReplacedStore("read", database, head)
