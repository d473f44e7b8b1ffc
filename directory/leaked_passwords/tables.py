"""Lists of leaked passwords while they are held against the catalogue: what is tried is sealed and
goes line by line, numbers stay."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

LEAKED = Purpose("leaked-password", None)

leaked_list = Table(
    "leaked_list",
    metadata,
    Column("id", String(36), primary_key=True),
    # "reading", "matching", "done", "ended" (not all of it was tried)
    Column("state", String(16), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("begun_by", String(128), nullable=False),
    Column("lines", Integer, nullable=False),
    Column("unreadable", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("others", Integer, nullable=False),
    Column("ended_at", BigInteger),
)

# One line of a list that names somebody; gone as soon as it was tried.
leaked_password = Table(
    "leaked_password",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("list_id", String(36), nullable=False, index=True),
    Column("person_id", String(36), nullable=False),
    Column("content", LargeBinary, nullable=False, info=sealed_for(LEAKED, subject="id")),
)
