"""What an actor may do with people: nothing more can be reached from here.

Screens hold this instead of services and queries. A person out of scope answers exactly as one who
does not exist: the same error after the same statements, and the same mark in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.audit.reading import Event, list_events
from directory.authz.decisions import Decision, decide_each
from directory.authz.event_names import names_for
from directory.authz.objects import InPlace, Object, OfPerson
from directory.authz.scopes import Scope, people_to_list, places_within, scope_of, scopes_of
from directory.catalogue.person import Post
from directory.clock import today
from directory.errors import Conflict, Forbidden, NotFound
from directory.installation import Installation
from directory.people import service
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.projection.search import search_people
from directory.projection.tables import catalogue_agency, catalogue_post, catalogue_tree

PAGE = 50
LATEST_EVENTS = 10
_MOST_ID_CHARS = 36


@dataclass(frozen=True)
class PeopleQuestion:
    """What a list is asked for. `page` counts from 1; `place_id` empty: wherever one may look."""

    text: str = ""
    place_id: str = ""
    page: int = 1


@dataclass(frozen=True)
class ListedPerson:
    """A row of the list, in the post that is of interest here."""

    id: str
    full_name: str
    username: str
    status: str
    title: str
    post_kind: str
    unit: str
    agency: str


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


@dataclass(frozen=True)
class ShownPost:
    """A post with the names of its places."""

    post: Post
    unit: str
    agency: str
    is_current: bool


@dataclass(frozen=True)
class ShownPerson:
    """A person in full. `change`: whether the actor may change them, and why not.

    `changed_at` (ms): when the record was last written, by whatever path.
    `events`: the latest of them, newest first; None when the actor may not read those.
    """

    person: PersonRow
    posts: Sequence[ShownPost]
    title: str
    changed_at: int
    change: Decision
    events: Sequence[Event] | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class PeopleFor:
    """The people of the catalogue as far as `actor` may see and change them."""

    house: Installation
    actor: Actor

    def page(self, question: PeopleQuestion) -> PeoplePage:
        """A page of the list. Raises NotFound for a place out of scope, Forbidden without any."""
        with self.house.database.read() as tx:
            scope = scope_of(tx, self.actor, "people:read")
            if scope.is_empty:
                raise Forbidden("authz.denied", action="people:read", reason="no_role")
            way = _way_to(tx, scope, question.place_id)
            if way is not None:
                return _page(tx, scope, question, way)
        raise self._unknown("people:read", InPlace(question.place_id), "agency.unknown")

    def show(self, person_id: str) -> ShownPerson:
        """A person with posts and history. Raises NotFound."""
        about = OfPerson(person_id[:_MOST_ID_CHARS])
        actions = ("people:read", "people:write", "audit:read")
        with self.house.database.read() as tx:
            scopes = scopes_of(tx, self.actor, actions)
            may = decide_each(tx, self.actor, scopes, about)
            person = queries.person(tx, about.id) if may["people:read"].allowed else None
            if person is not None:
                events = None
                if may["audit:read"].allowed:
                    events = _events_of(tx, scopes["audit:read"], person.id)
                return _shown(tx, person, may["people:write"], events)
        raise self._unknown("people:read", about, "person.unknown")

    def show_for_change(self, person_id: str) -> ShownPerson:
        """As `show`. Raises NotFound, and Forbidden for somebody the actor may only look at."""
        shown = self.show(person_id)
        if not shown.change.allowed:
            raise self._denied("people:write", OfPerson(shown.person.id), shown.change.reason)
        return shown

    def change(self, person_id: str, changes: Mapping[str, str], seen: Mapping[str, str]) -> None:
        """Change fields (`directory.people.service.EDITABLE`) of a person.

        `seen`: the values the actor saw. Raises as `show_for_change`, Invalid naming the field, and
        Conflict(``catalogue.changed_meanwhile``) with what those fields say now in `current`.
        """
        shown = self.show_for_change(person_id)
        try:
            service.change_person(self.house, self.actor, shown.person.id, changes, expected=seen)
        except Conflict as conflict:
            raise self._in_our_words(conflict, shown.person.id, seen) from conflict

    def _in_our_words(
        self, conflict: Conflict, person_id: str, seen: Mapping[str, str]
    ) -> Conflict:
        """A conflict found by the LDAP server names attributes; people want the fields they saw."""
        if conflict.code != "catalogue.changed_meanwhile":
            return conflict
        now = service.values_of(service.read_person(self.house, person_id), seen)
        return Conflict("catalogue.changed_meanwhile", current=now)

    def _unknown(self, action: str, about: Object, code: str) -> NotFound:
        """The one answer for what is not there and for what is not the actor's to know."""
        self._denied(action, about, "out_of_scope")
        return NotFound(code)

    def _denied(self, action: str, about: Object, reason: str) -> Forbidden:
        with self.house.database.write() as tx:
            record(tx, "authz.denied", self.actor, action=action, object=str(about), reason=reason)
        return Forbidden("authz.denied", action=action, object=str(about), reason=reason)


def _way_to(tx: Connection, scope: Scope, place_id: str) -> Sequence[AgencyRow] | None:
    """The places from the top of the scope down to `place_id`; None when it lies outside.

    One statement, whether it lies outside or does not exist.
    """
    place_id = place_id[:_MOST_ID_CHARS]
    up, inner = catalogue_tree.alias(), catalogue_tree.alias()
    query = (
        select(*queries.AGENCY_COLUMNS)
        .join(up, up.c.ancestor_id == catalogue_agency.c.id)
        .where(up.c.descendant_id == place_id)
        .order_by(up.c.depth.desc())
    )
    if not scope.everywhere:
        query = query.where(
            exists().where(
                inner.c.descendant_id == catalogue_agency.c.id,
                inner.c.ancestor_id.in_(scope.roots),
            )
        )
    rows = [AgencyRow(*row) for row in tx.execute(query).all()]
    return None if place_id and not rows else rows


def _page(
    tx: Connection, scope: Scope, question: PeopleQuestion, way: Sequence[AgencyRow]
) -> PeoplePage:
    place = way[-1] if way else None
    narrowed = Scope(False, frozenset({place.id})) if place else scope
    number = max(1, question.page)
    found = search_people(
        tx,
        text=question.text,
        among=people_to_list(narrowed),
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )
    return PeoplePage(
        people=_listed(tx, found.people, narrowed),
        total=found.total,
        is_capped=found.is_capped,
        page=number,
        place=place,
        above=way[:-1],
        choices=_choices(tx, scope, place),
    )


def _choices(tx: Connection, scope: Scope, place: AgencyRow | None) -> Sequence[AgencyRow]:
    """The places below the chosen one, or beside it when there are none below; at first the tops of
    the scope and what lies right under them."""
    columns = catalogue_agency.c
    query = select(*queries.AGENCY_COLUMNS).where(columns.status == "active")
    if place is not None:
        query = query.where(columns.parent_id.in_({place.id, place.parent_id} - {""}))
    elif scope.everywhere:
        query = query.where(columns.parent_id == "")
    else:
        query = query.where(columns.parent_id.in_(scope.roots) | columns.id.in_(scope.roots))
    places = places_within(scope)
    if places is not None:
        query = query.where(columns.id.in_(places))
    query = query.order_by(columns.precedence, columns.sort_key, columns.id).limit(500)
    rows = [AgencyRow(*row) for row in tx.execute(query).all()]
    if place is None:
        return _few(rows, scope)
    below = [row for row in rows if row.parent_id == place.id]
    return below or [row for row in rows if row.parent_id == place.parent_id]


def _few(rows: Sequence[AgencyRow], scope: Scope) -> Sequence[AgencyRow]:
    """What lies under the only top, or the tops alone when there are several."""
    if scope.everywhere:
        return rows
    tops = [row for row in rows if row.id in scope.roots]
    below = [row for row in rows if row.id not in scope.roots]
    return below if len(tops) == 1 and below else tops


def _listed(tx: Connection, people: Sequence[PersonRow], scope: Scope) -> list[ListedPerson]:
    posts = _posts_of(tx, [person.id for person in people], scope)
    places = queries.agencies_by_id(
        tx, sorted({p for post in posts.values() for p in (post.agency_id, post.unit_id) if p})
    )
    return [_listed_person(person, posts.get(person.id), places) for person in people]


def _listed_person(
    person: PersonRow, held: Post | None, places: Mapping[str, AgencyRow]
) -> ListedPerson:
    post = held or Post("", "", "", "")
    unit, agency = places.get(post.unit_id), places.get(post.agency_id)
    return ListedPerson(
        id=person.id,
        full_name=person.full_name,
        username=person.username,
        status=person.status,
        title=post.title,
        post_kind=post.kind,
        unit=unit.name if unit else "",
        agency=agency.name if agency else "",
    )


def _posts_of(tx: Connection, person_ids: Sequence[str], scope: Scope) -> dict[str, Post]:
    """For each person the post to show: one inside the scope before others, held before ended,
    main before second."""
    post, tree, now = catalogue_post.c, catalogue_tree.c, today().isoformat()
    inside = exists().where(tree.descendant_id == post.place_id, tree.ancestor_id.in_(scope.roots))
    query = select(catalogue_post, inside.label("inside")).where(post.person_id.in_(person_ids))
    ranked: dict[str, tuple[tuple[bool, bool, bool, str], Post]] = {}
    for row in tx.execute(query).all():
        each = queries.post_from_row(row)
        rank = (not row.inside, not each.is_current(now), each.kind != "main", each.id)
        if row.person_id not in ranked or rank < ranked[row.person_id][0]:
            ranked[row.person_id] = (rank, each)
    return {person_id: each for person_id, (_, each) in ranked.items()}


def _events_of(tx: Connection, scope: Scope, person_id: str) -> Sequence[Event]:
    return list_events(
        tx,
        limit=LATEST_EVENTS,
        subject=person_tag(person_id),
        agencies=places_within(scope),
        also_of_no_agency=True,
    )


def _shown(
    tx: Connection, person: PersonRow, change: Decision, events: Sequence[Event] | None
) -> ShownPerson:
    now = today().isoformat()
    ids = {place for post in person.posts for place in (post.agency_id, post.unit_id) if place}
    places = queries.agencies_by_id(tx, sorted(ids))

    def name(place_id: str) -> str:
        return places[place_id].name if place_id in places else ""

    posts = [
        ShownPost(post, name(post.unit_id), name(post.agency_id), post.is_current(now))
        for post in person.posts
    ]
    main = next((p.post.title for p in posts if p.is_current and p.post.kind == "main"), "")
    names = names_for(tx, events) if events else {}
    return ShownPerson(person, posts, main, _instant_of(person.csn), change, events, names)


def _instant_of(csn: str) -> int:
    """The time in an entryCSN (``20261122084647.123456Z#…``) in ms; 0 where there is none."""
    try:
        moment = datetime.strptime(csn.partition("#")[0], "%Y%m%d%H%M%S.%f%z")
    except ValueError:
        return 0
    return int(moment.timestamp() * 1000)
