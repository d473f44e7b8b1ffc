"""The catalogue's own application: the roles by which people administer it, and the console's
registration as client no. 1 of our own sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.roles import Role, list_roles
from directory.errors import NotFound
from directory.installation import Installation
from directory.settings import Settings
from idp.clients import service as clients
from idp.clients.metadata import Registration
from idp.clients.model import Client
from idp.levels import TWO_FACTORS

NAME = "Quản trị Danh mục"
CALLBACK_PATH = "/callback"
BACKCHANNEL_PATH = "/backchannel-logout"


def put_console_application(tx: Connection, actor: Actor) -> None:
    """Register the application and its roles where they are missing."""
    if applications.find(tx, ADMIN_APPLICATION) is None:
        app = Application(
            ADMIN_APPLICATION,
            NAME,
            description="Quản lý người dùng của đơn vị, xem nhật ký",
            access="roles",
            built_in=True,
        )
        applications.put(tx, actor, app)
    declared = {role.name: role for role in list_roles(tx, ADMIN_APPLICATION)}
    for name, ours in ADMIN_ROLES.items():
        role = declared.get(name) or Role(ADMIN_APPLICATION, name, *ours.title)
        # What the program says of them may change with it; what a province says besides stays.
        grants.put_role(tx, actor, replace(role, given_by=""))


def register_console(installation: Installation, actor: Actor, registration: Registration) -> None:
    """Register the console's client, let it follow a changed address, and keep its secret.

    `put_console_application` was done. Harmless when done already; a lost secret is replaced.
    """
    metadata, file = _metadata(installation.settings), secret_file(installation.settings)
    known = _find(installation)
    if known is None:
        registered = clients.add_client(installation, actor, registration, metadata, built_in=True)
        _write_secret(file, registered.secret or "")
        return
    changes = {
        name: value
        for name, value in metadata.items()
        if name != "client_id" and known.metadata.get(name) != value
    }
    if changes:
        clients.update_client(installation, actor, registration, ADMIN_APPLICATION, changes)
    if not file.exists():
        _write_secret(file, clients.rotate_secret(installation, actor, ADMIN_APPLICATION).secret)


def secret_file(settings: Settings) -> Path:
    """Where the console finds its client secret."""
    return settings.secrets_dir / f"client-{ADMIN_APPLICATION}.secret"


def _metadata(settings: Settings) -> Mapping[str, object]:
    url = settings.console_url
    return {
        "client_id": ADMIN_APPLICATION,
        "client_name": NAME,
        "client_uri": f"{url}/",
        "redirect_uris": [url + CALLBACK_PATH],
        "post_logout_redirect_uris": [f"{url}/"],
        "backchannel_logout_uri": url + BACKCHANNEL_PATH,
        "grant_types": ["authorization_code"],
        "scope": "openid profile",
        # Administrators always: whoever has none sets a second factor up on the way in.
        "default_acr_values": [TWO_FACTORS],
    }


def _find(installation: Installation) -> Client | None:
    with installation.database.read() as tx:
        try:
            return clients.show_client(tx, ADMIN_APPLICATION)
        except NotFound:
            return None


def _write_secret(path: Path, secret: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secret, encoding="utf-8")
    draft.rename(path)
