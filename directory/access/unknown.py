"""The one answer for what is not there and for what is not the actor's to know."""

from __future__ import annotations

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.events import AUTHZ_DENIED
from directory.authz.objects import Object
from directory.authz.permissions import Permission
from directory.errors import ErrorCode, NotFound
from directory.installation import Installation


def unknown(
    installation: Installation,
    actor: Actor,
    action: Permission,
    about: Object,
    declared: ErrorCode,
) -> NotFound:
    """Leave the mark in the log that both leave, and give the error that both answer with."""
    with installation.database.write() as tx:
        record(tx, AUTHZ_DENIED, actor, action=action, object=about.tag, reason="out_of_scope")
    return NotFound(declared)
