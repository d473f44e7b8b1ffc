"""What is told to somebody at most once in a while, as one message: whose turn it is.

A turn is taken whether there was something to tell or not; what was told last is remembered beside
it, so that nobody reads the same every day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from directory import clock
from directory.database.upsert import upsert
from directory.installation import Installation
from directory.messages.tables import digest

KEPT_MS = 60 * clock.DAY
_MOST_A_RUN = 200
# Nobody wants to be told of work at night.
_FIRST_HOUR, _LAST_HOUR = 7, 17

_columns = digest.c


@dataclass(frozen=True)
class Turn:
    """Whose turn it is, and when they were last sent something (ms), 0 for never."""

    person_id: str
    sent_at: int


def is_time() -> bool:
    """Whether people are at work, as far as the clock says so."""
    return _FIRST_HOUR <= int(clock.minute_of(clock.now_ms())[11:13]) <= _LAST_HOUR


def day_began() -> int:
    """When today began (ms): turns of each day."""
    return clock.day_begins(clock.today())


def week_began() -> int:
    """When this week began (ms): turns of each week, on Mondays."""
    today = clock.today()
    return clock.day_begins(today - timedelta(days=today.weekday()))


def go_round(
    installation: Installation,
    name: str,
    people: Collection[str],
    since: int,
    tell: Callable[[Connection, Turn], bool],
) -> None:
    """Give everybody a turn who had none after `since`, each in a transaction of their own; `tell`
    says whether something was sent. Some at a time: the others have theirs at the next run."""
    with installation.database.read() as tx:
        waiting = _without_turn(tx, name, people, since)
    for person_id in waiting[:_MOST_A_RUN]:
        with installation.database.write() as tx:
            turn = _take(tx, name, person_id, since)
            if turn is not None and tell(tx, turn):
                here = (_columns.name == name, _columns.person_id == person_id)
                tx.execute(update(digest).where(*here).values(sent_at=clock.now_ms()))


def forget_old(tx: Connection) -> None:
    """Of people who have had no turn for long: they are asked no more."""
    tx.execute(delete(digest).where(_columns.looked_at <= clock.now_ms() - KEPT_MS))


def _without_turn(tx: Connection, name: str, people: Collection[str], since: int) -> Sequence[str]:
    had = select(_columns.person_id).where(_columns.name == name, ~_is_before(since))
    return sorted({*people} - {*tx.execute(had).scalars()})


def _take(tx: Connection, name: str, person_id: str, since: int) -> Turn | None:
    """The turn, to the first that asks for it."""
    now = clock.now_ms()
    taken = (
        upsert(tx, digest)
        .values(name=name, person_id=person_id, looked_at=now)
        .on_conflict_do_update(
            index_elements=[_columns.name, _columns.person_id],
            set_={"looked_at": now},
            where=_is_before(since),
        )
        .returning(_columns.sent_at)
    )
    row = tx.execute(taken).first()
    if row is None:
        return None
    sent_at = row.sent_at or 0
    return Turn(person_id, sent_at if sent_at <= now + clock.SKEW_MS else 0)


def _is_before(since: int) -> ColumnElement[bool]:
    # Later than now: a clock that was wrong wrote it.
    ahead = _columns.looked_at > clock.now_ms() + clock.SKEW_MS
    return or_(_columns.looked_at < since, ahead)
