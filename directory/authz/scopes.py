"""Where an actor may do something: the places, as data and as SQL.

Lists, counts and searches are narrowed by the same scope that single decisions ask, so nothing is
ever fetched first and filtered afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from directory.actor import Actor
from directory.authz.permissions import ADMIN_APPLICATION, PERMISSIONS
from directory.authz.roles import roles_of
from directory.clock import today
from directory.projection.search import Among
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
NOWHERE = Scope(False)


def scope_of(tx: Connection, actor: Actor, action: str) -> Scope:
    """Where `actor` may do `action`, today."""
    return scopes_of(tx, actor, (action,))[action]


def scopes_of(tx: Connection, actor: Actor, actions: Iterable[str]) -> Mapping[str, Scope]:
    """As `scope_of` for several actions: as many statements as there are different scopes."""
    if actor.kind in ("os", "system"):
        return dict.fromkeys(actions, EVERYWHERE)
    held = admin_roles(tx, actor)
    known: dict[frozenset[str], Scope] = {}
    scopes = {}
    for action in actions:
        roots = frozenset(
            place
            for role, places in held.items()
            for place in places
            if action in PERMISSIONS[role]
        )
        if roots not in known:
            known[roots] = EVERYWHERE if _covers_province(tx, roots) else Scope(False, roots)
        scopes[action] = known[roots]
    return scopes


def admin_roles(tx: Connection, actor: Actor) -> Mapping[str, frozenset[str]]:
    """The roles of our own application that `actor` holds, each with the places it holds in."""
    if actor.kind != "person" or not _is_active(tx, actor.id):
        return {}
    held: dict[str, frozenset[str]] = {}
    for role in roles_of(tx, actor.id, ADMIN_APPLICATION, today().isoformat()):
        if role.role in PERMISSIONS:
            held[role.role] = held.get(role.role, frozenset()) | {role.agency_id}
    return held


def _is_active(tx: Connection, person_id: str) -> bool:
    query = select(catalogue_person.c.status).where(catalogue_person.c.id == person_id)
    return tx.execute(query).scalar() == "active"


def _covers_province(tx: Connection, roots: frozenset[str]) -> bool:
    """Whether everything lies under `roots`: each top of the tree is one of them."""
    if not roots:
        return False
    columns = catalogue_agency.c
    other = select(columns.id).where(columns.parent_id == "", columns.id.not_in(roots)).limit(1)
    return tx.execute(other).first() is None


def holds_place(tx: Connection, scope: Scope, place_id: str) -> bool:
    """Whether the agency or unit lies in the scope. The empty id is the province itself."""
    if scope.everywhere:
        return True
    tree = catalogue_tree.c
    query = select(tree.depth).where(
        tree.descendant_id == place_id, tree.ancestor_id.in_(scope.roots)
    )
    return bool(scope.roots) and tx.execute(query).first() is not None


def holds_person(tx: Connection, scope: Scope, person_id: str, *, writing: bool) -> bool:
    """Whether the person lies in the scope; see `people_within`."""
    query = select(catalogue_person.c.id).where(
        catalogue_person.c.id == person_id, people_within(scope, writing=writing)
    )
    return tx.execute(query).first() is not None


def people_within(scope: Scope, *, writing: bool) -> ColumnElement[bool]:
    """A condition on `catalogue_person`: people of the scope.

    A person is *seen* where any post of theirs is held today, and where their main post is or was.
    A person is *changed* only where their main post is (for those who hold none, where it was): a
    second post does not give power over somebody else's official.
    """
    if scope.everywhere:
        return true()
    post, tree = catalogue_post.c, catalogue_tree.c
    return exists().where(
        post.person_id == catalogue_person.c.id,
        _counts(writing=writing),
        tree.descendant_id == post.place_id,
        tree.ancestor_id.in_(scope.roots),
    )


def people_to_list(scope: Scope) -> Among | None:
    """The people seen in the scope (see `people_within`) for a search; None for no limit."""
    places = places_within(scope)
    if places is None:
        return None
    post = catalogue_post.c
    there = and_(post.place_id.in_(places), _counts(writing=False))
    # The places are worked out once, then asked for each of very many people.
    return Among(
        select(post.person_id).where(there),
        lambda person_id: (
            select(literal(1))
            .where(post.person_id == person_id, there)
            .correlate_except(catalogue_post)
            .exists()
        ),
        is_wide=_number_of(places) * 2 > _number_of(select(catalogue_agency.c.id)),
    )


def _number_of(ids: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(ids.subquery()).scalar_subquery()


def _counts(*, writing: bool) -> ColumnElement[bool]:
    """The posts that make a person one of their place's."""
    post = catalogue_post.c
    is_main, is_held = post.kind == "main", _is_held(catalogue_post)
    if not writing:
        return or_(is_main, is_held)
    # Who was here, or will be, belongs to the place of their present main post if they have one:
    # a former place must not change them, let alone set their password.
    other = catalogue_post.alias()
    has_present_one = (
        exists()
        .where(other.c.person_id == post.person_id, other.c.kind == "main", _is_held(other))
        .correlate_except(other)
    )
    return and_(is_main, or_(is_held, ~has_present_one))


def _is_held(posts: FromClause) -> ColumnElement[bool]:
    """A condition on posts: held today."""
    columns, now = posts.c, today().isoformat()
    return and_(
        or_(columns.start_on == "", columns.start_on <= now),
        or_(columns.end_on == "", columns.end_on >= now),
    )


def places_within(scope: Scope) -> Select[tuple[str]] | None:
    """The ids of all agencies and units of the scope, as a subquery; None for no limit."""
    if scope.everywhere:
        return None
    return select(catalogue_tree.c.descendant_id).where(
        catalogue_tree.c.ancestor_id.in_(scope.roots)
    )
