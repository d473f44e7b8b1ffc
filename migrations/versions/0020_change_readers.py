"""Who reads the changes of the catalogue, how far each is, and whose rights changed.

Safe while the previous version runs: tables it does not know.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_reader",
        sa.Column("name", _text(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_change_reader")),
    )
    op.create_table(
        "rights_change",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("people", _text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_change")),
    )


def downgrade() -> None:
    op.drop_table("rights_change")
    op.drop_table("change_reader")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
