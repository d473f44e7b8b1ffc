"""The plain records of the demo province, as the loader takes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

# uuid5(NAMESPACE_URL, "urn:danhmuc:seed").bytes
_NAMESPACE = bytes.fromhex("06dc0dd6a74759fcbd3fa675dd229784")

Level = Literal["province", "district", "commune"]
Status = Literal["pending", "active", "suspended", "left"]
PostKind = Literal["main", "concurrent", "seconded"]


def stable_id(name: str) -> str:
    """The id of a seeded record: UUIDv5 (RFC 9562 section 5.5) of its key.

    Ids are random elsewhere. Here the same seed must give the same ids, so that a demo can be
    rebuilt, tests can name records, and seeding more people later keeps those already there.
    """
    digits = hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


@dataclass(frozen=True, slots=True)
class AgencySeed:
    """An agency (legal body with a seal) or a unit of one.

    `code`: short and readable, ASCII, unique over agencies and units (``STTTT``, ``STTTT.VP``,
    ``UBND-TDM-PHUCUONG``). `symbol`: the abbreviation on its documents (ký hiệu, ``SKHĐT``), empty
    where there is no unambiguous one; official e-identifiers are never made up. `agency_key`: the
    legal body a unit belongs to, `key` itself for an agency. `precedence`: smaller comes first
    among siblings.
    """

    key: str
    id: str
    code: str
    symbol: str
    name: str
    short_name: str
    kind: Literal["agency", "unit"]
    type: str
    level: Level
    parent_key: str
    agency_key: str
    precedence: int
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PostSeed:
    """One holding of a title. `unit_key` is empty for a post in the agency itself."""

    id: str
    agency_key: str
    unit_key: str
    title: str
    kind: PostKind
    start: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class PersonSeed:
    """A synthetic person. `full_name` is how the catalogue should hold the name.

    `raw_full_name`: as a careless form delivers it, for the records that show cleaning (else the
    same as `full_name`); `directory.text.clean_name` makes one of the other. `edge_case`: what
    the person is there to show, empty for nearly all. `former_full_name`, `birth_date` (ISO) and
    `national_ids` are filled only where the edge case is about them.
    """

    key: str
    id: str
    username: str
    full_name: str
    raw_full_name: str
    family_name: str
    middle_name: str
    given_name: str
    mail: str
    aliases: tuple[str, ...]
    phone: str
    staff_no: str
    staff_category: str
    posts: tuple[PostSeed, ...]
    precedence: int
    status: Status
    language: Literal["vi", "en"]
    edge_case: str = ""
    former_full_name: str = ""
    birth_date: str = ""
    national_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """A role of an application, with its title in both languages."""

    role: str
    title_vi: str
    title_en: str


@dataclass(frozen=True, slots=True)
class ApplicationSeed:
    """A demo application. `access` ``everyone`` or ``roles`` (holders of one of its roles only)."""

    client_id: str
    name: str
    name_en: str
    description_vi: str
    description_en: str
    access: Literal["everyone", "roles"]
    owner_key: str
    roles: tuple[RoleSeed, ...]


@dataclass(frozen=True, slots=True)
class GrantSeed:
    """A role for whoever holds a position: `title` in `place_key` (a unit, or an agency)."""

    application: str
    role: str
    place_key: str
    title: str
    agency_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobAccount:
    """Somebody of the demo who does one job of administration (a role of our own application).

    `agency_key`: where; empty: in the whole province. `owner`: the username of whose administration
    account it is; empty: it is their own.
    """

    username: str
    full_name: str
    unit_key: str
    title: str
    role: str
    agency_key: str
    note_vi: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person one may sign in as in the demo, their roles and why they are there (vi, en)."""

    person: PersonSeed
    roles: tuple[tuple[str, str], ...]
    note_vi: str
    note_en: str
