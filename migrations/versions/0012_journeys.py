"""A flow says which journey it is of, and its steps keep data of their own in it.

Safe while the previous version runs: what it writes without these columns is a sign-in in which no
step has kept anything, and that is what it means.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word, text = sa.String(32), sa.Text()
    op.add_column(
        "flows",
        sa.Column(
            "journey",
            word.with_variant(sa.String(32, collation="C"), "postgresql"),
            nullable=False,
            server_default="sign_in",
        ),
    )
    op.add_column(
        "flows",
        sa.Column("steps", text.with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
    )


def downgrade() -> None:
    op.execute("ALTER TABLE flows DROP COLUMN steps")
    op.execute("ALTER TABLE flows DROP COLUMN journey")
