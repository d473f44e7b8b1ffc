"""which act an event is part of, and how many went over a budget

Safe while the previous version runs: it leaves the new column empty, and its events are then lines
of their own. Changes that were recorded before are told in one line too: the outcome of an intent
names it, and so does the event that asked for it.

Revision ID: 0007
Revises: 0006
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CHUNK = 1000
_OUTCOMES = ("change.done", "change.refused")
_PASSWORD = "person.password.change_requested"
_WORDS = (
    "person.suspended",
    "person.resumed",
    "person.retired",
    "person.password.set",
    "person.password.cleared",
)


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("audit_event") as batch:
        batch.add_column(sa.Column("part_of", _text(64), nullable=True))
        batch.create_index("ix_audit_event_actor_at", ["actor", "at"])
        batch.create_index(
            "ix_audit_event_part_of",
            ["part_of"],
            sqlite_where=sa.text("part_of IS NOT NULL"),
            postgresql_where=sa.text("part_of IS NOT NULL"),
        )
    op.create_table(
        "audit_unrecorded",
        sa.Column("who", _text(128), nullable=False),
        sa.Column("kind", _text(64), nullable=False),
        sa.Column("agency", _text(36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("who", "kind", "agency", name=op.f("pk_audit_unrecorded")),
    )
    _join_old_changes(op.get_bind())


def downgrade() -> None:
    op.drop_table("audit_unrecorded")
    with op.batch_alter_table("audit_event") as batch:
        batch.drop_index("ix_audit_event_part_of")
        batch.drop_index("ix_audit_event_actor_at")
        batch.drop_column("part_of")


def _join_old_changes(tx: sa.Connection) -> None:
    """In order of time, chunk by chunk: what was asked for always comes before its outcome."""
    event = sa.table(
        "audit_event",
        *(sa.column(name) for name in ("id", "at", "kind", "subject", "request_id", "part_of")),
        sa.column("body", sa.LargeBinary),
    )
    told = sa.or_(event.c.kind.like("%.requested"), event.c.kind.in_((*_OUTCOMES, *_WORDS, _PASSWORD)))
    asked: dict[str, str] = {}  # intent → the event that asked for it
    done: dict[tuple[str, str], str] = {}  # (request, subject) → the same, of its last outcome
    words: list[tuple[str, tuple[str, str]]] = []
    after = ""
    while True:
        query = sa.select(event).where(told, event.c.id > after).order_by(event.c.id)
        rows = tx.execute(query.limit(_CHUNK)).all()
        if not rows:
            break
        after = rows[-1].id
        parts = []
        for row in sorted(rows, key=lambda row: (not row.kind.endswith("requested"), row.id)):
            where = (row.request_id, row.subject)
            if row.kind == _PASSWORD:
                done[where] = row.id
                continue
            if row.kind in _WORDS:
                words.append((row.id, where))
                continue
            intent = json.loads(row.body)["fields"].get("intent", "")
            if row.kind.endswith(".requested"):
                asked[intent] = row.id
            elif intent in asked:
                parts.append({"part": row.id, "of": asked[intent]})
                done[where] = asked.pop(intent)
        parts += [{"part": part, "of": done[where]} for part, where in words if where in done]
        words = [(part, where) for part, where in words if where not in done]
        if parts:
            statement = sa.update(event).where(event.c.id == sa.bindparam("part"))
            tx.execute(statement.values(part_of=sa.bindparam("of")), parts)
