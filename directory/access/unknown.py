"""The one answer for what is not there and for what is not the actor's to know."""

from __future__ import annotations

from directory.actor import Actor
from directory.authz.denials import record_denial
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
    record_denial(installation, actor, action, about.tag, "out_of_scope")
    return NotFound(declared)
