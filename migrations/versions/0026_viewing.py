"""Sessions of the console in which somebody looks as a job would see it.

Safe while the previous version runs: it does not know the table.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_viewing",
        sa.Column("cookie_hash", _text(64), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("job", _text(64), nullable=False),
        sa.Column("place_id", _text(36), nullable=True),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_console_viewing")),
    )


def downgrade() -> None:
    op.drop_table("console_viewing")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
