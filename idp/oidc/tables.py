"""What the endpoints keep: token families, and authorization requests that arrived by POST."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from directory.database.engine import metadata

# Everything one authorization gave: its code, its access tokens and its chain of refresh tokens.
# No token is stored, not even hashed: a refresh token is (id, generation) under our MAC.
token_family = Table(
    "token_family",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("client_id", String(128), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("sid", String(64), nullable=False),
    Column("scope", Text, nullable=False),
    Column("resources", Text, nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("acr", String(16), nullable=False),
    Column("amr", String(120), nullable=False),
    # Outlives its session (scope offline_access, OIDC Core section 11).
    Column("offline", Boolean, nullable=False),
    # The one refresh token that is good now; 0: none was given.
    Column("generation", Integer, nullable=False),
    Column("rotated_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revoke_reason", String(32)),
    Index("ix_token_family_person_id", "person_id"),
    Index("ix_token_family_sid", "sid"),
    Index("ix_token_family_expires_at", "expires_at"),
)

posted_request = Table(
    "posted_request",
    metadata,
    Column("reference_hash", String(64), primary_key=True),
    Column("parameters", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
