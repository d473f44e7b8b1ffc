"""By which way a message goes: mail or SMS.

Safe while the previous version runs: what it queues goes by mail. It would find no address in one
that goes by SMS, and keep it as one that could not be sent.

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    way = sa.Column("way", _text(8), nullable=False, server_default="mail")
    op.add_column("message", way)


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE way <> 'mail'")
    with op.batch_alter_table("message") as message:
        message.drop_column("way")


def _text(length: int) -> sa.types.TypeEngine[str]:
    bytewise = sa.String(length, collation="C")
    return sa.String(length).with_variant(bytewise, "postgresql")
