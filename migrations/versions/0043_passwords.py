"""Changes of passwords under way, hashes of former ones, since when a profile counts; lists of
leaked passwords that are held against the catalogue.

Safe while the previous version runs: it knows none of these tables. A password that it sets
meanwhile is not among the former ones.

Revision ID: 0043
Revises: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_change",
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("change", _text(36), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_password_change")),
    )
    op.create_table(
        "former_password",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("hash_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    op.create_index(op.f("ix_former_password_person_id"), "former_password", ["person_id"])
    op.create_table(
        "password_profile",
        sa.Column("id", _text(16), nullable=False),
        sa.Column("profile", _text(32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_profile")),
    )
    op.create_table(
        "leaked_list",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("state", _text(16), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", _text(128), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaked_list")),
    )
    op.create_table(
        "leaked_password",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("list_id", _text(36), nullable=False),
        sa.Column("person_id", _text(36), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaked_password")),
    )
    op.create_index(op.f("ix_leaked_password_list_id"), "leaked_password", ["list_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_leaked_password_list_id"), "leaked_password")
    op.drop_table("leaked_password")
    op.drop_table("leaked_list")
    op.drop_table("password_profile")
    op.drop_index(op.f("ix_former_password_person_id"), "former_password")
    op.drop_table("former_password")
    op.drop_table("password_change")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
