"""Slips: a code on paper with which somebody sets a password; who agreed to one for a privileged
account; who asked for help from outside.

Safe while the previous version runs: it knows none of these tables.

Revision ID: 0037
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slip",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("purpose", _text(16), nullable=False),
        sa.Column("number", _text(8), nullable=False),
        sa.Column("code_mac", _text(64), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", _text(128), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_in", _text(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_slip_code_mac")),
    )
    op.create_index("ix_slip_person_id", "slip", ["person_id"])
    op.create_index("ix_slip_number", "slip", ["number"])
    op.create_table(
        "help_wanted",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_wanted")),
    )
    op.create_table(
        "slip_approval",
        sa.Column("request_id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("purpose", _text(16), nullable=False),
        sa.Column("issuer", _text(128), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_slip_approval")),
    )


def downgrade() -> None:
    op.drop_table("slip_approval")
    op.drop_table("help_wanted")
    op.drop_index("ix_slip_number", "slip")
    op.drop_index("ix_slip_person_id", "slip")
    op.drop_table("slip")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
