"""Lists of codes have an owner and a version; codes an order and a code above them.

Safe while the previous version runs: it fills in none of the columns, which may be empty.

Revision ID: 0058
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_list",
        sa.Column("name", _text(16), nullable=False),
        sa.Column("owner_agency_id", _text(36), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_code_list")),
    )
    for column in (
        sa.Column("parent", _text(64), nullable=True),
        sa.Column("precedence", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
    ):
        op.add_column("code_value", column)


def downgrade() -> None:
    for name in ("version", "precedence", "parent"):
        op.drop_column("code_value", name)
    op.drop_table("code_list")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
