"""danhmuc client release …"""

from __future__ import annotations

from typing import Any

import click

from admin_ui.cli.answers import JsonCommand, answer, open_own_installation, operator
from admin_ui.cli.terminal import one_line
from directory.authz import applications
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.clock import iso, local
from directory.errors import NotFound
from directory.ldap_clients.keeping import keep
from directory.release import service
from directory.release.attributes import ATTRIBUTES
from directory.release.register import Grounds, Release, find_release
from directory.release.service import COMMON_BASIS, Outcome

_name = click.Choice(tuple(ATTRIBUTES))


@click.command(cls=JsonCommand)
@click.argument("client_id")
@click.option("--add", "added", multiple=True, type=_name, help="What it is to learn besides.")
@click.option("--remove", "removed", multiple=True, type=_name, help="Counts at once.")
@click.option("--purpose", default="", metavar="P", help="What it needs that for.")
@click.option("--basis", default=COMMON_BASIS, metavar="B", help="The rule that lets it.")
@click.option("--reason", default="", metavar="R")
def release(
    client_id: str,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    purpose: str,
    basis: str,
    reason: str,
) -> None:
    """Show or change what an application learns of people.

    More waits for a second person, who answers for the data (danhmuc request list).
    """
    installation, outcome = open_own_installation(), Outcome()
    if added or removed:
        with installation.database.write() as tx:
            found = find_release(tx, client_id)
            wanted = dict(found.attributes) if found is not None else {}
            wanted |= dict.fromkeys(added, Grounds(purpose, basis))
            wanted = {name: one for name, one in wanted.items() if name not in removed}
            outcome = service.change(tx, operator(), client_id, wanted, reason)
        keep(installation, operator(), client_id)
    with installation.database.read() as tx:
        app = applications.find(tx, client_id)
        if app is None:
            raise NotFound(APPLICATION_UNKNOWN, value=client_id)
        counts = find_release(tx, client_id)
    answer(
        _document(client_id, app.name, counts, outcome),
        lambda: _told(app.name, counts, outcome),
    )


def _document(client_id: str, name: str, found: Release | None, outcome: Outcome) -> dict[str, Any]:
    attributes = found.attributes if found is not None else {}
    return {
        "client_id": client_id,
        "client": name,
        "version": found.version if found is not None else None,
        "attributes": [
            {"name": each, "purpose": grounds.purpose, "basis": grounds.basis}
            for each, grounds in attributes.items()
        ],
        "asked_by": found.asked_by if found is not None else None,
        "decided_by": found.decided_by if found is not None else None,
        "decided_at": iso(found.decided_at) if found is not None else None,
        "request": outcome.request_id or None,
    }


def _told(name: str, found: Release | None, outcome: Outcome) -> str:
    lines = []
    if outcome.request_id:
        lines += [f"Waits for a second person: request {outcome.request_id}.", ""]
    if found is None:
        return "\n".join([*lines, f"{name} learns nothing of people."])
    lines.append(
        f"{name}, version {found.version}, decided by {found.decided_by} on"
        f" {local(found.decided_at)}:"
    )
    for each, grounds in found.attributes.items():
        label = ATTRIBUTES[each].label.en
        lines.append(one_line(f"  {label:26}{grounds.purpose} ({grounds.basis})"))
    return "\n".join(lines if found.attributes else [*lines, "  nothing"])
