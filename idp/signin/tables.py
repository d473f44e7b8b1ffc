"""The table of the throttle."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from directory.database.engine import metadata

throttle_counter = Table(
    "signin_throttle",
    metadata,
    # A keyed hash: people type passwords into the username box.
    Column("key_hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),  # of this round
    Column("consecutive", Integer, nullable=False),  # since the last success
    Column("began_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
    Column("blocked_until", BigInteger, nullable=False),
)
