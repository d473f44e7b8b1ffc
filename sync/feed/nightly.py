"""The nightly comparison of everything."""

from __future__ import annotations

from datetime import datetime, timedelta

from directory import clock
from directory.actor import system
from directory.installation import Installation
from sync.feed.full_scan import reconcile
from sync.feed.state import read_state

_HOUR = 2


def reconcile_nightly(installation: Installation) -> None:
    """Reconcile once after two o'clock at night, or as soon as somebody runs after that.

    The first load compares everything too; before it there is nothing to do.
    """
    with installation.database.read() as tx:
        state = read_state(tx)
    now = clock.now_ms()
    # What was compared tomorrow was compared by a clock that was wrong.
    is_due = state.swept_at < _last_night(now) or state.swept_at > now + clock.SKEW_MS
    if state.loaded_at and is_due:
        reconcile(installation, system("feed"), reason="nightly")


def _last_night(now_ms: int) -> int:
    now = datetime.fromtimestamp(now_ms / 1000, tz=clock.VIETNAM)
    night = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    return int(night.timestamp() * 1000)
