"""Why a person may enter an application or not, and where each of their roles comes from.

Whether they may, and which grant gives a role today, is what decisions say; the rest is told of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, or_, select, union

from directory.authz.applications import Access
from directory.authz.decisions import WayIn, find_way_in, list_obstacles
from directory.authz.grants import Grant, HolderKind, grant_from_row
from directory.authz.naming import name_tags
from directory.authz.roles import list_held
from directory.authz.scopes import Scope, applications_near, bound_by, lies_under
from directory.authz.tables import (
    application,
    application_agency,
    position,
    role_grant,
    settled_post,
)
from directory.catalogue.person import Post
from directory.clock import today
from directory.database.without_index import without_index
from directory.projection.queries import PersonRow
from directory.projection.tables import catalogue_agency, catalogue_post

State = Literal["holds", "begins", "waits", "ended", "withdrawn"]
_MOST_GRANTS = 200


@dataclass(frozen=True)
class EnteredApplication:
    """What is said of an application to whoever asks who enters it. `agencies`: the names of those
    it is open to, by id. `is_near`: it is where the asker is. `disabled_at` (ms): None while it
    is not."""

    id: str
    name: str
    access: Access
    agencies: Mapping[str, str]
    disabled_at: int | None
    is_near: bool


@dataclass(frozen=True)
class Source:
    """A grant that gives a role, or did. `through`: person, post or position; `through_name`: of
    the latter two. `post`: the one it comes by, None where it is not in the person's record any
    more. `state`: ``begins`` later; ``waits`` where the post it hangs on is not held today.
    `given_at`, `ended_at` (ms), `ended_by`, `why_ended`: of one that was taken back. Tags have
    their names in `Explanation.names`."""

    grant: Grant
    place: str
    place_code: str
    through: HolderKind
    through_name: str
    post: Post | None
    state: State
    given_at: int
    ended_at: int | None = None
    ended_by: str = ""
    why_ended: str = ""


@dataclass(frozen=True)
class Explanation:
    """`obstacles`: the stable words for all that keeps them out, none where they may enter.
    `way_in`: the post by which they are of an agency that may. `roles` hold today; `others` are to
    come, or are no more, latest first. `elsewhere`: how many hold by grants of places that are not
    the asker's to know. `names`: of the tags in them."""

    may_enter: bool
    obstacles: Sequence[str]
    way_in: WayIn | None
    roles: Sequence[Source]
    others: Sequence[Source]
    elsewhere: int
    names: Mapping[str, str]


def find_entered(tx: Connection, scope: Scope, application_id: str) -> EnteredApplication | None:
    """The application, and whether it is where the scope is; None where there is none."""
    is_near, bound = applications_near(scope)
    columns = application.c
    query = (
        select(
            columns.id,
            columns.name,
            columns.access,
            columns.disabled_at,
            is_near.label("is_near"),
            catalogue_agency.c.id.label("agency_id"),
            catalogue_agency.c.name.label("agency"),
        )
        .outerjoin(application_agency, application_agency.c.application_id == columns.id)
        .outerjoin(catalogue_agency, catalogue_agency.c.id == application_agency.c.agency_id)
        .where(columns.id == application_id)
        .order_by(catalogue_agency.c.precedence, catalogue_agency.c.name)
    )
    rows = tx.execute(query, bound).all()
    if not rows:
        return None
    first = rows[0]
    opened = {row.agency_id: row.agency for row in rows if row.agency_id}
    return EnteredApplication(
        first.id,
        first.name,
        first.access,
        opened if first.access == "agencies" else {},
        first.disabled_at,
        bool(first.is_near),
    )


def explain_access(
    tx: Connection,
    person: PersonRow,
    app: EnteredApplication,
    scope: Scope,
    more: Collection[str] = (),
) -> Explanation:
    """Why the person may enter the application or not, and hold each role. `scope`: whose grants
    are told one by one; `more`: tags that are named with theirs."""
    obstacles = list_obstacles(tx, person.id, app.id)
    held = {grant_id for grant_id, _ in list_held(tx, person.id, app.id, today().isoformat())}
    rows = tx.execute(_grants_to, bound_by(scope, person_id=person.id, app_id=app.id)).all()
    posts = {post.id: post for post in person.posts}
    is_seen = {row.id: scope.everywhere or bool(row.is_near) for row in rows}
    # Whoever holds a position by two posts has a row for each.
    known = {row.id: _source(row, posts, held) for row in reversed(rows) if is_seen[row.id]}
    sources = sorted(known.values(), key=lambda one: one.given_at, reverse=True)
    tags = {tag for row in rows for tag in (row.granted_by, row.approved_by, row.revoked_by) if tag}
    return Explanation(
        may_enter=not obstacles,
        obstacles=obstacles,
        way_in=find_way_in(tx, person.id, app.id) if app.access == "agencies" else None,
        roles=[one for one in sources if one.state == "holds"],
        others=[one for one in sources if one.state != "holds"],
        elsewhere=len(held - known.keys()),
        names=name_tags(tx, {*(tags if known else ()), *more}),
    )


def _source(row: Row[Any], posts: Mapping[str, Post], held: set[str]) -> Source:
    grant = grant_from_row(row)
    post = posts.get(row.post_id or (grant.holder_id if grant.holder_kind == "post" else ""))
    name = row.position or "" if grant.holder_kind == "position" else post.title if post else ""
    return Source(
        grant=grant,
        place=row.place or "",
        place_code=row.place_code or "",
        through=grant.holder_kind,
        through_name="" if grant.holder_kind == "person" else name,
        post=post,
        state=_state_of(grant, held, row.revoked_at),
        given_at=row.granted_at,
        ended_at=row.revoked_at,
        ended_by=row.revoked_by or "",
        why_ended=row.revoke_reason or "",
    )


def _state_of(grant: Grant, held: set[str], revoked_at: int | None) -> State:
    """What decisions hold, holds; of the rest this says why it does not."""
    if grant.id in held:
        return "holds"
    now = today().isoformat()
    if revoked_at:
        return "withdrawn"
    if grant.end and grant.end < now:
        return "ended"
    return "begins" if grant.start > now else "waits"


_PERSON: BindParameter[str] = bindparam("person_id")
_APPLICATION: BindParameter[str] = bindparam("app_id")
_settled = settled_post.alias("own_post")
_settled_too = settled_post.alias("settled_too")


def _granted(kind: HolderKind) -> Select[Any]:
    return select(role_grant.c.id).where(role_grant.c.holder_kind == kind)


# By holder, each along its index: an application may have very many grants.
_ids = union(
    _granted("person").where(role_grant.c.holder_id == _PERSON),
    _granted("post")
    .join(catalogue_post, catalogue_post.c.id == role_grant.c.holder_id)
    .where(catalogue_post.c.person_id == _PERSON),
    _granted("post")
    .join(_settled_too, _settled_too.c.post_id == role_grant.c.holder_id)
    .where(_settled_too.c.person_id == _PERSON),
    _granted("position")
    .join(_settled_too, _settled_too.c.position_id == role_grant.c.holder_id)
    .where(_settled_too.c.person_id == _PERSON),
)
_hangs_on = and_(
    _settled.c.person_id == _PERSON,
    or_(
        and_(role_grant.c.holder_kind == "post", _settled.c.post_id == role_grant.c.holder_id),
        and_(
            role_grant.c.holder_kind == "position",
            _settled.c.position_id == role_grant.c.holder_id,
        ),
    ),
)
# Whatever has been given to somebody, their posts or the positions they hold or held: what stands
# first, then the latest.
_grants_to = (
    select(
        role_grant,
        catalogue_agency.c.name.label("place"),
        catalogue_agency.c.code.label("place_code"),
        position.c.name.label("position"),
        _settled.c.post_id,
        lies_under(role_grant.c.agency_id).label("is_near"),
    )
    .outerjoin(_settled, _hangs_on)
    .outerjoin(catalogue_agency, catalogue_agency.c.id == role_grant.c.agency_id)
    .outerjoin(
        position,
        and_(role_grant.c.holder_kind == "position", position.c.id == role_grant.c.holder_id),
    )
    .where(
        role_grant.c.id.in_(_ids),
        # Not along the index of its application.
        without_index(role_grant.c.application_id) == _APPLICATION,
    )
    .order_by(role_grant.c.revoked_at.is_not(None), role_grant.c.granted_at.desc(), role_grant.c.id)
    .limit(_MOST_GRANTS)
)
