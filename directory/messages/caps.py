"""How many texts go out: to one person in an hour, and of the whole province in a day.

Each is paid for, and whoever signs in and out all day, or guesses, must not empty the account. What
is over waits; whoever has a work e-mail has the mail already.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, or_, select

from directory.clock import DAY, HOUR, SKEW_MS, now_ms
from directory.ids import new_event_id
from directory.messages.queue import Message
from directory.messages.tables import text_sent
from directory.settings import Settings

OF_PERSON, OF_DAY = "sms_hour", "sms_day"
REASONS = (OF_PERSON, OF_DAY)

_columns = text_sent.c


def find_cap(tx: Connection, settings: Settings, person_id: str) -> str:
    """Why no text goes to the person now; "" where one may."""
    now = now_ms()
    counted = (_columns.sent_at > now - DAY, _columns.sent_at <= now + SKEW_MS)
    in_hour = _columns.person_id == person_id, _columns.sent_at > now - HOUR
    of_day, of_person = tx.execute(
        select(func.count(), func.count().filter(*in_hour)).where(*counted)
    ).one()
    if of_person >= settings.sms_per_person_hour:
        return OF_PERSON
    return OF_DAY if of_day >= settings.sms_per_day else ""


def note_sent(tx: Connection, found: Message) -> None:
    """It went out, or may have."""
    row = {"id": new_event_id(), "person_id": found.person_id, "sent_at": now_ms()}
    tx.execute(insert(text_sent).values(row))


def forget_old(tx: Connection) -> None:
    """What counts no more, and what a clock that stood ahead wrote."""
    now = now_ms()
    is_over = or_(_columns.sent_at <= now - DAY, _columns.sent_at > now + SKEW_MS)
    tx.execute(delete(text_sent).where(is_over))
