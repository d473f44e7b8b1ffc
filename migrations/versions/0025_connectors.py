"""Connectors, and where each stands with every person.

Safe while the previous version runs: tables it does not know.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connector",
        sa.Column("name", _text(40), nullable=False),
        sa.Column("definition", _text(), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("compared_for", _text(80), nullable=True),
        sa.Column("compared_up_to", _text(36), nullable=True),
        sa.Column("compared_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("losses_found", sa.Integer(), nullable=True),
        sa.Column("losses_allowed", sa.Integer(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_detail", _text(), nullable=True),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_connector")),
    )
    op.create_table(
        "connector_account",
        sa.Column("connector", _text(40), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("state", _text(16), nullable=False),
        sa.Column("is_leaving", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("remote_id", _text(), nullable=True),
        sa.Column("held", _text(), nullable=True),
        sa.Column("doubtful_since", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_code", _text(64), nullable=True),
        sa.Column("failed_detail", _text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connector", "person_id", name=op.f("pk_connector_account")),
    )
    for name, columns in (
        ("due", ["connector", "state", "is_leaving", "due_at"]),
        ("left_at", ["connector", "left_at"]),
        ("remote_id", ["connector", "remote_id"]),
        ("person_id", ["person_id"]),
    ):
        op.create_index(f"ix_connector_account_{name}", "connector_account", columns)


def downgrade() -> None:
    op.drop_table("connector_account")
    op.drop_table("connector")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
