"""The roles an application names, and which of them a person holds on a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
    union_all,
)

from directory.authz.permissions import GivenBy, most_days_of
from directory.authz.tables import application, role, role_exclusion, role_grant, settled_post
from directory.database.engine import ask_once, remember
from directory.database.without_index import without_index
from directory.errors import Words
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_post

ROLE_NAME_FORM = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


DEFAULT_DAYS = 365
Narrowing = Literal["", "may", "must"]


@dataclass(frozen=True)
class Role:
    """A role as its application names it.

    `given_by`: who may give it; empty: the usual ones. `by_field`, `by_procedure`: whether a grant
    of it may or must be narrowed to one; empty: it may not. `default_days`: how long a grant holds
    where nothing else is said. `is_endless`: one may have no end. `needs_approval`: of a second who
    may give it. `excludes`: roles of the same application that nobody holds together with it.
    `retired_at` (ms): since when nobody is given it any more; None while it is given.
    """

    application_id: str
    name: str
    title_vi: str
    title_en: str
    given_by: GivenBy | Literal[""] = ""
    description: str = ""
    by_field: Narrowing = ""
    by_procedure: Narrowing = ""
    default_days: int = DEFAULT_DAYS
    is_endless: bool = False
    needs_approval: bool = False
    excludes: tuple[str, ...] = ()
    retired_at: int | None = None

    @property
    def most_days(self) -> int | None:
        """For how long it is given at most; None: for any time."""
        return most_days_of(self.application_id, self.name)

    @property
    def usual_days(self) -> int:
        """How long a grant of it holds where nothing else is said."""
        return min(self.default_days, self.most_days or self.default_days)


@dataclass(frozen=True)
class RoleHeld:
    """A role a person holds in `agency_id` and all under it, perhaps for one field or procedure."""

    role: str
    agency_id: str
    agency_code: str
    field: str
    procedure: str


def roles_of(tx: Connection, person_id: str, application_id: str, on: str) -> Sequence[RoleHeld]:
    """The roles of one application a person holds on the ISO date `on`, by any kind of grant."""
    return list(dict.fromkeys(held for _, held in list_held(tx, person_id, application_id, on)))


def list_held(
    tx: Connection, person_id: str, application_id: str, on: str
) -> Sequence[tuple[str, RoleHeld]]:
    """As `roles_of`, each with the id of the grant that gives it: a line for every grant."""
    bound = {"person_id": person_id, "application_id": application_id, "on": on}

    def ask() -> Sequence[tuple[str, RoleHeld]]:
        return [(row[0], RoleHeld(*row[1:])) for row in tx.execute(_roles_of, bound)]

    return ask_once(tx, ("roles held", *bound.values()), ask)


def roles_of_each(
    tx: Connection, people: Collection[str], application_id: str, on: str
) -> Mapping[str, Sequence[RoleHeld]]:
    """As `roles_of`, of many people in one statement; who holds none is not in it."""
    bound = {"people": sorted(people), "application_id": application_id, "on": on}

    def ask() -> Mapping[str, Sequence[RoleHeld]]:
        found: dict[str, dict[RoleHeld, None]] = {}
        for row in tx.execute(_roles_of_each, bound) if people else ():
            found.setdefault(row[0], {})[RoleHeld(*row[1:])] = None
        return {person_id: list(held) for person_id, held in found.items()}

    return ask_once(tx, ("roles of each", application_id, on, frozenset(people)), ask)


def roles_of_active(
    tx: Connection, person_id: str, application_id: str, on: str
) -> Sequence[tuple[RoleHeld, bool]]:
    """As `roles_of`, each with whether the place is a top of the tree; none of somebody who may not
    do anything at all."""
    bound = {"person_id": person_id, "application_id": application_id, "on": on}
    rows = tx.execute(_roles_of_active, bound)
    return [(RoleHeld(*row[1:-1]), row.parent_id == "") for row in rows]


def reach(tx: Connection, person_id: str, application_id: str, on: str) -> Sequence[RoleHeld]:
    """As `roles_of`, also what is still to begin after `on`, and by accounts of theirs for
    administering: what somebody has power by, or soon will."""
    bound = {"person_id": person_id, "application_id": application_id, "on": on}

    def ask() -> Sequence[RoleHeld]:
        return [RoleHeld(*row[1:]) for row in tx.execute(_reach, bound)]

    return ask_once(tx, ("reach", *bound.values()), ask)


def read_reach(tx: Connection, people: Collection[str], application_id: str, on: str) -> None:
    """Read at once what `reach` gives of each of many people from now on in this transaction."""
    found: dict[str, dict[RoleHeld, None]] = {each: {} for each in people}
    bound = {"people": sorted(found), "application_id": application_id, "on": on}
    for row in tx.execute(_reach_of_each, bound) if found else ():
        found[row[0]][RoleHeld(*row[1:])] = None
    for each, held in found.items():
        remember(tx, ("reach", each, application_id, on), list(held))


def _roles_held(*, also_later: bool) -> Select[Any]:
    grant = role_grant.c
    person_id, application_id = map(_text, ("person_id", "application_id"))

    def holds(dated: Any) -> ColumnElement[bool]:
        return _holds(dated, also_later=also_later)

    held_posts = _held_posts(settled_post.c.person_id == person_id, holds)
    positions = select(held_posts.c.position_id).where(held_posts.c.position_id.is_not(None))
    people: ColumnElement[bool] = grant.holder_id == person_id
    if also_later:
        owner = catalogue_person.c.administrator_of
        accounts = select(catalogue_person.c.id).where(owner == person_id)
        people = people | grant.holder_id.in_(accounts)
    holder = or_(
        and_(grant.holder_kind == "person", people),
        and_(grant.holder_kind == "post", grant.holder_id.in_(select(held_posts.c.post_id))),
        and_(grant.holder_kind == "position", grant.holder_id.in_(positions)),
    )
    return (
        select(
            grant.id,
            grant.role,
            grant.agency_id,
            catalogue_agency.c.code,
            grant.field,
            grant.procedure,
        )
        .join(catalogue_agency, catalogue_agency.c.id == grant.agency_id)
        .where(
            grant.application_id == application_id,
            # Found by holder or application: else SQLite would look at all that stand.
            without_index(grant.revoked_at).is_(None),
            holds(grant),
            holder,
        )
        .order_by(grant.role, catalogue_agency.c.code, grant.field, grant.procedure, grant.id)
    )


def _held_posts(whose: ColumnElement[bool], holds: Callable[[Any], ColumnElement[bool]]) -> CTE:
    """The posts that rights hang on, and whose they are."""
    post, settled = catalogue_post.c, settled_post.c
    return (
        select(settled.person_id, settled.post_id, settled.position_id)
        .join(catalogue_post, (post.person_id == settled.person_id) & (post.id == settled.post_id))
        .where(
            whose,
            settled.intent_id.is_(None),
            # Whichever of the two ends first: a day that somebody wrote to LDAP gives nothing.
            holds(post),
            holds(settled),
        )
        .cte("held_posts")
    )


def _roles_held_by_each(*, also_later: bool) -> Select[Any]:
    """A row for each grant that reaches one of the people, begun at their side: an application may
    have a grant for everybody."""
    grant = role_grant.c
    people: BindParameter[str] = bindparam("people", expanding=True)

    def holds(dated: Any) -> ColumnElement[bool]:
        return _holds(dated, also_later=also_later)

    held_posts = _held_posts(settled_post.c.person_id.in_(people), holds)
    of_grant = (grant.id, grant.role, grant.agency_id, grant.field, grant.procedure)
    stands = (
        grant.application_id == _text("application_id"),
        without_index(grant.revoked_at).is_(None),
        holds(grant),
    )

    def reached(kind: str, by: ColumnElement[str]) -> Select[Any]:
        return (
            select(held_posts.c.person_id, *of_grant)
            .join(role_grant, and_(grant.holder_kind == kind, grant.holder_id == by))
            .where(*stands)
        )

    own = select(grant.holder_id.label("person_id"), *of_grant).where(
        grant.holder_kind == "person", grant.holder_id.in_(people), *stands
    )
    parts = [
        own,
        reached("post", held_posts.c.post_id),
        reached("position", held_posts.c.position_id),
    ]
    if also_later:
        account = catalogue_person.c
        by_account = (grant.holder_kind == "person") & (grant.holder_id == account.id)
        parts.append(
            select(account.administrator_of.label("person_id"), *of_grant)
            .join(role_grant, by_account)
            .where(account.administrator_of.in_(people), *stands)
        )
    its = union_all(*parts).subquery().c
    return (
        select(
            its.person_id,
            its.role,
            its.agency_id,
            catalogue_agency.c.code,
            its.field,
            its.procedure,
        )
        .join(catalogue_agency, catalogue_agency.c.id == its.agency_id)
        .order_by(its.role, catalogue_agency.c.code, its.field, its.procedure, its.id)
    )


def _holds(dated: Any, *, also_later: bool = False) -> ColumnElement[bool]:
    on = _text("on")
    begun = or_(dated.start_on == "", dated.start_on <= on)
    goes_on = or_(dated.end_on == "", dated.end_on >= on)
    return goes_on if also_later else and_(begun, goes_on)


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


# Built once: building one takes longer than running it.
_roles_of, _reach = _roles_held(also_later=False), _roles_held(also_later=True)
ROLES_HELD = _roles_of.order_by(None)
"""Of `role_grant` joined with `catalogue_agency`: the roles of ``application_id`` that
``person_id`` holds on the day ``on``, for a statement that asks more besides."""
_roles_of_each = _roles_held_by_each(also_later=False)
_reach_of_each = _roles_held_by_each(also_later=True)
_roles_of_active = _roles_of.add_columns(catalogue_agency.c.parent_id).where(
    select(catalogue_person.c.id)
    .where(catalogue_person.c.id == _text("person_id"), catalogue_person.c.status == "active")
    .exists()
)


def list_roles(tx: Connection, application_id: str = "") -> Sequence[Role]:
    """The declared roles, of one application or of all; none of one that was removed."""
    if not application_id:
        return [_role(rows[0], _excludes(rows)) for rows in _by_name(tx.execute(_all_roles).all())]

    def ask() -> Sequence[Sequence[Row[Any]]]:
        found = _by_name(tx.execute(_roles_of_one, {"application_id": application_id}).all())
        for rows in found:
            remember(tx, ("role", application_id, rows[0].name), rows)
        return found

    found = ask_once(tx, ("roles of", application_id), ask)
    return [_role(rows[0], _excludes(rows)) for rows in found]


def read_roles(tx: Connection, wanted: Collection[tuple[str, str]]) -> Sequence[Role]:
    """Those of the roles (application, name) that are declared: what `find_role`, `find_giver` and
    `is_given_everywhere` tell of each from now on in this transaction, without asking again."""
    found = {(rows[0].application_id, rows[0].name): rows for rows in _by_name(_read(tx, wanted))}
    for each in wanted:
        remember(tx, ("role", *each), found.get(each, ()))
    return [_role(rows[0], _excludes(rows)) for rows in found.values()]


def _read(tx: Connection, wanted: Collection[tuple[str, str]]) -> Sequence[Row[Any]]:
    return tx.execute(_these_roles, {"wanted": sorted(wanted)}).all() if wanted else []


def _by_name(rows: Sequence[Row[Any]]) -> Sequence[Sequence[Row[Any]]]:
    """The rows of each role together."""
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.application_id, row.name), []).append(row)
    return list(found.values())


def list_declared(tx: Connection) -> Sequence[Role]:
    """All declared roles, without what they exclude."""
    there = application.c.removed_at.is_(None)
    query = select(role).join(application, application.c.id == role.c.application_id).where(there)
    return [_role(row, ()) for row in tx.execute(query.order_by(*role.primary_key))]


def find_role(tx: Connection, application_id: str, name: str) -> Role | None:
    """One declared role."""
    rows = _rows_of(tx, application_id, name)
    return _role(rows[0], _excludes(rows)) if rows else None


def find_role_where(
    tx: Connection,
    application_id: str,
    name: str,
    wanted: ColumnElement[bool],
    bound: Mapping[str, object],
) -> tuple[Role, str] | None:
    """One declared role and what its application is called, if that is one that is `wanted`."""
    named = {**bound, "application_id": application_id, "name": name}
    rows = tx.execute(_role_of.where(wanted), named).all()
    if rows:
        remember(tx, ("role", application_id, name), rows)
    return (_role(rows[0], _excludes(rows)), rows[0].application_name) if rows else None


def _rows_of(tx: Connection, application_id: str, name: str) -> Sequence[Row[Any]]:
    """A row for each role that the declared one excludes, or one; none where there is no such."""
    bound = {"application_id": application_id, "name": name}
    return ask_once(tx, ("role", application_id, name), lambda: tx.execute(_role_of, bound).all())


def is_given_everywhere(tx: Connection, application_id: str, name: str) -> bool:
    """Whether the role is there, and its application is in the whole province
    (`directory.authz.scopes.scope_of_application`)."""
    rows = _rows_of(tx, application_id, name)
    return bool(rows) and (rows[0].sharing == "shared" or rows[0].access != "agencies")


def _excludes(rows: Sequence[Row[Any]]) -> tuple[str, ...]:
    return tuple(row.excluded for row in rows if row.excluded is not None)


def _role(row: Row[Any], excludes: tuple[str, ...]) -> Role:
    return Role(
        application_id=row.application_id,
        name=row.name,
        title_vi=row.title_vi,
        title_en=row.title_en,
        given_by=row.given_by,
        description=row.description or "",
        by_field=row.by_field or "",
        by_procedure=row.by_procedure or "",
        default_days=row.default_days or DEFAULT_DAYS,
        is_endless=bool(row.is_endless),
        needs_approval=bool(row.needs_approval),
        excludes=excludes,
        retired_at=row.retired_at,
    )


def title_of(declared: Role) -> Words:
    """What a role is called."""
    return Words(declared.title_vi, declared.title_en or declared.title_vi)


def find_giver(tx: Connection, application_id: str, name: str) -> tuple[str, str]:
    """Who may give a role (`GivenBy`), and the agency that owns its application; empty texts where
    there is none."""
    rows = _rows_of(tx, application_id, name)
    return (rows[0].given_by, rows[0].owner_agency_id) if rows else ("", "")


_exclusions = and_(
    role_exclusion.c.application_id == role.c.application_id, role_exclusion.c.role == role.c.name
)
_all_roles = (
    select(role, role_exclusion.c.excluded)
    .join(application, application.c.id == role.c.application_id)
    .outerjoin(role_exclusion, _exclusions)
    .where(application.c.removed_at.is_(None))
    .order_by(role.c.application_id, role.c.name, role_exclusion.c.excluded)
)
_named_roles = (
    select(
        role,
        application.c.owner_agency_id,
        application.c.sharing,
        application.c.access,
        application.c.name.label("application_name"),
        role_exclusion.c.excluded,
    )
    .join(application, application.c.id == role.c.application_id)
    .outerjoin(role_exclusion, _exclusions)
    .where(application.c.removed_at.is_(None))
    .order_by(role.c.name, role_exclusion.c.excluded)
)
_roles_of_one = _named_roles.where(role.c.application_id == bindparam("application_id"))
_these_roles = _named_roles.where(
    tuple_(role.c.application_id, role.c.name).in_(bindparam("wanted", expanding=True))
)
_role_of = _roles_of_one.where(role.c.name == bindparam("name"))
