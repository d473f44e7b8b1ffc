"""Where notices stand."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

notice = Table(
    "notice",
    metadata,
    Column("id", String(36), primary_key=True),  # in order of time
    Column("version", Integer, nullable=False),  # from 1; each change is one more
    Column("kind", String(16), nullable=False),  # `directory.notices.terms.KINDS`
    Column("text_vi", Text, nullable=False),
    Column("text_en", Text, nullable=True),  # NULL: the Vietnamese text stands for it
    Column("places", String(64), nullable=False),  # with one blank between
    Column("shown_from", BigInteger, nullable=False),
    Column("shown_until", BigInteger, nullable=True),  # NULL: until it is taken down
    # The time that it is about: of maintenance, or of being for reading alone.
    Column("work_from", BigInteger, nullable=True),
    Column("work_until", BigInteger, nullable=True),
    Column("put_up_by", String(128), nullable=False),  # tags of actors
    Column("put_up_at", BigInteger, nullable=False),
    Column("changed_by", String(128), nullable=True),
    Column("changed_at", BigInteger, nullable=True),
    Column("taken_down_by", String(128), nullable=True),
    Column("taken_down_at", BigInteger, nullable=True),
    Index("ix_notice_taken_down_at_shown_until", "taken_down_at", "shown_until"),
)
