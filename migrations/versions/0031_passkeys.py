"""Passkeys of people.

Safe while the previous version runs: it does not know the table, and lets in with the password alone
whoever has nothing else; nobody has a passkey before this version offers it.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("credential_id", _text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", _text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_person_id", "passkey", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_passkey_person_id", "passkey")
    op.drop_table("passkey")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
