"""What the operators tell everybody on the pages.

Safe while the previous version runs: it does not know the table.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("text_vi", _text(), nullable=False),
        sa.Column("text_en", _text(), nullable=True),
        sa.Column("places", _text(64), nullable=False),
        sa.Column("shown_from", sa.BigInteger(), nullable=False),
        sa.Column("shown_until", sa.BigInteger(), nullable=True),
        sa.Column("work_from", sa.BigInteger(), nullable=True),
        sa.Column("work_until", sa.BigInteger(), nullable=True),
        sa.Column("put_up_by", _text(128), nullable=False),
        sa.Column("put_up_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", _text(128), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_down_by", _text(128), nullable=True),
        sa.Column("taken_down_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "ix_notice_taken_down_at_shown_until", "notice", ["taken_down_at", "shown_until"]
    )


def downgrade() -> None:
    op.drop_index("ix_notice_taken_down_at_shown_until", "notice")
    op.drop_table("notice")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
