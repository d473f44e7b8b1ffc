"""Which columns of the catalogue's copy the feed has filled.

Safe while the previous version runs: it neither reads nor fills this one. Its rows may lack what a
column of an earlier step is for, though they are as new as their entries; the feed of this version
finds none of its own columns filled, and compares everything once when it takes over.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("feed_state", sa.Column("columns_filled", text, nullable=True))


def downgrade() -> None:
    op.execute("ALTER TABLE feed_state DROP COLUMN columns_filled")
