"""The list of people: one page of those in a scope, and the places to narrow it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from directory.authz.scopes import ROOTS, Scope, bound_by, lies_under, people_to_list
from directory.catalogue.person import Post, home_post
from directory.clock import today
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.projection.search import list_everyone, search_people
from directory.projection.tables import catalogue_agency, catalogue_post, catalogue_tree

PAGE = 50
MOST_ID_CHARS = 36
_MOST_CHOICES = 500


@dataclass(frozen=True)
class PeopleQuestion:
    """What a list is asked for. `page` counts from 1 and has `size` people; `place_id` empty:
    wherever one may look."""

    text: str = ""
    place_id: str = ""
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class ListedPerson:
    """A row of the list, in the post that is of interest here; `awaits_post`: there is none now
    (chờ bố trí), the places say whose person this is. `agency_short`: the short name of the agency,
    its name where it has none."""

    id: str
    full_name: str
    username: str
    status: str
    title: str
    post_kind: str
    unit: str
    agency: str
    awaits_post: bool
    agency_short: str
    agency_id: str
    agency_code: str
    unit_id: str


@dataclass(frozen=True)
class PeoplePage:
    """One page of people. `total` is a lower bound when `is_capped`.

    `place`: the chosen place; `above`: the way to it from the top of the scope; `choices`: the
    places one may choose next.
    """

    people: Sequence[ListedPerson]
    total: int
    is_capped: bool
    page: int
    place: AgencyRow | None
    above: Sequence[AgencyRow]
    choices: Sequence[AgencyRow]


def way_to(tx: Connection, scope: Scope, place_id: str) -> Sequence[AgencyRow] | None:
    """The places from the top of the scope down to `place_id`; None when it lies outside.

    One statement, whether it lies outside or does not exist.
    """
    if not place_id:
        return ()
    query = _way if scope.everywhere else _way_in_scope
    bound = {**bound_by(scope), "place_id": place_id[:MOST_ID_CHARS]}
    return [AgencyRow(*row) for row in tx.execute(query, bound).all()] or None


def list_page(
    tx: Connection, scope: Scope, question: PeopleQuestion, way: Sequence[AgencyRow]
) -> PeoplePage:
    """A page of the people in `scope`; `way`: what `way_to` gave for the place asked for."""
    place = way[-1] if way else None
    narrowed = Scope(False, frozenset({place.id})) if place else scope
    number = max(1, question.page)
    among, bound = people_to_list(narrowed)
    found = search_people(
        tx,
        text=question.text,
        among=among,
        parameters=bound,
        limit=question.size,
        offset=(number - 1) * question.size,
    )
    return PeoplePage(
        people=list_with_posts(tx, found.people, narrowed),
        total=found.total,
        is_capped=found.is_capped,
        page=number,
        place=place,
        above=way[:-1],
        choices=_choices(tx, scope, place),
    )


def find_some(
    tx: Connection, scope: Scope, text: str, most: int
) -> tuple[Sequence[ListedPerson], bool]:
    """The first people of the scope whom the text finds, and whether there are more."""
    among, bound = people_to_list(scope)
    found = search_people(tx, text=text, among=among, parameters=bound, limit=most)
    return list_with_posts(tx, found.people, scope), found.total > len(found.people)


def list_everyone_of(
    tx: Connection, scope: Scope, question: PeopleQuestion, place: AgencyRow | None
) -> tuple[Sequence[str], Scope]:
    """The ids of all people of a question, in the order of names, and the scope that says which of
    their posts are shown (`list_with_posts`)."""
    narrowed = Scope(False, frozenset({place.id})) if place else scope
    among, bound = people_to_list(narrowed)
    return list_everyone(tx, text=question.text, among=among, parameters=bound), narrowed


def _choices(tx: Connection, scope: Scope, place: AgencyRow | None) -> Sequence[AgencyRow]:
    """The places below the chosen one, or beside it when there are none below; at first the tops of
    the scope and what lies right under them."""
    if place is None:
        query = _tops if scope.everywhere else _tops_of_scope
        rows = [AgencyRow(*row) for row in tx.execute(query, bound_by(scope)).all()]
        return _few(rows, scope)
    parents = sorted({place.id, place.parent_id} - {""})
    query = _children if scope.everywhere else _children_in_scope
    found = tx.execute(query, {**bound_by(scope), "parents": parents}).all()
    rows = [AgencyRow(*row) for row in found]
    below = [row for row in rows if row.parent_id == place.id]
    return below or [row for row in rows if row.parent_id == place.parent_id]


def _few(rows: Sequence[AgencyRow], scope: Scope) -> Sequence[AgencyRow]:
    """What lies under the only top, or the tops alone when there are several; of the province,
    whose tops say little, each with what lies under it."""
    everywhere = scope.everywhere
    tops = [row for row in rows if row.id in scope.roots or (everywhere and not row.parent_id)]
    below = [row for row in rows if row not in tops]
    if scope.everywhere and len(tops) > 1:
        return [row for top in tops for row in (top, *(b for b in below if b.parent_id == top.id))]
    return below if len(tops) == 1 and below else tops


def list_with_posts(
    tx: Connection, people: Sequence[PersonRow], scope: Scope
) -> list[ListedPerson]:
    """The people with what tells two of the same name apart: title, unit and agency."""
    posts = _posts_of(tx, [person.id for person in people], scope)
    places = queries.agencies_by_id(
        tx, sorted({p for post in posts.values() for p in (post.agency_id, post.unit_id) if p})
    )
    return [_listed_person(person, posts.get(person.id), places) for person in people]


def _listed_person(
    person: PersonRow, shown: Post | None, places: Mapping[str, AgencyRow]
) -> ListedPerson:
    post = shown or Post("", "", "", "", end="0")
    awaits_post = person.status != "left" and not post.is_current(today().isoformat())
    unit, agency = places.get(post.unit_id), places.get(post.agency_id)
    return ListedPerson(
        id=person.id,
        full_name=person.full_name,
        username=person.username,
        status=person.status,
        title="" if awaits_post else post.title,
        post_kind="" if awaits_post else post.kind,
        unit=unit.name if unit else "",
        agency=agency.name if agency else "",
        awaits_post=awaits_post,
        agency_short=(agency.short_name or agency.name) if agency else "",
        agency_id=post.agency_id,
        agency_code=agency.code if agency else "",
        unit_id=post.unit_id,
    )


def _posts_of(tx: Connection, person_ids: Sequence[str], scope: Scope) -> dict[str, Post]:
    """For each person the post to show: one held, inside the scope before others, main before
    second; for those who hold none the one that says whose they are."""
    now, bound = today().isoformat(), {**bound_by(scope), "person_ids": list(person_ids)}
    rows: dict[str, list[Row[Any]]] = {}
    for row in tx.execute(_posts, bound):
        rows.setdefault(row.person_id, []).append(row)
    found = {person_id: _post_to_show(its, now) for person_id, its in rows.items()}
    return {person_id: post for person_id, post in found.items() if post is not None}


def _post_to_show(rows: Sequence[Row[Any]], now: str) -> Post | None:
    posts = [queries.post_from_row(row) for row in rows]
    inside = {row.id for row in rows if row.inside}
    held = [post for post in posts if post.is_current(now)]
    if not held:
        return home_post(posts, now)
    return min(held, key=lambda post: (post.id not in inside, post.kind != "main", post.id))


# Built once: building a statement takes longer than running it.

_agency, _tree = catalogue_agency.c, catalogue_tree.c
_agencies = select(*queries.AGENCY_COLUMNS)
_way = (
    _agencies.join(catalogue_tree, _tree.ancestor_id == _agency.id)
    .where(_tree.descendant_id == bindparam("place_id"))
    .order_by(_tree.depth.desc())
)
_way_in_scope = _way.where(lies_under(_agency.id))
_posts = select(catalogue_post, lies_under(catalogue_post.c.place_id).label("inside")).where(
    catalogue_post.c.person_id.in_(bindparam("person_ids", expanding=True))
)


def _in_order(places: Select[Any]) -> Select[Any]:
    living = places.where(_agency.status == "active")
    return living.order_by(_agency.precedence, _agency.sort_key, _agency.id).limit(_MOST_CHOICES)


_is_top = _agency.parent_id == ""
_tops = _in_order(
    _agencies.where(_is_top | _agency.parent_id.in_(select(_agency.id).where(_is_top)))
)
_tops_of_scope = _in_order(_agencies.where(_agency.parent_id.in_(ROOTS) | _agency.id.in_(ROOTS)))
_children = _in_order(_agencies.where(_agency.parent_id.in_(bindparam("parents", expanding=True))))
_children_in_scope = _children.where(lies_under(_agency.id))
