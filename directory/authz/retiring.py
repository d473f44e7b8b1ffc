"""Retiring roles: whoever holds one keeps it to its end, and nobody is given it any more."""

from __future__ import annotations

from sqlalchemy import Connection, update

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import client_tag, record
from directory.authz.decisions import require
from directory.authz.errors import AUTHZ_DENIED, GRANT_REASON, ROLE_STATE, ROLE_UNKNOWN
from directory.authz.events import ROLE_RESTORED, ROLE_RETIRED
from directory.authz.objects import OfApplication
from directory.authz.permissions import ADMIN_APPLICATION, RolePermission
from directory.authz.roles import find_role
from directory.authz.tables import role
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, Forbidden, Invalid, NotFound


def retire_role(tx: Connection, actor: Actor, application_id: str, name: str, reason: str) -> None:
    """From now on nobody is given the role, nor for longer.

    Raises NotFound, Forbidden, also for roles of our own application, Invalid without a reason,
    Conflict(``role.state``) when it is retired already.
    """
    _set(tx, actor, application_id, name, reason, ROLE_RETIRED)


def restore_role(tx: Connection, actor: Actor, application_id: str, name: str, reason: str) -> None:
    """The role is given again. Raises as `retire_role`."""
    _set(tx, actor, application_id, name, reason, ROLE_RESTORED)


def _set(
    tx: Connection, actor: Actor, application_id: str, name: str, reason: str, kind: Kind
) -> None:
    take_advisory_lock(tx, "application", application_id)
    about = OfApplication(application_id)
    require(tx, actor, RolePermission.WRITE, about)
    found = find_role(tx, application_id, name)
    if found is None:
        raise NotFound(ROLE_UNKNOWN, value=f"{application_id}:{name}")
    if application_id == ADMIN_APPLICATION:
        # What administers the catalogue is the program's to say.
        raise Forbidden(AUTHZ_DENIED, action=RolePermission.WRITE, reason="built_in")
    if not reason.strip():
        raise Invalid(GRANT_REASON, field="reason")
    retires = kind is ROLE_RETIRED
    if retires == (found.retired_at is not None):
        raise Conflict(ROLE_STATE)
    key = (role.c.application_id == application_id) & (role.c.name == name)
    tx.execute(update(role).where(key).values(retired_at=now_ms() if retires else None))
    record(
        tx,
        kind,
        actor,
        subject=client_tag(application_id),
        application=application_id,
        role=name,
        title=found.title_vi,
        reason=reason.strip(),
    )
