"""No two modules and no two packages import each other, not by an import inside a function either.

Read from the syntax tree, so that what is imported late, or for the types only, counts like the
rest: it is the dependency that makes a circle, not the moment.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.support.sources import Sources, imported, read_sources

pytestmark = pytest.mark.without_sql

# What may import inside a function, and why; downwards only, as everything.
LATE = {
    "admin_ui.cli.run": "the supervisor, the worker and the seed are slow to load, a command's own",
    "admin_ui.operations.backup.swap": "every command asks for a restore, few have one to finish",
    "admin_ui.operations.initialise": "the seed is slow to load, and a demo's alone",
}

Imports = Mapping[str, set[str]]


def _unit(module: str) -> str:
    """The package or lone module that a reader takes as one thing: `idp.oidc`, `directory.clock`,
    `admin_ui.operations.backup`. A declaration stands over its package: only the tuple
    reads it."""
    if module.endswith(".component"):
        return module
    depth = 3 if module.startswith("admin_ui.operations.") else 2
    return ".".join(module.split(".")[:depth])


def _circles(modules: Imports) -> set[str]:
    """A circle of modules and one of units, each as ``a > b > a``, where there are any."""
    units: dict[str, set[str]] = {}
    for name, others in modules.items():
        units.setdefault(_unit(name), set()).update(set(map(_unit, others)) - {_unit(name)})
    found = set()
    for graph in (modules, units):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            found.add(" > ".join(reversed(error.args[1])))
    return found


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources()


@pytest.fixture(scope="module")
def imports(sources: Sources) -> Imports:
    return {
        name: set(imported(ast.parse(text), sources)) - {name} for name, text in sources.items()
    }


def test_nothing_imports_in_a_circle(imports: Imports) -> None:
    assert _circles(imports) == set()


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("directory.clock", "import directory.ids"),
        ("directory.clock", "def late():\n    from directory import ids"),
        ("directory.clock", "if TYPE_CHECKING:\n    from directory.ids import new_id"),
        ("directory.audit.vocabulary", "import directory.authz.permissions"),  # of packages only
        (
            "admin_ui.operations.backup.key",
            "def late():\n    import admin_ui.operations.initialise",
        ),
    ],
)
def test_a_circle_is_found(sources: Sources, imports: Imports, module: str, planted: str) -> None:
    more = set(imported(ast.parse(planted), sources))
    assert _circles({**imports, module: imports[module] | more})


def test_imports_inside_functions_are_those_with_a_reason(sources: Sources) -> None:
    late = {
        name
        for name, text in sources.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(imported(node, sources))
    }
    assert late == set(LATE)
