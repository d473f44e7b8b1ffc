"""People who moved or left, whose a post is, and the accounts somebody administers with, are found
without a look at everybody.

Safe while the previous version runs: an index changes nothing it reads or writes.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_catalogue_post_id", "catalogue_post", ["id"])
    ended, left = sa.text("end_on <> ''"), sa.text("status = 'left'")
    op.create_index(
        "ix_catalogue_post_end_on_person_id",
        "catalogue_post",
        ["end_on", "person_id"],
        sqlite_where=ended,
        postgresql_where=ended,
    )
    op.create_index(
        "ix_catalogue_person_left",
        "catalogue_person",
        ["id"],
        sqlite_where=left,
        postgresql_where=left,
    )
    has_owner = sa.text("administrator_of IS NOT NULL")
    op.create_index(
        "ix_catalogue_person_accounts",
        "catalogue_person",
        ["administrator_of", "id"],
        sqlite_where=has_owner,
        postgresql_where=has_owner,
    )


def downgrade() -> None:
    op.drop_index("ix_catalogue_person_accounts", "catalogue_person")
    op.drop_index("ix_catalogue_person_left", "catalogue_person")
    op.drop_index("ix_catalogue_post_end_on_person_id", "catalogue_post")
    op.drop_index("ix_catalogue_post_id", "catalogue_post")
