"""A person of the catalogue and its LDAP entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from directory.catalogue.agency import Agency
from directory.catalogue.value import read_texts, reading_a_record
from directory.ids import can_be_id
from directory.ldap.entries import Entry
from directory.text import fold, sort_key_of_parts

Status = Literal["pending", "active", "suspended", "left"]
PostKind = Literal["main", "concurrent", "seconded"]

OBJECT_CLASSES = ("inetOrgPerson", "dmPerson")
POSITION_CHARS = 255  # of the key of a position that a role can be granted to


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
    def position(self) -> str:
        """The key of the position (vị trí việc làm): place × title, shared by whoever holds it."""
        return position_key(self.unit_id or self.agency_id, self.title)

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


def position_key(place_id: str, title: str) -> str:
    """The position of `title` in the agency or unit `place_id`."""
    return f"{place_id}|{fold(title)}"


@dataclass(frozen=True)
class Person:
    """A person. `id` is immutable and never reused; everything else may change."""

    id: str
    username: str
    full_name: str
    family_name: str
    middle_name: str
    given_name: str
    status: Status = "active"
    mail: str = ""
    aliases: tuple[str, ...] = ()
    phone: str = ""
    staff_no: str = ""
    staff_category: str = ""
    posts: tuple[Post, ...] = ()
    precedence: int = 500
    language: str = "vi"


def acting_post(posts: Sequence[Post], today: str) -> Post | None:
    """The post a person acts in unless they choose another: the current main one, else any."""
    current = [post for post in posts if post.is_current(today)]
    main = [post for post in current if post.kind == "main"]
    candidates = main or current
    return candidates[0] if candidates else None


def person_dn(person_id: str, suffix: str) -> str:
    return f"dmId={person_id},ou=people,{suffix}"


def stored_attributes(person: Person) -> dict[str, tuple[str, ...]]:
    """The attributes that hold the person's own facts. Absent facts are absent attributes."""
    return {
        "uid": _some(person.username),
        "cn": (person.full_name,),
        "displayName": (person.full_name,),
        "sn": (person.family_name or person.given_name,),  # inetOrgPerson wants sn
        "givenName": _some(person.given_name),
        "dmMiddleName": _some(person.middle_name),
        "mail": _some(person.mail),
        "dmMailAddress": tuple(
            dict.fromkeys(value for value in (person.mail, *person.aliases) if value)
        ),
        "telephoneNumber": _some(person.phone),
        "employeeNumber": _some(person.staff_no),
        "employeeType": _some(person.staff_category),
        "dmStatus": (person.status,),
        "dmPost": tuple(post.to_value() for post in person.posts),
        "dmPrecedence": (str(person.precedence),),
        "preferredLanguage": (person.language,),
        "dmSearchKey": tuple(
            dict.fromkeys(fold(v) for v in (person.full_name, person.username) if v)
        ),
        "dmSortKey": (
            sort_key_of_parts(person.family_name, person.middle_name, person.given_name),
        ),
        # A suspended or departed person cannot bind: pwdEndTime in the past stops slapd itself,
        # pwdAccountLockedTime alone did not.
        "pwdEndTime": () if person.status == "active" else ("19700101000001Z",),
    }


def derived_attributes(
    person: Person, places: Mapping[str, Agency], today: str
) -> dict[str, tuple[str, ...]]:
    """What follows from the posts on `today`: written in the same modify as the posts.

    `places` maps ids of the agencies and units the posts name.
    """
    current = [post for post in person.posts if post.is_current(today)]
    agencies = tuple(dict.fromkeys(post.agency_id for post in current))
    units = tuple(dict.fromkeys(post.unit_id for post in current if post.unit_id))
    has_mailbox = bool(person.mail) and person.status in ("active", "suspended")
    return {
        "dmAgency": agencies,
        "dmUnit": units,
        "o": _names(agencies, places),
        "ou": _names(units, places),
        "title": tuple(dict.fromkeys(post.title for post in current)),
        "departmentNumber": tuple(places[a].code for a in agencies if a in places),
        "dmMailState": (("active" if person.status == "active" else "suspended"),)
        if has_mailbox
        else ("none",),
    }


def person_from_entry(entry: Entry) -> Person:
    """The person an entry holds. Raises Unreadable when it holds none."""
    with reading_a_record():
        return _person(entry)


def _person(entry: Entry) -> Person:
    person_id, mail = entry.one("dmId"), entry.one("mail")
    if not can_be_id(person_id):
        raise ValueError("an id that is none of ours")
    full_name, given = entry.one("cn"), entry.one("givenName")
    return Person(
        id=person_id,
        username=entry.one("uid"),
        full_name=full_name,
        family_name="" if full_name == given else entry.one("sn"),
        middle_name=entry.one("dmMiddleName"),
        given_name=given,
        status=cast(Status, entry.one("dmStatus")),
        mail=mail,
        aliases=tuple(sorted(set(entry.all("dmMailAddress")) - {mail})),
        phone=entry.one("telephoneNumber"),
        staff_no=entry.one("employeeNumber"),
        staff_category=entry.one("employeeType"),
        posts=_posts_of(entry),
        precedence=int(entry.one("dmPrecedence") or 500),
        language=entry.one("preferredLanguage") or "vi",
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
