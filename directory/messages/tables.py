"""Where messages wait, and where those stay for a while that could not be sent.

Whom one goes to and what it tells is sealed; it is written out only while it is sent.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

MESSAGE = Purpose("message", None)

message = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("way", String(8), nullable=False, server_default="mail"),  # or "sms"
    Column("content", LargeBinary, nullable=False, info=sealed_for(MESSAGE, subject="id")),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    # Counts who took it to send it: what an earlier one says of it later does not count.
    Column("claims", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", String(64), nullable=False),  # the stable word of the last failure
    Column("failed_at", BigInteger, nullable=True),
    Index("ix_message_failed_at_due_at", "failed_at", "due_at"),
)

# Texts that went out in the last day: how many may (`directory.messages.caps`).
text_sent = Table(
    "text_sent",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Index("ix_text_sent_sent_at", "sent_at"),
)

# When somebody was last looked at for a message of many things at once, and last sent one.
digest = Table(
    "message_digest",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("looked_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger, nullable=True),
)
