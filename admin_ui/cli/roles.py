"""danhmuc role …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from directory.authz import grants
from directory.authz.applications import list_applications
from directory.authz.retiring import restore_role, retire_role
from directory.authz.roles import Role, find_role, list_roles
from directory.clock import iso


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
    documents = [
        asdict(r)
        | {
            "application": names.get(r.application_id),
            "retired_at": None if r.retired_at is None else iso(r.retired_at),
        }
        for r in found
    ]
    rows = [
        (f"{r.application_id}:{r.name}", r.title_vi, names.get(r.application_id), r.given_by)
        for r in found
    ]
    answer({"roles": documents}, table(rows, ("ROLE", "TITLE", "APPLICATION", "GIVEN BY")))


@role.command()
@click.argument("name", metavar="APP:ROLE")
@click.option("--title", default=None, help="Vietnamese title; needed for a new role.")
@click.option("--title-en", default=None, help="English title (the name, if not given).")
@click.option("--description", default=None, help="What its holders do.")
@click.option(
    "--given-by",
    type=click.Choice(["agency", "owner", "province", "operator"]),
    default=None,
    help="Who may give it: administrators in their place (agency, as usual), those of the agency "
    "that owns the application (owner), province operators alone (province), or this command "
    "line alone (operator).",
)
@click.option(
    "--by-field",
    type=click.Choice(["no", "may", "must"]),
    default=None,
    help="Whether a grant names a field (lĩnh vực).",
)
@click.option(
    "--by-procedure",
    type=click.Choice(["no", "may", "must"]),
    default=None,
    help="Whether a grant names a procedure (thủ tục).",
)
@click.option("--days", default=None, type=int, help="How long a grant holds by default (365).")
@click.option("--endless/--no-endless", default=None, help="Whether a grant may have no end.")
@click.option(
    "--needs-approval/--no-needs-approval",
    default=None,
    help="Whether a second who may give it must approve.",
)
@click.option(
    "--excludes",
    default=None,
    multiple=True,
    metavar="ROLE",
    help="A role of the same application that nobody holds together with it; again for several, "
    "an empty one for none.",
)
def add(name: str, **given: Any) -> None:
    """Declare a role of an application, or change what is given here and keep the rest."""
    application, _, role_name = name.rpartition(":")
    installation = open_own_installation()
    with installation.database.write() as tx:
        before = find_role(tx, application, role_name)
        if before is None and given["title"] is None:
            raise click.UsageError("A new role needs a --title.")
        known = before or Role(application, role_name, "", role_name)
        changed = grants.put_role(tx, operator(), replace(known, **_given(given)))
    answer(
        {"role": name, "changed": changed},
        f"Declared {name}." if changed else f"{name} says so already; nothing was changed.",
    )


@role.command()
@click.argument("name", metavar="APP:ROLE")
@click.option("--reason", required=True)
def retire(name: str, reason: str) -> None:
    """Have nobody given a role any more; whoever holds it keeps it to its end."""
    application, _, role_name = name.rpartition(":")
    with open_own_installation().database.write() as tx:
        retire_role(tx, operator(), application, role_name, reason)
    answer({"role": name, "retired": True}, f"Nobody is given {name} any more.")


@role.command()
@click.argument("name", metavar="APP:ROLE")
@click.option("--reason", required=True)
def restore(name: str, reason: str) -> None:
    """Have a retired role given again."""
    application, _, role_name = name.rpartition(":")
    with open_own_installation().database.write() as tx:
        restore_role(tx, operator(), application, role_name, reason)
    answer({"role": name, "retired": False}, f"{name} is given again.")


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a role that options speak of."""
    fields = {
        "title_vi": options["title"],
        "title_en": options["title_en"],
        "description": options["description"],
        "given_by": options["given_by"],
        "by_field": _narrowing(options["by_field"]),
        "by_procedure": _narrowing(options["by_procedure"]),
        "default_days": options["days"],
        "is_endless": options["endless"],
        "needs_approval": options["needs_approval"],
    }
    if options["excludes"]:
        fields["excludes"] = tuple(filter(None, options["excludes"]))
    return {name: value for name, value in fields.items() if value is not None}


def _narrowing(option: str | None) -> str | None:
    return "" if option == "no" else option
