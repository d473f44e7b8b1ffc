"""danhmuc agency …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_house, operator, table
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from directory.agencies import service
from directory.catalogue.agency import Agency
from directory.ids import new_id
from directory.projection import queries


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
    house = open_house()
    parent_id = find_agency(house, parent).id if parent else ""
    added = service.add_agency(
        house,
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
    answer({"id": added.id, "code": added.code}, f"Added {added.name}, id {added.id}.")


@agency.command()
@click.argument("code")
def show(code: str) -> None:
    """Show one agency or unit (code or id)."""
    house = open_house()
    row = find_agency(house, code)
    found = service.read_agency(house, row.id)
    lines = [one_line(f"{name:12} {value}") for name, value in asdict(found).items() if value]
    answer(asdict(found), "\n".join(lines))


@agency.command("list")
@click.option("--query", default="", help="Words of the name, with or without diacritics.")
@click.option("--units", is_flag=True, help="Units too.")
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1, 10000))
def list_(query: str, units: bool, limit: int) -> None:
    """List agencies by precedence."""
    house = open_house()
    with house.database.read() as tx:
        found = queries.list_agencies(tx, query=query, kind="" if units else "agency", limit=limit)
    rows = [(a.code, a.name, a.type) for a in found]
    answer({"agencies": [asdict(a) for a in found]}, table(rows, ("CODE", "NAME", "TYPE")))


@agency.command()
@click.argument("code", default="")
def tree(code: str) -> None:
    """Print the tree, whole or below one agency."""
    house = open_house()
    with house.database.read() as tx:
        rows = queries.list_agencies(tx, limit=100_000)
    children: dict[str, list[queries.AgencyRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    top = [find_agency(house, code)] if code else children.get("", [])
    lines: list[str] = []

    def walk(row: queries.AgencyRow, depth: int) -> dict[str, object]:
        name = one_line(row.name)
        lines.append(f"{'  ' * depth}{name}{f' ({row.code})' if row.code else ''}")
        below = [walk(child, depth + 1) for child in children.get(row.id, [])]
        return {"id": row.id, "code": row.code, "name": row.name, "children": below}

    document = [walk(row, 0) for row in top]
    answer({"tree": document}, "\n".join(lines) or "Nothing found.")
