"""Alarms that stand, and those that stood. Times are milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from directory.database.engine import metadata

spray_alarm = Table(
    "spray_alarm",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sign", String(16), nullable=False),  # `idp.spray.signs.Sign`
    Column("network", String(64), nullable=False),  # whose; empty for all together
    Column("names", Integer, nullable=False),  # the most that were tried in a window
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_spray_alarm_ended_at", "ended_at"),
)
