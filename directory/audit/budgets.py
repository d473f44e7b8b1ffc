"""How many events of one kind one actor or network may leave one by one.

A log that somebody can fill is a way to fill the disk, and a way to hide among the lines. What goes
over the budget is counted in SQL, in the transaction of its cause, and told as a number by the
worker: who, what, how often, from when to when. The first events are always recorded, and what
changes rights, people or the system never counts (`Kind.counted`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, or_, select

from directory.actor import Actor, network_of
from directory.audit.kinds import Kind
from directory.audit.tables import audit_unrecorded
from directory.clock import MINUTE, now_ms
from directory.database.upsert import upsert
from directory.disk import is_short

# Quick on purpose: nobody works like that, and a loop does.
ACTOR_BURST, ACTOR_EVERY_S = 40, 15.0
# Behind one address there may be a whole office.
NETWORK_BURST, NETWORK_EVERY_S = 100, 5.0
# Of all strangers together: an attacker may have very many networks.
STRANGERS_BURST, STRANGERS_EVERY_S = 2000, 1.0
ALL_NETWORKS = "*"
_MOST_HELD = 10_000
_QUIET_MS = MINUTE
_LONGEST_UNTOLD_MS = 10 * MINUTE
_MOST_TOLD = 200  # actors in one run


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """What the actors and networks this process has heard of lately may still leave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, ...], _Bucket] = OrderedDict()

    def take(self, key: tuple[str, ...], burst: int, every_s: float) -> bool:
        """Whether one more event of `key` is to be recorded."""
        now = time.monotonic()
        with self._lock:
            bucket = self._held.setdefault(key, _Bucket(burst, now))
            self._held.move_to_end(key)
            if len(self._held) > _MOST_HELD:
                self._held.popitem(last=False)
            bucket.left = min(burst, bucket.left + (now - bucket.at) / every_s)
            bucket.at = now
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True


_buckets = Buckets()


def who_is_over(tx: Connection, kind: Kind, actor: Actor, subject: str, *, stranger: bool) -> str:
    """Whose budget one more event exceeds: an actor's tag, a network; empty when it is within.

    `stranger`: the request proved nobody, whatever it calls itself. While the disk is short,
    strangers have no budget at all.
    """
    if kind.counted is None or actor.kind in ("os", "system"):
        return ""
    if not stranger and actor.kind != "anonymous":
        # By subject too: entering one application very often does not hide another.
        fits = _buckets.take((actor.tag, kind.name, subject), ACTOR_BURST, ACTOR_EVERY_S)
        return "" if fits else actor.tag
    network = network_of(actor.address) or ALL_NETWORKS
    if not _has_room(tx):
        return network
    if not _buckets.take((network, kind.name), NETWORK_BURST, NETWORK_EVERY_S):
        return network
    if not _buckets.take((ALL_NETWORKS, kind.name), STRANGERS_BURST, STRANGERS_EVERY_S):
        return ALL_NETWORKS
    return ""


def _has_room(tx: Connection) -> bool:
    """Whether the disk of an embedded store has more left than people need to sign in."""
    store = tx.engine.url.database
    return tx.dialect.name != "sqlite" or not store or not is_short(Path(store).parent)


def count(tx: Connection, who: str, kind: str, agency: str) -> None:
    """One more event of `kind` that is told as a number only."""
    now = now_ms()
    row = {"who": who, "kind": kind, "agency": agency, "number": 1, "first_at": now, "last_at": now}
    tx.execute(
        upsert(tx, audit_unrecorded)
        .values(row)
        .on_conflict_do_update(
            index_elements=["who", "kind", "agency"],
            set_={"number": audit_unrecorded.c.number + 1, "last_at": now},
        )
    )


@dataclass(frozen=True)
class Unrecorded:
    """What one actor or network caused beyond its budget. `kinds`: how many of each."""

    who: str
    agency: str
    kinds: dict[str, int]
    since: int
    until: int


def take_untold(tx: Connection) -> Iterable[Unrecorded]:
    """What is to be told now, and forgotten: it became quiet, or goes on for ten minutes."""
    columns, now = audit_unrecorded.c, now_ms()
    is_due = or_(
        columns.last_at <= now - _QUIET_MS,
        columns.first_at <= now - _LONGEST_UNTOLD_MS,
        columns.first_at > now,  # the clock went back
    )
    whose = select(columns.who, columns.agency).where(is_due).distinct().limit(_MOST_TOLD)
    for who, agency in tx.execute(whose).all():
        of_them = (columns.who == who, columns.agency == agency)
        gone = tx.execute(delete(audit_unrecorded).where(*of_them).returning(audit_unrecorded))
        rows = gone.all()
        yield Unrecorded(
            who,
            agency,
            {row.kind: row.number for row in sorted(rows, key=lambda row: -row.number)},
            min(row.first_at for row in rows),
            max(row.last_at for row in rows),
        )
