"""Where audit events are kept. Rows are only ever inserted."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from directory.database.engine import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7: in order of time
    Column("at", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("agency", String(36), nullable=False),
    Column("request_id", String(64), nullable=False),
    # The canonical bytes (RFC 8785) exactly as recorded: what proofs will cover. The columns
    # beside them are copies for searching.
    Column("body", LargeBinary, nullable=False),
    Index("ix_audit_event_kind_at", "kind", "at"),
    Index("ix_audit_event_subject_at", "subject", "at"),
    Index("ix_audit_event_agency_at", "agency", "at"),
)
