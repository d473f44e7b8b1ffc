"""danhmuc client remove: taking an application away for good, whatever it speaks."""

from __future__ import annotations

from typing import Any

import click

from admin_ui.cli.answers import JsonCommand, answer, open_own_installation, operator
from admin_ui.cli.terminal import one_line
from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.clock import iso, local
from directory.errors import NotFound
from directory.ldap_clients.register import find_ldap_client
from idp.applications import removal
from idp.applications.removal import DISABLED_DAYS, Prospect
from idp.clients.service import connections
from sync.engine.connectors import list_feeding


@click.command(cls=JsonCommand)
@click.argument("client_id")
@click.option("--reason", required=True)
@click.option("--dry-run", is_flag=True, help="Only tell what it would do, and when.")
def remove(client_id: str, reason: str, dry_run: bool) -> None:
    """Take an application away for good, 30 days after it was disabled: its name and its history
    stay, and its id is never given again."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        app = applications.find(tx, client_id)
        if app is None:
            raise NotFound(APPLICATION_UNKNOWN, value=client_id)
        connection = connections(tx, client_id).get(client_id)
        account = find_ldap_client(tx, client_id)
        prospect = removal.foresee(tx, app, connection, account, list_feeding)
    if not dry_run:
        removal.remove(installation, operator(), client_id, reason, list_feeding)
    answer(
        _document(app, prospect) | {"removed": not dry_run},
        lambda: _told(app, prospect) if dry_run else f"Removed {one_line(app.name)} ({client_id}).",
    )


def _document(app: Application, prospect: Prospect) -> dict[str, Any]:
    problem = prospect.problem
    return {
        "client_id": app.id,
        "client_name": app.name,
        "ready_at": iso(prospect.ready_at) if prospect.ready_at else None,
        "problem": problem.code if problem else None,
        "grants": prospect.grants,
        "grants_of_positions": prospect.of_positions,
        "roles": prospect.roles,
        "attributes": prospect.learns,
        "requests": prospect.requests,
        "connected": prospect.is_connected,
        "secrets": prospect.secrets,
        "keys": prospect.keys,
        "sessions": prospect.sessions,
        "ldap_account": prospect.has_account,
        "connectors": [
            {"name": each.name, "stopped": each.is_stopped} for each in prospect.connectors
        ],
        "resources": list(prospect.resources),
    }


def _told(app: Application, prospect: Prospect) -> str:
    ready = local(prospect.ready_at)[:10] if prospect.ready_at else ""
    rows = (
        (
            "may be removed",
            f"from {ready} on" if ready else f"{DISABLED_DAYS} days after disable",
        ),
        ("grants that end", f"{prospect.grants} (of positions: {prospect.of_positions})"),
        ("roles", str(prospect.roles)),
        ("attributes", f"{prospect.learns}, which it learns no more"),
        ("requests", f"{prospect.requests}, which are refused"),
        ("connection", f"secrets: {prospect.secrets}, keys: {prospect.keys}"),
        ("sessions", str(prospect.sessions)),
        ("LDAP account", "closed for good" if prospect.has_account else "none"),
        ("connectors", _connectors(prospect)),
        ("stands for", ", ".join(prospect.resources) or "nothing"),
    )
    lines = [app.name, *(one_line(f"  {label:18}{text}") for label, text in rows)]
    if prospect.problem is not None:
        problem = prospect.problem
        lines.append(f"Not yet: {problem.declared.told_to_operators('en', problem.params)}")
    return "\n".join(lines)


def _connectors(prospect: Prospect) -> str:
    told = (
        f"{each.name} ({'paused' if each.is_stopped else 'remove or pause it first'})"
        for each in prospect.connectors
    )
    return ", ".join(told) or "none"
