"""Where an actor may do something: the places, as data and as SQL.

Lists, counts and searches are narrowed by the same scope that single decisions ask, so nothing is
ever fetched first and filtered afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    true,
    union_all,
)

from directory.actor import Actor
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES, Permission
from directory.authz.roles import ROLES_HELD, RoleHeld, roles_of, roles_of_active
from directory.authz.tables import application, application_agency, role_grant
from directory.catalogue.person import Post, home_post
from directory.clock import today
from directory.database.engine import ask_once, is_reading, remember
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.projection.search_statements import Among
from directory.projection.tables import (
    catalogue_agency,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
)


@dataclass(frozen=True)
class Scope:
    """The places an action is allowed in: all of the province, or everything under `roots`."""

    everywhere: bool
    roots: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether it is allowed nowhere."""
        return not self.everywhere and not self.roots


EVERYWHERE = Scope(True)


def scope_of(tx: Connection, actor: Actor, action: Permission) -> Scope:
    """Where `actor` may do `action`, today."""
    return scopes_of(tx, actor, (action,))[action]


def scopes_of(
    tx: Connection, actor: Actor, actions: Iterable[Permission]
) -> Mapping[Permission, Scope]:
    """As `scope_of` for several actions: as many statements as there are different scopes."""
    if actor.kind in ("os", "system"):
        return dict.fromkeys(actions, EVERYWHERE)
    held = admin_roles(tx, actor)
    known: dict[frozenset[str], Scope] = {}
    scopes: dict[Permission, Scope] = {}
    for action in actions:
        roots = _within_own(tx, actor, action, _places_of(held, action))
        if roots not in known:
            known[roots] = EVERYWHERE if _covers(tx, actor, roots) else Scope(False, roots)
        scopes[action] = known[roots]
    return scopes


def _places_of(held: Mapping[str, frozenset[str]], action: Permission) -> frozenset[str]:
    return frozenset(
        place for role, places in held.items() for place in places if role in action.held_by
    )


def _within_own(
    tx: Connection, actor: Actor, action: Permission, places: frozenset[str]
) -> frozenset[str]:
    """Those of the places that whoever looks as a job may look at themselves; for others all."""
    if actor.held is None or actor.held.own is None:
        return places
    own = _places_of(actor.held.own, action)
    scope = EVERYWHERE if _covers(tx, actor, own) else Scope(False, own)
    return frozenset(place for place in places if holds_place(tx, scope, place))


def admin_roles(tx: Connection, actor: Actor) -> Mapping[str, frozenset[str]]:
    """The roles of our own application that `actor` holds, each with the places it holds in.

    Where something is looked at, what was read when the request began; where something is written,
    what they hold now: nothing, for whoever looks as a job would see it.
    """
    if actor.kind != "person":
        return {}
    if actor.held is not None and is_reading(tx):
        return actor.held.roles
    if actor.is_viewing:
        return {}
    return _held_now(tx, actor.id).roles


def admin_roles_of(tx: Connection, person_id: str) -> Mapping[str, frozenset[str]]:
    """As `admin_roles`, of somebody who is known to be active."""
    return _by_role(roles_of(tx, person_id, ADMIN_APPLICATION, today().isoformat()))


@dataclass(frozen=True)
class Power:
    """What somebody who is known to be active has power by. `roles`: as `admin_roles`; `accounts`:
    the ids of all accounts of theirs; `places`: those of the roles, those asked for besides and the
    tops of the tree, by id."""

    roles: Mapping[str, frozenset[str]]
    accounts: frozenset[str]
    places: Mapping[str, AgencyRow]


def read_power(tx: Connection, person_id: str, places: Collection[str]) -> Power:
    """What the person holds in our own application, in one statement; `places`: ids of those that
    are told besides."""
    bound = {
        "person_id": person_id,
        "application_id": ADMIN_APPLICATION,
        "on": today().isoformat(),
        "ids": list(places),
    }
    roles: dict[str, frozenset[str]] = {}
    accounts, known = {person_id}, dict[str, AgencyRow]()
    for what, name, *place in tx.execute(_power, bound):
        if what == "account":
            accounts.add(name)
            continue
        row = AgencyRow(*place)
        known[row.id] = row
        if name in ADMIN_ROLES:
            roles[name] = roles.get(name, frozenset()) | {row.id}
    return Power(roles, frozenset(accounts), known)


def accounts_of_actor(tx: Connection, actor: Actor) -> frozenset[str]:
    """The ids of all accounts of an actor who is a person: where something is looked at, as they
    were when the request began."""
    if actor.held is not None and actor.held.accounts is not None and is_reading(tx):
        return actor.held.accounts
    return queries.list_accounts_of(tx, actor.id)


def _by_role(found: Iterable[RoleHeld]) -> Mapping[str, frozenset[str]]:
    held: dict[str, frozenset[str]] = {}
    for role in found:
        if role.role in ADMIN_ROLES:
            held[role.role] = held.get(role.role, frozenset()) | {role.agency_id}
    return held


@dataclass(frozen=True)
class _HeldNow:
    """`tops`: those of the places that roles are held in that are tops of the tree."""

    roles: Mapping[str, frozenset[str]]
    tops: frozenset[str]


def _held_now(tx: Connection, person_id: str) -> _HeldNow:
    def ask() -> _HeldNow:
        found = roles_of_active(tx, person_id, ADMIN_APPLICATION, today().isoformat())
        tops = frozenset(role.agency_id for role, is_top in found if is_top)
        return _HeldNow(_by_role(role for role, _ in found), tops)

    return ask_once(tx, ("held by", person_id), ask)


def is_active(tx: Connection, person_id: str) -> bool:
    """Whether the person may do anything at all."""
    bound = {"id": person_id}
    its = ask_once(tx, ("status", person_id), lambda: tx.execute(_status_of, bound).scalar())
    return bool(its == "active")


def _covers(tx: Connection, actor: Actor, roots: frozenset[str]) -> bool:
    """Whether everything lies under `roots`: each top of the tree is one of them."""
    if not roots:
        return False
    if actor.held is not None and is_reading(tx):
        return actor.held.tops <= roots
    if actor.kind == "person" and roots.isdisjoint(_held_now(tx, actor.id).tops):
        return False
    bound = {"scope_roots": sorted(roots)}
    return ask_once(tx, ("covers", roots), lambda: tx.execute(_top_without, bound).first() is None)


def holds_place(tx: Connection, scope: Scope, place_id: str) -> bool:
    """Whether the agency or unit lies in the scope. The empty id is the province itself."""
    if scope.everywhere:
        return True
    if scope.is_empty or not place_id:
        return False
    return not scope.roots.isdisjoint(queries.read_places(tx, [place_id])[place_id].above)


def narrowed_to(tx: Connection, scope: Scope, place_id: str) -> Scope | None:
    """What of the scope lies under a place (all of it without one); None when that is not in it."""
    if not place_id:
        return scope
    return Scope(False, frozenset({place_id})) if holds_place(tx, scope, place_id) else None


def scope_of_application(tx: Connection, application_id: str) -> Scope:
    """Where an application is: the places that may know of it, and its roles are given in.

    Shared ones, and those open to everyone or to holders of their roles, are in the whole province;
    internal ones where their owner is and where they are open; one that does not exist, nowhere.
    """
    rows = ask_once(
        tx,
        ("places of application", application_id),
        lambda: tx.execute(_application_places, {"ids": [application_id]}).all(),
    )
    if any(row.sharing == "shared" or row.access != "agencies" for row in rows):
        return EVERYWHERE
    places = {place for row in rows for place in (row.owner_agency_id, row.agency_id) if place}
    return Scope(False, frozenset(places))


def read_places_of_applications(tx: Connection, ids: Collection[str]) -> Collection[str]:
    """What `scope_of_application` asks of each from now on in this transaction is answered without
    asking again. Gives their places."""
    rows = tx.execute(_application_places, {"ids": [*ids]}).all() if ids else []
    for each in ids:
        its = [row for row in rows if row.id == each]
        remember(tx, ("places of application", each), its)
    return {place for row in rows for place in (row.owner_agency_id, row.agency_id) if place}


@dataclass(frozen=True)
class Placed:
    """An application as a scope has it. `is_near`: it is where the scope is, as
    `scope_of_application` says; `is_owned`: its owner lies in the scope; `owner`: what that agency
    is called, empty where it is the province."""

    sharing: str
    is_near: bool
    is_owned: bool
    name: str
    owner_id: str
    owner: str


def find_placed(tx: Connection, scope: Scope, application_id: str) -> Placed | None:
    """An application, None where there is none: whether it is seen, and whose it is, at once."""

    def ask() -> Placed | None:
        return _read_placed(tx, scope, [application_id]).get(application_id)

    return ask_once(tx, ("application near", scope, application_id), ask)


def read_placed(tx: Connection, scope: Scope, ids: Collection[str]) -> None:
    """What `find_placed` gives of each from now on in this transaction, without asking again."""
    found = _read_placed(tx, scope, ids)
    for each in ids:
        remember(tx, ("application near", scope, each), found.get(each))


def _read_placed(tx: Connection, scope: Scope, ids: Collection[str]) -> Mapping[str, Placed]:
    query = _application if scope.everywhere else _application_near
    found: dict[str, Placed] = {}
    for row in tx.execute(query, bound_by(scope, ids=[*ids])):
        its = (row.name, row.owner_agency_id, row.owner or "")
        found[row.id] = Placed(row.sharing, bool(row.is_near), bool(row.is_owned), *its)
    return found


def holds_person(tx: Connection, scope: Scope, person_id: str, *, writing: bool) -> bool:
    """Whether the person lies in the scope; see `people_to_list`."""
    found = queries.placed_person(tx, person_id)
    if found is None or scope.everywhere:
        return found is not None
    posts = _posts_that_count(found.person.posts, writing=writing)
    return any(found.is_under(post, scope.roots) for post in posts)


def _posts_that_count(posts: Sequence[Post], *, writing: bool) -> Sequence[Post]:
    """The posts that make a person one of their place's; `_counts` says the same in SQL."""
    now = today().isoformat()
    home = home_post(posts, now)
    # A former place, or one to come, must not see them, let alone set their password.
    return [post for post in posts if post == home or (not writing and post.is_current(now))]


def person_is_seen(scope: Scope) -> tuple[ColumnElement[bool], Mapping[str, object]]:
    """A condition on rows of the catalogue's people, that each is seen in the scope (see
    `people_to_list`), with what it binds. Looks at each: for few."""
    return (true(), {}) if scope.everywhere else (_person_is_seen, bound_by(scope))


def people_to_list(scope: Scope) -> tuple[Among | None, Mapping[str, object]]:
    """The people who are seen in the scope, for a search, with what it binds.

    A person is *changed* at home alone (`directory.catalogue.person.home_post`): a second post does
    not give power over somebody else's official. A person is *seen* at home, and wherever a second
    post of theirs is held today; where they were, or will be, has no part in them.
    """
    return (None, {}) if scope.everywhere else (_SEEN, bound_by(scope))


def is_at_home(person_id: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition on somebody's id: at home in the scope, so changed there; bound by `bound_by`.
    See `people_to_list`. Looks at each: for those whom another condition has found."""
    return _is_with(person_id, _is_home())


def places_within(scope: Scope) -> Select[tuple[str]] | None:
    """The ids of all agencies and units of the scope, as a subquery; None for no limit."""
    return None if scope.everywhere else within(scope.roots)


def within(roots: Collection[str]) -> Select[tuple[str]]:
    """The ids of `roots` and of all agencies and units under them, as a subquery."""
    return select(catalogue_tree.c.descendant_id).where(catalogue_tree.c.ancestor_id.in_(roots))


def applications_near(scope: Scope) -> tuple[ColumnElement[bool], Mapping[str, object]]:
    """A condition on applications, that each is where the scope is, with what it binds."""
    return (true(), {}) if scope.everywhere else (_is_near, bound_by(scope))


def bound_by(scope: Scope, **more: object) -> Mapping[str, object]:
    """What `ROOTS`, `lies_under` and the statements below bind."""
    return {"scope_roots": sorted(scope.roots), "scope_today": today().isoformat(), **more}


# Statements and conditions, built once: building one takes longer than running it.

ROOTS: BindParameter[str] = bindparam("scope_roots", expanding=True)
_TODAY: BindParameter[str] = bindparam("scope_today")
_ID: BindParameter[str] = bindparam("id")
_IDS: BindParameter[str] = bindparam("ids", expanding=True)


def _is_held(posts: FromClause) -> ColumnElement[bool]:
    """A condition on posts: held today."""
    columns = posts.c
    return and_(
        or_(columns.start_on == "", columns.start_on <= _TODAY),
        or_(columns.end_on == "", columns.end_on >= _TODAY),
    )


def _standing_of(posts: FromClause) -> ColumnElement[int]:
    """Of a main post today: 2 held, 1 ended, 0 to come."""
    ended = and_(posts.c.end_on != "", posts.c.end_on < _TODAY)
    return case((_is_held(posts), 2), (ended, 1), else_=0)


def _comes_before(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether `one` of two main posts says sooner whose person this is.

    As `directory.catalogue.person.home_post`, which says why.
    """
    mine, theirs = one.c, other.c
    later = or_(
        mine.start_on > theirs.start_on,
        and_(mine.start_on == theirs.start_on, mine.id > theirs.id),
    )
    ended_later = or_(mine.end_on > theirs.end_on, and_(mine.end_on == theirs.end_on, later))
    sooner = or_(
        mine.start_on < theirs.start_on,
        and_(mine.start_on == theirs.start_on, mine.id < theirs.id),
    )
    standing = _standing_of(one)
    is_first = case((standing == 2, later), (standing == 1, ended_later), else_=sooner)
    return or_(standing > _standing_of(other), and_(standing == _standing_of(other), is_first))


def _is_home() -> ColumnElement[bool]:
    """A condition on posts: the one that says whose person this is."""
    post, other = catalogue_post, catalogue_post.alias()
    better = (
        exists()
        .where(
            other.c.person_id == post.c.person_id,
            other.c.kind == "main",
            other.c.id != post.c.id,
            _comes_before(other, post),
        )
        .correlate_except(other)
    )
    return and_(post.c.kind == "main", ~better)


def _counts() -> ColumnElement[bool]:
    """The posts that make a person one whom their place sees."""
    return or_(_is_held(catalogue_post), _is_home())


def _is_in_scope(person_id: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition on somebody's id: seen in the scope; see `people_to_list`."""
    return _is_with(person_id, _counts())


def _is_with(person_id: ColumnElement[str], posts: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on somebody's id: one of these posts of theirs lies in the scope."""
    post, tree = catalogue_post.c, catalogue_tree.c
    return (
        select(literal(1))
        .where(
            post.person_id == person_id,
            posts,
            tree.descendant_id == post.place_id,
            tree.ancestor_id.in_(ROOTS),
        )
        .correlate_except(catalogue_post, catalogue_tree)
        .exists()
    )


def lies_under(place_id: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition on places: they lie in the scope that is bound. Looks each up: for few."""
    tree = catalogue_tree.c
    found = select(literal(1)).where(tree.ancestor_id.in_(ROOTS), tree.descendant_id == place_id)
    return found.correlate_except(catalogue_tree).exists()


def _lies_in(place_id: ColumnElement[str]) -> ColumnElement[bool]:
    """As `lies_under`; works the places of the scope out once: for very many."""
    tree = catalogue_tree.c
    return place_id.in_(select(tree.descendant_id).where(tree.ancestor_id.in_(ROOTS)))


def _told(what: str, name: ColumnElement[str]) -> Sequence[ColumnElement[Any]]:
    return literal(what), name, *queries.AGENCY_COLUMNS


_power = union_all(
    ROLES_HELD.with_only_columns(*_told("role", role_grant.c.role)),
    select(*_told("place", literal(""))).where(
        or_(
            catalogue_agency.c.id.in_(bindparam("ids", expanding=True)),
            catalogue_agency.c.parent_id == "",
        )
    ),
    select(
        literal("account"),
        catalogue_person.c.id,
        *(literal(0 if c.name == "precedence" else "") for c in queries.AGENCY_COLUMNS),
    ).where(queries.is_account_of(bindparam("person_id"))),
)
_status_of = select(catalogue_person.c.status).where(catalogue_person.c.id == _ID)
_top_without = (
    select(catalogue_agency.c.id)
    .where(catalogue_agency.c.parent_id == "", catalogue_agency.c.id.not_in(ROOTS))
    .limit(1)
)
_application_places = (
    select(
        application.c.id,
        application.c.sharing,
        application.c.access,
        application.c.owner_agency_id,
        application_agency.c.agency_id,
    )
    .outerjoin(application_agency, application_agency.c.application_id == application.c.id)
    .where(application.c.id.in_(_IDS))
)


def _is_near_place(place_id: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition on places: in the scope that is bound, or above it."""
    tree = catalogue_tree.c
    under = select(tree.descendant_id).where(tree.ancestor_id.in_(ROOTS))
    over = select(tree.ancestor_id).where(tree.descendant_id.in_(ROOTS))
    return or_(place_id.in_(under), place_id.in_(over))


_is_near = or_(
    application.c.sharing == "shared",
    application.c.access != "agencies",
    _is_near_place(application.c.owner_agency_id),
    application.c.id.in_(
        select(application_agency.c.application_id).where(
            _is_near_place(application_agency.c.agency_id)
        )
    ),
)
_named_application = (
    select(
        application.c.id,
        application.c.sharing,
        application.c.name,
        application.c.owner_agency_id,
        catalogue_agency.c.name.label("owner"),
    )
    .outerjoin(catalogue_agency, catalogue_agency.c.id == application.c.owner_agency_id)
    .where(application.c.id.in_(_IDS))
)
_application = _named_application.add_columns(true().label("is_near"), true().label("is_owned"))
_application_near = _named_application.add_columns(
    _is_near.label("is_near"), lies_under(application.c.owner_agency_id).label("is_owned")
)
_person_is_seen = _is_in_scope(catalogue_person.c.id)
# Whoever has a sole place has a main post there, and is at home there whatever its dates;
# the posts of all others are looked at one by one.
_SEEN = Among(
    lives_in=_lies_in,
    lives_under=lies_under,
    others=select(catalogue_post.c.person_id).where(
        _lies_in(catalogue_post.c.place_id), ~catalogue_post.c.is_sole, _counts()
    ),
    is_other=_is_in_scope,
)
