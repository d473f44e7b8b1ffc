"""danhmuc role …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from directory.authz import grants
from directory.authz.applications import list_applications
from directory.authz.permissions import GivenBy
from directory.authz.roles import Role, list_roles


@click.group(cls=JsonGroup)
def role() -> None:
    """The roles applications name."""


@role.command("list")
@click.option("--application", default="", metavar="CLIENT_ID")
def list_(application: str) -> None:
    """List declared roles."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = list_roles(tx, application)
        names = {one.id: one.name for one in list_applications(tx)}
    documents = [asdict(r) | {"application": names.get(r.application_id)} for r in found]
    rows = [
        (f"{r.application_id}:{r.name}", r.title_vi, names.get(r.application_id), r.given_by)
        for r in found
    ]
    answer({"roles": documents}, table(rows, ("ROLE", "TITLE", "APPLICATION", "GIVEN BY")))


@role.command()
@click.argument("name", metavar="APP:ROLE")
@click.option("--title", required=True, help="Vietnamese title.")
@click.option("--title-en", default="", help="English title (the name, if not given).")
@click.option(
    "--given-by",
    type=click.Choice(["agency", "owner", "province", "operator"]),
    default=None,
    help="Who may give it: administrators in their place (agency, as usual), those of the agency "
    "that owns the application (owner), province operators alone (province), or this command "
    "line alone (operator).",
)
def add(name: str, title: str, title_en: str, given_by: GivenBy | None) -> None:
    """Declare a role of an application, or change its titles and who may give it."""
    application, _, role_name = name.rpartition(":")
    installation = open_own_installation()
    with installation.database.write() as tx:
        declared = Role(application, role_name, title, title_en or role_name, given_by or "")
        changed = grants.put_role(tx, operator(), declared)
    answer(
        {"role": name, "changed": changed},
        f"Declared {name}." if changed else f"{name} says so already; nothing was changed.",
    )
