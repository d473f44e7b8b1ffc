"""Where what was approved beyond the quota stands, until it is taken."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

export_approval = Table(
    "export_approval",
    metadata,
    Column("request_id", String(36), primary_key=True),  # which it was approved by
    Column("taker", String(128), nullable=False),  # tag of the only one who may take it
    Column("list", String(32), nullable=False),
    Column("address", Text, nullable=False),  # of the list with its filter
    Column("columns", Text, nullable=False),
    Column("count", Integer, nullable=False),  # lines at most
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_export_approval_taker", "taker"),
)
