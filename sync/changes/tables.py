"""Who reads the changes, and how far each is."""

from sqlalchemy import BigInteger, Column, String, Table

from directory.database.engine import metadata

change_reader = Table(
    "change_reader",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),  # of the last change it has taken
    Column("taken_at", BigInteger, nullable=False),
)
