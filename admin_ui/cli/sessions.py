"""danhmuc session …"""

from __future__ import annotations

import sys

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, wants_json
from admin_ui.cli.people import find_agency, find_person
from admin_ui.cli.terminal import one_line
from directory.installation import Installation
from idp.logout.handles import Effects, SignOutsFor, Target

_PERSON = click.option("--person", default="", metavar="USER", help="Of one person.")
_AGENCY = click.option(
    "--agency", default="", metavar="CODE", help="Of everybody of an agency and all under it."
)
_APPLICATION = click.option(
    "--application", default="", metavar="CLIENT_ID", help="Of everybody who is in it."
)


@click.group(cls=JsonGroup)
def session() -> None:
    """Who is signed in, and signing people out by force."""


@session.command("list")
@_PERSON
@_AGENCY
@_APPLICATION
def list_(person: str, agency: str, application: str) -> None:
    """Tell how many sessions there are, and which applications are told when they end."""
    installation = open_own_installation()
    target = _target(installation, person, agency, application)
    found = SignOutsFor(installation, operator()).foresee(target)
    answer(_document(found), lambda: _told(found))


@session.command()
@_PERSON
@_AGENCY
@_APPLICATION
@click.option("--reason", default="", help="Why; the log keeps it.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
def end(person: str, agency: str, application: str, reason: str, *, yes: bool) -> None:
    """Sign people out everywhere: all sessions of each of them end, and they sign in again.

    A terminal is told first how many that are, and asked.
    """
    installation = open_own_installation()
    target = _target(installation, person, agency, application)
    handle = SignOutsFor(installation, operator())
    if sys.stdout.isatty() and not yes and not wants_json():
        click.echo(_told(handle.foresee(target)))
        click.confirm("End them?", abort=True)
    people, count = handle.end(target, reason)
    answer(
        {"people": people, "sessions": count},
        f"Ended: {count} sessions of {people} people. Applications are told within seconds.",
    )


def _target(installation: Installation, person: str, agency: str, application: str) -> Target:
    if sum(map(bool, (person, agency, application))) != 1:
        raise click.UsageError("Name one of --person, --agency and --application.")
    if person:
        return Target("person", find_person(installation, person).id)
    if agency:
        return Target("agency", find_agency(installation, agency).id)
    return Target("application", application)


def _document(found: Effects) -> dict[str, object]:
    return {
        "name": found.name,
        "people": found.people,
        "sessions": found.sessions,
        "told": list(found.told),
        "not_told": list(found.untold),
    }


def _told(found: Effects) -> str:
    lines = [
        f"{one_line(found.name)}: {found.sessions} sessions of {found.people} people",
        f"Told when they end: {', '.join(map(one_line, found.told)) or 'no application'}",
    ]
    if found.untold:
        named = ", ".join(map(one_line, found.untold))
        lines.append(f"Cannot be told, and end by themselves: {named}")
    return "\n".join(lines)
