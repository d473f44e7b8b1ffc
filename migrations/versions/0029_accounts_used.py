"""Whether and when people have signed in, as far as the audit log tells it.

Safe while the previous version runs: it leaves both columns NULL. Somebody whom it adds meanwhile is
not told as having an unused account; somebody who signs in by it is noted at their next sign-in.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_state", sa.Column("known_since", sa.BigInteger(), nullable=True))
    op.add_column("person_state", sa.Column("signed_in_at", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE person_state SET known_since = COALESCE((SELECT MIN(at) FROM audit_event"
            " WHERE subject = 'person:' || person_state.person_id), :now)"
        ),
        {"now": int(time.time() * 1000)},
    )
    connection.execute(
        sa.text(
            "UPDATE person_state SET signed_in_at = (SELECT MIN(at) FROM audit_event"
            " WHERE actor = 'person:' || person_state.person_id AND kind = 'signin.succeeded')"
        )
    )
    op.create_index(
        "ix_person_state_unused",
        "person_state",
        ["known_since"],
        sqlite_where=sa.text("signed_in_at IS NULL"),
        postgresql_where=sa.text("signed_in_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_person_state_unused", "person_state")
    op.drop_column("person_state", "signed_in_at")
    op.drop_column("person_state", "known_since")
