"""A person of the catalogue and its LDAP entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from directory.catalogue.agency import Agency
from directory.catalogue.errors import Unreadable
from directory.catalogue.facts import IN_LDAP, PersonFacts
from directory.catalogue.value import read_texts, reading_a_record
from directory.ids import can_be_id
from directory.ldap.entries import Entry
from directory.ldap.schema import PERSON_STATES
from directory.text import fold, plain, sort_key_of_parts

Status = Literal["pending", "active", "suspended", "left"]
PostKind = Literal["main", "concurrent", "seconded"]

OBJECT_CLASSES = ("inetOrgPerson", "dmPerson")


@dataclass(frozen=True)
class Post:
    """One person's holding of a title in an agency or unit (bố trí).

    `start`, `end`: ISO dates in Vietnam, both inclusive, empty when open. `basis`: the decision it
    rests on (số, ngày), empty when not recorded.
    """

    id: str
    agency_id: str
    unit_id: str
    title: str
    kind: PostKind = "main"
    start: str = ""
    end: str = ""
    basis: str = ""

    def is_current(self, today: str) -> bool:
        """Whether the post is held on `today` (ISO date)."""
        return (not self.start or self.start <= today) and (not self.end or today <= self.end)

    @property
    def place_id(self) -> str:
        """The unit, or the agency where there is none."""
        return self.unit_id or self.agency_id

    def to_value(self) -> str:
        """The post as one LDAP value: compact JSON, keys sorted, so that equal posts are equal."""
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_value(value: str) -> Post:
        """The post a value holds. Raises ValueError or TypeError when it holds none."""
        post = Post(**read_texts(value))  # type: ignore[arg-type]
        ids = (post.id, post.agency_id, *((post.unit_id,) if post.unit_id else ()))
        if not all(map(can_be_id, ids)):
            raise ValueError("an id that is none of ours")
        return post


@dataclass(frozen=True)
class Person(PersonFacts):
    """A person: the declared facts, and what is more than one value with one meaning.

    `id` is immutable and never reused; everything else may change.
    """

    id: str
    family_name: str
    middle_name: str
    given_name: str
    status: Status = "active"
    aliases: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()


LONGEST_TITLE = 200


def is_title(text: str) -> bool:
    """Whether this can be the title of a main post."""
    return len(text) <= LONGEST_TITLE and any(map(str.isalpha, text))


class HasPosts(Protocol):
    """A person as the catalogue or the projection holds them."""

    @property
    def posts(self) -> Sequence[Post]: ...


def home_post(posts: Sequence[Post], day: str) -> Post | None:
    """The one of a person's posts that says whose they are on `day` (ISO date), if any is main.

    The main post held that day (of two at once the one that began later); without one the main post
    that ended last; before the first, the one that comes first.
    `directory.authz.scopes` says the same in SQL.
    """
    main = [post for post in posts if post.kind == "main"]
    held = [post for post in main if post.is_current(day)]
    if held:
        return max(held, key=lambda post: (post.start, post.id))
    ended = [post for post in main if post.end and post.end < day]
    if ended:
        return max(ended, key=lambda post: (post.end, post.start, post.id))
    return min(main, key=lambda post: (post.start, post.id), default=None)


def home_agency(person: HasPosts, day: str) -> str:
    """The id of the agency whose person this is on `day`; empty without any main post.

    It alone decides whose administrators see and change a person, whom people are told to ask, and
    under whom events are filed.
    """
    post = home_post(person.posts, day)
    return post.agency_id if post else ""


def acting_post(posts: Sequence[Post], day: str) -> Post | None:
    """The post a person acts in unless they choose another: the main one held, else any held."""
    home = home_post(posts, day)
    if home is not None and home.is_current(day):
        return home
    held = (post for post in posts if post.is_current(day))
    return min(held, key=lambda post: (post.start, post.id), default=None)


def person_dn(person_id: str, suffix: str) -> str:
    return f"dmId={person_id},ou=people,{suffix}"


def stored_attributes(person: Person) -> dict[str, tuple[str, ...]]:
    """The attributes that hold the person's own facts. Absent facts are absent attributes."""
    return {
        **{fact.attribute: fact.to_ldap(getattr(person, fact.name)) for fact in IN_LDAP},
        "displayName": (person.full_name,),
        "sn": (person.family_name or person.given_name,),  # inetOrgPerson wants sn
        "givenName": _some(person.given_name),
        "dmMiddleName": _some(person.middle_name),
        "dmMailAddress": tuple(
            dict.fromkeys(value for value in (person.mail, *person.aliases) if value)
        ),
        "dmStatus": (person.status,),
        "dmPost": tuple(post.to_value() for post in person.posts),
        "dmSearchKey": search_keys(person),
        "dmSortKey": (
            sort_key_of_parts(person.family_name, person.middle_name, person.given_name),
        ),
    }


def search_keys(person: Person) -> tuple[str, ...]:
    """What LDAP programs find a person by, whose filters ask for names (``cn``).

    Folded as our own search is; with the marks gone only, for whoever types "ly" and not "li"; and
    beginning with the given name, for programs that look for beginnings.
    """
    called = f"{person.given_name} {person.family_name}"
    keys = (fold(person.full_name), plain(person.full_name), plain(called), fold(person.username))
    return tuple(dict.fromkeys(key for key in keys if key))


def derived_attributes(
    person: Person, places: Mapping[str, Agency], today: str
) -> dict[str, tuple[str, ...]]:
    """What follows from the posts on `today`: written in the same modify as the posts.

    `places` maps ids of the agencies and units the posts name.
    """
    current = [post for post in person.posts if post.is_current(today)]
    agencies = tuple(dict.fromkeys(post.agency_id for post in current))
    units = tuple(dict.fromkeys(post.unit_id for post in current if post.unit_id))
    return {
        "dmAgency": agencies,
        "dmUnit": units,
        "o": _names(agencies, places),
        "ou": _names(units, places),
        "title": tuple(dict.fromkeys(post.title for post in current)),
        "departmentNumber": tuple(places[a].code for a in agencies if a in places),
        **mail_state(person.status, has_address=bool(person.mail)),
    }


def mail_state(status: Status, *, has_address: bool) -> dict[str, tuple[str, ...]]:
    """What follows from a person's standing for their mailbox."""
    has_mailbox = has_address and status in ("active", "suspended")
    return {"dmMailState": (status if has_mailbox else "none",)}


def person_from_entry(entry: Entry) -> Person:
    """The person an entry holds. Raises Unreadable when it holds none."""
    with reading_a_record():
        return _person(entry)


def standing_of(entry: Entry) -> Status:
    """A person's standing, which is readable alone: whatever else is wrong with the entry, it
    decides about sign-in. A word nobody knows lets nobody in."""
    said = entry.one("dmStatus").strip().lower()
    return cast(Status, said) if said in PERSON_STATES else "suspended"


# What the first version gave people who may not sign in, so that slapd refused them. The access
# rules do that now, and a bind would go on being refused for whoever comes back.
_OLD_END = "19700101000001Z"


def without_old_end(entry: Entry) -> dict[str, tuple[str, ...]]:
    """What takes that end away, where `entry` has it."""
    return {"pwdEndTime": ()} if entry.one("pwdEndTime") == _OLD_END else {}


def readable_part(entry: Entry) -> Person:
    """The person an entry holds, or as much of it as can be read: to be shown, never written.

    Raises Unreadable when not even that is somebody.
    """
    try:
        return person_from_entry(entry)
    except Unreadable:
        return person_from_entry(entry.with_values({"dmPost": (), "dmPrecedence": ()}))


def _person(entry: Entry) -> Person:
    person_id = entry.one("dmId")
    if not can_be_id(person_id):
        raise ValueError("an id that is none of ours")
    facts: dict[str, Any] = {
        fact.name: fact.from_ldap(entry.one(fact.attribute)) for fact in IN_LDAP
    }
    given = entry.one("givenName")
    return Person(
        id=person_id,
        family_name="" if facts["full_name"] == given else entry.one("sn"),
        middle_name=entry.one("dmMiddleName"),
        given_name=given,
        status=standing_of(entry),
        aliases=tuple(sorted(set(entry.all("dmMailAddress")) - {facts["mail"]})),
        posts=_posts_of(entry),
        **facts,
    )


def _posts_of(entry: Entry) -> tuple[Post, ...]:
    posts = [Post.from_value(value) for value in entry.all("dmPost")]
    if len({post.id for post in posts}) != len(posts):
        raise ValueError("two posts of one id")
    return tuple(sorted(posts, key=lambda post: (post.kind != "main", post.start, post.id)))


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _names(ids: Sequence[str], places: Mapping[str, Agency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(places[place].name for place in ids if place in places))
