"""danhmuc slip …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from idp.slips import service, store
from idp.slips.store import Purpose

_MEANT = {
    "activate": "first password",
    "help": "help at the counter",
    "break_glass": "emergencies, sealed",
}


@click.group(cls=JsonGroup)
def slip() -> None:
    """Slips: a code on paper with which one person, once, sets a password."""


@slip.command()
@click.argument("name")
@click.option(
    "--for",
    "purpose",
    type=click.Choice(store.PURPOSES),
    default="activate",
    help="help: second factors go too, for whoever has lost them.",
)
@click.option("--reason", default="", help="Stands in the log: how it was made sure who gets it.")
def issue(name: str, purpose: Purpose, reason: str) -> None:
    """Give a person (username, work address or id) a slip; an earlier one counts no more.

    The code is shown this once, on standard output.
    """
    installation = open_own_installation()
    found = find_person(installation, name)
    made = service.issue(installation, operator(), found.id, purpose, reason)
    full_name = one_line(made.person.full_name)
    answer(
        {
            "id": made.person.id,
            "username": made.person.username,
            "purpose": purpose,
            "url": made.url,
            "code": made.code,
            "expires_at": iso(made.slip.expires_at),
        },
        f"Slip for {full_name} ({_MEANT[purpose]}), shown this once:\n\n  {made.code}\n\n"
        f"to be typed at {made.url.partition('#')[0]}, or opened as\n{made.url}\n"
        f"Good once, until {local(made.slip.expires_at)}.",
    )


@slip.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Take a person's slip back: it counts no more."""
    installation = open_own_installation()
    found = find_person(installation, name)
    count = service.revoke(installation, operator(), found.id)
    full_name = one_line(found.full_name)
    answer(
        {"id": found.id, "username": found.username, "revoked": count},
        f"The slip of {full_name} counts no more."
        if count
        else f"{full_name} has no slip that counts; nothing was changed.",
    )


@slip.command("list")
def list_() -> None:
    """List the slips that still count. Nobody sees their codes again."""
    found = service.list_slips(open_own_installation(), operator())
    heads = ("WHO", "FOR", "UNTIL", "GIVEN BY")
    rows = [
        (
            f"{one_line(person.full_name)} ({person.username})",
            _MEANT[each.purpose],
            local(each.expires_at),
            each.issued_by,
        )
        for each, person in found
    ]
    answer(
        {
            "slips": [
                {
                    "person_id": person.id,
                    "username": person.username,
                    "person": person.full_name,
                    "purpose": each.purpose,
                    "issued_at": iso(each.issued_at),
                    "issued_by": each.issued_by,
                    "expires_at": iso(each.expires_at),
                }
                for each, person in found
            ]
        },
        lambda: table(rows, heads) if rows else "No slips.",
    )
