"""Links that are sent to whoever has forgotten the password: never the code, only what recognises
it again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from directory.database.engine import metadata

recovery_link = Table(
    "recovery_link",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    # The first letters of the code, which are no secret: wrong codes are counted by them.
    Column("number", String(8), nullable=False),
    # Of the whole code, under a key that is not in the store.
    Column("code_mac", String(64), nullable=False, unique=True),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
)

# Who asked for one; nobody knows whether it was they. Empty for a name that nobody has, or that
# gets none, which costs as much.
link_wanted = Table(
    "link_wanted",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
)
