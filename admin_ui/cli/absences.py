"""danhmuc absence …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from directory.clock import iso, today
from directory.people import absences
from directory.people.absence_kinds import KINDS
from directory.people.absences import Absence


@click.group(cls=JsonGroup)
def absence() -> None:
    """For how long people are away, and why: their account is not called unused meanwhile."""


@absence.command()
@click.argument("username")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True)
@click.option("--from", "start", metavar="DATE", help="First day; today where nothing is said.")
@click.option("--until", "end", required=True, metavar="DATE", help="Last day: two years at most.")
@click.option("--basis", default="", help="What it rests on, as a decision.")
def add(username: str, kind: str, start: str | None, end: str, basis: str) -> None:
    """Say that somebody is away from a day to a day."""
    installation = open_own_installation()
    person_id = find_person(installation, username).id
    start = start or today().isoformat()
    with installation.database.write() as tx:
        added = absences.note(tx, operator(), person_id, kind, start, end, basis)
    answer(_document(added), f"{username} is away from {added.start} until {added.end}.")


@absence.command()
@click.argument("username")
@click.argument("absence_id", metavar="ID")
def end(username: str, absence_id: str) -> None:
    """Say that somebody is back. What has not begun is taken back."""
    installation = open_own_installation()
    person_id = find_person(installation, username).id
    with installation.database.write() as tx:
        ended = absences.end(tx, operator(), person_id, absence_id)
    answer(_document(ended), f"{username} is back.")


@absence.command("list")
@click.argument("username")
def list_(username: str) -> None:
    """List when somebody is away, the latest first."""
    installation = open_own_installation()
    person_id = find_person(installation, username).id
    with installation.database.read() as tx:
        found = absences.list_of(tx, person_id)
    rows = [(each.id, KINDS[each.kind].en, each.start, each.end, each.basis) for each in found]
    answer(
        {"absences": [_document(each) for each in found]},
        table(rows, ("ID", "WHY", "FROM", "UNTIL", "BASIS")),
    )


def _document(value: Absence) -> dict[str, object]:
    return {
        "id": value.id,
        "person_id": value.person_id,
        "kind": value.kind,
        "first_day": value.start,
        "last_day": value.end,
        "basis": value.basis,
        "given_at": iso(value.given_at),
    }
