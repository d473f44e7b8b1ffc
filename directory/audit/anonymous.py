"""Events that anybody can cause without being anybody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import Where, write_event


def record_anonymous(
    tx: Connection,
    kind: Kind,
    actor: Actor,
    *,
    subject: str = "",
    agency: str = "",
    **fields: Any,
) -> None:
    """As `record`, for what an unauthenticated request caused: it counts against the budget of its
    network, also where it names an application (naming a public client proves nothing)."""
    write_event(tx, kind, actor, Where(subject, agency or actor.agency_id), fields, stranger=True)
