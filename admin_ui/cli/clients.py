"""danhmuc client …"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_house, operator, table
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from directory.authz.applications import Access
from directory.errors import Invalid
from directory.installation import Installation
from directory.outside_text import read_text, text_of
from idp.clients import service
from idp.clients.model import AUTH_METHODS, GRANT_TYPES, Client


@click.group(cls=JsonGroup)
def client() -> None:
    """Applications that sign people in (OAuth clients)."""


_agency = click.option(
    "--agency", "agency_codes", multiple=True, metavar="CODE", help="Open to its people only."
)
_role = click.option("--role", "by_role", is_flag=True, help="Open to holders of its roles only.")


@client.command()
@click.option("--name", required=True)
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="U")
@click.option("--post-logout-redirect-uri", "post_logout", multiple=True, metavar="U")
@click.option("--public", is_flag=True, help="Cannot keep a secret (phone or browser app).")
@click.option("--auth-method", type=click.Choice(AUTH_METHODS), default="client_secret_basic")
@click.option("--jwks-file", type=click.Path(exists=True, dir_okay=False), default=None)
@click.option("--grant-type", "grant_types", multiple=True, type=click.Choice(GRANT_TYPES))
@click.option("--scope", "scopes", multiple=True, help="Default: all of the claim contract.")
@click.option("--backchannel-logout-uri", default="", metavar="U")
@click.option("--client-id", default="", help="Default: a random one.")
@click.option("--pkce-exempt", default="", metavar="REASON", help="Confidential clients only.")
@_agency
@_role
def add(
    name: str,
    redirect_uris: tuple[str, ...],
    post_logout: tuple[str, ...],
    public: bool,
    auth_method: str,
    jwks_file: str | None,
    grant_types: tuple[str, ...],
    scopes: tuple[str, ...],
    backchannel_logout_uri: str,
    client_id: str,
    pkce_exempt: str,
    agency_codes: tuple[str, ...],
    by_role: bool,
) -> None:
    """Register an application; its secret is shown once."""
    house = open_house()
    given: dict[str, Any] = {
        "client_id": client_id,
        "client_name": name,
        "redirect_uris": list(redirect_uris),
        "post_logout_redirect_uris": list(post_logout),
        "token_endpoint_auth_method": "none" if public else auth_method,
        "jwks": _read_json(jwks_file) if jwks_file else None,
        "grant_types": list(grant_types),
        "scope": " ".join(scopes),
        "backchannel_logout_uri": backchannel_logout_uri,
    }
    registered = service.add_client(
        house,
        operator(),
        {key: value for key, value in given.items() if value},
        entry=_entry(house, agency_codes, by_role),
        pkce_exempt=pkce_exempt,
    )
    _warn(registered.warnings)
    answer(_document(registered), lambda: _told(registered, house))


@client.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@_agency
@_role
def import_(file: str, agency_codes: tuple[str, ...], by_role: bool) -> None:
    """Register a JSON list of RFC 7591 metadata, all or none; given ids and secrets are kept."""
    house = open_house()
    documents = _read_json(file)
    if not isinstance(documents, list):
        raise Invalid("client.not_a_list", field="")
    entry = _entry(house, agency_codes, by_role)
    done = service.import_clients(house, operator(), documents, entry=entry)
    for registered in done:
        _warn(registered.warnings)
    answer(
        {"clients": [_document(registered) for registered in done]},
        "\n".join(f"Registered {r.client.name}: {r.client.id}" for r in done),
    )


@client.command()
@click.argument("client_id")
def show(client_id: str) -> None:
    """Show one client; its secret cannot be read again."""
    house = open_house()
    with house.database.read() as tx:
        found = service.show_client(tx, client_id)
    document = _shown(found)
    answer(document, "\n".join(one_line(f"{key:32} {value}") for key, value in document.items()))


@client.command("list")
def list_() -> None:
    """List all clients."""
    house = open_house()
    with house.database.read() as tx:
        found = service.list_clients(tx)
    rows = [(c.id, c.name, c.auth_method, "disabled" if c.disabled_at else "") for c in found]
    answer(
        {"clients": [_shown(c) for c in found]},
        table(rows, ("CLIENT ID", "NAME", "AUTHENTICATION", "STATE")),
    )


@client.command()
@click.argument("client_id")
@click.option("--name", default=None)
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="U", help="Replaces all.")
@click.option("--post-logout-redirect-uri", "post_logout", multiple=True, metavar="U")
@click.option("--backchannel-logout-uri", default=None, metavar="U")
@click.option("--auth-method", type=click.Choice(AUTH_METHODS), default=None)
@click.option("--pkce-exempt", default=None, metavar="REASON", help="Empty takes it back.")
def update(
    client_id: str,
    name: str | None,
    redirect_uris: tuple[str, ...],
    post_logout: tuple[str, ...],
    backchannel_logout_uri: str | None,
    auth_method: str | None,
    pkce_exempt: str | None,
) -> None:
    """Change what is registered; everything is checked again."""
    house = open_house()
    given: dict[str, Any] = {
        "client_name": name,
        "redirect_uris": list(redirect_uris) or None,
        "post_logout_redirect_uris": list(post_logout) or None,
        "backchannel_logout_uri": backchannel_logout_uri,
        "token_endpoint_auth_method": auth_method,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    registered = service.update_client(
        house, operator(), client_id, changes, pkce_exempt=pkce_exempt
    )
    _warn(registered.warnings)
    answer(_document(registered), f"Changed {registered.client.name}.")


@client.command("rotate-secret")
@click.argument("client_id")
def rotate_secret(client_id: str) -> None:
    """Make a new secret, shown once; the old one is refused at once."""
    secret = service.rotate_secret(open_house(), operator(), client_id)
    answer(
        {"client_id": client_id, "client_secret": secret}, f"New secret of {client_id}: {secret}"
    )


@client.command()
@click.argument("client_id")
@click.option("--reason", required=True)
def disable(client_id: str, reason: str) -> None:
    """Nobody may enter the application any more; its tokens are dead within 5 s."""
    service.disable_client(open_house(), operator(), client_id, reason)
    answer({"client_id": client_id, "disabled": True}, f"Disabled {client_id}.")


def _entry(house: Installation, agency_codes: tuple[str, ...], by_role: bool) -> service.Entry:
    if agency_codes and by_role:
        raise click.UsageError("Give --agency or --role, not both.")
    access: Access = "agencies" if agency_codes else "roles" if by_role else "everyone"
    agencies = tuple(find_agency(house, code).id for code in agency_codes)
    return service.Entry(access=access, agencies=agencies)


def _read_json(path: str) -> Any:
    try:
        if path == "-":
            text = text_of(sys.stdin.buffer.read(), "Standard input")
        else:
            text = read_text(Path(path))
        return json.loads(text)
    except (ValueError, OSError, RecursionError) as error:
        raise Invalid("input.file", field="file", path=path, why=str(error)) from error


def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        click.echo(f"warning: {one_line(warning)}", err=True)


def _document(registered: service.Registered) -> dict[str, Any]:
    secret = {"client_secret": registered.secret} if registered.secret else {}
    return _shown(registered.client) | secret | {"warnings": list(registered.warnings)}


def _shown(found: Client) -> dict[str, Any]:
    return {
        "client_id": found.id,
        **found.metadata,
        "pkce_exempt": found.pkce_exempt,
        "disabled": bool(found.disabled_at),
    }


def _told(registered: service.Registered, house: Installation) -> str:
    lines = [
        f"Registered {registered.client.name}.",
        f"  issuer         {house.settings.issuer}",
        f"  client_id      {registered.client.id}",
    ]
    if registered.secret:
        lines += [f"  client_secret  {registered.secret}", "", "The secret is not shown again."]
    return "\n".join(lines)
