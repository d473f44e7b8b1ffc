"""The page of tables: what each holds, who owns it, how long a row is kept."""

from __future__ import annotations

from sqlalchemy import Column

from docs.generate.markdown import code, prose, table
from docs.generate.store import Stored, by_owner

_HEAD = """# Tables

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. How
long rows are kept and what a restore does with them says the owner's `component.py`
([all at a glance](retention.md)); what a column holds is its comment in the code.

A table has one owner, which alone writes it. Instants are milliseconds since 1970 in UTC. What
points to a person, an agency or a post is their id, never a foreign key: they live in LDAP, and may
be gone while what was said of them stays. Types are SQLAlchemy's.

Key: **P** primary key, **F** foreign key, **U** unique, **I** begins an index. NULL: may be empty.

![Tables by owner](../images/tables.svg)
"""


def write() -> str:
    parts = [_HEAD]
    for owner, tables in by_owner().items():
        parts += [f"## {owner}", ""]
        for stored in tables:
            parts += _of(stored)
    return "\n".join(parts).rstrip("\n") + "\n"


def _of(stored: Stored) -> list[str]:
    about = [prose(stored.about), ""] if stored.about else []
    rows = [_row(stored, column) for column in stored.table.columns]
    return [
        f"### {stored.name}",
        "",
        *about,
        f"Kept: {stored.rule.kept}. At a restore: {stored.rule.restored}.",
        "",
        *table(("column", "type", "NULL", "key", "holds"), rows),
        *_indexes(stored),
    ]


def _row(stored: Stored, column: Column[object]) -> tuple[str, ...]:
    return (
        code(column.name),
        str(column.type),
        "NULL" if column.nullable else "",
        " ".join(keys_of(column)),
        prose(stored.notes.get(column.name, "")),
    )


def keys_of(column: Column[object]) -> list[str]:
    """What the column is a key of: P, F with its target, U, I."""
    found = ["P"] if column.primary_key else []
    found += [f"F → `{key.target_fullname}`" for key in column.foreign_keys]
    for index in sorted(column.table.indexes, key=lambda index: str(index.name)):
        if next(iter(index.columns)).name == column.name:
            found.append("U" if index.unique and len(index.columns) == 1 else "I")
    return list(dict.fromkeys(found))


def _indexes(stored: Stored) -> list[str]:
    indexes = sorted(stored.table.indexes, key=lambda index: str(index.name))
    told = [
        f"{'unique ' if index.unique else ''}`{index.name}` "
        f"({', '.join(column.name for column in index.columns)})"
        for index in indexes
        if len(index.columns) > 1
    ]
    return [f"Indexes: {'; '.join(told)}.", ""] if told else []
