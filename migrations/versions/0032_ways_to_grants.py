"""What a holder holds in an application is found by the index alone, and no index is of posts that
nothing is open for.

Safe while the previous version runs: an index changes nothing it reads or writes.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_role_grant_holder", "role_grant")
    op.create_index(
        "ix_role_grant_holder",
        "role_grant",
        ["holder_kind", "holder_id", "application_id", "role"],
    )
    is_open = sa.text("intent_id IS NOT NULL")
    op.drop_index("ix_settled_post_intent_id", "settled_post")
    op.create_index(
        "ix_settled_post_intent_id",
        "settled_post",
        ["intent_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_index("ix_settled_post_intent_id", "settled_post")
    op.create_index("ix_settled_post_intent_id", "settled_post", ["intent_id"])
    op.drop_index("ix_role_grant_holder", "role_grant")
    op.create_index("ix_role_grant_holder", "role_grant", ["holder_kind", "holder_id"])
