"""Intents, and the values they reserve."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from directory.database.engine import metadata
from directory.database.instants import ZeroForNone
from directory.intents.model import VALUE_CHARS

intent = Table(
    "intent",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("entry_id", String(36), nullable=False),
    # The entry's id while the intent is open, NULL once settled: its unique index is what keeps
    # changes of one entry in order (NULLs are distinct on both engines).
    Column("open_entry", String(36), nullable=True, unique=True),
    Column("state", String(16), nullable=False),  # requested, done, refused, conflict
    Column("change", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("entry_csn", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", ZeroForNone, nullable=False),
    Index("ix_intent_entry_id_created_at", "entry_id", "created_at"),
    Index("ix_intent_state_created_at", "state", "created_at"),
)

# Usernames, mail addresses, staff numbers, codes: once given to somebody, never to somebody else.
reserved_value = Table(
    "reserved_value",
    metadata,
    Column("namespace", String(32), primary_key=True),
    Column("value", String(VALUE_CHARS), primary_key=True),
    Column("entry_id", String(36), nullable=False, index=True),
    Column("intent_id", String(36), nullable=False),
)
