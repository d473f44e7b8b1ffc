"""The numbered steps make exactly the tables that the code names, and can be gone back from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Inspector, inspect, text

from directory.database.engine import Database, metadata
from directory.database.migrating import configuration, pending, upgrade
from tests.support.postgres import empty_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        yield found
        found.dispose()


def test_the_steps_make_the_tables_of_the_code(database: Database) -> None:
    upgrade(database)
    with database.write() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert _nullable(inspect(tx)) == _nullable_in_code()


def test_text_is_compared_by_bytes(database: Database) -> None:
    """On PostgreSQL every column says so: the database's own order is another one."""
    upgrade(database)
    if database.is_sqlite:
        with database.read() as tx:
            assert _sorted_by_sql(tx) == ["B", "a", "đ", "ơ"]
        return
    with database.read() as tx:
        rows = tx.execute(
            text(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
            )
        ).all()
        assert {row[:2] for row in rows if row.collation_name != "C"} == {
            ("alembic_version", "version_num")
        }
        assert len(rows) > 100
        assert _sorted_by_sql(tx) != ["B", "a", "đ", "ơ"], "the cluster proves nothing"


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert pending(database)
    upgrade(database)
    with database.read() as tx:
        before = inspect(tx).get_table_names()
    assert not pending(database)
    upgrade(database)
    with database.write() as tx:
        command.upgrade(configuration(tx), "head")
        assert inspect(tx).get_table_names() == before


def test_the_way_back_leaves_nothing_and_can_be_gone_again(database: Database) -> None:
    upgrade(database)
    with database.write() as tx:
        command.downgrade(configuration(tx), "base")
    with database.read() as tx:
        assert inspect(tx).get_table_names() == ["alembic_version"]
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0
    assert pending(database)
    upgrade(database)
    with database.write() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def _sorted_by_sql(tx: Connection) -> list[str]:
    query = "SELECT 'a' AS v UNION SELECT 'B' UNION SELECT 'đ' UNION SELECT 'ơ' ORDER BY v"
    return list(tx.execute(text(query)).scalars())


def _nullable(found: Inspector) -> set[tuple[str, str]]:
    return {
        (table, column["name"])
        for table in found.get_table_names()
        for column in found.get_columns(table)
        if column["nullable"]
    }


def _nullable_in_code() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.nullable
    }
