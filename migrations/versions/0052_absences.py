"""For how long people are away, and why.

Safe while the previous version runs: it reads none of it, and goes on warning whoever is away, as before.

Revision ID: 0052
Revises: 0056
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bytewise = sa.Text(collation="C")
    op.create_table(
        "absence",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("start_on", _text(10), nullable=False),
        sa.Column("end_on", _text(10), nullable=False),
        sa.Column("basis", sa.Text().with_variant(bytewise, "postgresql"), nullable=True),
        sa.Column("given_by", _text(128), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_id_end_on", "absence", ["person_id", "end_on"])


def downgrade() -> None:
    op.drop_index("ix_absence_person_id_end_on", "absence")
    op.drop_table("absence")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
