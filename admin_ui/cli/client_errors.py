"""danhmuc client errors …"""

from __future__ import annotations

from typing import Any

import click

from admin_ui.cli.answers import JsonCommand, answer, open_own_installation
from admin_ui.cli.faults import fault_document, told_fault
from directory.clock import iso, local
from idp.applications.recent_errors import RecentError, list_recent_errors
from idp.clients import service


@click.command(cls=JsonCommand)
@click.argument("client_id")
def errors(client_id: str) -> None:
    """What was refused to an application in the last seven days, and what to do about it."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        client = service.show_client(tx, client_id)
        found = list_recent_errors(tx, client)
    answer(
        {
            "client_id": client.id,
            "client": client.name,
            "errors": [_document(error) for error in found],
        },
        lambda: "\n\n".join(map(_told, found)) or "Nothing was refused in the last seven days.",
    )


def _document(error: RecentError) -> dict[str, Any]:
    return {
        "at": iso(error.at),
        "count": error.count,
        "address": error.address,
        "request_id": error.request_id,
        **fault_document(error.fault),
    }


def _told(error: RecentError) -> str:
    times = f", {error.count} times" if error.count > 1 else ""
    where = f", from {error.address}" if error.address else ""
    return f"{local(error.at)}{times}{where}\n{told_fault(error.fault)}"
