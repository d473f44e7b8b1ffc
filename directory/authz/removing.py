"""Removing applications for good. The row stays as a tombstone: the log goes on naming it, and
nobody is ever given its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from directory.actor import Actor, system
from directory.audit.log import client_tag, record
from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.decisions import require
from directory.authz.errors import APPLICATION_UNKNOWN, AUTHZ_DENIED, GRANT_REASON
from directory.authz.events import APPLICATION_REMOVED
from directory.authz.grants import end_grant, grant_from_row
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.tables import application, role, role_grant
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.counting import Count
from directory.database.without_index import without_index
from directory.errors import Forbidden, Invalid, NotFound
from directory.installation import Installation


@dataclass(frozen=True)
class Dependant:
    """Something of that name that works for an application. `is_stopped`: it does nothing, and
    cannot be let go on once the application was removed."""

    name: str
    is_stopped: bool


AT_ONCE = 200
_SYSTEM = system("removed_applications")
_REASON = "ứng dụng đã bị xóa hẳn"


def mark_removed(tx: Connection, actor: Actor, application_id: str) -> Application:
    """From now on it is not there: nobody enters it, and whoever is just hanging something on it
    (`directory.authz.applications.require_there`) is waited for. `tell_removed` follows in `tx`.

    Raises NotFound, Forbidden, also for our own application.
    """
    take_advisory_lock(tx, "application", application_id)
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    app = applications.find(tx, application_id)
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    if app.built_in:
        raise Forbidden(AUTHZ_DENIED, action=ApplicationPermission.WRITE, reason="built_in")
    now, its = now_ms(), application.c
    tx.execute(
        update(application)
        .where(its.id == application_id)
        .values(removed_at=now, disabled_at=app.disabled_at or now)
    )
    return app


@dataclass(frozen=True)
class Told:
    """The id of the event that tells a removal, and how many grants end by it."""

    act: str
    grants: int


def tell_removed(
    tx: Connection, actor: Actor, app: Application, reason: str, *, requests: int
) -> Told:
    """Record that it was removed, and end what was given of it, as far as it is not much:
    `end_grants` ends the rest. `requests`: how many were closed with it. Raises Invalid without a
    reason."""
    if not reason.strip():
        raise Invalid(GRANT_REASON, field="reason")
    rows = _standing(tx, app.id)
    grants = rows[0].standing if rows else 0
    act = record(
        tx,
        APPLICATION_REMOVED,
        actor,
        subject=client_tag(app.id),
        agency=app.owner_agency_id,
        name=app.name,
        grants=grants,
        requests=requests,
        reason=reason.strip(),
    )
    for row in rows:
        end_grant(tx, actor, grant_from_row(row), reason)
    return Told(act, grants)


def counting_grants(application_id: str, *, of_positions: bool = False) -> Count:
    """How many grants of an application were not revoked, or of them those to positions."""
    columns = role_grant.c
    query = select(func.count()).select_from(role_grant)
    query = query.where(
        columns.application_id == application_id, without_index(columns.revoked_at).is_(None)
    )
    return Count(query.where(columns.holder_kind == "position") if of_positions else query)


def counting_roles(application_id: str) -> Count:
    """How many roles it has declared."""
    its = role.c.application_id == application_id
    return Count(select(func.count()).select_from(role).where(its))


def end_grants(installation: Installation, actor: Actor, application_id: str, reason: str) -> int:
    """End what was given of an application that was removed, some in each transaction; what a crash
    leaves is ended by `end_left_over`. Gives how many."""
    return _end_all(installation, actor, reason, application_id)


def end_left_over(installation: Installation) -> int:
    """End what is left of grants of whichever application was removed."""
    return _end_all(installation, _SYSTEM, _REASON, "")


def _end_all(installation: Installation, actor: Actor, reason: str, application_id: str) -> int:
    ended = 0
    while True:
        with installation.database.write() as tx:
            count = _end_some(tx, actor, reason, application_id)
        ended += count
        if count < AT_ONCE:
            return ended


def _end_some(tx: Connection, actor: Actor, reason: str, application_id: str) -> int:
    rows = _standing(tx, application_id)
    for row in rows:
        end_grant(tx, actor, grant_from_row(row), reason)
    return len(rows)


def _standing(tx: Connection, application_id: str) -> Sequence[Row[Any]]:
    """Some of what was given of an application that was removed, or of any, each with how many
    there are of all."""
    columns = role_grant.c
    removed = select(application.c.id).where(application.c.removed_at.is_not(None))
    if application_id:
        removed = removed.where(application.c.id == application_id)
    query = (
        select(role_grant, func.count().over().label("standing"))
        .where(columns.application_id.in_(removed), without_index(columns.revoked_at).is_(None))
        .order_by(columns.id)
        .limit(AT_ONCE)
    )
    return tx.execute(query).all()
