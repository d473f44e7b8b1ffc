"""Where audit events are kept, whose rows are only ever inserted; and the numbers of those that
went over a budget, until they are told."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    String,
    Table,
    func,
    text,
)

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
    # The act this is a further part of: the id of the event that began it, or the `sid` of its
    # session; or the run of a machine under which it is folded (`Kind.is_folded`). NULL for what is
    # a line of the log by itself.
    Column("part_of", String(64), nullable=True),
    # The canonical bytes (RFC 8785) exactly as recorded: what proofs will cover. The columns
    # beside them are copies for searching.
    Column("body", LargeBinary, nullable=False),
    Index("ix_audit_event_kind_at", "kind", "at"),
    Index("ix_audit_event_subject_at", "subject", "at"),
    Index("ix_audit_event_agency_at", "agency", "at"),
    Index("ix_audit_event_actor_at", "actor", "at"),
    # A page of the log passes nothing that is folded.
    Index(
        "ix_audit_event_act",
        "id",
        sqlite_where=text("part_of IS NULL"),
        postgresql_where=text("part_of IS NULL"),
    ),
    Index(
        "ix_audit_event_part_of",
        "part_of",
        sqlite_where=text("part_of IS NOT NULL"),
        postgresql_where=text("part_of IS NOT NULL"),
    ),
)

# What people read out of an error page is the end of its request's id.
SUPPORT_CODE: ColumnElement[str] = func.substr(
    audit_event.c.request_id, func.length(audit_event.c.request_id) - 7
)
Index("ix_audit_event_support_code", SUPPORT_CODE)

audit_unrecorded = Table(
    "audit_unrecorded",
    metadata,
    Column("who", String(128), primary_key=True),  # an actor's tag, or a network
    Column("kind", String(64), primary_key=True),
    Column("agency", String(36), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)
