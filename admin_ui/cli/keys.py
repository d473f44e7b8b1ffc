"""danhmuc key …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    open_own_installation,
    operator,
    progress,
    table,
)
from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing.rotation import Rotated, rotate_sealing
from directory.clock import iso, local
from idp.keys import service
from idp.keys.jose import Algorithm

_INSTANTS = ("created_at", "activated_at", "retired_at")


@click.group(cls=JsonGroup)
def key() -> None:
    """The keys that sign tokens, and those that seal what is stored."""


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


@key.command("rotate-sealing")
def rotate_sealing_() -> None:
    """Make a new key for sealed values and seal again with it what lasts. The old one goes on
    opening for a day, then the worker retires it. While that lasts no other key is made, and the
    command goes on with what was interrupted."""
    done = rotate_sealing(open_own_installation(), COMPONENTS, operator(), told=progress)
    answer(_sealing_document(done), lambda: _told_sealing(done))


def _sealing_document(done: Rotated) -> dict[str, object]:
    found = done.sealing
    return {
        "key": found.newest.id,
        "made": done.made,
        "values": found.values,
        "sealed_again": done.sealed_again,
        "left": found.left,
        "older": [key.id for key in found.older],
        "older_end_at": iso(found.ends_at) if found.ends_at is not None else None,
    }


def _told_sealing(done: Rotated) -> str:
    found = done.sealing
    verb = "was made; copy it apart: danhmuc backup keys --to DIR" if done.made else "seals already"
    lines = [
        f"The key of {local(found.newest.made_at)} {verb}.",
        f"{done.sealed_again:,} of {found.values:,} values were sealed again.",
    ]
    if not done.made and not done.sealed_again:
        lines = [f"The key of {local(found.newest.made_at)} seals already. Nothing was changed."]
    if found.left:
        lines.append(f"{found.left:,} could not be: see danhmuc doctor. The old key stays.")
    elif found.ends_at is not None:
        lines.append(f"The old key goes on opening until {local(found.ends_at)}.")
    return "\n".join(lines)


# A kid is base64url and may begin with a dash. A short option beside it would be looked for
# among its letters: one "h" in it would show the help and revoke nothing.
@key.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
@click.option("--reason", required=True)
def revoke(kid: str, reason: str) -> None:
    """Emergency: nothing this key signed is believed any more."""
    service.revoke(open_own_installation(), operator(), kid, reason)
    answer({"kid": kid}, f"Revoked {kid}.")
