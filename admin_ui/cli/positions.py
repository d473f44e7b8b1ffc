"""danhmuc position …"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import Connection

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_agency, find_unit
from admin_ui.cli.terminal import one_line
from directory.authz import positions
from directory.authz.grants import list_standing
from directory.authz.positions import Position
from directory.clock import iso
from directory.projection import queries


@click.group(cls=JsonGroup)
def position() -> None:
    """The list of positions (vị trí việc làm) that roles are given to."""


@position.command()
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE", help="Unit of the agency: code, id or name.")
@click.option("--name", required=True, help="Unique in its agency or unit.")
def add(agency_code: str, unit: str, name: str) -> None:
    """Add a position. It brings no role before one is granted to it."""
    installation = open_own_installation()
    agency = find_agency(installation, agency_code)
    unit_id = find_unit(installation, agency.id, unit)
    with installation.database.write() as tx:
        added = positions.add_position(tx, operator(), agency.id, name, unit_id=unit_id)
    answer({"id": added.id}, f"Added the position {added.name}, id {added.id}.")


@position.command("list")
@click.option("--agency", "agency_code", default="", metavar="CODE", help="Of it and its units.")
@click.option("--unit", default="", metavar="CODE", help="With --agency: of this unit only.")
@click.option("--closed", is_flag=True, help="Closed ones too.")
def list_(agency_code: str, unit: str, closed: bool) -> None:
    """List positions, who holds them and which roles they bring."""
    if unit and not agency_code:
        raise click.UsageError("--unit needs --agency.")
    installation = open_own_installation()
    agency_id = find_agency(installation, agency_code).id if agency_code else ""
    unit_id = find_unit(installation, agency_id, unit) if unit else ""
    with installation.database.read() as tx:
        found = positions.list_positions(
            tx, agency_id=agency_id, unit_id=unit_id, also_closed=closed
        )
        told = [_told(tx, each) for each in found]
    rows = [
        (t["id"], t["name"], t["unit"] or t["agency"], t["holders"], ", ".join(t["roles"]) or "–")
        for t in told
    ]
    answer({"positions": told}, table(rows, ("ID", "NAME", "PLACE", "HOLDERS", "ROLES")))


def _told(tx: Connection, found: Position) -> dict[str, Any]:
    places = queries.agencies_by_id(tx, [found.agency_id, found.unit_id])
    names = {place_id: place.name for place_id, place in places.items()}
    roles = {f"{g.application_id}:{g.role}" for g in list_standing(tx, "position", found.id)}
    return asdict(found) | {
        "agency": names.get(found.agency_id, ""),
        "unit": names.get(found.unit_id),
        "unit_id": found.unit_id or None,
        "holders": positions.count_holders(tx, found.id),
        "roles": sorted(roles),
        "closed_at": iso(found.closed_at) if found.closed_at is not None else None,
    }


@position.command()
@click.argument("position_id", metavar="ID")
@click.option("--name", required=True)
def rename(position_id: str, name: str) -> None:
    """Call a position otherwise; nobody gains or loses a role."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        before = positions.find_position(tx, position_id)
        renamed = positions.rename_position(tx, operator(), position_id, name)
    said = f"It is called {one_line(renamed.name)} now."
    if before == renamed:
        said = f"It is called {one_line(renamed.name)} already; nothing was changed."
    answer({"id": renamed.id, "name": renamed.name}, said)


@position.command()
@click.argument("position_id", metavar="ID")
@click.option("--reason", required=True)
def close(position_id: str, reason: str) -> None:
    """Close a position nobody holds any more; the roles given to it are revoked."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        revoked = positions.close_position(tx, operator(), position_id, reason)
    text = f"Closed; {len(revoked)} grants revoked." if revoked else "Closed."
    answer({"id": position_id, "revoked": list(revoked)}, text)
