"""The tables of sessions. Times are milliseconds, `auth_time` whole seconds (OIDC Core §2)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table

from directory.database.engine import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("sid", String(64), primary_key=True),
    # Only the hash of the cookie is stored: whoever reads the store cannot become anyone.
    Column("cookie_hash", String(64), nullable=False, unique=True),
    Column("person_id", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("amr", String(120), nullable=False),
    Column("acr", String(16), nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("post_id", String(36)),
    Column("shared_computer", Boolean, nullable=False),
    # After how long unused it is dead; NULL: as anybody's (`idp.sessions.limits`).
    Column("idle_ms", BigInteger),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(200), nullable=False),
    Column("ended_at", BigInteger),
    Column("end_reason", String(32)),
    Index("ix_sessions_person_id", "person_id"),
    Index("ix_sessions_ended_at", "ended_at"),
)

session_clients = Table(
    "session_clients",
    metadata,
    Column("sid", String(64), ForeignKey("sessions.sid", ondelete="CASCADE"), primary_key=True),
    Column("client_id", String(128), primary_key=True),
    Column("first_at", BigInteger, nullable=False),
    # When the application acknowledged the end of the session (back-channel logout).
    Column("told_at", BigInteger),
)
