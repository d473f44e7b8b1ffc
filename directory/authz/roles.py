"""The roles an application names, and which of them a person holds on a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
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
)

from directory.authz.permissions import GivenBy, most_days_of
from directory.authz.tables import application, role, role_exclusion, role_grant, settled_post
from directory.database.engine import ask_once
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


def reach(tx: Connection, person_id: str, application_id: str, on: str) -> Sequence[RoleHeld]:
    """As `roles_of`, also what is still to begin after `on`, and by accounts of theirs for
    administering: what somebody has power by, or soon will."""
    bound = {"person_id": person_id, "application_id": application_id, "on": on}
    return [RoleHeld(*row[1:]) for row in tx.execute(_reach, bound)]


def _roles_held(*, also_later: bool) -> Select[Any]:
    grant, post, settled = role_grant.c, catalogue_post.c, settled_post.c
    person_id, application_id, on = map(_text, ("person_id", "application_id", "on"))

    def holds(dated: Any) -> ColumnElement[bool]:
        begun = or_(dated.start_on == "", dated.start_on <= on)
        goes_on = or_(dated.end_on == "", dated.end_on >= on)
        return goes_on if also_later else and_(begun, goes_on)

    held_posts = (
        select(settled.post_id, settled.position_id)
        .join(catalogue_post, (post.person_id == settled.person_id) & (post.id == settled.post_id))
        .where(
            settled.person_id == person_id,
            settled.intent_id.is_(None),
            # Whichever of the two ends first: a day that somebody wrote to LDAP gives nothing.
            holds(post),
            holds(settled),
        )
        .cte("held_posts")
    )
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
            grant.revoked_at == 0,
            holds(grant),
            holder,
        )
        .order_by(grant.role, catalogue_agency.c.code, grant.field, grant.procedure, grant.id)
    )


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


# Built once: building one takes longer than running it.
_roles_of, _reach = _roles_held(also_later=False), _roles_held(also_later=True)


def list_roles(tx: Connection, application_id: str = "") -> Sequence[Role]:
    """The declared roles, of one application or of all."""
    columns = role_exclusion.c
    excludes = and_(columns.application_id == role.c.application_id, columns.role == role.c.name)
    query = select(role, columns.excluded).outerjoin(role_exclusion, excludes)
    if application_id:
        query = query.where(role.c.application_id == application_id)
    found: dict[tuple[str, str], tuple[Row[Any], list[str]]] = {}
    # A row for each role that it excludes, or one.
    for row in tx.execute(query.order_by(*role.primary_key, columns.excluded)):
        _, excluded = found.setdefault((row.application_id, row.name), (row, []))
        if row.excluded is not None:
            excluded.append(row.excluded)
    return [_role(row, tuple(excluded)) for row, excluded in found.values()]


def list_declared(tx: Connection) -> Sequence[Role]:
    """All declared roles, without what they exclude."""
    return [_role(row, ()) for row in tx.execute(select(role).order_by(*role.primary_key))]


def find_role(tx: Connection, application_id: str, name: str) -> Role | None:
    """One declared role."""
    key = (role.c.application_id == application_id) & (role.c.name == name)
    row = tx.execute(select(role).where(key)).first()
    if row is None:
        return None
    columns = role_exclusion.c
    query = select(columns.excluded).where(
        columns.application_id == application_id, columns.role == name
    )
    return _role(row, tuple(tx.execute(query.order_by(columns.excluded)).scalars()))


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
    query = (
        select(role.c.given_by, application.c.owner_agency_id)
        .join(application, application.c.id == role.c.application_id)
        .where(role.c.application_id == application_id, role.c.name == name)
    )
    row = tx.execute(query).first()
    return (row[0], row[1]) if row else ("", "")
