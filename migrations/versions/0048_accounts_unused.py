"""When people last signed in, and who was warned that their account is not used.

Safe while the previous version runs: it leaves the column as it is, and who signs in by it is noted at
their next sign-in. Whoever has signed in before counts as here today: nobody is told of a time that
was never written down.

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_state", sa.Column("last_used_at", sa.BigInteger(), nullable=True))
    op.get_bind().execute(
        sa.text("UPDATE person_state SET last_used_at = :now WHERE signed_in_at IS NOT NULL"),
        {"now": int(time.time() * 1000)},
    )
    op.create_table(
        "unused_warning",
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "stage", name=op.f("pk_unused_warning")),
    )
    op.create_index("ix_unused_warning_told_at", "unused_warning", ["told_at"])


def downgrade() -> None:
    op.drop_index("ix_unused_warning_told_at", "unused_warning")
    op.drop_table("unused_warning")
    op.drop_column("person_state", "last_used_at")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
