"""Taking turns: for what must be looked up before it is written, where no row is there to lock yet.

On SQLite writers queue anyway. PostgreSQL lets them work side by side, and two that both find
nothing would both write.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, bindparam, func, select

from directory.database.engine import ask_once, is_reading

_lock = select(func.pg_advisory_xact_lock(bindparam("number")))


def take_advisory_lock(tx: Connection, kind: str, key: str) -> None:
    """Until `tx` ends, whoever else asks for the turn of (kind, key) waits.

    Best taken before anything else in the transaction is locked: then none wait in a circle, of
    which PostgreSQL would undo one (`Database.retrying`).
    """
    if tx.dialect.name != "postgresql" or is_reading(tx):
        return  # who only looks waits for nobody
    name = hashlib.sha256(f"{kind}\0{key}".encode()).digest()
    number = int.from_bytes(name[:8], "big", signed=True)

    def take() -> bool:
        tx.execute(_lock, {"number": number})
        return True

    # Whoever has the turn does not wait for it again, and asks nothing anew.
    ask_once(tx, ("turn", number), take)
