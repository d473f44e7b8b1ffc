"""danhmuc mfa …"""

from __future__ import annotations

from collections.abc import Sequence

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.mfa_policy import policy
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from admin_ui.components import COMPONENTS
from directory.clock import iso, local
from idp.factors import service
from idp.factors.certificate import service as certificates
from idp.factors.held import Held, factors_of
from idp.factors.passkey import service as passkeys
from idp.factors.totp import service as totp

_KINDS = {
    "passkey": "passkey",
    "certificate": "certificate",
    "totp": "authenticator application",
    "recovery_code": "recovery codes",
}


@click.group(cls=JsonGroup)
def mfa() -> None:
    """Second factors of people: what they have beside the password."""


@mfa.command()
@click.argument("name")
def show(name: str) -> None:
    """What a person (username, work address or id) has beside the password."""
    installation = open_own_installation()
    found = find_person(installation, name)
    held = service.list_held(installation, operator(), factors_of(COMPONENTS), found.id)
    answer(
        {"id": found.id, "username": found.username, "factors": [_document(one) for one in held]},
        lambda: _listed(held) if held else f"{one_line(found.full_name)} has no second factor.",
    )


@mfa.command()
@click.argument("name")
@click.option("--reason", required=True, help="Stands in the log: how it was made sure who asked.")
def reset(name: str, reason: str) -> None:
    """Take every second factor of a person away and end their sessions: for whoever lost them."""
    installation = open_own_installation()
    found = find_person(installation, name)
    gone = service.reset(installation, operator(), factors_of(COMPONENTS), found.id, reason)
    full_name = one_line(found.full_name)
    answer(
        {"id": found.id, "username": found.username, "removed": len(gone)},
        f"{full_name} has no second factor any more and is signed out everywhere."
        if gone
        else f"{full_name} has no second factor; nothing was changed.",
    )


@mfa.command()
@click.argument("name")
@click.option("--passkey", "passkey_id", metavar="ID", help="A passkey, by its id or its name.")
@click.option(
    "--certificate", "certificate_id", metavar="ID", help="A certificate, by its id or its number."
)
def remove(name: str, passkey_id: str | None, certificate_id: str | None) -> None:
    """Take one passkey or certificate of a person away, and end their sessions: for a device that
    is lost."""
    if (passkey_id is None) == (certificate_id is None):
        raise click.UsageError("Name one --passkey or one --certificate.")
    installation = open_own_installation()
    found = find_person(installation, name)
    factors = factors_of(COMPONENTS)
    if certificate_id is not None:
        bound = certificates.remove(installation, operator(), factors, found.id, certificate_id)
        kind, gone, called = "certificate", bound.id, bound.subject
    else:
        passkey = passkeys.remove(installation, operator(), factors, found.id, str(passkey_id))
        kind, gone, called = "passkey", passkey.id, passkey.name
    answer(
        {"id": found.id, "username": found.username, "removed": gone, "name": called},
        f"The {kind} “{one_line(called)}” of {one_line(found.full_name)} opens nothing any more; "
        "they are signed out everywhere.",
    )


@mfa.command("enrol-totp")
@click.argument("name")
@click.option("--name", "called", default="danhmuc mfa", help="What the person will see it called.")
def enrol_totp(name: str, called: str) -> None:
    """Set an authenticator application up for a person; its secret is shown once."""
    installation = open_own_installation()
    found = find_person(installation, name)
    given = totp.give(installation, operator(), found.id, called)
    answer(
        {
            "id": given.id,
            "username": found.username,
            "name": given.name,
            "secret": given.secret,
            "uri": given.address,
        },
        f"Secret for an authenticator application, shown this once:\n\n  {given.secret}\n\n"
        f"or as an address: {given.address}",
    )


@mfa.command()
@click.argument("name")
def code(name: str) -> None:
    """The next code of a person, in a demo only."""
    installation = open_own_installation()
    found = find_person(installation, name)
    digits, counts_from = totp.next_code(installation, found.id)
    answer(
        {"username": found.username, "code": digits, "counts_from": iso(counts_from)},
        f"{digits}  (from {local(counts_from)} on)",
    )


mfa.add_command(policy)


def _listed(held: Sequence[Held]) -> str:
    rows = [
        (
            _KINDS.get(one.kind, one.kind),
            one_line(one.name) if one.left is None else f"{one.left} left",
            local(one.made_at),
            local(one.last_used_at) if one.last_used_at else "never",
        )
        for one in held
    ]
    return table(rows, ("KIND", "NAME", "ADDED", "LAST USED"))


def _document(one: Held) -> dict[str, object]:
    return {
        "kind": one.kind,
        "id": one.id,
        "name": one.name or None,
        "left": one.left,
        "added_at": iso(one.made_at),
        "last_used_at": iso(one.last_used_at) if one.last_used_at else None,
    }
