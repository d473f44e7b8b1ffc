"""Since when an application is removed for good; its row stays, so that its id is nobody's again.

Safe while the previous version runs: it leaves the column empty, and takes a removed application
for a disabled one.

Revision ID: 0050
Revises: 0051
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application", sa.Column("removed_at", sa.BigInteger(), nullable=True))
    # Those whose connection was removed, which was all that could be.
    removed = "(SELECT removed_at FROM client WHERE client.client_id = application.id)"
    op.execute(f"UPDATE application SET removed_at = {removed} WHERE {removed} IS NOT NULL")


def downgrade() -> None:
    op.drop_column("application", "removed_at")
