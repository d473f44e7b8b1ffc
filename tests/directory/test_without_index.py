"""`without_index`: SQLite does not look by it, PostgreSQL knows how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Index, MetaData, Select, String, Table, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from directory.database.engine import Database
from directory.database.instants import ZeroForNone
from directory.database.without_index import without_index
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

_ROWS = 4000
thing = Table(
    "thing",
    MetaData(),
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ended_at", ZeroForNone, nullable=False),
    Index("ix_thing_kind", "kind"),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        opened = Database(url)
        with opened.write() as tx:
            thing.metadata.create_all(tx)
            rows = [{"id": str(n), "kind": "usual", "ended_at": None} for n in range(_ROWS)]
            tx.execute(insert(thing), rows)
            tx.execute(text("ANALYZE"))
        yield opened
        opened.dispose()


def test_what_sqlite_does_not_find_by_postgresql_still_counts(database: Database) -> None:
    """An expression would be one row in two hundred to PostgreSQL, each joined one by one."""
    usual, going_on = without_index(thing.c.kind) == "usual", without_index(thing.c.ended_at)
    query = select(thing.c.id).where(usual, going_on.is_(None))
    with database.read() as tx:
        assert len(tx.execute(query).all()) == _ROWS
        if database.is_sqlite:
            plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {_literal(query, sqlite)}").all()
            assert plan and not any("ix_thing_kind" in str(row[-1]) for row in plan), plan
        else:
            told = tx.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {_literal(query, postgresql)}")
            expected = told.scalar_one()[0]["Plan"]["Plan Rows"]
            assert expected > _ROWS / 2, expected


def _literal(query: Select[Any], engine: Any) -> str:
    return str(query.compile(dialect=engine.dialect(), compile_kwargs={"literal_binds": True}))


@pytest.mark.only_on_postgresql("how it plans")
def test_a_page_is_planned_for_many_at_once_and_a_store_in_memory(database: Database) -> None:
    with database.read() as tx:
        told = {name: tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in _PLANNED}
    assert told == _PLANNED


_PLANNED = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "plan_cache_mode": "force_custom_plan",
}
