"""The table of console sessions. Times are milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from directory.database.engine import metadata

console_session = Table(
    "console_session",
    metadata,
    # Only the hash of the cookie is stored: whoever reads the store cannot become anyone.
    Column("cookie_hash", String(64), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # The sign-in session at the issuer this one came from, and lives with.
    Column("sid", String(64), nullable=False, index=True),
    Column("id_token", Text, nullable=False),  # the hint for signing out at the issuer
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
