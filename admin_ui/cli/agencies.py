"""danhmuc agency …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from directory.agencies import service
from directory.catalogue.agency import Agency
from directory.ids import new_id
from directory.projection import queries
from directory.projection.queries import AgencyRow


@click.group(cls=JsonGroup)
def agency() -> None:
    """Agencies and units: the organisation tree."""


@agency.command()
@click.option("--code", default="", help="Short code, such as STTTT; a unit may do without.")
@click.option("--name", required=True)
@click.option("--parent", default="", metavar="CODE", help="The agency or unit above (code or id).")
@click.option("--kind", type=click.Choice(["agency", "unit"]), default="agency", show_default=True)
@click.option("--type", "type_", default="", help="DEPARTMENT, PEOPLES_COMMITTEE, …")
@click.option("--precedence", default=500, show_default=True)
def add(code: str, name: str, parent: str, kind: str, type_: str, precedence: int) -> None:
    """Add an agency or unit."""
    installation = open_own_installation()
    parent_id = find_agency(installation, parent).id if parent else ""
    added = service.add_agency(
        installation,
        operator(),
        Agency(
            id=new_id(),
            name=name,
            code=code,
            kind="unit" if kind == "unit" else "agency",
            type=type_,
            parent_id=parent_id,
            precedence=precedence,
        ),
    )
    answer(
        {"id": added.id, "code": added.code, "name": added.name},
        f"Added {one_line(added.name)}, id {added.id}.",
    )


@agency.command()
@click.argument("code")
def show(code: str) -> None:
    """Show one agency or unit (code or id)."""
    installation = open_own_installation()
    found = service.read_agency(installation, find_agency(installation, code).id)
    with installation.database.read() as tx:
        places = queries.agencies_by_id(tx, [found.parent_id, *found.successors])
    document = _with_parent(asdict(found), places) | {
        "successors": [
            {"id": i, "name": places[i].name if i in places else None} for i in found.successors
        ]
    }
    answer(document, lambda: _described(document))


# What people read, in this order; the rest is in --json.
_LABELS = (
    ("id", "id"),
    ("code", "code"),
    ("short_name", "short name"),
    ("kind", "kind"),
    ("type", "type"),
    ("parent", "part of"),
    ("precedence", "precedence"),
    ("status", "status"),
    ("mail", "mail"),
    ("phone", "phone"),
)


def _described(document: dict[str, Any]) -> str:
    lines = [document["name"]]
    lines += [f"  {label:12}{_words(document[name])}" for name, label in _LABELS if document[name]]
    lines += [f"  {'code':12}{each['code']} ({each['scheme']})" for each in document["codes"]]
    lines += [f"  {'successor':12}{each['name'] or each['id']}" for each in document["successors"]]
    return "\n".join(map(one_line, lines))


def _words(value: object) -> str:
    return str(value).replace("_", " ")


def _with_parent(document: dict[str, Any], places: Mapping[str, AgencyRow]) -> dict[str, Any]:
    above = places.get(document["parent_id"])
    return document | {
        "parent": above.name if above else None,
        "parent_code": above.code if above else None,
    }


@agency.command("list")
@click.option("--query", default="", help="Words of the name, with or without diacritics.")
@click.option("--units", is_flag=True, help="Units too.")
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1, 10000))
def list_(query: str, units: bool, limit: int) -> None:
    """List agencies by precedence."""
    installation = open_own_installation()
    kind = "" if units else "agency"
    with installation.database.read() as tx:
        found = queries.list_agencies(tx, query=query, kind=kind, limit=limit + 1)
        places = queries.agencies_by_id(tx, [row.parent_id for row in found if row.parent_id])
    documents = [_with_parent(asdict(row), places) for row in found[:limit]]
    rows = [(d["code"], d["name"], _words(d["type"]), d["parent"]) for d in documents]
    more = f"\nThere are more than {limit}: see --limit." if len(found) > limit else ""
    answer(
        {"agencies": documents, "more": len(found) > limit},
        table(rows, ("CODE", "NAME", "TYPE", "PART OF")) + more,
    )


@agency.command()
@click.argument("code", default="")
def tree(code: str) -> None:
    """Print the tree, whole or below one agency."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        rows = queries.list_agencies(tx, limit=100_000)
    children: dict[str, list[AgencyRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    top = [find_agency(installation, code)] if code else children.get("", [])
    lines: list[str] = []

    def walk(row: AgencyRow, depth: int) -> dict[str, object]:
        name = one_line(row.name)
        lines.append(f"{'  ' * depth}{name}{f' ({row.code})' if row.code else ''}")
        below = [walk(child, depth + 1) for child in children.get(row.id, [])]
        return {"id": row.id, "code": row.code, "name": row.name, "children": below}

    document = [walk(row, 0) for row in top]
    answer({"tree": document}, "\n".join(lines) or "Nothing found.")
