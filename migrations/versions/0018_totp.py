"""Authenticator applications of people, and those that are being set up.

Safe while the previous version runs: it does not know the tables, and lets in with the password
alone whoever has one; nobody has before this version offers it.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "totp_authenticator",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_authenticator")),
    )
    op.create_index("ix_totp_authenticator_person_id", "totp_authenticator", ["person_id"])
    op.create_table(
        "totp_enrolment",
        sa.Column("place_hash", _text(64), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place_hash", name=op.f("pk_totp_enrolment")),
    )


def downgrade() -> None:
    op.drop_table("totp_enrolment")
    op.drop_index("ix_totp_authenticator_person_id", "totp_authenticator")
    op.drop_table("totp_authenticator")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
