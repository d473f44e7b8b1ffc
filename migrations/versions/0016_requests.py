"""What one person asks and a second decides.

Safe while the previous version runs: a table it does not know.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("kind", _text(32), nullable=False),
        sa.Column("subject", _text(128), nullable=False),
        sa.Column("agency_id", _text(36), nullable=True),
        sa.Column("asked_by", _text(128), nullable=False),
        sa.Column("asked_for", _text(128), nullable=True),
        sa.Column("payload", _text(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.Column("basis", _text(), nullable=True),
        sa.Column("state", _text(16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", _text(128), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_reason", _text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    for columns in (
        ["state", "id"],
        ["agency_id", "id"],
        ["asked_by", "id"],
        ["asked_for", "id"],
        ["subject"],
    ):
        op.create_index(f"ix_request_{'_'.join(columns)}", "request", columns)


def downgrade() -> None:
    op.drop_table("request")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
