"""Certificates of people, the authorities that issue them, and what these have revoked.

Safe while the previous version runs: it does not know the tables, and lets in with the password alone
whoever has nothing else; nobody has a certificate before this version binds it.

Revision ID: 0044
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("fingerprint", _text(64), nullable=False),
        sa.Column("authority_id", _text(64), nullable=False),
        sa.Column("issuer", _text(), nullable=False),
        sa.Column("serial", _text(64), nullable=False),
        sa.Column("spki", _text(64), nullable=False),
        sa.Column("subject", _text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_certificate_fingerprint")),
    )
    for column in ("person_id", "authority_id", "spki"):
        op.create_index(f"ix_certificate_{column}", "certificate", [column])
    op.create_table(
        "certificate_authority",
        sa.Column("id", _text(64), nullable=False),
        sa.Column("subject", _text(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("policies", _text(), nullable=False),
        sa.Column("crl_url", _text(), nullable=False),
        sa.Column("without_crl", _text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("crl_this_update", sa.BigInteger(), nullable=True),
        sa.Column("crl_next_update", sa.BigInteger(), nullable=True),
        sa.Column("crl_taken_at", sa.BigInteger(), nullable=True),
        sa.Column("crl_problem", _text(), nullable=False),
        sa.Column("crl_due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_authority")),
    )
    op.create_table(
        "revoked_certificate",
        sa.Column("authority_id", _text(64), nullable=False),
        sa.Column("serial", _text(64), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "serial", name=op.f("pk_revoked_certificate")),
    )


def downgrade() -> None:
    op.drop_table("revoked_certificate")
    op.drop_table("certificate_authority")
    for column in ("person_id", "authority_id", "spki"):
        op.drop_index(f"ix_certificate_{column}", "certificate")
    op.drop_table("certificate")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
