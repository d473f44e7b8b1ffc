"""Who has bound a certificate, and what its person was told of its end.

Safe while the previous version runs: it fills neither, and NULL is "nobody knows" and "nothing yet".

Revision ID: 0053
Revises: 0049
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bytewise = sa.String(36, collation="C")
    made_by = sa.String(36).with_variant(bytewise, "postgresql")
    op.add_column("certificate", sa.Column("made_by", made_by, nullable=True))
    op.add_column("certificate", sa.Column("told_days", sa.Integer(), nullable=True))
    op.add_column("certificate", sa.Column("told_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("certificate") as certificate:
        for column in ("told_at", "told_days", "made_by"):
            certificate.drop_column(column)
