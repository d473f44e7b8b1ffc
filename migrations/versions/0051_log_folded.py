"""A page of the log passes nothing that is folded under the run of a connector.

Safe while the previous version runs: an index changes nothing it reads or writes. What it writes in
a run of a connector meanwhile stays a line by itself.

Revision ID: 0051
Revises: 0053
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_line = sa.text("part_of IS NULL")
    op.create_index(
        "ix_audit_event_act",
        "audit_event",
        ["id"],
        sqlite_where=is_line,
        postgresql_where=is_line,
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_act", "audit_event")
