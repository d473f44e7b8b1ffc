"""What is kept of passwords in SQL: changes under way, hashes of former ones, since when the
profile counts. The present one is in the catalogue alone."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

FORMER = Purpose("former-password", None)

# One row while a password is being changed, between SQL and LDAP: one change a person at a time.
password_change = Table(
    "password_change",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("change", String(36), nullable=False),
    Column("began_at", BigInteger, nullable=False),
)

# Written before the catalogue is, so that none that was ever set is missing here.
former_password = Table(
    "former_password",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # An argon2id hash, sealed.
    Column("hash_sealed", LargeBinary, nullable=False, info=sealed_for(FORMER, subject="id")),
    Column("made_at", BigInteger, nullable=False),
    # When the catalogue had taken it; NULL as long as nobody knows.
    Column("set_at", BigInteger),
)

# One row: the profile of passwords there is, and since when.
password_profile = Table(
    "password_profile",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("profile", String(32), nullable=False),
    Column("since", BigInteger, nullable=False),
)
