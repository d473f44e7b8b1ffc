"""How far changes of every entry have come, who was warned that their account is not used, and who
is away."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

# What a new version changes of every entry, step by step: `place` is the id of the last entry that
# was looked at, `entries` how many were changed, `done_at` NULL until all were.
entry_step = Table(
    "entry_step",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("place", String(36), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("done_at", BigInteger, nullable=True),
)

# Counts while the account was not used since; `stage`: the first warning or the second, 0 where
# none could be sent.
unused_warning = Table(
    "unused_warning",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("stage", Integer, primary_key=True),
    Column("told_at", BigInteger, nullable=False),
    Index("ix_unused_warning_told_at", "told_at"),
)

# Of one person no two are on the same day. One that was taken back before it began is gone.
absence = Table(
    "absence",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),  # `directory.people.absences.KINDS`
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),  # last day
    Column("basis", Text, nullable=True),
    Column("given_by", String(128), nullable=False),  # the tag of an actor
    Column("given_at", BigInteger, nullable=False),
    Index("ix_absence_person_id_end_on", "person_id", "end_on"),
)
