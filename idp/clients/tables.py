"""Where clients are kept: their RFC 7591 metadata as one JSON document beside what we look up."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from directory.database.engine import metadata

client = Table(
    "client",
    metadata,
    Column("client_id", String(128), primary_key=True),
    Column("metadata", Text, nullable=False),
    # SHA-256 of a 256-bit secret: never a password KDF on the token path.
    Column("secret_hash", String(64)),
    # While a secret is being changed the one before it goes on working until that instant (ms).
    Column("previous_secret_hash", String(64)),
    Column("previous_secret_until", BigInteger),
    # Why this confidential client may go without PKCE; empty: it may not.
    Column("pkce_exempt", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    # Gone for good. The row stays, so that nobody else is ever given its id.
    Column("removed_at", BigInteger),
    Column("version", Integer, nullable=False),
)

# An API that access tokens may be asked for (RFC 8707), and the client that may introspect them.
resource_server = Table(
    "resource_server",
    metadata,
    Column("uri", String(255), primary_key=True),
    Column("client_id", String(128), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)

# The picture of an application on its tile.
client_logo = Table(
    "client_logo",
    metadata,
    Column("client_id", String(128), primary_key=True),
    Column("media_type", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)
