"""Events that anybody can cause without being anybody: not more than so many from one address.

A log that strangers can fill is a way to fill the disk, and with a full disk nobody signs in. What
goes over is counted, and told in one event.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from directory import tally
from directory.actor import Actor, network_of, system
from directory.audit.log import record
from directory.disk import is_short

BURST = 300
PER_SECOND = 1.0
_MAX_HELD = 10_000
_TOLD_EVERY_S = 60.0


@dataclass(slots=True)
class _Budget:
    """What an address may still cause; `unrecorded`: what it caused beyond that."""

    left: float
    at: float
    unrecorded: int = 0


class Budgets:
    """The addresses one process has heard of lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Budget] = OrderedDict()
        self._told_at = time.monotonic()

    def take(self, address: str, *, has_room: bool = True) -> bool:
        """Whether one more event from `address` is to be recorded; none while there is no room."""
        now, key = time.monotonic(), network_of(address)
        with self._lock:
            budget = self._held.setdefault(key, _Budget(BURST, now))
            self._held.move_to_end(key)
            if len(self._held) > _MAX_HELD:
                self._held.popitem(last=False)
            budget.left = min(BURST, budget.left + (now - budget.at) * PER_SECOND)
            budget.at = now
            if budget.left < 1 or not has_room:
                budget.unrecorded += 1
                return False
            budget.left -= 1
            return True

    def take_untold(self) -> dict[str, int]:
        """How many events of which address were not recorded; once a minute, else nothing."""
        now = time.monotonic()
        with self._lock:
            if now - self._told_at < _TOLD_EVERY_S:
                return {}
            self._told_at = now
            untold = {key: one.unrecorded for key, one in self._held.items() if one.unrecorded}
            for key in untold:
                self._held[key].unrecorded = 0
            return untold


_budgets = Budgets()


def record_of_stranger(
    tx: Connection, kind: str, actor: Actor, *, subject: str = "", **fields: Any
) -> None:
    """As `record`, for what an unauthenticated request caused, within the budget of its address."""
    for network, count in _budgets.take_untold().items():
        record(tx, "strangers.unrecorded", system("audit"), network=network, count=count)
    if _budgets.take(actor.address, has_room=_has_room(tx)):
        record(tx, kind, actor, subject=subject, **fields)
    else:
        tally.count("events_left_out", kind)


def _has_room(tx: Connection) -> bool:
    """Whether the disk of an embedded store has more left than people need to sign in."""
    store = tx.engine.url.database
    return tx.dialect.name != "sqlite" or not store or not is_short(Path(store).parent)
