"""Roles that nobody holds together: looked at before one is given, and found where a change of
posts, or an exclusion declared later, brought two together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from directory.authz.errors import GRANT_EXCLUDED
from directory.authz.roles import Role, find_role
from directory.authz.scopes import Scope, places_within
from directory.authz.tables import role_exclusion, role_grant, settled_post
from directory.clock import today
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict
from directory.projection import queries

_MOST_NAMED = 5


@dataclass(frozen=True)
class Conflicting:
    """Somebody who holds, or will hold, two roles that exclude each other, and by which grants."""

    person_id: str
    application_id: str
    role: str
    grant_id: str
    excluded: str
    other_grant_id: str


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
    held = _holdings(*_of(application_id, others)).subquery("held")
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


def list_conflicts(
    tx: Connection, scope: Scope, application_id: str = "", *, most: int | None = None
) -> Sequence[Conflicting]:
    """Who holds, or will, two roles that exclude each other, by a grant in the scope; some of them
    where there are more than `most`."""
    if scope.is_empty:
        return []
    if scope.everywhere:
        return _conflicts_everywhere(tx, application_id, most)
    found: set[Conflicting] = set()
    query = _conflicts(scope, [application_id] if application_id else [])
    for row in tx.execute(query.limit(most)):
        (role, grant_id), (excluded, other_id) = sorted([(row[2], row[3]), (row[4], row[5])])
        found.add(Conflicting(row[0], row[1], role, grant_id, excluded, other_id))
    return sorted(found, key=lambda each: (each.application_id, each.role, astuple(each)))


def _conflicts_everywhere(
    tx: Connection, application_id: str, most: int | None
) -> Sequence[Conflicting]:
    """One pair of roles after another, until there are enough: all at once would take too long."""
    columns = role_exclusion.c
    pairs = select(role_exclusion).where(columns.role < columns.excluded)
    if application_id:
        pairs = pairs.where(columns.application_id == application_id)
    found: list[Conflicting] = []
    for pair in tx.execute(pairs.order_by(*role_exclusion.primary_key)).all():
        one = _holdings(*_of(pair.application_id, (pair.role,))).subquery("one")
        other = _holdings(*_of(pair.application_id, (pair.excluded,))).subquery("other")
        query = (
            select(one.c.person_id, one.c.id, other.c.id)
            .join(other, other.c.person_id == one.c.person_id)
            .where(_overlap(one.c, other.c))
            .distinct()
            .order_by(one.c.person_id, one.c.id, other.c.id)
        )
        found += [
            Conflicting(person, pair.application_id, pair.role, first, pair.excluded, second)
            for person, first, second in tx.execute(query.limit(most))
        ]
        if most is not None and len(found) >= most:
            break
    return found[:most]


def _conflicts(scope: Scope, applications: Collection[str]) -> Select[Any]:
    """Begins with who holds such a role in the scope, and looks at what else they hold."""
    pair, grant = role_exclusion.c, role_grant.c
    excludes = exists().where(pair.application_id == grant.application_id, pair.role == grant.role)
    wanted: list[ColumnElement[bool]] = [excludes]
    if applications:
        wanted.append(grant.application_id.in_(applications))
    if (places := places_within(scope)) is not None:
        wanted.append(grant.agency_id.in_(places))
    held = _with_what_else(_holdings(*wanted).cte("one")).cte("held")
    other = role_grant.alias("other")
    return (
        select(
            held.c.person_id, held.c.application_id, held.c.role, held.c.id,
            other.c.role.label("excluded"), other.c.id.label("other_id"),
        )
        .select_from(held)
        .join(
            role_exclusion,
            and_(pair.application_id == held.c.application_id, pair.role == held.c.role),
        )
        .join(
            other,
            and_(
                other.c.holder_kind == held.c.kind,
                other.c.holder_id == held.c.holder_id,
                other.c.application_id == held.c.application_id,
                other.c.role == pair.excluded,
            ),
        )
        .where(_stands(other.c), _overlap(held.c, other.c))
        .distinct()
    )  # fmt: skip


def _with_what_else(one: CTE) -> CompoundSelect[Any]:
    """Each holding with every holder its person stands for, by whom they may hold another role."""
    settled = settled_post.c

    def through(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        query = select(one, literal(kind).label("kind"), column.label("holder_id"))
        return query.join(settled_post, settled.person_id == one.c.person_id).where(_goes_on())

    itself = select(one, literal("person").label("kind"), one.c.person_id.label("holder_id"))
    return union_all(
        itself, through("post", settled.post_id), through("position", settled.position_id)
    )


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
    held = _holdings(*_of(application_id, excluded)).subquery("held")
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
    if found := tx.execute(query).all():
        return [(person, role) for person, role in found]
    if holder[0] == "person":
        return []
    grant = role_grant.c
    same = select(grant.role).where(
        grant.holder_kind == holder[0],
        grant.holder_id == holder[1],
        grant.application_id == application_id,
        grant.role.in_(excluded),
        grant.id != instead_of,
        _stands(grant),
        _during(grant, period),
    )
    return [("", role) for role in tx.execute(same.limit(1)).scalars()]


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
        return sorted(queries.list_accounts_of(tx, holder_id))
    column = settled.post_id if kind == "post" else settled.position_id
    return select(settled.person_id).where(column == holder_id, _goes_on())


def _of(application_id: str, roles: Collection[str]) -> Sequence[ColumnElement[bool]]:
    """Grants of one of the roles."""
    return role_grant.c.application_id == application_id, role_grant.c.role.in_(roles)


def _holdings(*wanted: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Who holds a role, or will, by which grant of those and when: also who is only being put on a
    position."""
    grant, settled = role_grant.c, settled_post.c
    told = (
        grant.id, grant.application_id, grant.role, grant.agency_id, grant.start_on, grant.end_on,
    )  # fmt: skip
    given = and_(*wanted, _stands(grant))

    def through(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        return (
            select(*told, settled.person_id.label("person_id"))
            .join(settled_post, column == grant.holder_id)
            .where(given, _is_of(kind), _goes_on())
        )

    own = select(*told, grant.holder_id.label("person_id")).where(given, _is_of("person"))
    return union_all(
        own, through("post", settled.post_id), through("position", settled.position_id)
    )


def _is_of(kind: str) -> ColumnElement[bool]:
    """To that kind of holder; found by what else is wanted, not by the kind."""
    return role_grant.c.holder_kind.concat("") == kind


def _stands(grant: Any) -> ColumnElement[bool]:
    goes_on = or_(grant.end_on == "", grant.end_on >= today().isoformat())
    # Found by their role or holder: the index of all that stand is no way to them.
    return and_(grant.revoked_at + 0 == 0, goes_on)


def _goes_on() -> ColumnElement[bool]:
    settled = settled_post.c
    return or_(settled.end_on == "", settled.end_on >= today().isoformat())


def _overlap(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(
        or_(one.end_on == "", other.start_on <= one.end_on),
        or_(other.end_on == "", one.start_on <= other.end_on),
    )
