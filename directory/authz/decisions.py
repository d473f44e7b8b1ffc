"""The one decision function: whoever asks "may they?" asks here, and refusal is the default."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    select,
)

from directory.actor import Actor
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.objects import InPlace, Object, OfApplication, OfGrant, OfPerson
from directory.authz.permissions import (
    ADMIN_APPLICATION,
    PROVINCE_OPERATOR,
    ApplicationPermission,
    GrantPermission,
    Permission,
)
from directory.authz.roles import find_giver, reach, roles_of, roles_of_each
from directory.authz.scopes import (
    Scope,
    accounts_of_actor,
    admin_roles,
    find_placed,
    holds_person,
    holds_place,
    is_active,
    scope_of,
)
from directory.authz.tables import application, application_agency, position, settled_post
from directory.clock import today
from directory.database.engine import ask_once, remember
from directory.errors import Forbidden
from directory.projection import queries
from directory.projection.tables import catalogue_person, catalogue_post, catalogue_tree


@dataclass(frozen=True)
class Decision:
    """`reason` is a stable word: why it is allowed or refused."""

    allowed: bool
    reason: str


def decide(tx: Connection, actor: Actor, action: Permission, about: Object) -> Decision:
    """May `actor` do `action` (``application:enter``, ``people:write``) to the object?

    The actor's power is what they hold now, read with `tx`; the object's agency is looked up, never
    taken from the request.
    """
    if not isinstance(action, Permission):
        raise TypeError(f"{action!r} is no permission")
    if actor.kind == "os":
        # The command line: whoever can read the state folder already holds every key in it.
        return Decision(True, "operator")
    if actor.kind == "system":
        return Decision(True, "system")
    if actor.kind != "person":
        return Decision(False, "not_a_person")
    if action == ApplicationPermission.ENTER and isinstance(about, OfApplication):
        return _may_enter(tx, actor.id, about.id)
    return _within(tx, actor, action, scope_of(tx, actor, action), about)


def decide_each(
    tx: Connection, actor: Actor, scopes: Mapping[Permission, Scope], about: Object
) -> Mapping[Permission, Decision]:
    """`decide` for every action of `scopes` (`directory.authz.scopes.scopes_of` this actor): what
    the actor holds is read once for all of them."""
    return {action: _within(tx, actor, action, scope, about) for action, scope in scopes.items()}


def _within(
    tx: Connection, actor: Actor, action: Permission, scope: Scope, about: Object
) -> Decision:
    if action == GrantPermission.ASK and isinstance(about, OfGrant):
        return _may_ask(tx, actor, scope, about)
    if scope.is_empty:
        return Decision(False, "no_role")
    if action.effect == "province":
        return _outcome(scope.everywhere, "province_only")
    if isinstance(about, InPlace):
        return _outcome(holds_place(tx, scope, about.id), "out_of_scope")
    if isinstance(about, OfPerson):
        return _about_person(tx, actor, action, scope, about.id)
    if isinstance(about, OfApplication):
        return _about_application(tx, action, scope, about.id)
    if isinstance(about, OfGrant) and action == GrantPermission.WRITE:
        return _may_grant(tx, actor, scope, about)
    return Decision(False, "no_rule")


def require(tx: Connection, actor: Actor, action: Permission, about: Object) -> None:
    """Raise Forbidden unless `decide` allows."""
    decision = decide(tx, actor, action, about)
    if not decision.allowed:
        raise Forbidden(AUTHZ_DENIED, action=action, object=str(about), reason=decision.reason)


def _outcome(allowed: bool, refusal: str) -> Decision:
    return Decision(allowed, "holds_role" if allowed else refusal)


def _about_person(
    tx: Connection, actor: Actor, action: Permission, scope: Scope, person_id: str
) -> Decision:
    writing = action.effect != "sees"
    if writing and person_id == actor.id:
        # Power over others is not power over oneself: one's own record has another keeper.
        return Decision(False, "own_record")
    if not holds_person(tx, scope, person_id, writing=writing):
        return Decision(False, "out_of_scope")
    is_power = action.effect not in ("sees", "reads")
    return _outcome(not is_power or _overpowers(tx, actor, person_id), "more_power")


def _about_application(
    tx: Connection, action: Permission, scope: Scope, application_id: str
) -> Decision:
    """Applications are seen wherever they are (`scopes.scope_of_application`); internal ones are
    changed by their owner, shared ones by the province."""
    if scope.everywhere:
        return Decision(True, "holds_role")
    found = find_placed(tx, scope, application_id)
    if action.effect in ("sees", "reads"):
        return _outcome(found is not None and found.is_near, "out_of_scope")
    if found is not None and found.sharing == "shared":
        return Decision(False, "province_only")
    return _outcome(found is not None and found.is_owned, "out_of_scope")


def _overpowers(tx: Connection, actor: Actor, person_id: str) -> bool:
    """Whether the actor could give every administrative role the person has, or is about to have.

    Else whoever may set a password, change an address or end a pause would have those roles by the
    account of their holder.
    """
    held = reach(tx, person_id, ADMIN_APPLICATION, today().isoformat())
    return all(may_give(tx, actor, ADMIN_APPLICATION, each.role, each.agency_id) for each in held)


def _may_grant(tx: Connection, actor: Actor, scope: Scope, grant: OfGrant) -> Decision:
    if _is_holder(tx, actor, grant):
        return Decision(False, "own_grant")
    given_by, owner = find_giver(tx, grant.application_id, grant.role)
    if _owns(tx, scope, given_by, owner):
        return Decision(True, "owns_application")
    if not holds_place(tx, scope, grant.agency_id):
        return Decision(False, "out_of_scope")
    if not holds_holder(tx, scope, grant):
        return Decision(False, "holder_out_of_scope")
    if given_by in ("province", "owner", "operators"):
        # Of the two who give what operators give, the actor is one; that there is another, the
        # service asks.
        return _outcome(_operates(tx, actor, grant.agency_id), "upward")
    return _outcome(given_by == "agency", "upward")


def _may_ask(tx: Connection, actor: Actor, scope: Scope, grant: OfGrant) -> Decision:
    """That somebody in the scope be given a role, whatever role and wherever; or oneself."""
    if _is_holder(tx, actor, grant):
        return _outcome(is_active(tx, actor.id), "person_not_active")
    if scope.is_empty:
        return Decision(False, "no_role")
    return _outcome(holds_holder(tx, scope, grant), "holder_out_of_scope")


def may_give(
    tx: Connection, actor: Actor, application_id: str, role_name: str, agency_id: str
) -> bool:
    """Whether the actor may give that role in that place to somebody: see
    `directory.authz.permissions.GivenBy`. Whether they may to whom is for `decide`."""
    if actor.kind in ("os", "system"):
        return True
    scope = scope_of(tx, actor, GrantPermission.WRITE)
    if scope.is_empty:
        return False
    given_by, owner = find_giver(tx, application_id, role_name)
    if _owns(tx, scope, given_by, owner):
        return True
    if given_by in ("province", "owner"):
        return _operates(tx, actor, agency_id)
    return given_by == "agency" and holds_place(tx, scope, agency_id)


def _operates(tx: Connection, actor: Actor, agency_id: str) -> bool:
    places = admin_roles(tx, actor).get(PROVINCE_OPERATOR, frozenset())
    return holds_place(tx, Scope(False, places), agency_id)


def _owns(tx: Connection, scope: Scope, given_by: str, owner: str) -> bool:
    """Whether the role is its owner's to give, and the owner lies in the scope."""
    return given_by == "owner" and owner != "" and holds_place(tx, scope, owner)


def _is_holder(tx: Connection, actor: Actor, grant: OfGrant) -> bool:
    """Whether the grant would reach the actor themselves, by whichever account of theirs."""
    if grant.holder_kind == "person":
        return grant.holder_id in accounts_of_actor(tx, actor)
    if grant.holder_kind == "post":
        holders = {post.person_id for post in queries.list_posts_with_id(tx, grant.holder_id)}
        return not holders.isdisjoint(accounts_of_actor(tx, actor))
    query = select(_is_on(actor.id, grant.holder_id))
    own = ("one's own", actor.id, grant.holder_kind, grant.holder_id)
    return ask_once(tx, own, lambda: bool(tx.execute(query).scalar()))


def holds_holder(tx: Connection, scope: Scope, grant: OfGrant) -> bool:
    """Whether whoever it is given to lies in the scope: a person where they are seen."""
    if grant.holder_kind == "person":
        return holds_person(tx, scope, grant.holder_id, writing=False)
    if grant.holder_kind == "position":
        place = find_position_row(tx, grant.holder_id)
        return place is not None and holds_place(tx, scope, place.unit_id or place.agency_id)
    post = next(iter(queries.list_posts_with_id(tx, grant.holder_id)), None)
    return post is not None and holds_place(tx, scope, post.place_id)


def list_obstacles(tx: Connection, person_id: str, application_id: str) -> Sequence[str]:
    """Everything that keeps the person out, as the words of `Decision.reason`: the first is what
    `decide` says; none where they may enter."""
    found = _entry(tx, person_id, application_id)
    return [each.reason for each in found if not each.allowed]


def find_position_row(tx: Connection, position_id: str) -> Row[Any] | None:
    """The row of a position in its table."""
    query = select(position).where(position.c.id == position_id)
    return ask_once(tx, ("position", position_id), lambda: tx.execute(query).first())


def decide_entries(
    tx: Connection, people: Collection[str], application_id: str
) -> Mapping[str, Decision]:
    """`decide` whether each of the people may enter the application, in few statements for all;
    nothing where none of them exists."""
    bound = {"application_id": application_id, "people": sorted(people), "on": _now()}
    rows = tx.execute(_entered_by_many, bound).all() if people else []
    if not rows:
        return {}
    app, statuses = rows[0], {row.id: row.status for row in rows}
    if app.access is None:
        return dict.fromkeys(people, Decision(False, "unknown_application"))
    insiders = {row.id for row in rows if row.is_inside}
    if app.access != "agencies":
        insiders = _insiders(tx, app.access, people, application_id)
    return {
        person_id: next(
            _judge_entry(
                app.disabled_at,
                statuses.get(person_id),
                partial(_is_open, app.access, person_id in insiders),
            )
        )
        for person_id in people
    }


def _insiders(
    tx: Connection, access: str, people: Collection[str], application_id: str
) -> set[str]:
    """To whom of the people one is open that is not for agencies."""
    if access == "everyone":
        return {*people}
    return {*roles_of_each(tx, people, application_id, _now())}


def _may_enter(tx: Connection, person_id: str, application_id: str) -> Decision:
    return next(_entry(tx, person_id, application_id))


def _entry(tx: Connection, person_id: str, application_id: str) -> Iterator[Decision]:
    app = tx.execute(_entered, {"application_id": application_id, "person_id": person_id}).first()
    if app is None:
        yield Decision(False, "unknown_application")
        return
    is_open = partial(_is_open_to, tx, app.access, person_id, application_id)
    if app.removed_at is not None:
        yield Decision(False, "application_removed")
        return
    yield from _judge_entry(app.disabled_at, app.status, is_open)


def _judge_entry(
    disabled_at: int | None, status: str | None, is_open: Callable[[], Decision]
) -> Iterator[Decision]:
    """What keeps them out, the most general first, and at last whether it is open to them: the
    first of it is the decision."""
    if disabled_at:
        yield Decision(False, "application_disabled")
    if status != "active":
        yield Decision(False, "person_not_active")
    yield is_open()


def _is_open_to(tx: Connection, access: str, person_id: str, application_id: str) -> Decision:
    if access == "everyone":
        return _is_open(access, True)
    if access == "roles":
        return _is_open(access, bool(roles_of(tx, person_id, application_id, _now())))
    return _is_open(access, find_way_in(tx, person_id, application_id) is not None)


def _is_open(access: str, is_insider: bool) -> Decision:
    allowed, refused = _ENTRY_WORDS[access]
    return Decision(is_insider, allowed if is_insider else refused)


def _now() -> str:
    return today().isoformat()


def read_positions(tx: Connection, actor: Actor, ids: Collection[str]) -> Collection[str]:
    """What decisions ask of these positions and whether the actor is on one, from now on in this
    transaction answered without asking again. Gives the places that they are of."""
    if not ids:
        return ()
    query = select(position, _is_on(actor.id, position.c.id).label("is_own"))
    found = {row.id: row for row in tx.execute(query.where(position.c.id.in_(ids)))}
    for each in ids:
        remember(tx, ("position", each), found.get(each))
        remember(
            tx, ("one's own", actor.id, "position", each), each in found and found[each].is_own
        )
    return {row.unit_id or row.agency_id for row in found.values()}


def _is_on(actor_id: str, position_id: ColumnElement[str] | str) -> ColumnElement[bool]:
    """A condition: somebody holds the position, by whichever account, or will, also while the
    change that puts them on it is under way."""
    settled = settled_post.c
    return exists().where(
        settled.person_id.in_(queries.accounts_of(actor_id)),
        settled.position_id == position_id,
        (settled.end_on == "") | (settled.end_on >= today().isoformat()),
    )


@dataclass(frozen=True)
class WayIn:
    """A post that is held today, and the agency over it that the application is open to."""

    post_id: str
    agency_id: str


def find_way_in(tx: Connection, person_id: str, application_id: str) -> WayIn | None:
    """By which post the person is of an agency that may enter, or None."""
    bound = {"application_id": application_id, "person_id": person_id, "on": _now()}

    def ask() -> WayIn | None:
        row = tx.execute(_way_in, bound).first()
        return None if row is None else WayIn(*row)

    return ask_once(tx, ("way in", *bound.values()), ask)


# How an application is open: the word for whoever may enter by it, and for whoever may not.
_ENTRY_WORDS = {
    "everyone": ("open_to_everyone", ""),
    "roles": ("holds_role", "no_role"),
    "agencies": ("in_agency", "other_agency"),
}
_APPLICATION: BindParameter[str] = bindparam("application_id")
_PERSON: BindParameter[str] = bindparam("person_id")
_ON: BindParameter[str] = bindparam("on")
_entered = select(
    application.c.access,
    application.c.disabled_at,
    application.c.removed_at,
    select(catalogue_person.c.status)
    .where(catalogue_person.c.id == _PERSON)
    .scalar_subquery()
    .label("status"),
).where(application.c.id == _APPLICATION)
_PEOPLE: BindParameter[str] = bindparam("people", expanding=True)
_posts_that_let_in = (
    select(catalogue_post.c.id, application_agency.c.agency_id)
    .join(catalogue_tree, catalogue_tree.c.descendant_id == catalogue_post.c.agency_id)
    .join(application_agency, application_agency.c.agency_id == catalogue_tree.c.ancestor_id)
    .where(
        application_agency.c.application_id == _APPLICATION,
        (catalogue_post.c.start_on == "") | (catalogue_post.c.start_on <= _ON),
        (catalogue_post.c.end_on == "") | (catalogue_post.c.end_on >= _ON),
    )
)
_way_in = _posts_that_let_in.where(catalogue_post.c.person_id == _PERSON).limit(1)
_entered_by_many = (
    select(
        catalogue_person.c.id,
        catalogue_person.c.status,
        application.c.access,
        application.c.disabled_at,
        and_(
            application.c.access == "agencies",
            _posts_that_let_in.where(catalogue_post.c.person_id == catalogue_person.c.id)
            .correlate(catalogue_person)
            .exists(),
        ).label("is_inside"),
    )
    .outerjoin(application, application.c.id == _APPLICATION)
    .where(catalogue_person.c.id.in_(_PEOPLE))
)
