"""The table of known devices."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table

from directory.database.engine import metadata

known_device = Table(
    "known_device",
    metadata,
    # Only the hash of the cookie's id is stored: whoever reads the store has no device.
    Column("browser_hash", String(64), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    # Names the counter of wrong tries; it goes with the row when the browser gets a new id.
    Column("counter", String(64), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=False),
    # When the person last proved two factors here; NULL: never.
    Column("second_factor_at", BigInteger, nullable=True),
    Index("ix_known_device_person_id", "person_id", "last_used_at"),
    Index("ix_known_device_last_used_at", "last_used_at"),
)
