"""What components declare is complete, and true."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS, VOCABULARY
from admin_ui.entries import worker
from directory.audit.kinds import Kind
from directory.component import Job, load, load_tables
from directory.database.engine import metadata

pytestmark = pytest.mark.without_sql

ROOT = Path(__file__).resolve().parents[2]

load_tables(COMPONENTS)


def test_every_declaration_is_in_the_tuple() -> None:
    written = {
        ".".join(path.relative_to(ROOT).parent.parts)
        for package in ("directory", "web", "idp", "sync", "admin_ui")
        for path in (ROOT / package).rglob("component.py")
    } - {"directory"}  # directory/component.py says what a declaration is
    assert written == {component.package for component in COMPONENTS}


def test_every_table_has_one_owner_that_says_how_long_and_what_a_restore_does() -> None:
    owners = Counter(table for component in COMPONENTS for table in component.tables)
    assert set(owners) == set(metadata.tables)
    assert set(owners.values()) == {1}
    for component in COMPONENTS:
        for table, rule in component.tables.items():
            assert rule.kept and rule.restored, table


def test_a_table_is_defined_where_its_owner_says() -> None:
    for component in COMPONENTS:
        sources = "".join(
            (ROOT / f"{module.replace('.', '/')}.py").read_text() for module in component.tables_in
        )
        for table in component.tables:
            assert f'"{table}",' in sources, (component.package, table)
        for module in component.tables_in:
            assert module.startswith(f"{component.package}.")


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
def test_the_work_of_every_job_is_there(job: Job) -> None:
    assert callable(load(job.work))
    assert 0 < job.every_s <= 3600


def test_no_two_jobs_have_one_name() -> None:
    names = [job.name for job in worker.JOBS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", [name for each in COMPONENTS for name in each.forget])
def test_what_forgets_is_there_and_belongs_to_its_component(name: str) -> None:
    assert callable(load(name))
    (owner,) = [component for component in COMPONENTS if name in component.forget]
    assert name.startswith(f"{owner.package}.")


def test_every_kind_of_event_has_one_owner_that_lists_it() -> None:
    declared = [kind for component in COMPONENTS for kind in component.kinds]
    assert len(VOCABULARY.kinds) == len(declared), "two kinds have one name"
    for component in COMPONENTS:
        path = ROOT / component.package.replace(".", "/") / "events.py"
        written = vars(import_module(f"{component.package}.events")) if path.is_file() else {}
        named = {name: kind for name, kind in written.items() if isinstance(kind, Kind)}
        assert set(named.values()) == set(component.kinds), component.package
        for name, kind in named.items():
            assert name == kind.name.replace(".", "_").upper()


def test_every_actor_of_our_own_has_a_name_and_one_owner() -> None:
    owners = Counter(actor for component in COMPONENTS for actor in component.actors)
    assert set(owners.values()) == {1}
    acting = {
        actor
        for package in ("directory", "web", "idp", "sync", "admin_ui")
        for path in (ROOT / package).rglob("*.py")
        for actor in re.findall(r'(?:\bsystem\(|Actor\("system", )"(\w+)"', path.read_text())
    }
    assert acting == set(owners)
