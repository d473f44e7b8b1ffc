"""Applications are internal to their agency or shared; whom to ask and where they open.

Safe while the previous version runs: what it registers is shared, as all of its applications are,
and has neither contact nor start address until its connection is changed.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column(
        "application", sa.Column("sharing", word, nullable=False, server_default="shared")
    )
    op.add_column("application", sa.Column("contact", text, nullable=True))
    op.add_column("application", sa.Column("start_url", text, nullable=True))
    _take_over()


def _take_over() -> None:
    """What connections (RFC 7591 metadata) say of contact and start address, the register says."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT client_id, metadata FROM client WHERE removed_at IS NULL")
    ).all()
    for client_id, stored in rows:
        said = json.loads(stored)
        connection.execute(
            sa.text(
                "UPDATE application SET contact = :contact, start_url = :start_url WHERE id = :id"
            ),
            {
                "id": client_id,
                "contact": "; ".join(said.get("contacts") or ()) or None,
                "start_url": said.get("initiate_login_uri") or said.get("client_uri") or None,
            },
        )


def downgrade() -> None:
    for column in ("start_url", "contact", "sharing"):
        op.execute(f"ALTER TABLE application DROP COLUMN {column}")
