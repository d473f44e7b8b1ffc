"""Where slips are kept: never the code, only what recognises it again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table

from directory.database.engine import metadata

slip = Table(
    "slip",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("purpose", String(16), nullable=False),
    # The first letters of the code, which are no secret: wrong codes are counted by them.
    Column("number", String(8), nullable=False),
    # Of the whole code, under a key that is not in the store.
    Column("code_mac", String(64), nullable=False, unique=True),
    Column("issued_at", BigInteger, nullable=False),
    Column("issued_by", String(128), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("used_at", BigInteger),
    # In which flow: that one may go on, should the catalogue not have answered at once.
    Column("used_in", String(64)),
    Index("ix_slip_person_id", "person_id"),
    Index("ix_slip_number", "number"),
)

# Who asked for help from outside; nobody knows whether it was they. Empty for a name that nobody
# has, which costs as much.
help_wanted = Table(
    "help_wanted",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
)

# What a second person agreed to: a slip for an account with power over the whole province.
slip_approval = Table(
    "slip_approval",
    metadata,
    Column("request_id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("issuer", String(128), nullable=False),  # the tag of who asked
    Column("expires_at", BigInteger, nullable=False),
)
