"""Accounts for emergencies, and their seals.

Safe while the previous version runs: it does not know the table, and takes a sign-in with such an
account for any other.

Revision ID: 0045
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "break_glass",
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("second_holder_id", _text(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", _text(128), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_by", _text(128), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("notice_id", _text(36), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_break_glass")),
    )


def downgrade() -> None:
    op.drop_table("break_glass")


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
