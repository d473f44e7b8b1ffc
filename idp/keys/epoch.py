"""The revocation epoch: the instant before which nothing we issued counts any more.

Sessions and token families have rows that can be ended; the access token of a client for itself has
none. Its `iat` is held against the epoch, which comes with the keys (`store.KeySet.epoch_s`).
"""

from __future__ import annotations

from sqlalchemy import Connection

from directory.clock import now_ms
from idp.keys.tables import revocation_epoch


def raise_epoch(tx: Connection, reason: str) -> int:
    """Declare dead every access token issued until now. Gives the instant (ms).

    In force in every process as soon as it reads the keys again (`store.FRESH_S`).
    """
    at = now_ms()
    tx.execute(revocation_epoch.insert().values(at=at, reason=reason))
    return at
