"""What an actor may do with people: nothing more can be reached from here.

Screens hold this instead of services and queries. A person out of scope answers exactly as one who
does not exist: the same error after the same statements, and the same mark in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.acts import Act
from directory.audit.kinds import Vocabulary
from directory.audit.log import agency_tag, person_tag
from directory.authz import errors
from directory.authz.decisions import Decision, decide_each
from directory.authz.denials import record_denial
from directory.authz.handles import ActsOf, acts_of
from directory.authz.objects import InPlace, Object, OfPerson
from directory.authz.permissions import AuditPermission, Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, narrowed_to, scope_of, scopes_of
from directory.catalogue.errors import AGENCY_UNKNOWN, CATALOGUE_CHANGED_MEANWHILE, PERSON_UNKNOWN
from directory.catalogue.facts import ON_PAGE, Fact, Value
from directory.catalogue.person import Post, acting_post
from directory.clock import today
from directory.database.counting import Count
from directory.errors import Conflict, ErrorCode, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.intents.authors import find_author
from directory.people import service, unused, unused_warnings
from directory.people.errors import PERSON_READ_ONLY
from directory.people.list_file import taken_away
from directory.people.listing import (
    MOST_ID_CHARS,
    ListedPerson,
    PeoplePage,
    PeopleQuestion,
    find_some,
    list_everyone_of,
    list_page,
    way_to,
)
from directory.people.permissions import PeoplePermission
from directory.people.unused import UnusedPage
from directory.people.unused_file import unused_taken_away
from directory.people.unused_warnings import Told
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.sheets.writing import Listing

LATEST_ACTS = 10


@dataclass(frozen=True)
class ShownPost:
    """A post with the names of its places."""

    post: Post
    unit: str
    agency: str
    is_current: bool


@dataclass(frozen=True)
class ShownPerson:
    """A person in full. `facts`: those of their page. `acting`: the post they act in, None while
    they wait for one (chờ bố trí). `title`: of the main post held. `change`: whether the actor may
    change them, and why not.

    `changed_at` (ms): when the record was last written, by whatever path.
    `acts`: the latest of them, newest first; None where nobody asked, or when the actor may not
    read those, and `acts_withheld` is the stable word for why.
    """

    person: PersonRow
    facts: Sequence[tuple[Fact, Value]]
    posts: Sequence[ShownPost]
    acting: ShownPost | None
    title: str
    changed_at: int
    change: Decision
    acts: Sequence[Act] | None
    acts_withheld: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class PeopleFor:
    """The people of the catalogue as far as `actor` may see and change them."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def page(self, question: PeopleQuestion) -> PeoplePage:
        """A page of the list. Raises NotFound for a place out of scope, Forbidden without any."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, PeoplePermission.READ)
            if scope.is_empty:
                raise Forbidden(errors.AUTHZ_DENIED, action=PeoplePermission.READ, reason="no_role")
            way = way_to(tx, scope, question.place_id)
            if way is not None:
                return list_page(tx, scope, question, way)
        raise self._unknown(PeoplePermission.READ, InPlace(question.place_id), AGENCY_UNKNOWN)

    def counting_unused(self, most: int) -> Count:
        """How many of those whom the actor may change have never used their account, counted up to
        `most`. Raises Forbidden without any."""
        with self._installation.database.read() as tx:
            return unused.counting_unused(tx, self._changed(tx), most)

    def list_unused(self, place_id: str, number: int, size: int, most: int) -> UnusedPage:
        """A page of them, of one place or of all, counted up to `most`. Raises as
        `counting_unused`, and NotFound for a place out of scope."""
        with self._installation.database.read() as tx:
            scope = self._changed(tx)
            narrowed = narrowed_to(tx, scope, place_id)
            if narrowed is not None:
                return UnusedPage(
                    unused.list_unused(tx, narrowed, size, (number - 1) * size),
                    unused.count_unused(tx, narrowed, most),
                    list_agencies_within(tx, scope),
                )
        raise self._unknown(PeoplePermission.WRITE, InPlace(place_id), AGENCY_UNKNOWN)

    def take_unused_away(self, place_id: str, export: Export) -> Listing:
        """All of them, or of a place, as a file, noted first. Raises as `list_unused`, and as
        `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            narrowed = narrowed_to(tx, self._changed(tx), place_id)
            place = queries.agency(tx, place_id) if narrowed and place_id else None
        if narrowed is None:
            raise self._unknown(PeoplePermission.WRITE, InPlace(place_id), AGENCY_UNKNOWN)
        return unused_taken_away(self._installation, self._actor, export, narrowed, place)

    def counting_idle(self, most: int) -> Count:
        """How many of those whom the actor may change are about to be suspended, unused, counted up
        to `most`. Raises Forbidden without any."""
        days = self._installation.settings.unused_days
        with self._installation.database.read() as tx:
            return unused_warnings.counting_told(self._changed(tx), days, most)

    def list_idle(self, most: int) -> Sequence[Told]:
        """Some of them, the longest away first. Raises as `counting_idle`."""
        days = self._installation.settings.unused_days
        with self._installation.database.read() as tx:
            return unused_warnings.list_told(tx, self._changed(tx), days, most)

    def _changed(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, PeoplePermission.WRITE)
        if scope.is_empty:
            raise Forbidden(errors.AUTHZ_DENIED, action=PeoplePermission.WRITE, reason="no_role")
        return scope

    def find(self, text: str, most: int) -> tuple[Sequence[ListedPerson], bool]:
        """The first people whom the text finds, and whether there are more. Raises Forbidden as
        `page`."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, PeoplePermission.READ)
            if scope.is_empty:
                raise Forbidden(errors.AUTHZ_DENIED, action=PeoplePermission.READ, reason="no_role")
            return find_some(tx, scope, text, most)

    def take_away(self, question: PeopleQuestion, export: Export) -> Listing:
        """All people of a question as a file to be written (`directory.sheets.writing`), noted
        before the first of them is read. Raises as `page`, and as `directory.exports.taking.take`.
        """
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, PeoplePermission.READ)
            if scope.is_empty:
                raise Forbidden(errors.AUTHZ_DENIED, action=PeoplePermission.READ, reason="no_role")
            way = way_to(tx, scope, question.place_id)
            if way is not None:
                place = way[-1] if way else None
                ids, narrowed = list_everyone_of(tx, scope, question, place)
        if way is None:
            raise self._unknown(PeoplePermission.READ, InPlace(question.place_id), AGENCY_UNKNOWN)
        return taken_away(self._installation, self._actor, question, export, place, ids, narrowed)

    def show(self, person_id: str) -> ShownPerson:
        """A person with posts and history. Raises NotFound."""
        return self._open(person_id, with_acts=True)

    def _open(self, person_id: str, *, with_acts: bool) -> ShownPerson:
        about = OfPerson(person_id[:MOST_ID_CHARS])
        actions = (PeoplePermission.READ, PeoplePermission.WRITE, AuditPermission.READ)
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, actions)
            may = decide_each(tx, self._actor, scopes, about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
            if person is not None:
                acts = None
                if with_acts and may[AuditPermission.READ].allowed:
                    theirs = scopes[AuditPermission.READ]
                    acts = acts_of(
                        tx,
                        self._vocabulary,
                        theirs,
                        person_tag(person.id),
                        limit=LATEST_ACTS,
                        also=_places_of(person),
                    )
                return _shown(tx, person, may, acts)
        raise self._unknown(PeoplePermission.READ, about, PERSON_UNKNOWN)

    def show_for_change(self, person_id: str) -> ShownPerson:
        """As `show`, without history. Raises NotFound, and Forbidden for somebody the actor may
        only look at."""
        shown = self._open(person_id, with_acts=False)
        if not shown.change.allowed:
            raise self._denied(
                PeoplePermission.WRITE, OfPerson(shown.person.id), shown.change.reason
            )
        return shown

    def require_change(self, person_id: str) -> str:
        """Gives the person's id. Raises as `show_for_change`."""
        about = OfPerson(person_id[:MOST_ID_CHARS])
        actions = (PeoplePermission.READ, PeoplePermission.WRITE)
        with self._installation.database.read() as tx:
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
        if not may[PeoplePermission.READ].allowed:
            raise self._unknown(PeoplePermission.READ, about, PERSON_UNKNOWN)
        change = may[PeoplePermission.WRITE]
        if not change.allowed:
            raise self._denied(PeoplePermission.WRITE, about, change.reason)
        return about.id

    def may_suspend(self, person_id: str) -> bool:
        """Whether the actor may suspend and resume somebody whom they see."""
        action = PeoplePermission.SUSPEND
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, (action,))
            return decide_each(tx, self._actor, scopes, OfPerson(person_id))[action].allowed

    def show_for_standing(self, person_id: str) -> PersonRow:
        """Somebody whom the actor may suspend and resume. Raises NotFound, and Forbidden for
        somebody the actor may only look at."""
        about = OfPerson(person_id[:MOST_ID_CHARS])
        actions = (PeoplePermission.READ, PeoplePermission.SUSPEND)
        with self._installation.database.read() as tx:
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
        if person is None:
            raise self._unknown(PeoplePermission.READ, about, PERSON_UNKNOWN)
        acting = may[PeoplePermission.SUSPEND]
        if not acting.allowed:
            raise self._denied(PeoplePermission.SUSPEND, about, acting.reason)
        return person

    def set_suspended(self, person_id: str, is_suspended: bool, reason: str) -> None:
        """Suspend or resume somebody. Raises as `show_for_standing`,
        Invalid(``person.reason``) and Conflict(``person.status``)."""
        known_id = self.show_for_standing(person_id).id
        act = service.suspend if is_suspended else service.resume
        act(self._installation, self._actor, known_id, reason)

    def change(self, person_id: str, changes: Mapping[str, str], seen: Mapping[str, str]) -> None:
        """Change fields (`directory.people.service.EDITABLE`) of a person.

        `seen`: the values the actor saw. Raises as `show_for_change`, Invalid naming the field, and
        Conflict(``catalogue.changed_meanwhile``) with what those fields say now in `current`.
        """
        known_id = self.require_change(person_id)
        try:
            service.change_person(self._installation, self._actor, known_id, changes, expected=seen)
        except Conflict as conflict:
            raise self._in_our_words(conflict, known_id, seen) from conflict

    def last_author(self, person: PersonRow) -> tuple[str, str]:
        """Who wrote what stands in the record now: the kind of actor (``person``, ``os``,
        ``system``; empty for somebody who wrote to LDAP past us) and a person's name."""
        with self._installation.database.read() as tx:
            tag = find_author(tx, person.id, person.csn)
            kind, _, actor_id = tag.partition(":")
            row = queries.person(tx, actor_id) if kind == "person" else None
        return kind, row.full_name if row else ""

    def _in_our_words(
        self, conflict: Conflict, person_id: str, seen: Mapping[str, str]
    ) -> Conflict:
        """A conflict found by the LDAP server names attributes; people want the fields they saw."""
        if conflict.declared is not CATALOGUE_CHANGED_MEANWHILE:
            return conflict
        now = service.shown_now(self._installation, person_id, seen)
        return Conflict(CATALOGUE_CHANGED_MEANWHILE, current=now)

    def _unknown(self, action: Permission, about: Object, declared: ErrorCode) -> NotFound:
        """The one answer for what is not there and for what is not the actor's to know."""
        self._denied(action, about, "out_of_scope")
        return NotFound(declared)

    def _denied(self, action: Permission, about: Object, reason: str) -> Forbidden:
        record_denial(self._installation, self._actor, action, about.tag, reason)
        return Forbidden(PERSON_READ_ONLY, action=action, object=str(about), reason=reason)


def _shown(
    tx: Connection, person: PersonRow, may: Mapping[Permission, Decision], acts: ActsOf | None
) -> ShownPerson:
    now = today().isoformat()
    name = _names_of_places(tx, person, acts)
    posts = [
        ShownPost(post, name(post.unit_id), name(post.agency_id), post.is_current(now))
        for post in person.posts
    ]
    acted_in = acting_post(person.posts, now)
    return ShownPerson(
        person=person,
        facts=[
            (fact, _told(tx, fact, value))
            for fact in ON_PAGE
            if (value := getattr(person, fact.name)) or fact.page == "always"
        ],
        posts=posts,
        acting=next((each for each in posts if each.post == acted_in), None),
        title=service.title_of(person),
        changed_at=_instant_of(person.csn),
        change=may[PeoplePermission.WRITE],
        acts=acts.acts if acts else None,
        acts_withheld="" if acts else may[AuditPermission.READ].reason,
        names=acts.names if acts else {},
    )


def _places_of(person: PersonRow) -> Collection[str]:
    return {place for post in person.posts for place in (post.agency_id, post.unit_id) if place}


def _names_of_places(
    tx: Connection, person: PersonRow, acts: ActsOf | None
) -> Callable[[str], str]:
    if acts is not None:  # they were named with them
        return lambda place_id: acts.names.get(agency_tag(place_id), "")
    places = queries.agencies_by_id(tx, sorted(_places_of(person)))
    return lambda place_id: places[place_id].name if place_id in places else ""


def _told(tx: Connection, fact: Fact, value: Value) -> Value:
    if fact.kind != "person" or not value:
        return value
    full_name, username = queries.list_names(tx, [str(value)]).get(str(value), ("", value))
    return f"{full_name} ({username})"


def _instant_of(csn: str) -> int:
    """The time in an entryCSN (``20261122084647.123456Z#…``) in ms; 0 where there is none."""
    try:
        moment = datetime.strptime(csn.partition("#")[0], "%Y%m%d%H%M%S.%f%z")
    except ValueError:
        return 0
    return int(moment.timestamp() * 1000)
