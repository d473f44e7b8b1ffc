"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import MINUTE, now_ms
from directory.component import NotWell
from directory.installation import Installation
from directory.outbox import queue

_LATE_MS = 10 * MINUTE


def in_time(installation: Installation) -> str:
    """No hand-over waits for long."""
    with installation.database.read() as tx:
        oldest = queue.find_oldest_at(tx)
    if oldest is not None and now_ms() - oldest > _LATE_MS:
        raise NotWell(
            "a delivery has been waiting for more than 10 minutes; see logs/worker.log",
            "deliveries.late",
        )
    return "ok"


def retried(installation: Installation) -> str:
    """How many failed at least once."""
    with installation.database.read() as tx:
        late = queue.count_retried(tx)
    return f"{late} being retried"
