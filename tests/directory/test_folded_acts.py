"""What a connector did to very many in one run is passed by a list of the log that asks for nothing
near to it, along an index; and told by one that does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select, text

from admin_ui.components import VOCABULARY
from directory.actor import Actor, system
from directory.audit.acts import Act, ActQuestion, list_acts
from directory.audit.log import record
from directory.audit.tables import audit_event
from directory.database.engine import Database
from directory.database.migrating import upgrade
from idp.throttle.events import PERSON_UNLOCKED
from sync.engine.events import CONNECTOR_ACCOUNT, CONNECTOR_RUN_ENDED, CONNECTOR_RUN_IN_AGENCY
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

_RUN, _ACCOUNTS = "01a21a00-0000-7000-8000-000000000001", 6000
_SYNC, _ADMIN = system("connectors"), Actor("person", "admin", "a-1", "10.0.0.7", "r-1")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Sixty acts; then a first run; then ten acts."""
    with empty_database(tmp_path_factory.mktemp("sql")) as url:
        found = Database(url, synchronous="NORMAL")
        upgrade(found)
        with found.write() as tx:
            _acts(tx, 60)
            its: dict[str, Any] = {"connector": "c", "application": "a", "act": "created"}
            for number in range(_ACCOUNTS):
                about = {"subject": f"person:{number}", "agency": f"a-{number % 2}"}
                record(tx, CONNECTOR_ACCOUNT, _SYNC, **about, part_of=_RUN, **its)
            told: dict[str, Any] = {
                "connector": "c",
                "run": _RUN,
                "began": 1,
                "accounts": {"created": _ACCOUNTS},
            }
            record(tx, CONNECTOR_RUN_ENDED, _SYNC, subject="client:a", **told)
            for agency in ("a-0", "a-1"):
                its = {"subject": f"agency:{agency}", "agency": agency, "application": "a"}
                record(tx, CONNECTOR_RUN_IN_AGENCY, _SYNC, **its, **told)
            _acts(tx, 10)
        with found.write() as tx:
            tx.execute(text("ANALYZE"))
        yield found
        found.dispose()


def _acts(tx: Any, number: int) -> None:
    for _ in range(number):
        record(tx, PERSON_UNLOCKED, _ADMIN, subject="person:0", agency="a-1")


def acts(database: Database, agency: str = "", limit: int = 50, **asked: Any) -> list[Act]:
    columns = audit_event.c
    agencies = select(columns.agency).where(columns.agency == agency) if agency else None
    with database.read() as tx:
        return list_acts(tx, VOCABULARY, ActQuestion(**asked), limit=limit, agencies=agencies)


def kinds(found: list[Act]) -> set[str]:
    return {act.first.kind for act in found}


def test_a_run_is_one_line_until_somebody_asks_for_what_it_did(database: Database) -> None:
    usual = {"person.unlocked", "connector.run_ended"}
    assert kinds(acts(database)) == usual
    assert kinds(acts(database, "a-1")) == {"person.unlocked", "connector.run_in_agency"}
    assert kinds(acts(database, since=1, state="done")) == usual
    assert len(acts(database, limit=90)) == 71
    of_run = acts(database, "a-1", run=_RUN, limit=9999)
    assert len(of_run) == _ACCOUNTS / 2, "nobody sees those of another agency"
    assert kinds(of_run) == {"connector.account"}
    for asked in ({"unfolds": True}, {"group": "applications"}, {"kinds": ("connector.",)}):
        assert "connector.account" in kinds(acts(database, **asked)), asked
    in_agency = "connector.run_in_agency"
    assert in_agency not in kinds(acts(database, group="applications")), "its total tells it"
    for asked in ({"unfolds": True}, {"who": ("agency:a-1",)}):
        assert in_agency in kinds(acts(database, **asked)), asked
    assert "connector.account" in kinds(acts(database, who=("person:0",), limit=100))
    assert "connector.account" not in kinds(acts(database, group="applications", unfolds=False))


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "ix_audit_event_act"),
        ({"since": 1, "until": 2**41}, "ix_audit_event_act"),
        ({"before": "01ffffff-0000-7000-8000-000000000001"}, "ix_audit_event_act"),
        ({"run": "01a21a00-0000-7000-8000-000000000002"}, "ix_audit_event_part_of"),
        ({"unfolds": True}, "sqlite_autoindex_audit_event_1|pk_audit_event|audit_event_pkey"),
    ],
)
def test_a_page_passes_what_is_folded_along_an_index(
    database: Database, asked: dict[str, Any], index: str
) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, bound: Any, *_: object) -> None:
        seen.append((statement, bound))

    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.read() as tx:
        event.listen(database.engine, "before_cursor_execute", note)
        list_acts(tx, VOCABULARY, ActQuestion(**asked), limit=51)
        event.remove(database.engine, "before_cursor_execute", note)
        statement, bound = seen[0]
        cursor = tx.connection.cursor()
        cursor.execute(f"{explain} {statement}", bound)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert re.search(index, plan), plan
    assert "Seq Scan" not in plan, plan
    if "run" not in asked:
        assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan
