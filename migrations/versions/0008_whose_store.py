"""whose store this is, and the brake of the feed

Safe while the previous version runs: tables it does not know.

Revision ID: 0008
Revises: 0007
"""

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", _text(36), nullable=False),
        sa.Column("suffix", _text(255), nullable=False),
        sa.Column("key_check", _text(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "feed_loss",
        sa.Column("entry_uuid", _text(36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_uuid", name=op.f("pk_feed_loss")),
    )
    op.create_table(
        "feed_brake",
        sa.Column("name", _text(16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed_brake")),
    )


def downgrade() -> None:
    op.drop_table("feed_brake")
    op.drop_table("feed_loss")
    op.drop_table("installation")
