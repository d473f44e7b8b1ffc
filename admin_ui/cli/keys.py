"""danhmuc key …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from directory.clock import iso, local
from idp.keys import service
from idp.keys.jose import Algorithm

_INSTANTS = ("created_at", "activated_at", "retired_at")


@click.group(cls=JsonGroup)
def key() -> None:
    """The keys that sign tokens."""


@key.command("list")
def list_() -> None:
    """List every key ever made, newest first."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = service.list_keys(tx)
    rows = [(k.kid, k.alg, k.status, local(k.created_at)) for k in found]
    documents = [
        asdict(k)
        | {name: at if (at := getattr(k, name)) is None else iso(at) for name in _INSTANTS}
        for k in found
    ]
    answer({"keys": documents}, table(rows, ("KID", "ALG", "STATUS", "CREATED")))


@key.command()
@click.option("--alg", type=click.Choice(["ES256", "RS256"]), default="ES256", show_default=True)
@click.option(
    "--force", is_flag=True, help="Also while applications may not know the next key yet."
)
def rotate(alg: str, *, force: bool) -> None:
    """The published next key begins to sign; the old one stays published until nothing it signed
    can live. Refused until the next key was published for as long as applications may keep the
    key set (an hour)."""
    algorithm: Algorithm = "RS256" if alg == "RS256" else "ES256"
    kid = service.rotate(open_own_installation(), operator(), algorithm, force=force)
    answer({"kid": kid, "alg": alg}, f"{alg} tokens are now signed with {kid}.")


# A kid is base64url and may begin with a dash.
@key.command(context_settings={"ignore_unknown_options": True})
@click.argument("kid")
@click.option("--reason", required=True)
def revoke(kid: str, reason: str) -> None:
    """Emergency: nothing this key signed is believed any more."""
    service.revoke(open_own_installation(), operator(), kid, reason)
    answer({"kid": kid}, f"Revoked {kid}.")
