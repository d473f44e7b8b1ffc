"""What people were told of roles that end."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from directory.database.engine import metadata

# A renewed grant is another one: of its end people are told anew.
grant_reminder = Table(
    "grant_reminder",
    metadata,
    Column("grant_id", String(36), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("days", Integer, primary_key=True),  # before the end
    Column("told_at", BigInteger, nullable=False),
    Index("ix_grant_reminder_told_at", "told_at"),
)
