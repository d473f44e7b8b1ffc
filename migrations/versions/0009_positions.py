"""Positions are a list of their own: a title gives no right any more.

Each key of place and folded title that a standing grant hangs on becomes a position, named as most
of its holders call it; who holds it now, or will, is bound to it. Nobody gains or loses a role.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    short, word = _text(sa.String(36)), _text(sa.String(16))
    day, long = _text(sa.String(10)), _text(sa.Text())
    op.create_table(
        "position",
        sa.Column("id", short, nullable=False),
        sa.Column("agency_id", short, nullable=False),
        sa.Column("unit_id", short, nullable=False),
        sa.Column("name", long, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("former_key", _text(sa.String(255)), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index(
        "ix_position_name",
        "position",
        ["agency_id", "unit_id", "name"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "settled_post",
        sa.Column("person_id", short, nullable=False),
        sa.Column("post_id", short, nullable=False),
        sa.Column("position_id", short, nullable=True),
        sa.Column("start_on", day, nullable=False),
        sa.Column("end_on", day, nullable=False),
        sa.Column("intent_id", short, nullable=True),
        sa.PrimaryKeyConstraint("person_id", "post_id", name=op.f("pk_settled_post")),
    )
    op.create_index("ix_settled_post_post_id", "settled_post", ["post_id"])
    op.create_index(op.f("ix_settled_post_position_id"), "settled_post", ["position_id"])
    op.create_index(op.f("ix_settled_post_intent_id"), "settled_post", ["intent_id"])
    op.create_table(
        "post_history",
        sa.Column("person_id", short, nullable=False),
        sa.Column("post_id", short, nullable=False),
        sa.Column("agency_id", short, nullable=False),
        sa.Column("unit_id", short, nullable=False),
        sa.Column("title", long, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("start_on", day, nullable=False),
        sa.Column("end_on", day, nullable=False),
        sa.Column("basis", long, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "post_id", name=op.f("pk_post_history")),
    )
    _add_who_gives_a_role(word)
    _bind_holders(op.get_bind())
    with op.batch_alter_table("catalogue_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalogue_post_position"))
    # Plainly, not by a copy of the table: all of its indexes stay as they are.
    op.execute("ALTER TABLE catalogue_post DROP COLUMN position")


def downgrade() -> None:
    # Who held what cannot be said by titles any more: positions and their grants end.
    op.execute("DELETE FROM role_grant WHERE holder_kind = 'position'")
    op.execute("ALTER TABLE catalogue_post ADD COLUMN position TEXT NOT NULL DEFAULT ''")
    op.create_index(op.f("ix_catalogue_post_position"), "catalogue_post", ["position"])
    op.execute("ALTER TABLE role DROP COLUMN given_by")
    for table in ("post_history", "settled_post", "position"):
        op.drop_table(table)


def _text(kind: sa.types.TypeEngine[str]) -> sa.types.TypeEngine[str]:
    """Compared by bytes on PostgreSQL, as in every table."""
    collated = sa.Text(collation="C") if isinstance(kind, sa.Text) else None
    return kind.with_variant(collated or sa.String(kind.length, collation="C"), "postgresql")


def _add_who_gives_a_role(word: sa.types.TypeEngine[str]) -> None:
    """Until now every administrator gave every role of an application in their place; of our own
    application each gave some."""
    op.add_column("role", sa.Column("given_by", word, nullable=False, server_default="agency"))
    op.execute(
        "UPDATE role SET given_by = CASE name WHEN 'province_operator' THEN 'operator'"
        " WHEN 'agency_admin' THEN 'province' WHEN 'auditor' THEN 'province' ELSE 'agency' END"
        " WHERE application_id = 'danh-muc'"
    )


def _bind_holders(tx: sa.Connection) -> None:
    grants = tx.execute(
        sa.text(
            "SELECT DISTINCT holder_kind, holder_id FROM role_grant"
            " WHERE revoked_at = 0 AND holder_kind IN ('post', 'position')"
        )
    ).all()
    for kind, holder_id in sorted(grants):
        if kind == "post":
            _settle(tx, _holders(tx, "id", holder_id), None)
            continue
        holders = _holders(tx, "position", holder_id)
        place, _, folded = holder_id.partition("|")
        titles = Counter([row.title for row in holders] or _titles_like(tx, folded))
        name = min(titles, key=lambda title: (-titles[title], title), default=folded)
        agency = holders[0].agency_id if holders else _agency_of(tx, place)
        made = {
            "id": str(uuid.uuid4()),  # noqa: TID251 - a revision stands alone
            "agency": agency,
            "unit": "" if agency == place else place,
            "name": name,
            "key": holder_id,
        }
        tx.execute(
            sa.text(
                "INSERT INTO position (id, agency_id, unit_id, name, former_key)"
                " VALUES (:id, :agency, :unit, :name, :key)"
            ),
            made,
        )
        tx.execute(
            sa.text(
                "UPDATE role_grant SET holder_id = :id"
                " WHERE holder_kind = 'position' AND holder_id = :key AND revoked_at = 0"
            ),
            made,
        )
        _settle(tx, holders, made["id"])


def _holders(tx: sa.Connection, column: str, value: str) -> list[sa.Row]:
    """The posts that are not over. `column` is one of two words of ours."""
    query = sa.text(
        "SELECT person_id, id, agency_id, title, start_on, end_on FROM catalogue_post"
        f" WHERE {column} = :value AND (end_on = '' OR end_on >= :today)"  # noqa: S608
        " ORDER BY person_id, id"
    )
    today = datetime.now(tz=ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()  # noqa: TID251
    return list(tx.execute(query, {"value": value, "today": today}).all())


def _titles_like(tx: sa.Connection, folded: str) -> list[str]:
    """How titles of that key are written elsewhere, for one that nobody holds."""
    pattern = "%|" + folded.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    query = sa.text("SELECT title FROM catalogue_post WHERE position LIKE :pattern ESCAPE '!'")
    return list(tx.execute(query, {"pattern": pattern}).scalars())


def _agency_of(tx: sa.Connection, place: str) -> str:
    """The agency a place belongs to: itself, or the nearest above."""
    found = tx.execute(
        sa.text(
            "SELECT tree.ancestor_id FROM catalogue_tree tree"
            " JOIN catalogue_agency agency ON agency.id = tree.ancestor_id"
            " WHERE tree.descendant_id = :place AND agency.kind = 'agency'"
            " ORDER BY tree.depth LIMIT 1"
        ),
        {"place": place},
    ).scalar()
    return found or place


def _settle(tx: sa.Connection, holders: list[sa.Row], position_id: str | None) -> None:
    for row in holders:
        values = {
            "person": row.person_id,
            "post": row.id,
            "position": position_id,
            "start": row.start_on,
            "end": row.end_on,
        }
        bound = tx.execute(
            sa.text(
                "UPDATE settled_post SET position_id = COALESCE(:position, position_id)"
                " WHERE person_id = :person AND post_id = :post RETURNING post_id"
            ),
            values,
        ).first()
        if bound is None:
            tx.execute(
                sa.text(
                    "INSERT INTO settled_post (person_id, post_id, position_id, start_on, end_on)"
                    " VALUES (:person, :post, :position, :start, :end)"
                ),
                values,
            )
