"""Roles that nobody holds together: looked at before one is given. Where a change of posts, or an
exclusion declared later, brings two together, `directory.authz.conflicts` finds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    literal,
    or_,
    select,
    union_all,
)

from directory.authz.errors import GRANT_EXCLUDED
from directory.authz.roles import Role, find_role
from directory.authz.tables import role_exclusion, role_grant, settled_post
from directory.clock import today
from directory.database.advisory_lock import take_advisory_lock
from directory.database.without_index import without_index
from directory.errors import Conflict
from directory.projection import queries

_MOST_NAMED = 5


def require_compatible(
    tx: Connection,
    application_id: str,
    role: str,
    holder: tuple[str, str],
    period: tuple[str, str],
    instead_of: str = "",
) -> None:
    """Raise Conflict(``grant.excluded``) when by a grant to `holder` (kind, id) somebody would come
    to hold two roles that exclude each other. `instead_of`: the id of a grant that ends with it.

    Two such grants at once take turns: each would find only what was there before both.
    """
    declared = find_role(tx, application_id, role)
    if declared is None or not declared.excludes:
        return
    reached = _reached(tx, *holder)
    take_advisory_lock(tx, "exclusions", application_id)
    found = _held_by_reached(
        tx, application_id, declared.excludes, holder, reached, period, instead_of
    )
    if not found:
        return
    names = queries.list_names(tx, {person for person, _ in found if person})
    told = ", ".join(sorted(name for name, _ in names.values())) or "–"
    raise Conflict(GRANT_EXCLUDED, role=role, other=found[0][1], people=told)


def list_barred(tx: Connection, roles: Collection[Role], person_id: str) -> Mapping[str, str]:
    """Those of an application's roles that the person could not be given today for their usual
    time, each with one they hold, or will, that excludes it."""
    excluding = {each.name: each for each in roles if each.excludes}
    if not excluding:
        return {}
    application_id = next(iter(excluding.values())).application_id
    others = {other for role in excluding.values() for other in role.excludes}
    held = holdings(*of_roles(application_id, others)).subquery("held")
    columns, first = role_exclusion.c, today()
    query = (
        select(columns.role, columns.excluded, held.c.start_on)
        .join(held, held.c.role == columns.excluded)
        .where(
            columns.application_id == application_id,
            columns.role.in_(excluding),
            held.c.person_id.in_(_reached(tx, "person", person_id)),
            _during(held.c, (first.isoformat(), "")),
        )
        .order_by(columns.excluded.desc())
    )
    return {
        name: excluded
        for name, excluded, start in tx.execute(query)
        if start <= (first + timedelta(days=excluding[name].usual_days)).isoformat()
    }


def _held_by_reached(
    tx: Connection,
    application_id: str,
    excluded: Collection[str],
    holder: tuple[str, str],
    reached: Any,
    period: tuple[str, str],
    instead_of: str,
) -> Sequence[tuple[str, str]]:
    """(person, role) of a few whom the holder stands for and who hold an excluded role; the person
    is empty where the same post or position has it and nobody is there."""
    held = holdings(*of_roles(application_id, excluded)).subquery("held")
    query = (
        select(held.c.person_id, held.c.role)
        .where(
            held.c.person_id.in_(reached),
            held.c.id != instead_of,
            _during(held.c, period),
        )
        .distinct()
        .limit(_MOST_NAMED)
    )
    if holder[0] == "person":
        return [(person, role) for person, role in tx.execute(query)]
    grant = role_grant.c
    same = select(literal(""), grant.role).where(
        grant.holder_kind == holder[0],
        grant.holder_id == holder[1],
        grant.application_id == application_id,
        grant.role.in_(excluded),
        grant.id != instead_of,
        stands(grant),
        _during(grant, period),
    )
    both = union_all(select(query.subquery()), select(same.limit(1).subquery()))
    found = [(person, role) for person, role in tx.execute(both)]
    return [each for each in found if each[0]] or found


def _during(dated: Any, period: tuple[str, str]) -> ColumnElement[bool]:
    """Holds on some day of the period, whose end may be open."""
    start, end = period
    not_before = or_(dated.end_on == "", dated.end_on >= start)
    return and_(not_before, dated.start_on <= end) if end else not_before


def _reached(tx: Connection, kind: str, holder_id: str) -> Any:
    """The people a holder stands for, as what ``in`` takes."""
    settled = settled_post.c
    if kind == "person":
        # Whoever has an account for administering is the same person with it.
        return union_all(select(literal(holder_id)), queries.accounts_of(holder_id))
    if kind == "position":
        return select(settled.person_id).where(settled.position_id == holder_id, goes_on())
    # Whose post it is also where nothing hangs on it yet: with the grant it is theirs.
    rows = queries.list_posts_with_id(tx, holder_id)
    held = select(settled.person_id).where(settled.post_id == holder_id, goes_on())
    return [*{row.person_id for row in rows} | {*tx.execute(held).scalars()}]


def of_roles(application_id: str, roles: Collection[str]) -> Sequence[ColumnElement[bool]]:
    """Grants of one of the roles."""
    return role_grant.c.application_id == application_id, role_grant.c.role.in_(roles)


def holdings(*wanted: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Who holds a role, or will, by which grant of those and when: also who is only being put on a
    position."""
    grant, settled = role_grant.c, settled_post.c
    told = (
        grant.id, grant.application_id, grant.role, grant.agency_id, grant.start_on, grant.end_on,
    )  # fmt: skip
    given = and_(*wanted, stands(grant))

    def through(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        return (
            select(*told, settled.person_id.label("person_id"))
            .join(settled_post, column == grant.holder_id)
            .where(given, _is_of(kind), goes_on())
        )

    own = select(*told, grant.holder_id.label("person_id")).where(given, _is_of("person"))
    return union_all(
        own, through("post", settled.post_id), through("position", settled.position_id)
    )


def _is_of(kind: str) -> ColumnElement[bool]:
    """To that kind of holder; found by what else is wanted, not by the kind."""
    return without_index(role_grant.c.holder_kind) == kind


def stands(grant: Any) -> ColumnElement[bool]:
    goes_on = or_(grant.end_on == "", grant.end_on >= today().isoformat())
    # Found by their role or holder: the index of all that stand is no way to them.
    return and_(without_index(grant.revoked_at).is_(None), goes_on)


def goes_on() -> ColumnElement[bool]:
    settled = settled_post.c
    return or_(settled.end_on == "", settled.end_on >= today().isoformat())


def overlap(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(
        or_(one.end_on == "", other.start_on <= one.end_on),
        or_(other.end_on == "", one.start_on <= other.end_on),
    )
