"""Declaring roles, granting and revoking them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from directory.actor import Actor
from directory.audit.log import client_tag, person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfApplication, OfGrant
from directory.authz.roles import ROLE_NAME, Role
from directory.authz.tables import application, role, role_grant
from directory.catalogue.person import POSITION_CHARS
from directory.clock import is_date, now_ms
from directory.database.turns import take_turn
from directory.errors import Invalid, NotFound
from directory.ids import new_id
from directory.projection import queries
from directory.projection.apply import states_to_change
from directory.projection.tables import catalogue_post, person_state

_NARROWED_CHARS = 64  # of a field or a procedure

HolderKind = Literal["person", "post", "position"]


@dataclass(frozen=True)
class Grant:
    """A role given to a person, a post or a position, in an agency and all under it.

    `start`, `end`: ISO dates, inclusive, empty when open. `holder_id` of a position is
    `catalogue.person.position_key`.
    """

    application_id: str
    role: str
    holder_kind: HolderKind
    holder_id: str
    agency_id: str
    reason: str
    field: str = ""
    procedure: str = ""
    start: str = ""
    end: str = ""
    id: str = ""


def put_role(tx: Connection, actor: Actor, declared: Role) -> None:
    """Declare a role of an application, or change its titles. Raises Invalid, NotFound."""
    take_turn(tx, "application", declared.application_id)
    require(tx, actor, "roles:write", OfApplication(declared.application_id))
    if not ROLE_NAME.fullmatch(declared.name):
        raise Invalid("role.name", field="name", value=declared.name)
    known = select(application.c.id).where(application.c.id == declared.application_id)
    if tx.execute(known).first() is None:
        raise NotFound("application.unknown", value=declared.application_id)
    key = (role.c.application_id == declared.application_id) & (role.c.name == declared.name)
    if tx.execute(select(role.c.name).where(key)).first() is None:
        tx.execute(insert(role).values(asdict(declared)))
    else:
        titles = {"title_vi": declared.title_vi, "title_en": declared.title_en}
        tx.execute(update(role).where(key).values(**titles))
    record(
        tx,
        "role.put",
        actor,
        subject=client_tag(declared.application_id),
        application=declared.application_id,
        role=declared.name,
        title=declared.title_vi,
    )


def add_grant(tx: Connection, actor: Actor, grant: Grant) -> str:
    """Give a role. Gives the grant's id. Raises Invalid, NotFound, Forbidden."""
    require(tx, actor, "grants:write", _object(grant))
    _check(tx, grant)
    grant_id = grant.id or new_id()
    tx.execute(
        insert(role_grant).values(
            id=grant_id,
            application_id=grant.application_id,
            role=grant.role,
            holder_kind=grant.holder_kind,
            holder_id=grant.holder_id,
            agency_id=grant.agency_id,
            field=grant.field,
            procedure=grant.procedure,
            start_on=grant.start,
            end_on=grant.end,
            reason=grant.reason,
            granted_by=actor.tag,
            granted_at=now_ms(),
            revoked_at=0,
        )
    )
    _count_up(tx, grant.holder_kind, grant.holder_id)
    record(
        tx,
        "grant.added",
        actor,
        subject=_holder_tag(grant.holder_kind, grant.holder_id),
        agency=grant.agency_id,
        grant=grant_id,
        application=grant.application_id,
        role=grant.role,
        holder=grant.holder_kind,
        scope=grant.agency_id,
        until=grant.end,
        reason=grant.reason,
    )
    return grant_id


def revoke_grant(tx: Connection, actor: Actor, grant_id: str, reason: str) -> None:
    """Take a role back, at once. Raises NotFound when no such grant stands."""
    standing = select(role_grant).where(role_grant.c.id == grant_id, role_grant.c.revoked_at == 0)
    row = tx.execute(standing.with_for_update()).first()
    if row is None:
        raise NotFound("grant.unknown", value=grant_id)
    require(tx, actor, "grants:write", _object(row))
    if not reason.strip():
        raise Invalid("grant.reason", field="reason")
    tx.execute(update(role_grant).where(role_grant.c.id == grant_id).values(revoked_at=now_ms()))
    _count_up(tx, row.holder_kind, row.holder_id)
    record(
        tx,
        "grant.revoked",
        actor,
        subject=_holder_tag(row.holder_kind, row.holder_id),
        agency=row.agency_id,
        grant=grant_id,
        application=row.application_id,
        role=row.role,
        reason=reason,
    )


def list_grants(
    tx: Connection, *, application_id: str = "", holder_id: str = ""
) -> Sequence[Grant]:
    """Standing grants, of one application or holder or of all."""
    columns = role_grant.c
    query = select(role_grant).where(columns.revoked_at == 0)
    if application_id:
        query = query.where(columns.application_id == application_id)
    if holder_id:
        query = query.where(columns.holder_id == holder_id)
    rows = tx.execute(query.order_by(columns.application_id, columns.role, columns.id)).all()
    return [
        Grant(
            id=row.id,
            application_id=row.application_id,
            role=row.role,
            holder_kind=row.holder_kind,
            holder_id=row.holder_id,
            agency_id=row.agency_id,
            field=row.field,
            procedure=row.procedure,
            start=row.start_on,
            end=row.end_on,
            reason=row.reason,
        )
        for row in rows
    ]


def _object(grant: Grant | Row[Any]) -> OfGrant:
    return OfGrant(
        grant.application_id, grant.role, grant.agency_id, grant.holder_kind, grant.holder_id
    )


def _check(tx: Connection, grant: Grant) -> None:
    key = (role.c.application_id == grant.application_id) & (role.c.name == grant.role)
    if tx.execute(select(role.c.name).where(key)).first() is None:
        raise NotFound("role.unknown", value=f"{grant.application_id}:{grant.role}")
    if queries.agency(tx, grant.agency_id) is None:
        raise NotFound("agency.unknown")
    _check_terms(grant)
    if grant.holder_kind == "person" and queries.person(tx, grant.holder_id) is None:
        raise NotFound("person.unknown")
    if grant.holder_kind == "post" and not _post_exists(tx, grant.holder_id):
        raise NotFound("post.unknown")
    if grant.holder_kind == "position" and not _is_position(grant.holder_id):
        raise Invalid("grant.position", field="position")


def _check_terms(grant: Grant) -> None:
    """What a grant says of itself, whoever it is for."""
    if not grant.reason.strip():
        raise Invalid("grant.reason", field="reason")
    for name, value in (("start", grant.start), ("end", grant.end)):
        if value and not is_date(value):
            raise Invalid("input.date", field=name, value=value)
    if grant.start and grant.end and grant.end < grant.start:
        raise Invalid("grant.dates", field="end")
    for name, value in (("field", grant.field), ("procedure", grant.procedure)):
        if len(value) > _NARROWED_CHARS:
            raise Invalid("grant.too_long", field=name, longest=_NARROWED_CHARS)


def _is_position(key: str) -> bool:
    return "|" in key and len(key) <= POSITION_CHARS


def _post_exists(tx: Connection, post_id: str) -> bool:
    query = select(catalogue_post.c.id).where(catalogue_post.c.id == post_id)
    return tx.execute(query).first() is not None


def _holder_tag(kind: str, holder_id: str) -> str:
    return person_tag(holder_id) if kind == "person" else f"{kind}:{holder_id}"[:128]


def _count_up(tx: Connection, kind: str, holder_id: str) -> None:
    """Cached claims of everyone the grant reaches are old now."""
    post = catalogue_post.c
    holders = {
        "person": select(person_state.c.person_id).where(person_state.c.person_id == holder_id),
        "post": select(post.person_id).where(post.id == holder_id),
        "position": select(post.person_id).where(post.position == holder_id),
    }[kind]
    tx.execute(
        update(person_state)
        .where(person_state.c.person_id.in_(states_to_change(holders)))
        .values(grant_version=person_state.c.grant_version + 1)
    )
