"""Why a person may enter an application, and where each of their roles comes from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.audit.sentences import actor_name
from directory.authz.decisions import decide
from directory.authz.grants import Grant, list_standing
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.positions import Position, positions_of
from directory.authz.roles import RoleHeld, roles_of
from directory.authz.tables import role_grant
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.catalogue.person import Post
from directory.clock import today
from directory.errors import NotFound
from directory.projection import queries

Told = dict[str, Any]


def explain_access(
    tx: Connection, vocabulary: Vocabulary, person_id: str, application_id: str
) -> Told:
    """`may_enter`, `roles` with what each comes `through` (person, post or position, in words), who
    gave it and until when, and in `missing` the reason when they may not enter, else None."""
    person = queries.person(tx, person_id)
    if person is None:
        raise NotFound(PERSON_UNKNOWN)
    decision = decide(
        tx, Actor("person", person_id), ApplicationPermission.ENTER, OfApplication(application_id)
    )
    now = today().isoformat()
    held = roles_of(tx, person_id, application_id, now)
    positions = positions_of(tx, person_id)
    sources = _sources(tx, person_id, person.posts, positions)
    roles = [
        _told(tx, vocabulary, role, grant, through)
        for role in held
        for grant, through in sources
        if grant.application_id == application_id and _gives(grant, role, now)
    ]
    missing = None if decision.allowed else decision.reason
    return {"may_enter": decision.allowed, "roles": roles, "missing": missing}


def _sources(
    tx: Connection, person_id: str, posts: tuple[Post, ...], positions: dict[str, Position]
) -> list[tuple[Grant, str]]:
    now = today().isoformat()
    found = [(grant, "person") for grant in list_standing(tx, "person", person_id)]
    for post in posts:
        if not post.is_current(now):
            continue
        given = list_standing(tx, "post", post.id)
        found += [(grant, f"post {post.title}") for grant in given]
        position = positions.get(post.id)
        if position is not None:
            given = list_standing(tx, "position", position.id)
            found += [(grant, f"position {position.name}") for grant in given]
    return found


def _gives(grant: Grant, role: RoleHeld, now: str) -> bool:
    same = (grant.role, grant.agency_id, grant.field, grant.procedure)
    has_begun = not grant.start or grant.start <= now
    return has_begun and same == (role.role, role.agency_id, role.field, role.procedure)


def _told(
    tx: Connection, vocabulary: Vocabulary, role: RoleHeld, grant: Grant, through: str
) -> Told:
    scope = {"agency": role.agency_code}
    scope |= {"field": role.field} if role.field else {}
    scope |= {"procedure": role.procedure} if role.procedure else {}
    return {
        "role": role.role,
        "scope": scope,
        "through": through,
        "given_by": _giver(tx, vocabulary, grant),
        "until": grant.end or None,
    }


def _giver(tx: Connection, vocabulary: Vocabulary, grant: Grant) -> str:
    tag = tx.execute(
        select(role_grant.c.granted_by).where(role_grant.c.id == grant.id)
    ).scalar_one()
    kind, _, giver_id = tag.partition(":")
    if kind != "person":
        return actor_name(tag, vocabulary, {}, "en")
    giver = queries.person(tx, giver_id)
    return f"{giver.full_name} ({giver.username})" if giver else tag
