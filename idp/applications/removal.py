"""Removing an application for good, whatever it speaks: what it would do, and doing it.

Everything that SQL says is one transaction, but for the end of the grants, of which there may be
thousands, and the account in LDAP: what a crash leaves of both, the worker does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import removing
from directory.authz.applications import Application
from directory.authz.removing import Dependant
from directory.clock import DAY, local, now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.counting import answer
from directory.errors import AppError, Conflict
from directory.installation import Installation
from directory.ldap_clients import service as ldap_clients
from directory.ldap_clients.keeping import keep
from directory.ldap_clients.register import LdapClient
from directory.release import service as release
from directory.release.register import find_release
from directory.requests import service as requests
from idp.applications.errors import (
    APPLICATION_DISABLED_LATELY,
    APPLICATION_FED,
    APPLICATION_NOT_DISABLED_YET,
    APPLICATION_STANDS_FOR,
)
from idp.clients.model import Client
from idp.clients.registry import registry
from idp.clients.resources import remove_resource, resources_of
from idp.clients.service import remove_connection
from idp.oidc.token_families import counting_sessions

DISABLED_DAYS = 30

ListDependants = Callable[[Connection, str], Sequence[Dependant]]
"""What works for an application beside the sign-in, which this layer does not know of."""


@dataclass(frozen=True)
class Prospect:
    """What removing an application would do. `ready_at` (ms): from when it may be removed, None
    while it is not disabled; `problem`: why it cannot be yet, None where it can.

    `grants`: how many end, `of_positions`: of them those to positions; `learns`: how many
    attributes of people it learns; `secrets`, `keys`: how many of its connection are forgotten;
    `sessions`: of people in it.
    """

    ready_at: int | None
    problem: AppError | None
    grants: int
    of_positions: int
    roles: int
    learns: int
    requests: int
    is_connected: bool
    secrets: int
    keys: int
    sessions: int
    has_account: bool
    connectors: Sequence[Dependant]
    resources: Sequence[str]


def foresee(
    tx: Connection,
    app: Application,
    connection: Client | None,
    account: LdapClient | None,
    list_dependants: ListDependants,
) -> Prospect:
    """What removing it, with its connection and account in LDAP, would do now."""
    connectors, resources = list_dependants(tx, app.id), resources_of(tx, app.id)
    released = find_release(tx, app.id)
    secrets = (connection.secret_hash, connection.previous_secret_hash) if connection else ()
    grants, of_positions, roles, asked, sessions = answer(
        tx,
        (
            removing.counting_grants(app.id),
            removing.counting_grants(app.id, of_positions=True),
            removing.counting_roles(app.id),
            requests.counting_about_application(app.id),
            counting_sessions(app.id),
        ),
    )
    return Prospect(
        ready_at=app.disabled_at + DISABLED_DAYS * DAY if app.disabled_at else None,
        problem=next(iter(_problems(app, connectors, resources)), None),
        grants=grants,
        of_positions=of_positions,
        roles=roles,
        learns=len(released.attributes) if released is not None else 0,
        requests=asked,
        is_connected=connection is not None,
        secrets=sum(each is not None for each in secrets),
        keys=len(connection.metadata["jwks"]["keys"]) if connection else 0,
        sessions=sessions,
        has_account=account is not None,
        connectors=connectors,
        resources=resources,
    )


def remove(
    installation: Installation,
    actor: Actor,
    application_id: str,
    reason: str,
    list_dependants: ListDependants,
) -> int:
    """Take an application away for good: its name and its history stay, its id is nobody's ever
    again. Gives how many grants ended.

    Raises NotFound, Forbidden, Invalid without a reason, and Conflict unless it has been disabled
    for `DISABLED_DAYS`, or while something works for it.
    """

    def check(tx: Connection, app: Application) -> None:
        for problem in _problems(app, list_dependants(tx, app.id), resources_of(tx, app.id)):
            raise problem

    return _remove(installation, actor, application_id, reason, check)


def remove_again(
    installation: Installation, actor: Actor, application_id: str, reason: str
) -> None:
    """After a restore: one that was removed since the backup, whatever hangs on it."""
    with installation.database.read() as tx:
        uris = resources_of(tx, application_id)
    for uri in uris:
        remove_resource(installation, actor, uri)
    _remove(installation, actor, application_id, reason, lambda _tx, _app: None)


def _remove(
    installation: Installation,
    actor: Actor,
    application_id: str,
    reason: str,
    check: Callable[[Connection, Application], None],
) -> int:
    nobodys_hash = ldap_clients.hash_of_nobodys_password()
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", application_id)
        app = removing.mark_removed(tx, actor, application_id)
        check(tx, app)
        refused = requests.refuse_about_application(tx, actor, app.id, reason)
        told = removing.tell_removed(tx, actor, app, reason, requests=refused)
        release.end(tx, actor, app, reason)
        ldap_clients.close(tx, actor, app, nobodys_hash, part_of=told.act)
        remove_connection(tx, actor, app, reason, part_of=told.act)
    registry(installation).forget(app.id)
    if told.grants > removing.AT_ONCE:
        removing.end_grants(installation, actor, app.id, reason)
    keep(installation, actor, app.id, act=told.act)
    return told.grants


def _problems(
    app: Application, connectors: Sequence[Dependant], resources: Sequence[str]
) -> Sequence[AppError]:
    """Everything that keeps it from being removed, the first to be mended first."""
    found: list[AppError] = []
    if not app.disabled_at:
        found.append(Conflict(APPLICATION_NOT_DISABLED_YET, days=DISABLED_DAYS, client_id=app.id))
    elif now_ms() < (ready_at := app.disabled_at + DISABLED_DAYS * DAY):
        ready_on = local(ready_at)[:10]
        found.append(Conflict(APPLICATION_DISABLED_LATELY, days=DISABLED_DAYS, ready_on=ready_on))
    if running := [each.name for each in connectors if not each.is_stopped]:
        found.append(Conflict(APPLICATION_FED, names=", ".join(running)))
    if resources:
        found.append(Conflict(APPLICATION_STANDS_FOR, uris=", ".join(resources)))
    return found
