"""The catalogue's own application: the roles by which people administer it."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.roles import Role, list_roles

CONSOLE = "danh-muc"
_NAME = "Quản trị Danh Mục"
_ROLES = (("agency_admin", "Quản trị đơn vị", "Agency administrator"),)


def put_console_application(tx: Connection, actor: Actor) -> None:
    """Register the application and its roles where they are missing."""
    if applications.find(tx, CONSOLE) is None:
        app = Application(CONSOLE, _NAME, access="roles", built_in=True)
        applications.put(tx, actor, app)
    declared = {role.name for role in list_roles(tx, CONSOLE)}
    for name, vi, en in _ROLES:
        if name not in declared:
            grants.put_role(tx, actor, Role(CONSOLE, name, vi, en))
