"""danhmuc grant …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_house, operator, table
from admin_ui.cli.people import find_agency, find_person, find_unit
from directory.authz import grants
from directory.catalogue.person import position_key


@click.group(cls=JsonGroup)
def grant() -> None:
    """Roles given to people, posts and positions."""


@grant.command()
@click.option("--person", default="", metavar="NAME", help="Username, work address or id.")
@click.option("--post", default="", metavar="ID", help="One person's post.")
@click.option("--position", default="", metavar="TITLE", help="Whoever holds it, see --unit.")
@click.option("--unit", default="", help="With --position: the unit (else the agency itself).")
@click.option("--role", "role_name", required=True, metavar="APP:ROLE")
@click.option("--agency", "agency_code", required=True, metavar="CODE", help="Where it holds.")
@click.option("--field", default="", help="Only for this field (lĩnh vực).")
@click.option("--procedure", default="", help="Only for this procedure (thủ tục).")
@click.option("--until", default="", metavar="DATE", help="Last day, as 2026-12-31.")
@click.option("--reason", required=True)
def add(
    person: str,
    post: str,
    position: str,
    unit: str,
    role_name: str,
    agency_code: str,
    field: str,
    procedure: str,
    until: str,
    reason: str,
) -> None:
    """Give a role to exactly one of --person, --post or --position."""
    if len([v for v in (person, post, position) if v]) != 1:
        raise click.UsageError("Give exactly one of --person, --post and --position.")
    house = open_house()
    agency = find_agency(house, agency_code)
    kind: grants.HolderKind = "person"
    if person:
        holder = find_person(house, person).id
    elif post:
        kind, holder = "post", post
    else:
        place = find_unit(house, agency.id, unit) or agency.id
        kind, holder = "position", position_key(place, position)
    application, _, name = role_name.rpartition(":")
    with house.database.write() as tx:
        grant_id = grants.add_grant(
            tx,
            operator(),
            grants.Grant(
                application_id=application,
                role=name,
                holder_kind=kind,
                holder_id=holder,
                agency_id=agency.id,
                reason=reason,
                field=field,
                procedure=procedure,
                end=until,
            ),
        )
    answer({"id": grant_id}, f"Granted {role_name} in {agency.name}, grant {grant_id}.")


@grant.command()
@click.argument("grant_id", metavar="ID")
@click.option("--reason", required=True)
def revoke(grant_id: str, reason: str) -> None:
    """Take a role back, at once."""
    house = open_house()
    with house.database.write() as tx:
        grants.revoke_grant(tx, operator(), grant_id, reason)
    answer({"id": grant_id}, "Revoked.")


@grant.command("list")
@click.option("--application", default="", metavar="CLIENT_ID")
@click.option("--person", default="", metavar="NAME")
def list_(application: str, person: str) -> None:
    """List standing grants."""
    house = open_house()
    holder = find_person(house, person).id if person else ""
    with house.database.read() as tx:
        found = grants.list_grants(tx, application_id=application, holder_id=holder)
    rows = [
        (g.id, f"{g.application_id}:{g.role}", f"{g.holder_kind} {g.holder_id}", g.end or "–")
        for g in found
    ]
    answer({"grants": [asdict(g) for g in found]}, table(rows, ("ID", "ROLE", "HOLDER", "UNTIL")))
