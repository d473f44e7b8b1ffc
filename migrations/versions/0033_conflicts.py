"""Who was found to hold two roles that exclude each other, and when everybody was looked at for it.

Safe while the previous version runs: it knows neither the table nor the column, and what it writes
without them is looked at again.

Revision ID: 0033
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_conflict",
        sa.Column("grant_id", _text(36), nullable=False),
        sa.Column("other_grant_id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("application_id", _text(128), nullable=False),
        sa.Column("role", _text(64), nullable=False),
        sa.Column("excluded", _text(64), nullable=False),
        sa.PrimaryKeyConstraint(
            "grant_id", "other_grant_id", "person_id", name="pk_role_conflict"
        ),
    )
    op.create_index(
        "ix_role_conflict_application_id", "role_conflict", ["application_id", "role", "excluded"]
    )
    op.add_column("role_exclusion", sa.Column("looked_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("role_exclusion", "looked_at")
    op.drop_table("role_conflict")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
