"""Whose administration account a person is.

Safe while the previous version runs: NULL is nobody's, and that version writes no other.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INDEX = "ix_catalogue_person_administrator_of"


def upgrade() -> None:
    text = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
    op.add_column("catalogue_person", sa.Column("administrator_of", text, nullable=True))
    op.create_index(_INDEX, "catalogue_person", ["administrator_of"])


def downgrade() -> None:
    op.drop_index(_INDEX, "catalogue_person")
    op.drop_column("catalogue_person", "administrator_of")
