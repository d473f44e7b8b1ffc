"""Where recovery codes are kept: as hashes, since 80 random bits cannot be guessed back."""

from sqlalchemy import BigInteger, Column, String, Table

from directory.database.engine import metadata

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("set_id", String(36), nullable=False),  # the same for all that were made together
    Column("made_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
