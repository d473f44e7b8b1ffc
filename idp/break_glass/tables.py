"""Which accounts are for emergencies, and their seals. Times are milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from directory.database.engine import metadata

break_glass = Table(
    "break_glass",
    metadata,
    Column("person_id", String(36), primary_key=True),
    # Who keeps the second half of the code; the first, the person whose account it is beside.
    Column("second_holder_id", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("sealed_at", BigInteger),  # NULL: never
    Column("sealed_by", String(128), nullable=False),
    # The first sign-in since it was sealed, and when it was closed again.
    Column("opened_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("notice_id", String(36)),  # above every page of the console, until it is sealed again
)
