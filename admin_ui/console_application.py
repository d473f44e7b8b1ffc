"""The catalogue's own application: the roles by which people administer it."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION, TITLES
from directory.authz.roles import Role, list_roles

_NAME = "Quản trị Danh Mục"


def put_console_application(tx: Connection, actor: Actor) -> None:
    """Register the application and its roles where they are missing."""
    if applications.find(tx, ADMIN_APPLICATION) is None:
        app = Application(ADMIN_APPLICATION, _NAME, access="roles", built_in=True)
        applications.put(tx, actor, app)
    declared = {role.name for role in list_roles(tx, ADMIN_APPLICATION)}
    for name, (vi, en) in TITLES.items():
        if name not in declared:
            grants.put_role(tx, actor, Role(ADMIN_APPLICATION, name, vi, en))
