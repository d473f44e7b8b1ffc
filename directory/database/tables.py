"""Tables of the SQL room itself."""

from sqlalchemy import BigInteger, Column, String, Table

from directory.database.engine import metadata

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(128), nullable=False),
    # Counts up whenever the lease passes to somebody: what a late writer is told apart by.
    Column("epoch", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
)
