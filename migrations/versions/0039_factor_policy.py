"""Who proves two factors: rules, named networks, and the time given to whoever has none; since when
two were proved on a device.

Safe while the previous version runs: it knows none of these tables, and leaves the new column of
known devices empty.

Revision ID: 0039
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "factor_rule",
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("target", _text(200), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_by", _text(128), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "target", name=op.f("pk_factor_rule")),
    )
    op.create_table(
        "network_zone",
        sa.Column("name", _text(40), nullable=False),
        sa.Column("networks", _text(), nullable=False),
        sa.Column("changed_by", _text(128), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_network_zone")),
    )
    op.create_table(
        "factor_grace",
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_factor_grace")),
    )
    op.add_column("known_device", sa.Column("second_factor_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("known_device", "second_factor_at")
    op.drop_table("factor_grace")
    op.drop_table("network_zone")
    op.drop_table("factor_rule")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
