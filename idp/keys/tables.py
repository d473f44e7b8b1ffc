"""Where signing keys are kept (the public half in clear, the private half sealed), and from when on
what they signed counts."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

SIGNING_KEY = Purpose("signing-key", None)

signing_key = Table(
    "signing_key",
    metadata,
    # RFC 7638 thumbprint: the same key has the same name everywhere.
    Column("kid", String(64), primary_key=True),
    Column("alg", String(16), nullable=False),
    # next: published, signs from the next rotation on; current: signs;
    # retired: verifies what it signed; revoked: nothing it signed is believed.
    Column("status", String(16), nullable=False),
    Column("public_jwk", Text, nullable=False),
    Column(
        "private_sealed", LargeBinary, nullable=False, info=sealed_for(SIGNING_KEY, subject="kid")
    ),
    Column("created_at", BigInteger, nullable=False),
    Column("activated_at", BigInteger),
    Column("retired_at", BigInteger),
    Index("ix_signing_key_alg_status", "alg", "status"),
)

# Instants at which everything issued so far was declared dead (a restore). The latest one counts.
revocation_epoch = Table(
    "revocation_epoch",
    metadata,
    Column("at", BigInteger, primary_key=True),
    Column("reason", Text, nullable=False),
)
