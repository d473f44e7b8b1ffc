"""The one place that reads the time. Instants are whole seconds since the epoch (UTC)."""

from __future__ import annotations

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

MINUTE = 60
HOUR = 60 * MINUTE

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> int:
    """Now, in whole seconds since the epoch."""
    return int(time.time())


def today() -> date:
    """Today's date in Vietnam."""
    return datetime.fromtimestamp(now(), tz=VIETNAM).date()


def format_moment(instant: int) -> str:
    """An instant as people here write it: ``22/11/2026 15:46``."""
    return datetime.fromtimestamp(instant, tz=VIETNAM).strftime("%d/%m/%Y %H:%M")


def format_day(iso_day: str | None) -> str:
    """A stored ISO date as ``22/11/2026``; nothing for no date."""
    return date.fromisoformat(iso_day).strftime("%d/%m/%Y") if iso_day else ""
