"""Who was told of decisions and of roles that end, and links for a forgotten password.

Safe while the previous version runs: it knows neither the tables nor the column, which may be empty.

Revision ID: 0047
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_digest",
        sa.Column("name", _text(64), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", "person_id", name=op.f("pk_message_digest")),
    )
    op.create_table(
        "grant_reminder",
        sa.Column("grant_id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_id", "person_id", "days", name=op.f("pk_grant_reminder")),
    )
    op.create_index("ix_grant_reminder_told_at", "grant_reminder", ["told_at"])
    op.add_column("request", sa.Column("told_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_request_told_at_decided_at", "request", ["told_at", "decided_at"])
    op.create_table(
        "recovery_link",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("number", _text(8), nullable=False),
        sa.Column("code_mac", _text(64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_link")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_recovery_link_code_mac")),
    )
    op.create_table(
        "link_wanted",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_wanted")),
    )


def downgrade() -> None:
    op.drop_table("link_wanted")
    op.drop_table("recovery_link")
    op.drop_index("ix_request_told_at_decided_at", "request")
    with op.batch_alter_table("request") as request:
        request.drop_column("told_at")
    op.drop_index("ix_grant_reminder_told_at", "grant_reminder")
    op.drop_table("grant_reminder")
    op.drop_table("message_digest")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
