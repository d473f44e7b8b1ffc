"""danhmuc catalogue …"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.operations.held_state import hold_state
from admin_ui.operations.options import CannotStart
from directory.clock import iso, local
from directory.installation import Installation
from directory.ldap import embedded
from directory.projection import queries
from directory.projection.comparison import Difference
from directory.settings import Settings
from sync.changes import readers
from sync.feed.brake import find_brake
from sync.feed.full_scan import reconcile as reconcile_all
from sync.feed.rebuilding import rebuild as rebuild_all


@click.group(cls=JsonGroup)
def catalogue() -> None:
    """The catalogue (LDAP) and its copy in SQL."""


@catalogue.command()
@click.option("--dry-run", is_flag=True, help="Only say what differs.")
@click.option(
    "--accept-deletions",
    is_flag=True,
    help="Believe the catalogue even when a great part of its entries is gone.",
)
def reconcile(dry_run: bool, accept_deletions: bool) -> None:
    """Compare every entry of LDAP with what SQL says of it, and repair SQL."""
    installation = open_own_installation()
    done = reconcile_all(
        installation, operator(), dry_run=dry_run, accept_deletions=accept_deletions
    )
    found = sum(done.counts.values())
    names = _names(installation, done.differences)
    document: dict[str, Any] = {
        "entries": done.entries,
        "differences": [_document(each, names) for each in done.differences],
        "counts": done.counts,
        "outside": done.outside,
        "repaired": not dry_run,
    }
    verdict = "Nothing was changed." if dry_run else "SQL now says what LDAP says."
    rows = [
        (d.trouble, d.kind, names.get(d.entry_id) or d.entry_id, _in_words(d))
        for d in done.differences
    ]
    told = table(rows, ("TROUBLE", "KIND", "WHICH", "SQL → LDAP")) if rows else ""
    text = f"{told}\n{done.entries} entries compared, {found} differ. {verdict}".strip()
    answer(document, text)


@catalogue.command()
@click.option("--release", is_flag=True, help="It was right: let the feed go on.")
def brake(release: bool) -> None:
    """Whether the feed stopped because too many accounts were lost at once past the services.

    `danhmuc catalogue reconcile --dry-run` says whom it would take. What was a mistake is mended
    in LDAP, and the feed goes on by itself.
    """
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = find_brake(tx)
    if found is None:
        answer({"braked": False}, "The feed runs; the brake is not on.")
        return
    document = {"braked": not release, **asdict(found), "since": iso(found.since)}
    told = f"{found.lost} of {found.accounts} active accounts"
    if not release:
        answer(
            document,
            f"The feed stopped at {local(found.since)}: {told} were gone or suspended at once. "
            "Nothing of it was taken over.\n`danhmuc catalogue reconcile --dry-run` says who. If "
            "it is right: `danhmuc catalogue brake --release`.",
        )
        return
    reconcile_all(installation, operator(), accept_deletions=True)
    answer(document, f"Taken over ({told}); the feed goes on.")


@catalogue.command()
def rebuild() -> None:
    """Make the copy in SQL anew from LDAP while everything runs, and put it in place at once."""
    installation = open_own_installation()
    with _beside_slapd(installation.settings):
        done = rebuild_all(installation, operator())
    text = f"Rebuilt {done.people} people and {done.agencies} agencies and units."
    answer(asdict(done), text)


@catalogue.command("readers")
def list_readers() -> None:
    """Who keeps something in step with the catalogue, and how many changes each has yet to take."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = readers.list_readers(tx)
    rows = [(one.name, one.waiting, local(one.taken_at)) for one in found]
    answer(
        {"readers": [{**asdict(one), "taken_at": iso(one.taken_at)} for one in found]},
        lambda: table(rows, ("NAME", "WAITING", "LAST TAKEN")) if rows else "Nobody reads changes.",
    )


@contextmanager
def _beside_slapd(settings: Settings) -> Iterator[None]:
    """A start that refuses the store (``database.copy_differs``) leaves no slapd running: it runs
    for this alone then."""
    with ExitStack() as stack:
        if settings.embedded_ldap and not embedded.is_ready(settings):
            # Where the state is held by a start, its slapd comes, or is told to be away.
            with suppress(CannotStart):
                stack.enter_context(hold_state(settings))
                stack.enter_context(embedded.running(settings))
        yield


def _names(installation: Installation, differences: Sequence[Difference]) -> dict[str, str]:
    """Names of what differs, as far as SQL knows them, by id."""
    names = {}
    with installation.database.read() as tx:
        for each in differences:
            if person := queries.person(tx, each.entry_id):
                names[each.entry_id] = f"{person.full_name} ({person.username})"
            elif agency := queries.agency(tx, each.entry_id):
                names[each.entry_id] = agency.name
    return names


def _document(difference: Difference, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "trouble": difference.trouble,
        "kind": difference.kind,
        "entry_id": difference.entry_id or None,
        "entry": names.get(difference.entry_id),
        "fields": {
            name: {"sql": sql, "ldap": ldap} for name, (sql, ldap) in difference.fields.items()
        },
    }


def _in_words(difference: Difference) -> str:
    return "; ".join(
        f"{name.replace('_', ' ')}: {_value(sql)} → {_value(ldap)}"
        for name, (sql, ldap) in difference.fields.items()
        if not name.endswith("_key")  # made from the others, for programs
    )


def _value(value: object) -> str:
    """A value for people: of a row within a record what is no id and no key."""
    if isinstance(value, Mapping):
        named = {name: each for name, each in value.items() if not name.endswith(("id", "_key"))}
        return ", ".join(str(each) for each in named.values() if each not in ("", None))
    if isinstance(value, list | tuple):
        return " + ".join(map(_value, value)) or "–"
    return "–" if value in ("", None) else str(value)
