"""The roles an application names, and which of them a person holds on a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    or_,
    select,
)

from directory.authz.tables import role, role_grant
from directory.projection.tables import catalogue_agency, catalogue_post

ROLE_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Role:
    """A role as its application names it."""

    application_id: str
    name: str
    title_vi: str
    title_en: str


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
    bound = {"person_id": person_id, "application_id": application_id, "on": on}
    return [RoleHeld(*row) for row in tx.execute(_roles_of, bound)]


def _roles_held() -> Select[Any]:
    grant, post = role_grant.c, catalogue_post.c
    person_id, application_id, on = map(_text, ("person_id", "application_id", "on"))
    held_posts = (
        select(post.id, post.position)
        .where(
            post.person_id == person_id,
            (post.start_on == "") | (post.start_on <= on),
            (post.end_on == "") | (post.end_on >= on),
        )
        .cte("held_posts")
    )
    holder = or_(
        and_(grant.holder_kind == "person", grant.holder_id == person_id),
        and_(grant.holder_kind == "post", grant.holder_id.in_(select(held_posts.c.id))),
        and_(grant.holder_kind == "position", grant.holder_id.in_(select(held_posts.c.position))),
    )
    return (
        select(grant.role, grant.agency_id, catalogue_agency.c.code, grant.field, grant.procedure)
        .join(catalogue_agency, catalogue_agency.c.id == grant.agency_id)
        .where(
            grant.application_id == application_id,
            grant.revoked_at == 0,
            (grant.start_on == "") | (grant.start_on <= on),
            (grant.end_on == "") | (grant.end_on >= on),
            holder,
        )
        .distinct()
        .order_by(grant.role, catalogue_agency.c.code, grant.field, grant.procedure)
    )


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


_roles_of = _roles_held()  # built once: building it takes longer than running it


def list_roles(tx: Connection, application_id: str = "") -> Sequence[Role]:
    """The declared roles, of one application or of all."""
    query = select(role.c.application_id, role.c.name, role.c.title_vi, role.c.title_en)
    if application_id:
        query = query.where(role.c.application_id == application_id)
    rows = tx.execute(query.order_by(role.c.application_id, role.c.name))
    return [Role(*row) for row in rows]
