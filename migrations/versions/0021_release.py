"""What each application learns of people, by version. Those there are begin with what they get.

Safe while the previous version runs: it does not know the table. An application that it registers
meanwhile learns nothing from this version on until its release is chosen.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ASKED_BY = {
    "full_name": {"profile"},
    "mail": {"email"},
    "agency": {"org"},
    "agency_code": {"org", "roles"},
    "unit": {"org"},
    "post": {"org"},
    "roles": {"roles"},
}
_GROUNDS = {
    "purpose": "Như trước khi có sổ cung cấp thông tin",
    "basis": "Điểm c khoản 1 Điều 19 Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15",
}


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("application_id", _text(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attributes", _text(), nullable=False),
        sa.Column("reason", _text(), nullable=True),
        sa.Column("asked_by", _text(128), nullable=False),
        sa.Column("decided_by", _text(128), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("application_id", "version", name=op.f("pk_release")),
    )
    op.create_index(
        "ix_release_in_force",
        "release",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    _take_over()


def _take_over() -> None:
    """Whoever signs people in goes on learning what its scopes open, and introspection the name."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT client_id, metadata FROM client JOIN application"
            " ON application.id = client.client_id WHERE removed_at IS NULL"
        )
    ).all()
    for client_id, stored in rows:
        said = json.loads(stored)
        if "authorization_code" not in (said.get("grant_types") or ("authorization_code",)):
            continue
        scopes = set((said.get("scope") or "").split())
        names = ["username", *(name for name, by in _ASKED_BY.items() if scopes & by)]
        connection.execute(
            sa.text(
                "INSERT INTO release (application_id, version, attributes, asked_by, decided_by,"
                " decided_at) VALUES (:id, 1, :attributes, :by, :by, :now)"
            ),
            {
                "id": client_id,
                "attributes": json.dumps(dict.fromkeys(names, _GROUNDS), ensure_ascii=False),
                "by": "system:release",
                "now": int(time.time() * 1000),
            },
        )


def downgrade() -> None:
    op.drop_index("ix_release_in_force", "release")
    op.drop_table("release")


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    plain = sa.String(length) if length else sa.Text()
    bytewise = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return plain.with_variant(bytewise, "postgresql")
