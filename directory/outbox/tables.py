"""Where hand-overs wait."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Index("ix_outbox_topic_due_at", "topic", "due_at"),
)
