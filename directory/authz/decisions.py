"""The one decision function: whoever asks "may they?" asks here, and refusal is the default."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from directory.actor import Actor
from directory.authz.roles import roles_of
from directory.authz.tables import application, application_agency
from directory.clock import today
from directory.errors import Forbidden
from directory.projection.tables import catalogue_person, catalogue_post, catalogue_tree


@dataclass(frozen=True)
class Decision:
    """`reason` is a stable word: why it is allowed or refused."""

    allowed: bool
    reason: str


def decide(tx: Connection, actor: Actor, action: str, object_id: str = "") -> Decision:
    """May `actor` do `action` (``application:enter``, ``people:write``) to `object_id`?

    `object_id` is the id of the application, person or agency the action is about.
    """
    if actor.kind == "os":
        # The command line: whoever can read the state folder already holds every key in it.
        return Decision(True, "operator")
    if actor.kind == "system":
        return Decision(True, "system")
    if action == "application:enter" and actor.kind == "person":
        return _may_enter(tx, actor.id, object_id)
    return Decision(False, "no_rule")


def require(tx: Connection, actor: Actor, action: str, object_id: str = "") -> None:
    """Raise Forbidden unless `decide` allows."""
    decision = decide(tx, actor, action, object_id)
    if not decision.allowed:
        raise Forbidden("authz.denied", action=action, object=object_id, reason=decision.reason)


def _may_enter(tx: Connection, person_id: str, application_id: str) -> Decision:
    app = tx.execute(
        select(application.c.access, application.c.disabled_at).where(
            application.c.id == application_id
        )
    ).first()
    if app is None:
        return Decision(False, "unknown_application")
    if app.disabled_at:
        return Decision(False, "application_disabled")
    status = tx.execute(
        select(catalogue_person.c.status).where(catalogue_person.c.id == person_id)
    ).scalar()
    if status != "active":
        return Decision(False, "person_not_active")
    if app.access == "everyone":
        return Decision(True, "open_to_everyone")
    if app.access == "roles":
        held = roles_of(tx, person_id, application_id, today().isoformat())
        return Decision(True, "holds_role") if held else Decision(False, "no_role")
    if _is_in_agencies(tx, person_id, application_id):
        return Decision(True, "in_agency")
    return Decision(False, "other_agency")


def _is_in_agencies(tx: Connection, person_id: str, application_id: str) -> bool:
    now = today().isoformat()
    post, tree, opened = catalogue_post.c, catalogue_tree.c, application_agency.c
    query = (
        select(post.id)
        .join(catalogue_tree, tree.descendant_id == post.agency_id)
        .join(application_agency, opened.agency_id == tree.ancestor_id)
        .where(
            opened.application_id == application_id,
            post.person_id == person_id,
            (post.start_on == "") | (post.start_on <= now),
            (post.end_on == "") | (post.end_on >= now),
        )
        .limit(1)
    )
    return tx.execute(query).first() is not None
