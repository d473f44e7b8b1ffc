"""Taking turns: for what must be looked up before it is written, where no row is there to lock yet.

On SQLite writers queue anyway. PostgreSQL lets them work side by side, and two that both find
nothing would both write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select, text

from directory.database.engine import ask_once, is_reading, remember

_locks = text(
    "SELECT pg_advisory_xact_lock(number) FROM (SELECT number"
    " FROM unnest(CAST(:numbers AS bigint[])) WITH ORDINALITY AS turn(number, place)"
    " ORDER BY place OFFSET 0) AS turns"
)
_lock = select(func.pg_advisory_xact_lock(bindparam("number")))


def take_advisory_lock(tx: Connection, kind: str, key: str) -> None:
    """Until `tx` ends, whoever else asks for the turn of (kind, key) waits.

    Best taken before anything else in the transaction is locked: then none wait in a circle, of
    which PostgreSQL would undo one (`Database.retrying`).
    """
    if tx.dialect.name != "postgresql" or is_reading(tx):
        return  # who only looks waits for nobody
    number = _number(kind, key)

    def take() -> bool:
        tx.execute(_lock, {"number": number})
        return True

    # Whoever has the turn does not wait for it again, and asks nothing anew.
    ask_once(tx, ("turn", number), take)


def take_advisory_locks(tx: Connection, turns: Sequence[tuple[str, str]]) -> None:
    """As `take_advisory_lock` of each (kind, key), by one statement and in this order but for what
    is of one kind: there in the one order of all who take several."""
    if tx.dialect.name != "postgresql" or is_reading(tx) or not turns:
        return
    kinds = list(dict.fromkeys(kind for kind, _ in turns))
    in_order = sorted({*turns}, key=lambda turn: (kinds.index(turn[0]), _number(*turn)))
    numbers = [_number(*turn) for turn in in_order]
    tx.execute(_locks, {"numbers": numbers})
    for number in numbers:
        remember(tx, ("turn", number), True)


def _number(kind: str, key: str) -> int:
    name = hashlib.sha256(f"{kind}\0{key}".encode()).digest()
    return int.from_bytes(name[:8], "big", signed=True)
