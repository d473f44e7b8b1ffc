"""Grants of people who moved, and those of many places that end soon, are found by an index alone.

Safe while the previous version runs: indexes only. Two seconds each for 400,000 grants.

Revision ID: 0041
Revises: 0044
"""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0044"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_role_grant_holder_agency_id": (
        "holder_kind",
        "holder_id",
        "revoked_at",
        "agency_id",
        "id",
    ),
    "ix_role_grant_agency_id_revoked_at_end_on_id": ("agency_id", "revoked_at", "end_on", "id"),
}


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.create_index(name, "role_grant", list(columns))


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="role_grant")
