"""A change of a password under way: one a person at a time, and what a crash leaves is found.

Whoever changes one writes it down here, then asks the catalogue, then takes it away. Of two at once
the second is told to come back, and then sees what the first has made.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Unavailable
from directory.ids import new_id
from directory.passwords.errors import PASSWORD_CHANGING
from directory.passwords.tables import password_change as table

# A hash and a write take at most some seconds; who died meanwhile stops nobody for longer.
LASTS_MS = 30 * clock.SECOND


def take_turn(tx: Connection, person_id: str) -> None:
    """Until `tx` ends nobody else begins or ends a change of this person's password."""
    take_advisory_lock(tx, "password", person_id)


def begin(tx: Connection, person_id: str) -> str:
    """A change begins; gives its id. Raises Unavailable(``password.changing``)."""
    now, here = clock.now_ms(), table.c.person_id == person_id
    began_at = tx.execute(select(table.c.began_at).where(here)).scalar()
    if began_at is not None and now - LASTS_MS < began_at <= now + clock.SKEW_MS:
        raise Unavailable(PASSWORD_CHANGING, retry_after_s=2)
    tx.execute(delete(table).where(here))
    change = new_id()
    tx.execute(insert(table).values(person_id=person_id, change=change, began_at=now))
    return change


def end(tx: Connection, person_id: str, change: str) -> None:
    """It is over, whatever came of it."""
    tx.execute(delete(table).where(table.c.person_id == person_id, table.c.change == change))


def take_left_over(tx: Connection) -> Sequence[str]:
    """The people whose changes were never ended: each given once."""
    now = clock.now_ms()
    is_old = (table.c.began_at <= now - LASTS_MS) | (table.c.began_at > now + clock.SKEW_MS)
    return list(tx.execute(delete(table).where(is_old).returning(table.c.person_id)).scalars())
