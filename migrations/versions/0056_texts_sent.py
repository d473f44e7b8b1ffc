"""Texts that went out in the last day: how many go to one person, and of the province, is bounded.

Safe while the previous version runs: it fills nothing here, and what it sends is not counted.

Revision ID: 0056
Revises: 0058
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_sent",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_sent")),
    )
    op.create_index("ix_text_sent_sent_at", "text_sent", ["sent_at"])


def downgrade() -> None:
    op.drop_table("text_sent")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
