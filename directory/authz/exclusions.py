"""Roles that nobody holds together: looked at before one is given. Where a change of posts, or an
exclusion declared later, brings two together, `directory.authz.conflicts` finds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from directory.authz.roles import Role
from directory.authz.tables import role_exclusion, role_grant, settled_post
from directory.clock import today
from directory.database.without_index import without_index
from directory.projection import queries
from directory.projection.tables import catalogue_person, catalogue_post

Holder = tuple[str, str]
"""Of a grant: the kind of its holder, and the id."""


@dataclass(frozen=True)
class Held:
    """That somebody whom a holder stands for holds a role, or will, by the grant of this id."""

    person_id: str
    name: str
    id: str
    application_id: str
    role: str
    start: str
    end: str


@dataclass(frozen=True)
class Reached:
    """Of a holder. `people`: the names of all whom it stands for, by id; `holders`: those of them
    who hold what is given to it."""

    people: Mapping[str, str]
    holders: frozenset[str]


def read_held(
    tx: Connection, holders: Collection[Holder], roles: Mapping[str, Collection[str]]
) -> Mapping[Holder, Sequence[Held]]:
    """Who of those whom the holders stand for holds one of the roles (names, by application), in
    one statement for all."""
    wanted = (and_(*of_roles(each, sorted(names))) for each, names in sorted(roles.items()))
    held = holdings(or_(*wanted)).subquery("held")
    reached, its = _reached(holders).cte("reached"), held.c
    query = (
        select(
            reached.c.kind, reached.c.holder_id, its.person_id, reached.c.name,
            its.id, its.application_id, its.role, its.start_on, its.end_on,
        )
        .join(held, its.person_id == reached.c.person_id)
        # Said once more: by this the grants are found, not by the join.
        .where(its.person_id.in_(select(reached.c.person_id)))
    )  # fmt: skip
    found: dict[Holder, set[Held]] = {}
    for kind, holder_id, *told in tx.execute(query):
        found.setdefault((kind, holder_id), set()).add(Held(*told))
    return {holder: [*its] for holder, its in found.items()}


def read_reached(tx: Connection, holders: Collection[Holder]) -> Mapping[Holder, Reached]:
    """Whom each of the holders stands for, in one statement."""
    people: dict[Holder, dict[str, str]] = {holder: {} for holder in holders}
    its_own: dict[Holder, set[str]] = {holder: set() for holder in holders}
    for kind, holder_id, person_id, name, is_holder in tx.execute(_reached(holders)):
        people[kind, holder_id][person_id] = name
        if is_holder:
            its_own[kind, holder_id].add(person_id)
    return {holder: Reached(people[holder], frozenset(its_own[holder])) for holder in holders}


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
            held.c.person_id.in_(_accounts(person_id)),
            _during(held.c, (first.isoformat(), "")),
        )
        .order_by(columns.excluded.desc())
    )
    return {
        name: excluded
        for name, excluded, start in tx.execute(query)
        if start <= (first + timedelta(days=excluding[name].usual_days)).isoformat()
    }


def _accounts(person_id: str) -> CompoundSelect[Any]:
    return union_all(select(literal(person_id)), queries.accounts_of(person_id))


def _during(dated: Any, period: tuple[str, str]) -> ColumnElement[bool]:
    """Holds on some day of the period, whose end may be open."""
    start, end = period
    not_before = or_(dated.end_on == "", dated.end_on >= start)
    return and_(not_before, dated.start_on <= end) if end else not_before


def _reached(holders: Collection[Holder]) -> CompoundSelect[Any]:
    """A row for each whom a holder stands for: the holder, who and what they are called, and
    whether they hold what is given to it."""
    ids: dict[str, list[str]] = {"person": [], "post": [], "position": []}
    for kind, holder_id in sorted(holders):
        ids[kind].append(holder_id)
    settled, post, person = settled_post.c, catalogue_post.c, catalogue_person.c
    own = catalogue_person.alias("own")
    # Whoever has an account for administering is the same person with it.
    is_own = case((person.id == own.c.id, 1), else_=0)
    accounts = select(*_told("person", own.c.id, person.id, is_own)).select_from(own)
    accounts = accounts.join(catalogue_person, queries.is_account_beside(own))
    accounts = accounts.where(own.c.id.in_(ids["person"]))

    def through(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        its = select(*_told(kind, column, settled.person_id, literal(1))).select_from(settled_post)
        its = its.outerjoin(catalogue_person, person.id == settled.person_id)
        return its.where(column.in_(ids[kind]), goes_on())

    # Whose post it is also where nothing hangs on it yet: with the grant it is theirs.
    known = exists().where(settled.post_id == post.id)
    lasts = or_(post.end_on == "", post.end_on >= today().isoformat())
    theirs = case((and_(~known, lasts), 1), else_=0)
    posts = select(*_told("post", post.id, post.person_id, theirs)).select_from(catalogue_post)
    posts = posts.outerjoin(catalogue_person, person.id == post.person_id)
    ways = {
        "person": [accounts],
        "post": [through("post", settled.post_id), posts.where(post.id.in_(ids["post"]))],
        "position": [through("position", settled.position_id)],
    }
    return union_all(*(each for kind, its in ways.items() if ids[kind] for each in its))


def _told(
    kind: str, holder_id: Any, person_id: Any, is_holder: ColumnElement[int]
) -> Sequence[ColumnElement[Any]]:
    return (
        literal(kind).label("kind"),
        holder_id.label("holder_id"),
        person_id.label("person_id"),
        func.coalesce(catalogue_person.c.full_name, "").label("name"),
        is_holder.label("is_holder"),
    )


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
