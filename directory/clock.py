"""The one place that reads the time.

Instants are integer milliseconds since the Unix epoch, UTC, everywhere in SQL and in the code;
JWT claims are whole seconds (RFC 7519 NumericDate).
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# How far the clocks of two of our machines may stand apart (as Kerberos allows). What is stored
# with an instant further ahead was written by a clock that was wrong.
SKEW_MS = 5 * MINUTE

# What somebody types beyond them is a slip of the finger.
_FIRST_YEAR, _LAST_YEAR = 2000, 2199

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now_ms() -> int:
    """Now, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def now_s() -> int:
    """Now, in whole seconds since the epoch (RFC 7519 NumericDate)."""
    return int(time.time())


def today() -> date:
    """Today's date in Vietnam: posts and grants begin and end at midnight there."""
    return datetime.now(tz=VIETNAM).date()  # noqa: TID251 - this is the room


def day_of(instant_ms: int) -> date:
    """The day an instant lies on in Vietnam."""
    return datetime.fromtimestamp(instant_ms / 1000, tz=VIETNAM).date()


def day_begins(day: date) -> int:
    """The instant at which a day begins in Vietnam, in ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=VIETNAM).timestamp() * 1000)


def is_date(text: str) -> bool:
    """Whether `text` is a calendar day as it is kept: ``2026-11-22``."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def written(day: str) -> str:
    """A day as people here write it, ``22/11/2026``; what is no day stays as it is."""
    return "/".join(reversed(day.split("-"))) if is_date(day) else day


def find_instant(text: str) -> int | None:
    """The instant of a minute here, as it is kept in forms: ``2026-11-28T20:00``."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=VIETNAM)
    except ValueError:
        return None
    return int(moment.timestamp() * 1000) if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def minute_of(instant_ms: int) -> str:
    """The minute of an instant here, as it is kept in forms: ``2026-11-28T20:00``."""
    return datetime.fromtimestamp(instant_ms / 1000, tz=VIETNAM).strftime("%Y-%m-%dT%H:%M")


def iso(instant_ms: int) -> str:
    """An instant as RFC 3339 UTC with milliseconds: ``2026-11-22T08:46:47.123Z``."""
    moment = datetime.fromtimestamp(instant_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(instant_ms: int) -> str:
    """An instant as people here write it: ``22/11/2026 15:46:47``."""
    return datetime.fromtimestamp(instant_ms / 1000, tz=VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
