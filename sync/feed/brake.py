"""The brake: a catalogue that shows hardly anybody any more is taken for misread, not for emptied.

Wrong rights, an empty server or a wrong script are likelier, and everybody would be signed out.

An account is lost when it was active and its entry is gone, or says so no longer by a change made
past our services. More than `limit` of them within ten minutes, or all there are, stop the feed:
nothing of the run is written. An operator looks (`danhmuc catalogue brake`) and lets it go on, or
mends the catalogue, and then it goes on by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from directory import clock
from directory.actor import Actor
from directory.audit.log import record
from directory.database.engine import Database
from directory.database.upsert import upsert
from directory.errors import Conflict
from directory.projection import queries
from sync.feed.errors import FEED_MASS_DELETION
from sync.feed.events import FEED_BRAKED, FEED_RELEASED
from sync.feed.tables import feed_brake, feed_loss

_WINDOW_MS = 10 * clock.MINUTE
_NAME = "catalogue"
_FEWEST, _MOST, _SHARE = 3, 50, 20  # one account in twenty, but at least 3 and at most 50


@dataclass(frozen=True)
class Braked:
    """The brake is on: `lost` of `accounts` would have gone."""

    since: int
    lost: int
    accounts: int


def limit(accounts: int) -> int:
    """How many of so many active accounts may be lost within ten minutes."""
    return max(_FEWEST, min(_MOST, accounts // _SHARE))


def note_loss(tx: Connection, entry_uuid: str) -> None:
    """An account that was active is lost by what `tx` writes."""
    values = {"entry_uuid": entry_uuid, "at": clock.now_ms()}
    tx.execute(
        upsert(tx, feed_loss)
        .values(values)
        .on_conflict_do_update(index_elements=["entry_uuid"], set_=values)
    )


def require_few(tx: Connection, *, going: int = 0) -> None:
    """Raise Conflict(``feed.mass_deletion``) when too many accounts were lost; `going` are about to
    be, beside those noted. What `tx` wrote is then undone."""
    now = clock.now_ms()
    tx.execute(delete(feed_loss).where(~feed_loss.c.at.between(now - _WINDOW_MS, now)))
    noted = tx.execute(select(func.count()).select_from(feed_loss)).scalar_one()
    if not noted and not going:
        return
    accounts = queries.count_active(tx) + noted
    lost = noted + going
    if lost > limit(accounts) or lost >= accounts:
        raise Conflict(FEED_MASS_DELETION, gone=lost, of=accounts)


def accept_losses(tx: Connection) -> None:
    """An operator looked: what was lost so far counts no longer."""
    tx.execute(delete(feed_loss))


def pull(database: Database, actor: Actor, stopped: Conflict) -> bool:
    """Put the brake on. True when it was not on already; then it is told in the log."""
    lost, accounts = int(str(stopped.params["gone"])), int(str(stopped.params["of"]))
    with database.write() as tx:
        if find_brake(tx) is not None:
            return False
        values = {"since": clock.now_ms(), "lost": lost, "accounts": accounts}
        tx.execute(insert(feed_brake).values(name=_NAME, **values))
        record(tx, FEED_BRAKED, actor, lost=lost, accounts=accounts)
    return True


def find_brake(tx: Connection) -> Braked | None:
    """The brake, when it is on."""
    columns = feed_brake.c
    query = select(columns.since, columns.lost, columns.accounts).where(columns.name == _NAME)
    row = tx.execute(query).first()
    return None if row is None else Braked(*row)


def release(tx: Connection, actor: Actor, reason: str) -> None:
    """The feed goes on: by somebody's word, or because the catalogue shows everybody again."""
    if tx.execute(delete(feed_brake).where(feed_brake.c.name == _NAME)).rowcount:
        record(tx, FEED_RELEASED, actor, reason=reason)
