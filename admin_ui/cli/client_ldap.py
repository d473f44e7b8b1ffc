"""danhmuc client ldap …: applications that ask the catalogue over LDAP."""

from __future__ import annotations

from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from admin_ui.components import REGISTRATION, VOCABULARY
from directory.authz import applications
from directory.authz.applications import Access
from directory.errors import NotFound
from directory.ldap.released import RELEASED
from directory.ldap_clients.errors import LDAP_CLIENT_NONE
from directory.ldap_clients.register import list_ldap_clients
from directory.release.service import COMMON_BASIS
from idp.applications.handles import ApplicationsFor, Draft, ShownApplication
from sync.engine.connectors import list_feeding


@click.group(cls=JsonGroup)
def ldap() -> None:
    """Applications that only speak LDAP: an account each, which reads what is released to it."""


def _applications() -> ApplicationsFor:
    return ApplicationsFor(
        open_own_installation(), operator(), VOCABULARY, REGISTRATION, list_feeding
    )


@ldap.command()
@click.option("--name", required=True)
@click.option("--owner", default="", metavar="CODE", help="The agency that answers for it.")
@click.option("--description", default="", metavar="D")
@click.option("--contact", default="", metavar="M", help="E-mail or telephone of who keeps it.")
@click.option("--client-uri", default="", metavar="U", help="What its tile opens.")
@click.option("--internal/--shared", "internal", default=False, help="As of danhmuc client add.")
@click.option("--agency", "codes", multiple=True, metavar="CODE", help="Open to its people only.")
@click.option("--role", "by_role", is_flag=True, help="Open to holders of its roles only.")
@click.option(
    "--release",
    "released",
    multiple=True,
    type=click.Choice(tuple(RELEASED)),
    help="What it reads of whoever may enter it.",
)
@click.option("--purpose", default="", metavar="P", help="What it needs that for.")
@click.option("--basis", default=COMMON_BASIS, metavar="B", help="The rule that lets it.")
def add(
    name: str,
    owner: str,
    description: str,
    contact: str,
    client_uri: str,
    internal: bool,
    codes: tuple[str, ...],
    by_role: bool,
    released: tuple[str, ...],
    purpose: str,
    basis: str,
) -> None:  # fmt: skip
    """Register one; its password is shown once.

    It is open to everyone unless --agency or --role narrows who may enter, and sees nobody else.
    """
    if codes and by_role:
        raise click.UsageError("Say once who may enter: --agency or --role.")
    installation = open_own_installation()
    access: Access = "agencies" if codes else "roles" if by_role else "everyone"
    draft = Draft(
        "ldap",
        name,
        find_agency(installation, owner).id if owner else "",
        description=description,
        contact=contact,
        start_url=client_uri,
        access=access,
        agencies=tuple(find_agency(installation, code).id for code in codes),
        sharing="internal" if internal else "shared",
        attributes=released,
        purpose=purpose,
        basis=basis,
    )
    handle = _applications()
    made = handle.register(draft)
    _answer_with(handle, handle.show(made.id), made.secret)


@ldap.command()
@click.argument("client_id")
def show(client_id: str) -> None:
    """Show one, and what to put into it; its password cannot be read again."""
    handle = _applications()
    shown = handle.show(client_id)
    document = _document(handle, shown)
    answer(document, lambda: _told(document))


@ldap.command("list")
def list_() -> None:
    """List them."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        clients = list_ldap_clients(tx)
        found = [app for app in applications.list_these(tx, clients) if app.removed_at is None]
    suffix = installation.settings.suffix
    answer(
        {
            "clients": [
                {
                    "client_id": app.id,
                    "client_name": app.name,
                    "bind_dn": clients[app.id].dn(suffix),
                    "disabled": bool(app.disabled_at),
                }
                for app in found
            ]
        },
        table(
            [(a.id, a.name, "disabled" if a.disabled_at else "enabled") for a in found],
            ("CLIENT ID", "NAME", "STATE"),
        ),
    )


@ldap.command("new-password")
@click.argument("client_id")
def new_password(client_id: str) -> None:
    """Make a new password, shown once; the old one is refused at once.

    An application that has no account yet, one that is registered without a connection, is given
    one.
    """
    handle = _applications()
    secret = handle.new_ldap_password(handle.show_for_change(client_id))
    _answer_with(handle, handle.show(client_id), secret)


@ldap.command()
@click.argument("client_id")
@click.option("--reason", required=True)
def disable(client_id: str, reason: str) -> None:
    """It can neither bind nor read any more."""
    handle = _applications()
    handle.disable(handle.show_for_change(client_id), reason)
    answer({"client_id": client_id, "disabled": True}, f"Disabled {one_line(client_id)}.")


@ldap.command()
@click.argument("client_id")
@click.option("--reason", required=True)
def enable(client_id: str, reason: str) -> None:
    """Take a disabling back: it binds with the password it had."""
    handle = _applications()
    handle.enable(handle.show_for_change(client_id), reason)
    answer({"client_id": client_id, "disabled": False}, f"Enabled {one_line(client_id)}.")


def _answer_with(handle: ApplicationsFor, shown: ShownApplication, secret: str) -> None:
    document = _document(handle, shown) | {"password": secret}
    lines = [_told(document), f"  password      {secret}", "", "The password is not shown again."]
    answer(document, "\n".join(lines))


def _document(handle: ApplicationsFor, shown: ShownApplication) -> dict[str, Any]:
    settings = handle.ldap_settings_of(shown)
    if settings is None:
        raise NotFound(LDAP_CLIENT_NONE)
    return {
        "client_id": shown.app.id,
        "client_name": shown.app.name,
        "bind_dn": settings.bind_dn,
        "servers": list(settings.servers),
        "base": settings.base,
        "login_filter": settings.login_filter or None,
        "attributes": [name for each in settings.attributes.values() for name in each],
        "access": shown.app.access,
        "disabled": bool(shown.app.disabled_at),
    }


def _told(document: dict[str, Any]) -> str:
    rows = [
        ("client id", document["client_id"]),
        ("state", "disabled" if document["disabled"] else "enabled"),
        ("bind DN", document["bind_dn"]),
        ("servers", " ".join(document["servers"])),
        ("base", document["base"]),
        ("filter", document["login_filter"] or "none: neither username nor mail is released"),
        ("reads", " ".join(["dmId", *document["attributes"]])),
    ]
    return "\n".join(
        [document["client_name"], *(one_line(f"  {label:14}{text}") for label, text in rows)]
    )
