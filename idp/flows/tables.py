"""The table of flows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from directory.database.engine import metadata

flows = Table(
    "flows",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("client_id", String(128), nullable=False),  # empty: a sign-in without an application
    Column("request", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("stage", String(32), nullable=False),
    # Who has answered the steps so far, and with which methods (RFC 8176), blank-separated.
    Column("person_id", String(36), nullable=False),
    Column("amr", String(120), nullable=False),
    Column("shared_computer", Boolean, nullable=False),
    Column("proven_since", BigInteger, nullable=False),
    # Of which journey; a row that names none is of the version before there were several.
    Column("journey", String(32), nullable=False, server_default="sign_in"),
    # JSON by the name of the step: whether it was passed, and what it keeps. NULL: nothing yet.
    Column("steps", Text),
    Column("authenticated_at", BigInteger),
    Column("session_sid", String(64)),
    Index("ix_flows_expires_at", "expires_at"),
    Index("ix_flows_created_at", "created_at"),
)
