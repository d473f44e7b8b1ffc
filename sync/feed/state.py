"""Where the feed stands: one row, locked by whoever writes."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Connection, select, update

from directory.database.upsert import upsert
from directory.settings import Settings
from sync.feed.tables import feed_state

_NAME = "catalogue"


@dataclass(frozen=True)
class FeedState:
    """`cookie` None: everything must be looked at. `loaded_at` None: it never was. Times in ms.
    `columns_filled`: the `directory.projection.rows.COLUMNS` of the version that last looked."""

    cookie: bytes | None = None
    loaded_at: int | None = None
    provider_start: str = ""
    swept_at: int = 0
    columns_filled: str | None = None


def read_state(tx: Connection) -> FeedState:
    """The state; that of a feed that never ran when there is none."""
    columns = feed_state.c
    query = select(*(columns[field.name] for field in fields(FeedState)))
    row = tx.execute(query.where(columns.name == _NAME)).first()
    return FeedState() if row is None else FeedState(**row._mapping)


def lock_state(tx: Connection) -> FeedState:
    """As `read_state`; no other transaction writes what the feed writes until `tx` ends."""
    blank = {"loaded_at": None, "provider_start": "", "swept_at": 0, "last_sequence": 0}
    tx.execute(upsert(tx, feed_state).values(name=_NAME, **blank).on_conflict_do_nothing())
    tx.execute(select(feed_state.c.name).where(feed_state.c.name == _NAME).with_for_update())
    return read_state(tx)


def save_state(tx: Connection, **values: object) -> None:
    """Change the state; `lock_state` comes first."""
    tx.execute(update(feed_state).where(feed_state.c.name == _NAME).values(values))


def next_sequence(tx: Connection) -> int:
    """The number of the next event."""
    number: int = tx.execute(
        update(feed_state)
        .where(feed_state.c.name == _NAME)
        .values(last_sequence=feed_state.c.last_sequence + 1)
        .returning(feed_state.c.last_sequence)
    ).scalar_one()
    return number


def drop_cookie(tx: Connection) -> None:
    """After a restore of LDAP or SQL: the next poll compares every entry."""
    lock_state(tx)
    save_state(tx, cookie=None)


def provider_start(settings: Settings) -> str:
    """Which start of our private slapd is running: the identity of its pid file.

    Empty when it is not running, or when the catalogue is on servers of its own.
    """
    if settings.ldap_uris:
        return ""
    try:
        status = (settings.state / "slapd" / "slapd.pid").stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_ino}:{status.st_mtime_ns}"
