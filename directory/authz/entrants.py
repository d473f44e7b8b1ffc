"""Who may enter an application: how many, which is said before it is closed to them, and of whom
that can be told beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, distinct, func, or_, select, union

from directory.authz.applications import Application
from directory.authz.tables import role_grant, settled_post
from directory.clock import today
from directory.projection import queries
from directory.projection.tables import (
    catalogue_agency,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
)


def count_entrants(tx: Connection, app: Application) -> int:
    """How many active people may enter it today, while it is enabled."""
    if app.access == "everyone":
        return queries.count_active(tx)
    who = _holders(app.id) if app.access == "roles" else _people_of(app.agencies)
    among = who.subquery()
    person = catalogue_person.c
    query = (
        select(func.count(distinct(person.id)))
        .join(among, among.c.person_id == person.id)
        .where(person.status == "active")
    )
    return tx.execute(query).scalar_one()


def list_holders(tx: Connection, application_id: str) -> Sequence[str]:
    """The ids of all that hold one of its roles today, active or not."""
    return sorted(tx.execute(_holders(application_id)).scalars())


def list_agencies_of(tx: Connection, app: Application) -> Sequence[str]:
    """The ids of the agencies whose people may enter: those it is open to, and all under them."""
    agency, tree = catalogue_agency.c, catalogue_tree.c
    query = (
        select(agency.id)
        .distinct()
        .select_from(catalogue_agency)
        .join(catalogue_tree, tree.descendant_id == agency.id)
        .where(tree.ancestor_id.in_(app.agencies), agency.kind == "agency")
    )
    return sorted(tx.execute(query).scalars())


def _is_held(dated: Any) -> ColumnElement[bool]:
    now = today().isoformat()
    begun = or_(dated.start_on == "", dated.start_on <= now)
    return and_(begun, or_(dated.end_on == "", dated.end_on >= now))


def _people_of(agencies: tuple[str, ...]) -> Select[Any]:
    post, tree = catalogue_post.c, catalogue_tree.c
    return (
        select(post.person_id)
        .join(catalogue_tree, tree.descendant_id == post.agency_id)
        .where(tree.ancestor_id.in_(agencies), _is_held(post))
    )


def _holders(application_id: str) -> Any:
    """Whom its grants reach: `directory.authz.roles.roles_of`, for everybody at once."""
    grant, post, settled = role_grant.c, catalogue_post.c, settled_post.c

    def granted_to(kind: str) -> Select[Any]:
        return select(grant.holder_id).where(
            grant.application_id == application_id,
            grant.holder_kind == kind,
            grant.revoked_at.is_(None),
            _is_held(grant),
        )

    held = (
        select(settled.person_id)
        .join(catalogue_post, and_(post.person_id == settled.person_id, post.id == settled.post_id))
        .where(settled.intent_id.is_(None), _is_held(post), _is_held(settled))
    )
    return union(
        granted_to("person").with_only_columns(grant.holder_id.label("person_id")),
        held.where(settled.post_id.in_(granted_to("post"))),
        held.where(settled.position_id.in_(granted_to("position"))),
    )
