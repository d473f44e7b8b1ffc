"""Applications that ask the catalogue over LDAP have an account there.

Safe while the previous version runs: a new table it does not know.

Revision ID: 0034
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ldap_client",
        sa.Column("application_id", _text(128), nullable=False),
        sa.Column("entry_id", _text(36), nullable=False),
        sa.Column("secret_hash", _text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_ldap_client")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ldap_client_entry_id")),
    )


def downgrade() -> None:
    op.drop_table("ldap_client")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
