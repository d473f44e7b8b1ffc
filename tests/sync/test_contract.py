"""The contract by capability: the worked example keeps accounts in step, and what a target cannot
do is said plainly, of its definition or of the one account."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from directory.catalogue.person import Person
from directory.errors import Conflict, Invalid
from directory.loading import load
from directory.people import service
from sync.engine import accounts, connectors, kinds, reconciling
from sync.engine.definition import read_definition
from sync.engine.kinds import find_kinds
from sync.engine.running import run_connector
from sync.engine.target import Capability, Target, TargetKind
from tests.support.installation import OPERATOR
from tests.sync.example_target.target import TableTarget
from tests.sync.kept_accounts import Kept, connector_for
from tests.sync.outsider import Fed

_LINE = "tests.sync.example_target.kind"
_METHODS = {
    Capability.FIND: "find",
    Capability.CREATE: "create",
    Capability.UPDATE: "update",
    Capability.DISABLE: "disable",
    Capability.DELETE: "delete",
    Capability.LIST: "list_accounts",
    Capability.GROUPS: "change_groups",
}


@pytest.fixture(autouse=True)
def with_the_example(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one line outside its folder."""
    monkeypatch.setattr(kinds, "DECLARED", (*kinds.DECLARED, _LINE))
    connectors.read.cache_clear()
    yield
    connectors.read.cache_clear()


def _class_of(kind: TargetKind) -> type[Target]:
    opens = load(kind.opens)
    made = inspect.signature(opens).return_annotation
    found: type[Target] = getattr(import_module(opens.__module__), made)
    return found


@pytest.mark.without_sql
def test_every_kind_can_what_it_says_and_no_more() -> None:
    for kind in find_kinds().values():
        its = _class_of(kind)
        assert its.test is not Target.test
        for what, method in _METHODS.items():
            overrides = getattr(its, method) is not getattr(Target, method)
            assert overrides is (what in kind.can), f"{kind.name}: {what}"


@pytest.mark.without_sql
def test_the_example_is_as_short_as_it_is_said_to_be() -> None:
    for file in Path(str(import_module(_LINE).__file__)).parent.glob("*.py"):
        assert len(file.read_text().splitlines()) <= 100, file


def _definition(name: str, application: str, file: object, more: str = "") -> str:
    return f"""\
connector: {name}
application: {application}
target: {{kind: table, file: "{file}"}}
accounts: {{login: username, name: full_name}}
{more}"""


@dataclass
class Table(Kept):
    """An old application's table."""

    file: Path

    def rows(self) -> list[tuple[str, str, str, int]]:
        with sqlite3.connect(self.file) as store:
            asked = "SELECT login, name, person_id, active FROM accounts"
            return sorted(store.execute(asked))

    def write(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.file) as store:
            store.execute(statement, values)


@pytest.fixture
def old_table(fed: Fed, tmp_path: Path) -> Iterator[Table]:
    file = tmp_path / "accounts.db"
    with sqlite3.connect(file) as store:
        store.execute(
            "CREATE TABLE accounts (id INTEGER PRIMARY KEY, login TEXT UNIQUE, name TEXT,"
            " person_id TEXT, active INTEGER)"
        )
    with connector_for(fed, lambda name, app: _definition(name, app, file)) as kept:
        yield Table(kept.fed, kept.name, kept.application, file)


def _row(person: Person, active: int = 1, **changed: str) -> tuple[str, str, str, int]:
    return person.username, changed.get("name", person.full_name), person.id, active


def test_the_example_keeps_accounts_in_step(old_table: Table) -> None:
    mover, leaver, changed = (old_table.joiner() for _ in range(3))
    assert old_table.run().failed == 0
    assert old_table.rows() == sorted(_row(each) for each in (mover, leaver, changed))
    service.change_person(
        old_table.installation, OPERATOR, mover.id, {"full_name": "Lê Thị Chuyển"}
    )
    service.suspend(old_table.installation, OPERATOR, leaver.id, "nghỉ việc")
    old_table.run()
    old_table.write("UPDATE accounts SET name = 'Ai Đó' WHERE person_id = ?", changed.id)
    reconciling.begin(old_table.installation, OPERATOR, old_table.name, repairs=True)
    old_table.run()
    kept = [_row(mover, name="Lê Thị Chuyển"), _row(leaver, active=0), _row(changed)]
    assert old_table.rows() == sorted(kept)


def test_the_example_takes_over_nobodys_account_and_makes_none_twice(old_table: Table) -> None:
    taken, doubtful = old_table.joiner(), old_table.joiner()
    old_table.write(
        "INSERT INTO accounts (login, name, person_id, active) VALUES (?, 'Khác', '', 1)",
        taken.username,
    )
    old_table.run()
    with old_table.installation.database.write() as tx:
        unknown = {"remote_id": None, "state": "due", "doubtful_since": 1}
        accounts.set_state(tx, old_table.name, doubtful.id, **unknown)
    old_table.time_passes()
    assert old_table.state(taken).state == "conflict"
    assert old_table.state(doubtful).state == "in_step"
    assert old_table.rows() == sorted([(taken.username, "Khác", "", 1), _row(doubtful)])


class _Rigid(TableTarget):
    """It can be told of new accounts alone."""

    update = Target.update


def test_what_the_target_has_no_way_to_do_waits_for_somebody_at_once(old_table: Table) -> None:
    mover, leaver = old_table.joiner(), old_table.joiner()
    old_table.run()
    service.change_person(old_table.installation, OPERATOR, mover.id, {"full_name": "Lê Thị Đổi"})
    service.suspend(old_table.installation, OPERATOR, leaver.id, "nghỉ việc")
    old_table.follow()
    run_connector(old_table.installation, old_table.name, target=_Rigid(str(old_table.file)))
    state = old_table.state(mover)
    assert (state.state, state.failed_code) == ("quarantined", "cannot")
    assert state.failed_detail == "update"
    assert [e["why"] for e in old_table.events("connector.account_stuck", mover)] == ["cannot"]
    assert old_table.rows() == sorted([_row(mover), _row(leaver, active=0)])


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("more", "without", "line", "says"),
    [
        ("roles: {van_thu: Văn thư}", {Capability.GROUPS}, 5, "the target knows no groups"),
        ("leavers: delete", {Capability.DELETE}, 5, "the target cannot delete"),
        ("reconcile: report", {Capability.LIST}, 5, "the target cannot list its accounts"),
        ("", {Capability.CREATE}, 3, "must be able to create"),
        ("", {Capability.DISABLE, Capability.DELETE}, 3, "and to disable or delete"),
        ("", {Capability.FIND, Capability.REPEAT}, 3, "could not be looked for, nor sent again"),
    ],
)
def test_a_definition_that_needs_what_the_target_cannot_do_is_refused(
    more: str, without: set[Capability], line: int, says: str
) -> None:
    able = TargetKind("scim", opens="", can=frozenset(Capability) - without)
    source = _definition("cu", "app", "").replace(
        'kind: table, file: ""', "kind: scim, url: 'https://cu.example'"
    )
    with pytest.raises(Invalid) as refused:
        read_definition(source + more, {"scim": able})
    assert refused.value.params["line"] == line
    assert says in str(refused.value.params["says"])


@pytest.mark.without_sql
def test_what_is_not_said_fits_what_the_target_can() -> None:
    able = frozenset({Capability.CREATE, Capability.DELETE, Capability.REPEAT})
    source = _definition("cu", "app", "").replace('table, file: ""', "x, url: 'https://cu.example'")
    found = read_definition(source, {"x": TargetKind("x", opens="", can=able)})
    assert (found.leavers, found.reconciles) == ("delete", "")


def test_a_target_that_cannot_list_is_not_compared(
    old_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    less = import_module(_LINE).CAN - {Capability.LIST}
    monkeypatch.setattr(import_module(_LINE), "CAN", less)
    connectors.read.cache_clear()
    with pytest.raises(Conflict) as refused:
        reconciling.begin(old_table.installation, OPERATOR, old_table.name, repairs=False)
    assert refused.value.code == "connector.no_list"
