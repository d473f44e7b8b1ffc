"""What a role says of its grants, which roles exclude each other, lists of codes, and on what basis
a grant was given, by whom approved and why taken back.

Safe while the previous version runs: tables it does not know, and columns it does not fill. A role
it declares may not be narrowed; NULL of the others is what it did.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("description", _text()),
        ("by_field", _text(8)),
        ("by_procedure", _text(8)),
        ("default_days", sa.Integer()),
        ("is_endless", sa.Boolean()),
        ("needs_approval", sa.Boolean()),
    ):
        op.add_column("role", sa.Column(name, kind, nullable=True))
    # Until now a grant of any role could be narrowed.
    op.execute("UPDATE role SET by_field = 'may', by_procedure = 'may'")
    op.create_table(
        "role_exclusion",
        sa.Column("application_id", _text(128), nullable=False),
        sa.Column("role", _text(64), nullable=False),
        sa.Column("excluded", _text(64), nullable=False),
        sa.PrimaryKeyConstraint(
            "application_id", "role", "excluded", name=op.f("pk_role_exclusion")
        ),
        sa.ForeignKeyConstraint(
            ["application_id", "role"],
            ["role.application_id", "role.name"],
            name=op.f("fk_role_exclusion_application_id"),
        ),
    )
    op.create_table(
        "code_value",
        sa.Column("list", _text(16), nullable=False),
        sa.Column("code", _text(64), nullable=False),
        sa.Column("name_vi", _text(), nullable=False),
        sa.Column("name_en", _text(), nullable=True),
        sa.Column("valid_from", _text(10), nullable=True),
        sa.Column("valid_to", _text(10), nullable=True),
        sa.Column("basis", _text(), nullable=True),
        sa.PrimaryKeyConstraint("list", "code", name=op.f("pk_code_value")),
    )
    for name, kind in (
        ("basis", _text()),
        ("approved_by", _text(128)),
        ("revoked_by", _text(128)),
        ("revoke_reason", _text()),
    ):
        op.add_column("role_grant", sa.Column(name, kind, nullable=True))
    for name, columns in _INDEXES.items():
        op.create_index(name, "role_grant", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "role_grant")
    for name in ("revoke_reason", "revoked_by", "approved_by", "basis"):
        op.drop_column("role_grant", name)
    op.drop_table("code_value")
    op.drop_table("role_exclusion")
    for name in (
        "needs_approval",
        "is_endless",
        "default_days",
        "by_procedure",
        "by_field",
        "description",
    ):
        op.drop_column("role", name)


_INDEXES = {
    "ix_role_grant_revoked_at_id": ["revoked_at", "id"],
    "ix_role_grant_agency_id_revoked_at_id": ["agency_id", "revoked_at", "id"],
    "ix_role_grant_revoked_at_end_on_id": ["revoked_at", "end_on", "id"],
}


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
