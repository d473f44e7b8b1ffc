"""danhmuc resource …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from directory.clock import iso, local
from idp.clients import resources, service


@click.group(cls=JsonGroup)
def resource() -> None:
    """APIs that access tokens are made for (resource servers, RFC 8707)."""


@resource.command()
@click.argument("uri")
@click.option(
    "--client",
    "client_id",
    required=True,
    metavar="CLIENT_ID",
    help="The client that stands for it and may introspect its tokens.",
)
def add(uri: str, client_id: str) -> None:  # fmt: skip
    """Register an API. Applications may ask for its tokens with client update --resource URI."""
    installation = open_own_installation()
    made = resources.add_resource(installation, operator(), uri, client_id)
    with installation.database.read() as tx:
        name = service.show_client(tx, client_id).name
    answer(
        {
            "uri": made.uri,
            "client_id": made.client_id,
            "client": name,
            "created_at": iso(made.created_at),
        },
        f"{uri}: {client_id} may introspect its tokens.",
    )


@resource.command("list")
def list_() -> None:
    """List all APIs and the clients that stand for them."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = resources.list_resources(tx)
        names = {one.id: one.name for one in service.list_clients(tx)}
    answer(
        {
            "resources": [
                {
                    "uri": r.uri,
                    "client_id": r.client_id,
                    "client": names.get(r.client_id),
                    "created_at": iso(r.created_at),
                }
                for r in found
            ]
        },
        table(
            [(r.uri, r.client_id, names.get(r.client_id), local(r.created_at)) for r in found],
            ("URI", "CLIENT ID", "NAME", "REGISTERED"),
        ),
    )  # fmt: skip


@resource.command()
@click.argument("uri")
def remove(uri: str) -> None:
    """Take an API away: tokens for it are refused from now on."""
    resources.remove_resource(open_own_installation(), operator(), uri)
    answer({"uri": uri, "removed": True}, f"Removed {uri}.")
