"""Where clients are kept: their RFC 7591 metadata as one JSON document beside what we look up."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from directory.database.engine import metadata

client = Table(
    "client",
    metadata,
    Column("client_id", String(128), primary_key=True),
    Column("metadata", Text, nullable=False),
    # SHA-256 of a 256-bit secret: never a password KDF on the token path.
    Column("secret_hash", String(64)),
    # Why this confidential client may go without PKCE; empty: it may not.
    Column("pkce_exempt", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("version", Integer, nullable=False),
)
