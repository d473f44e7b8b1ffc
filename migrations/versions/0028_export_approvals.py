"""What somebody may take of a list beyond the quota, once.

Safe while the previous version runs: it does not know the table.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_approval",
        sa.Column("request_id", _text(36), nullable=False),
        sa.Column("taker", _text(128), nullable=False),
        sa.Column("list", _text(32), nullable=False),
        sa.Column("address", _text(), nullable=False),
        sa.Column("columns", _text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_export_approval")),
    )
    op.create_index("ix_export_approval_taker", "export_approval", ["taker"])


def downgrade() -> None:
    op.drop_index("ix_export_approval_taker", "export_approval")
    op.drop_table("export_approval")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
