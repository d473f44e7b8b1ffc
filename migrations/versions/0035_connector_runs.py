"""Runs of connectors, and accounts of which somebody said that they are not a person's.

Safe while the previous version runs: tables and a column it does not know, all of them empty.

Revision ID: 0035
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

_FAILED, _OPEN = sa.text("failed_in IS NOT NULL"), sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("connector_account", sa.Column("failed_in", _text(36), nullable=True))
    op.create_index(
        "ix_connector_account_failed_in",
        "connector_account",
        ["failed_in"],
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
    )
    op.create_table(
        "connector_refusal",
        sa.Column("connector", _text(40), nullable=False),
        sa.Column("remote_id", _text(), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("login", _text(), nullable=True),
        sa.Column("reason", _text(), nullable=False),
        sa.Column("refused_by", _text(128), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connector", "remote_id", "person_id", name=op.f("pk_connector_refusal")
        ),
    )
    op.create_table(
        "connector_run",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("connector", _text(40), nullable=False),
        sa.Column("kind", _text(16), nullable=False),
        sa.Column("begun_by", _text(128), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("held_by", _text(16), nullable=True),
        sa.Column("held_detail", _text(), nullable=True),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("to_look_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_run")),
    )
    op.create_index("ix_connector_run_connector_id", "connector_run", ["connector", "id"])
    op.create_index("ix_connector_run_ended_at", "connector_run", ["ended_at"])
    op.create_index(
        "ix_connector_run_open",
        "connector_run",
        ["connector"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table("connector_run")
    op.drop_table("connector_refusal")
    op.drop_index("ix_connector_account_failed_in", "connector_account")
    op.drop_column("connector_account", "failed_in")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
