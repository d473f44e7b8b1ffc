"""Wrong passwords of the last quarter of an hour, and alarms that somebody guesses them; how long a
session of its own kind may be idle.

Safe while the previous version runs: it does not know the tables, notes nothing in them, and leaves
the column empty, which is as before.

Revision ID: 0046
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signin_miss",
        sa.Column("name_hash", _text(64), nullable=False),
        sa.Column("password_digest", _text(16), nullable=False),
        sa.Column("network", _text(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", "password_digest", name=op.f("pk_signin_miss")),
    )
    op.create_index(op.f("ix_signin_miss_at"), "signin_miss", ["at"])
    op.create_table(
        "spray_alarm",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("sign", _text(16), nullable=False),
        sa.Column("network", _text(64), nullable=False),
        sa.Column("names", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spray_alarm")),
    )
    op.create_index("ix_spray_alarm_ended_at", "spray_alarm", ["ended_at"])
    op.add_column("sessions", sa.Column("idle_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "idle_ms")
    op.drop_table("spray_alarm")
    op.drop_table("signin_miss")


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
