"""Accounts of applications in LDAP."""

from sqlalchemy import BigInteger, Column, String, Table, Text

from directory.database.engine import metadata

ldap_client = Table(
    "ldap_client",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("entry_id", String(36), nullable=False, unique=True),  # dmId of its entry
    Column("secret_hash", Text, nullable=False),  # as userPassword holds it
    Column("made_at", BigInteger, nullable=False),
    Column("rotated_at", BigInteger, nullable=False),
)
