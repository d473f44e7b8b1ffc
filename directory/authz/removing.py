"""Removing applications for good. The row stays as a tombstone: the log goes on naming it, and
nobody is ever given its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

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
from directory.database.without_index import without_index
from directory.errors import Forbidden, Invalid, NotFound
from directory.installation import Installation


@dataclass(frozen=True)
class Dependant:
    """Something of that name that works for an application. `is_stopped`: it does nothing, and
    cannot be let go on once the application was removed."""

    name: str
    is_stopped: bool


_AT_ONCE = 200
_SYSTEM = system("removed_applications")
_REASON = "ứng dụng đã bị xóa hẳn"


def mark_removed(
    tx: Connection, actor: Actor, application_id: str, reason: str, *, requests: int
) -> str:
    """From now on it is not there: nobody enters it, nor is given a role of it. `end_grants` ends
    what was given. `requests`: how many were closed with it. Gives the id of its event.

    Raises NotFound, Forbidden, also for our own application, Invalid without a reason.
    """
    app = require_removing(tx, actor, application_id)
    if not reason.strip():
        raise Invalid(GRANT_REASON, field="reason")
    tx.execute(
        update(application).where(application.c.id == application_id).values(removed_at=now_ms())
    )
    return record(
        tx,
        APPLICATION_REMOVED,
        actor,
        subject=client_tag(application_id),
        agency=app.owner_agency_id,
        name=app.name,
        grants=sum(count_standing(tx, application_id).values()),
        requests=requests,
        reason=reason.strip(),
    )


def require_removing(tx: Connection, actor: Actor, application_id: str) -> Application:
    """The application, if the actor may remove it; until `tx` ends nobody hangs anything on it
    (`directory.authz.applications.require_there`). Raises NotFound, Forbidden."""
    take_advisory_lock(tx, "application", application_id)
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    # Whoever is just giving a role of it is waited for.
    tx.execute(select(application.c.id).where(application.c.id == application_id).with_for_update())
    app = applications.find(tx, application_id)
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    if app.built_in:
        raise Forbidden(AUTHZ_DENIED, action=ApplicationPermission.WRITE, reason="built_in")
    return app


def count_standing(tx: Connection, application_id: str) -> Mapping[str, int]:
    """How many grants of an application were not revoked, by what holds them."""
    columns = role_grant.c
    stands = without_index(columns.revoked_at).is_(None)
    query = select(columns.holder_kind, func.count()).where(
        columns.application_id == application_id, stands
    )
    return {row[0]: row[1] for row in tx.execute(query.group_by(columns.holder_kind))}


def count_roles(tx: Connection, application_id: str) -> int:
    """How many roles it has declared."""
    columns = role.c
    query = select(func.count()).select_from(role).where(columns.application_id == application_id)
    return int(tx.execute(query).scalar_one())


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
        if count < _AT_ONCE:
            return ended


def _end_some(tx: Connection, actor: Actor, reason: str, application_id: str) -> int:
    columns = role_grant.c
    removed = select(application.c.id).where(application.c.removed_at.is_not(None))
    if application_id:
        removed = removed.where(application.c.id == application_id)
    query = (
        select(role_grant)
        .where(
            columns.application_id.in_(removed),
            without_index(columns.revoked_at).is_(None),
        )
        .order_by(columns.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(query).all()
    for row in rows:
        end_grant(tx, actor, grant_from_row(row), reason)
    return len(rows)
