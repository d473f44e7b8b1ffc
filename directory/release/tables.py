"""What each application was allowed to learn, when, and by whom."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

release = Table(
    "release",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("version", Integer, primary_key=True),  # from 1
    Column("attributes", Text, nullable=False),  # JSON: name → {"purpose", "basis"}
    Column("reason", Text, nullable=True),
    Column("asked_by", String(128), nullable=False),  # tags of actors
    Column("decided_by", String(128), nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    # When the next version took its place; NULL: it counts.
    Column("replaced_at", BigInteger, nullable=True),
)

in_force = release.c.replaced_at.is_(None)
Index(
    "ix_release_in_force",
    release.c.application_id,
    unique=True,
    sqlite_where=in_force,
    postgresql_where=in_force,
)
