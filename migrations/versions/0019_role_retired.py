"""Roles that nobody is given any more.

Safe while the previous version runs: NULL is one that is given, and that version retires none.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("role", sa.Column("retired_at", sa.BigInteger, nullable=True))


def downgrade() -> None:
    op.drop_column("role", "retired_at")
