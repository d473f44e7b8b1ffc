"""Which permission each page wants: one table, asked before every request.

A route without a row stops the start. The row says the class of action; which people and places it
may be done to is decided by the handles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from flask import Flask, g, request
from werkzeug.wrappers import Response

from admin_ui.console.errors import CONSOLE_NO_PERMISSION
from admin_ui.console.signin.begin import ask_to_sign_in
from admin_ui.console.visitor import Visitor, recognise
from directory.audit.log import record
from directory.authz.events import AUTHZ_DENIED
from directory.authz.permissions import AuditPermission, Permission
from directory.errors import Forbidden
from directory.people.permissions import PeoplePermission
from web.current import current_installation

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"
Wanted = Permission | Literal["public", "signed-in"]

POLICY: Mapping[str, Wanted] = {
    "kit.asset": PUBLIC,
    "health.show_alive": PUBLIC,
    "health.show_ready": PUBLIC,
    "home.show": PUBLIC,
    "signin.start": PUBLIC,
    "signin.finish": PUBLIC,
    "signin.leave": SIGNED_IN,
    "signin.receive_logout_token": PUBLIC,  # proves itself by its signature
    "people.list_people": PeoplePermission.READ,
    "people.show": PeoplePermission.READ,
    "people.edit": PeoplePermission.WRITE,
    "people.save": PeoplePermission.WRITE,
    "events.list_events": AuditPermission.READ,
}


class RouteWithoutPolicy(Exception):
    """A page nobody has said who may come to, or a row for a page that is not there: a bug."""


def install(app: Flask, policy: Mapping[str, Wanted] = POLICY) -> None:
    """Hold `app` to the table. Raises RouteWithoutPolicy unless routes and rows are the same."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if routes != set(policy):
        raise RouteWithoutPolicy(
            f"no policy: {sorted(routes - set(policy))}, no route: {sorted(set(policy) - routes)}"
        )

    @app.before_request
    def ask_policy() -> Response | None:
        if request.routing_exception or request.endpoint is None:
            g.visitor = recognise()
            return None
        return _admit(policy[request.endpoint])


def _admit(wanted: Wanted) -> Response | None:
    g.visitor = None
    if wanted == PUBLIC and request.endpoint != "home.show":
        return None
    g.visitor = visitor = recognise()
    if wanted == PUBLIC:
        return None
    if visitor is None:
        return ask_to_sign_in()
    if wanted != SIGNED_IN and not visitor.may(wanted):
        _record_denial(visitor, wanted)
        raise Forbidden(CONSOLE_NO_PERMISSION)
    return None


def _record_denial(visitor: Visitor, action: str) -> None:
    with current_installation().database.write() as tx:
        record(
            tx,
            AUTHZ_DENIED,
            visitor.actor,
            action=action,
            object=f"page:{request.endpoint or ''}",
            reason="no_role",
        )
