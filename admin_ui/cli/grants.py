"""danhmuc grant …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.grant_document import line_of, told_grant
from admin_ui.cli.people import find_agency, find_person
from admin_ui.components import VOCABULARY
from directory.access.asking import Given, give_or_ask, renew_or_ask
from directory.authz import grants
from directory.authz.events import NOT_ENTERED
from directory.authz.explaining import explain_access


@click.group(cls=JsonGroup)
def grant() -> None:
    """Roles given to people, posts and positions."""


@grant.command()
@click.option("--person", default="", metavar="NAME", help="Username, work address or id.")
@click.option("--post", default="", metavar="ID", help="One person's post.")
@click.option("--position", default="", metavar="ID", help="Whoever holds it, now or later.")
@click.option("--role", "role_name", required=True, metavar="APP:ROLE")
@click.option("--agency", "agency_code", required=True, metavar="CODE", help="Where it holds.")
@click.option("--field", default="", help="Only for this field (lĩnh vực).")
@click.option("--procedure", default="", help="Only for this procedure (thủ tục).")
@click.option("--from", "start", default="", metavar="DATE", help="First day, if not today.")
@click.option("--until", default="", metavar="DATE", help="Last day; none: as the role says.")
@click.option("--without-end", is_flag=True)
@click.option("--reason", required=True)
@click.option("--basis", default="", help="What it rests on, as a decision.")
def add(
    person: str,
    post: str,
    position: str,
    role_name: str,
    agency_code: str,
    field: str,
    procedure: str,
    start: str,
    until: str,
    without_end: bool,
    reason: str,
    basis: str,
) -> None:
    """Give a role to exactly one of --person, --post or --position.

    A role that needs a second person's approval is asked for: `danhmuc request`.
    """
    if len([v for v in (person, post, position) if v]) != 1:
        raise click.UsageError("Give exactly one of --person, --post and --position.")
    installation = open_own_installation()
    agency = find_agency(installation, agency_code)
    kind: grants.HolderKind = "person"
    if person:
        holder = find_person(installation, person).id
    elif post:
        kind, holder = "post", post
    else:
        kind, holder = "position", position
    application, _, name = role_name.rpartition(":")
    with installation.database.write() as tx:
        end = until or grants.default_end(tx, application, name, start)
        wanted = grants.Grant(
            application_id=application,
            role=name,
            holder_kind=kind,
            holder_id=holder,
            agency_id=agency.id,
            reason=reason,
            field=field,
            procedure=procedure,
            start=start,
            end="" if without_end else end,
            basis=basis,
        )
        given = give_or_ask(tx, operator(), wanted)
    _answer(given, f"Granted {role_name} in {agency.name}, grant {given.grant_id}.")


def _answer(given: Given, done: str, **more: str) -> None:
    asked = f"Asked for: request {given.request_id} waits for a second person."
    document = {"id": given.grant_id, "request": given.request_id} | more
    answer(document, done if given.grant_id else asked)


@grant.command()
@click.argument("grant_id", metavar="ID")
@click.option("--reason", required=True)
def revoke(grant_id: str, reason: str) -> None:
    """Take a role back, at once."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        grants.revoke_grant(tx, operator(), grant_id, reason)
    answer({"id": grant_id}, "Revoked.")


@grant.command()
@click.argument("grant_id", metavar="ID")
@click.option("--until", default="", metavar="DATE", help="New last day; none: as the role says.")
@click.option("--without-end", is_flag=True)
@click.option("--reason", required=True)
@click.option("--basis", default="", help="What it rests on; none: the same as before.")
def renew(grant_id: str, until: str, without_end: bool, reason: str, basis: str) -> None:
    """Give a standing role for another term: the old grant ends, one like it begins."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        old = grants.find_standing(tx, grant_id)
        end = until or (grants.default_end(tx, old.application_id, old.role) if old else "")
        given = renew_or_ask(tx, operator(), grant_id, "" if without_end else end, reason, basis)
    _answer(given, f"Renewed, grant {given.grant_id}.", renews=grant_id)


@grant.command("list")
@click.option("--application", default="", metavar="CLIENT_ID")
@click.option("--person", default="", metavar="NAME")
def list_(application: str, person: str) -> None:
    """List standing grants."""
    installation = open_own_installation()
    holder = find_person(installation, person).id if person else ""
    with installation.database.read() as tx:
        found = grants.list_grants(tx, application_id=application, holder_id=holder)
        told = [told_grant(tx, each) for each in found]
    rows = [line_of(each) for each in told]
    answer({"grants": told}, table(rows, ("ID", "ROLE", "HOLDER", "IN", "UNTIL")))


@grant.command()
@click.option("--person", required=True, metavar="NAME")
@click.option("--application", required=True, metavar="CLIENT_ID")
def explain(person: str, application: str) -> None:
    """Why a person may enter an application or not, and where each role comes from."""
    installation = open_own_installation()
    found = find_person(installation, person)
    with installation.database.read() as tx:
        told = explain_access(tx, VOCABULARY, found.id, application)
    lines = [
        f"{application}:{role['role']} in {role['scope']['agency']}, through {role['through']}, "
        f"given by {role['given_by']}, until {role['until'] or 'further notice'}"
        for role in told["roles"]
    ]
    why = NOT_ENTERED.pair(told["missing"] or "")[1]
    first = "May enter." if told["may_enter"] else f"May not enter: {why}."
    answer(told, "\n".join([first, *lines]))
