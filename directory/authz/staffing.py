"""Agencies that lack somebody: who administers them, who stands in, who is responsible for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select

from directory.authz.permissions import ADMIN_APPLICATION, AGENCY_ADMIN, IT_EXECUTIVE
from directory.authz.scopes import Scope, places_within
from directory.authz.tables import role_grant, settled_post
from directory.clock import today
from directory.database.counting import Count, answer, count_of
from directory.database.without_index import without_index
from directory.projection.tables import catalogue_agency, catalogue_person

ENOUGH_ADMINISTRATORS = 2  # one, and a deputy


@dataclass(frozen=True)
class ShortOf:
    """An agency, and how many hold the roles that every agency should have held."""

    id: str
    name: str
    administrators: int
    executives: int


def counting_short(scope: Scope) -> Count:
    """How many agencies of the scope lack somebody."""
    return count_of(_short(scope))


def count_short(tx: Connection, scope: Scope) -> int:
    """As `counting_short`, asked."""
    return answer(tx, [counting_short(scope)])[0]


def list_short(tx: Connection, scope: Scope, limit: int, offset: int) -> Sequence[ShortOf]:
    """A page of them, those without any administrator first."""
    agency = catalogue_agency.c
    query = _short(scope).order_by(
        "administrators", "executives", agency.precedence, agency.sort_key, agency.id
    )
    return [ShortOf(*row) for row in tx.execute(query.limit(limit).offset(offset))]


def _short(scope: Scope) -> Select[Any]:
    agency, held = catalogue_agency.c, _holders().subquery()

    def count(role: str) -> ColumnElement[int]:
        return func.count(case((held.c.role == role, held.c.person_id)).distinct())

    administrators, executives = count(AGENCY_ADMIN), count(IT_EXECUTIVE)
    query = (
        select(
            agency.id,
            agency.name,
            administrators.label("administrators"),
            executives.label("executives"),
        )
        .outerjoin(held, held.c.agency_id == agency.id)
        .where(agency.kind == "agency", agency.status == "active")
        .group_by(agency.id, agency.name, agency.precedence, agency.sort_key)
        .having(or_(administrators < ENOUGH_ADMINISTRATORS, executives == 0))
    )
    places = places_within(scope)
    if places is None:
        return query
    return query.where(false() if scope.is_empty else agency.id.in_(places))


def _holders() -> Select[Any]:
    """Who holds one of these roles today in exactly which agency: people who are active, whichever
    way they hold it."""
    grant, settled, person = role_grant.c, settled_post.c, catalogue_person.c
    now = today().isoformat()

    def holds(dated: Any) -> ColumnElement[bool]:
        begun = or_(dated.start_on == "", dated.start_on <= now)
        return and_(begun, or_(dated.end_on == "", dated.end_on >= now))

    by_post = and_(grant.holder_kind == "post", settled.post_id == grant.holder_id)
    by_position = and_(grant.holder_kind == "position", settled.position_id == grant.holder_id)
    holder = case((grant.holder_kind == "person", grant.holder_id), else_=settled.person_id)
    return (
        select(grant.agency_id, grant.role, person.id.label("person_id"))
        .outerjoin(
            settled_post,
            and_(or_(by_post, by_position), settled.intent_id.is_(None), holds(settled)),
        )
        .join(catalogue_person, and_(person.id == holder, person.status == "active"))
        .where(
            grant.application_id == ADMIN_APPLICATION,
            grant.role.in_((AGENCY_ADMIN, IT_EXECUTIVE)),
            # Found by their role: else SQLite would look at all that stand.
            without_index(grant.revoked_at).is_(None),
            holds(grant),
        )
    )
