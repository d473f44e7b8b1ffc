"""Where requests and their decisions stand."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from directory.database.engine import metadata

request = Table(
    "request",
    metadata,
    Column("id", String(36), primary_key=True),  # in order of time
    Column("kind", String(32), nullable=False),  # `directory.component.RequestKind`
    Column("subject", String(128), nullable=False),  # tag of what it is about
    # The place whose administrators decide; NULL: those of the whole province.
    Column("agency_id", String(36), nullable=True),
    Column("asked_by", String(128), nullable=False),  # tag of an actor
    Column("asked_for", String(128), nullable=True),  # tag of the person who would gain by it
    Column("payload", Text, nullable=False),  # JSON of its kind, with sorted names
    Column("reason", Text, nullable=False),
    Column("basis", Text, nullable=True),
    # open, approved, refused, withdrawn, lapsed
    Column("state", String(16), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("decided_by", String(128), nullable=True),
    Column("decided_at", BigInteger, nullable=True),
    Column("decision_reason", Text, nullable=True),
    # When whoever asked was told of the decision, or nobody had to be.
    Column("told_at", BigInteger, nullable=True),
    Index("ix_request_state_id", "state", "id"),
    Index("ix_request_agency_id_id", "agency_id", "id"),
    Index("ix_request_asked_by_id", "asked_by", "id"),
    Index("ix_request_asked_for_id", "asked_for", "id"),
    Index("ix_request_subject", "subject"),
    Index("ix_request_told_at_decided_at", "told_at", "decided_at"),
)
