"""danhmuc absence …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from directory.clock import iso, today
from directory.errors import NotFound
from directory.people import absences
from directory.people.absence_kinds import KINDS
from directory.people.absences import Absence
from directory.people.errors import ABSENCE_NONE
from directory.projection.queries import PersonRow


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
    person = find_person(installation, username)
    start = start or today().isoformat()
    with installation.database.write() as tx:
        added = absences.note(tx, operator(), person.id, kind, start, end, basis)
    answer(
        _document(added, person), f"{person.username} is away from {added.start} until {added.end}."
    )


@absence.command()
@click.argument("username")
def end(username: str) -> None:
    """Say that somebody is back; what has not begun is taken back. Of several the first."""
    installation = open_own_installation()
    person, now = find_person(installation, username), today().isoformat()
    with installation.database.write() as tx:
        left = [each for each in absences.list_of(tx, person.id) if each.end >= now]
        if not left:
            raise NotFound(ABSENCE_NONE)
        ended = absences.end(tx, operator(), person.id, left[-1].id)
    answer(_document(ended, person), f"{person.username} is back.")


@absence.command("list")
@click.argument("username")
def list_(username: str) -> None:
    """List when somebody is away, the latest first."""
    installation = open_own_installation()
    person = find_person(installation, username)
    with installation.database.read() as tx:
        found = absences.list_of(tx, person.id)
    rows = [(KINDS[each.kind].en, each.start, each.end, each.basis) for each in found]
    answer(
        {"absences": [_document(each, person) for each in found]},
        table(rows, ("WHY", "FROM", "UNTIL", "BASIS")),
    )


def _document(value: Absence, person: PersonRow) -> dict[str, object]:
    return {
        "id": value.id,
        "person_id": person.id,
        "username": person.username,
        "person": person.full_name,
        "kind": value.kind,
        "first_day": value.start,
        "last_day": value.end,
        "basis": value.basis,
        "given_at": iso(value.given_at),
    }
