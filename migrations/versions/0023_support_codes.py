"""Events are found by the support code of their request.

Safe while the previous version runs: an index changes nothing it reads or writes.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    code = sa.text("substr(request_id, length(request_id) - 7)")
    op.create_index("ix_audit_event_support_code", "audit_event", [code])


def downgrade() -> None:
    op.drop_index("ix_audit_event_support_code", "audit_event")
