"""Applications, their roles, and who holds them where."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Index, String, Table, Text

from directory.database.engine import metadata

application = Table(
    "application",
    metadata,
    Column("id", String(128), primary_key=True),  # = the OAuth client_id
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("access", String(16), nullable=False),  # everyone, agencies, roles
    Column("owner_agency_id", String(36), nullable=False),
    Column("disabled_at", BigInteger, nullable=False),  # 0: enabled
    Column("built_in", Boolean, nullable=False),
)

application_agency = Table(
    "application_agency",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("agency_id", String(36), primary_key=True),
    ForeignKeyConstraint(["application_id"], ["application.id"]),
)

role = Table(
    "role",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("title_vi", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    ForeignKeyConstraint(["application_id"], ["application.id"]),
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("application_id", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("holder_kind", String(16), nullable=False),  # person, post, position
    Column("holder_id", String(255), nullable=False),
    Column("agency_id", String(36), nullable=False),  # scope: this agency and all under it
    Column("field", String(64), nullable=False),
    Column("procedure", String(64), nullable=False),
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("granted_by", String(128), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),  # 0: stands
    ForeignKeyConstraint(["application_id", "role"], ["role.application_id", "role.name"]),
    Index("ix_role_grant_holder", "holder_kind", "holder_id"),
    Index("ix_role_grant_application_id_role", "application_id", "role"),
)
