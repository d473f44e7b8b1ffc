"""What reading all accounts of a target finds.

Safe while the previous version runs: a table and columns it does not know, all of them empty.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("reconcile_place", _text(), nullable=True),
        sa.Column("reconcile_round", sa.Integer(), nullable=True),
        sa.Column("reconcile_repairs", sa.Boolean(), nullable=True),
        sa.Column("reconcile_accounts", sa.Integer(), nullable=True),
        sa.Column("reconciled_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("connector", column)
    op.add_column("connector_account", sa.Column("seen_in", sa.Integer(), nullable=True))
    op.create_table(
        "connector_finding",
        sa.Column("connector", _text(40), nullable=False),
        sa.Column("remote_id", _text(), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("person_id", _text(36), nullable=True),
        sa.Column("login", _text(), nullable=True),
        sa.Column("detail", _text(), nullable=True),
        sa.Column("found_in", sa.Integer(), nullable=False),
        sa.Column("repaired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "connector", "remote_id", "kind", name=op.f("pk_connector_finding")
        ),
    )


def downgrade() -> None:
    op.drop_table("connector_finding")
    for table, names in (
        ("connector_account", ("seen_in",)),
        (
            "connector",
            (
                "reconcile_place",
                "reconcile_round",
                "reconcile_repairs",
                "reconcile_accounts",
                "reconciled_at",
            ),
        ),
    ):
        for name in names:
            op.drop_column(table, name)


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
