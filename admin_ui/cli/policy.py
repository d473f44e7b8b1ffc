"""danhmuc policy …: passwords."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    open_own_installation,
    operator,
    read_stdin,
    table,
)
from directory.clock import iso, local
from directory.leaked_passwords import reading, store
from directory.leaked_passwords.store import Numbers
from directory.passwords.ageing import profile_since
from directory.passwords.lists import common
from directory.passwords.policy import ACCOUNT_TYPES, policy_of, told


@click.group(cls=JsonGroup)
def policy() -> None:
    """What passwords must be, and lists of leaked ones."""


@policy.command()
def show() -> None:
    """Show the policy of each kind of account, and how many listed passwords are not taken."""
    installation = open_own_installation()
    settings = installation.settings
    with installation.database.read() as tx:
        since = profile_since(tx, settings)
    policies = {account: policy_of(settings, account) for account in ACCOUNT_TYPES}
    listed = len(common(settings.password_list))
    sentences = "\n\n".join(
        f"{account.capitalize()}:\n"
        + "\n".join(f"  {words.en}" for words in told(found))
        + f"\n  {found.shortest_with_second} characters where a second factor is always asked for."
        for account, found in policies.items()
    )
    answer(
        {
            "profile": settings.password_profile,
            "since": iso(since) if since else None,
            "listed": listed,
            "own_list": str(settings.password_list) if settings.password_list else None,
            "accounts": {account: asdict(found) for account, found in policies.items()},
        },
        f"Profile {settings.password_profile.upper()}"
        + (f", since {local(since)}" if since else "")
        + f". {listed} listed passwords are not taken.\n\n{sentences}",
    )


@policy.command("import-leaked")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--separator", default=":", show_default=True, help="What stands between login and password."
)
def import_leaked(file: Path, separator: str) -> None:
    """Read in a list of leaked passwords, LOGIN:PASSWORD a line; `-` is standard input.

    The worker tries those of people in the catalogue, slowly. Whoever still uses one has to set
    another at the next sign-in. Delete FILE afterwards.
    """
    if not separator:
        raise click.UsageError("The separator is empty.")
    installation = open_own_installation()
    if str(file) == "-":
        numbers = reading.read_in(installation, operator(), read_stdin(), separator)
    else:
        with file.open("rb") as lines:
            numbers = reading.read_in(installation, operator(), lines, separator)
    answer(
        _document(numbers),
        f"{numbers.lines} lines: {numbers.waiting} are tried from now on, {numbers.unknown} name "
        f"nobody, {numbers.repeated} stood there before, {numbers.unreadable} could not be read.\n"
        "`danhmuc policy leaked` says how far it is. Delete the file.",
    )


@policy.command()
def leaked() -> None:
    """Show the lists of leaked passwords that were read in, as numbers."""
    with open_own_installation().database.read() as tx:
        found = store.list_numbers(tx)
    heads = ("READ IN", "STATE", "LINES", "WAITING", "IN USE", "NOT IN USE", "OF NOBODY")
    rows = [
        (
            local(each.begun_at),
            each.state,
            each.lines,
            each.waiting,
            each.matched,
            each.others,
            each.unknown,
        )
        for each in found
    ]
    answer(
        {"lists": [{**_document(each), "begun_at": iso(each.begun_at)} for each in found]},
        lambda: table(rows, heads) if rows else "No list was read in.",
    )


def _document(numbers: Numbers) -> dict[str, object]:
    document: dict[str, object] = asdict(numbers)
    del document["begun_at"]
    return document
