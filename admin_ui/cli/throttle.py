"""danhmuc throttle …"""

from __future__ import annotations

from ipaddress import ip_network

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from admin_ui.operations.errors import THROTTLE_WHAT
from directory.clock import iso, local
from directory.errors import Invalid
from idp.throttle import pauses
from idp.throttle.pauses import Paused

_WHERE = {
    "name": "new browsers",
    "device": "one known browser",
    "devices": "all known browsers",
    "address": "that address",
}


@click.group(cls=JsonGroup)
def throttle() -> None:
    """Pauses of the sign-in after too many wrong passwords: of people and of addresses."""


@throttle.command("list")
def list_() -> None:
    """List who and what is paused at this moment."""
    found = pauses.list_pauses(open_own_installation(), operator())
    heads = ("WHO", "PAUSED IN", "UNTIL", "WRONG", "TURNED AWAY")
    rows = [
        (_who(one), _WHERE[one.kind], local(one.until), one.failures, one.turned_away)
        for one in found
    ]
    answer(
        {"pauses": [_document(one) for one in found]},
        lambda: table(rows, heads) if rows else "No pauses.",
    )


@throttle.command()
@click.argument("name", required=False)
@click.option("--address", default="", metavar="ADDRESS", help="End the pause of an IP address.")
@click.option("--all", "every", is_flag=True, help="End every pause of a person or an address.")
def clear(name: str | None, address: str, every: bool) -> None:
    """End the pause of a person (username, work address or id) or of an address, as the list shows
    them."""
    if sum((bool(name), bool(address), every)) != 1:
        raise Invalid(THROTTLE_WHAT)
    installation, actor = open_own_installation(), operator()
    cleared = 0
    if name and _is_address(name):
        name, address = "", name
    if name:
        cleared += pauses.unlock_person(installation, actor, find_person(installation, name).id)
    elif address:
        cleared += pauses.unpause_network(installation, actor, address)
    else:
        cleared = pauses.lift_all(installation, actor)
    ended = "1 pause was ended." if cleared == 1 else f"{cleared} pauses were ended."
    answer({"cleared": cleared}, ended if cleared else "Nothing was paused; nothing was changed.")


def _is_address(text: str) -> bool:
    """As `throttle list` shows it: an address, or the network of one."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _who(one: Paused) -> str:
    if one.person is not None:
        return f"{one_line(one.person.full_name)} ({one.person.username})"
    return one.network or "a name nobody has"


def _document(one: Paused) -> dict[str, object]:
    return {
        "kind": one.kind,
        "person_id": one.person.id if one.person else None,
        "username": one.person.username if one.person else None,
        "person": one.person.full_name if one.person else None,
        "network": one.network or None,
        "until": iso(one.until),
        "wrong": one.failures,
        "turned_away": one.turned_away,
    }
