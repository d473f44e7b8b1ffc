"""The tables of the SQL store as the code declares them: owner, columns, and what is said of them.

Owner, and the rules of keeping and restoring, stand in its `component.py`; what a table is for in
the comment above its declaration; what a column holds in the comment beside or above it.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from admin_ui.components import COMPONENTS
from directory.component import Component, TableRule

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stored:
    """One table. `notes`: column → what is said of it."""

    table: Table
    owner: str
    about: str
    notes: Mapping[str, str]
    rule: TableRule

    @property
    def name(self) -> str:
        return self.table.name


def stored_tables() -> list[Stored]:
    """Every table: components from the bottom up, tables in the order of the code."""
    return [
        stored
        for component in COMPONENTS
        for module in component.tables_in
        for stored in _of_module(component, module)
    ]


def by_owner() -> dict[str, list[Stored]]:
    groups: dict[str, list[Stored]] = {}
    for stored in stored_tables():
        groups.setdefault(stored.owner, []).append(stored)
    return groups


def _of_module(component: Component, name: str) -> Iterator[Stored]:
    module = importlib.import_module(name)
    lines = (ROOT / f"{name.replace('.', '/')}.py").read_text("utf-8").splitlines()
    for node in ast.parse("\n".join(lines)).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        target = node.targets[0]
        table = getattr(module, target.id, None) if isinstance(target, ast.Name) else None
        if not isinstance(table, Table):
            continue
        about = _above(lines, node.lineno)
        notes = _notes(lines, node.value)
        yield Stored(table, component.package, about, notes, component.tables[table.name])


def _notes(lines: list[str], declared: ast.Call) -> dict[str, str]:
    notes = {}
    for argument in declared.args:
        if isinstance(argument, ast.Call) and getattr(argument.func, "id", "") == "Column":
            beside = lines[(argument.end_lineno or 0) - 1].partition("  # ")[2]
            said = [_above(lines, argument.lineno), "" if "noqa" in beside else beside]
            notes[ast.literal_eval(argument.args[0])] = "; ".join(filter(None, said))
    return notes


def _above(lines: list[str], number: int) -> str:
    """The comment that ends right above line `number`."""
    said: list[str] = []
    for line in reversed(lines[: number - 1]):
        text = line.strip()
        if not text.startswith("# "):
            break
        said.insert(0, text[2:])
    return " ".join(said)
