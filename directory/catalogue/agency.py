"""An agency or unit (nodes of the organisation tree) and its LDAP entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, cast

from directory.catalogue.value import read_texts, reading_a_record
from directory.ids import can_be_id
from directory.ldap.entries import Entry
from directory.text import collation_key, fold

AgencyKind = Literal["agency", "unit"]
AgencyStatus = Literal["active", "closed"]

OBJECT_CLASSES = ("organizationalUnit", "dmOrganisation")


@dataclass(frozen=True)
class AgencyCode:
    """A code of an agency in one scheme (``QĐ20``, ``QCVN102``, ``ky_hieu``); never reused."""

    scheme: str
    code: str
    valid_from: str = ""
    valid_to: str = ""
    basis: str = ""

    def to_value(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_value(value: str) -> AgencyCode:
        return AgencyCode(**read_texts(value))


@dataclass(frozen=True)
class Agency:
    """A legal body with a seal (`kind` agency) or a part of one (`kind` unit).

    `code` is the short code people use (``STTTT``, ``STTTT.VP``), never reused; units may lack one.
    `parent_id` is empty for the root. `precedence`: smaller comes first.
    """

    id: str
    name: str
    code: str = ""
    short_name: str = ""
    kind: AgencyKind = "agency"
    type: str = ""
    parent_id: str = ""
    precedence: int = 500
    status: AgencyStatus = "active"
    codes: tuple[AgencyCode, ...] = ()
    successors: tuple[str, ...] = ()
    mail: str = ""
    phone: str = ""


def agency_dn(agency_id: str, suffix: str) -> str:
    return f"dmId={agency_id},ou=agencies,{suffix}"


def agency_attributes(agency: Agency) -> dict[str, tuple[str, ...]]:
    """All attributes of the entry but the classes, the id and the intent mark."""
    keys = (agency.name, agency.short_name, agency.code)
    return {
        "ou": (agency.name,),
        "dmShortName": _some(agency.short_name),
        "dmKind": (agency.kind,),
        "dmType": _some(agency.type),
        "dmParent": _some(agency.parent_id),
        "dmPrecedence": (str(agency.precedence),),
        "dmCode": tuple(code.to_value() for code in agency.codes),
        "dmCurrentCode": _some(agency.code),
        "dmSuccessor": agency.successors,
        "dmStatus": (agency.status,),
        "dmSearchKey": tuple(dict.fromkeys(fold(key) for key in keys if key)),
        "dmSortKey": (collation_key(agency.name),),
        "mail": _some(agency.mail),
        "telephoneNumber": _some(agency.phone),
    }


def agency_from_entry(entry: Entry) -> Agency:
    """The agency or unit an entry holds. Raises Unreadable when it holds none."""
    with reading_a_record():
        return _agency(entry)


def agency_standing_of(entry: Entry) -> AgencyStatus:
    """As a person's standing, readable alone."""
    return "active" if entry.one("dmStatus").strip().lower() == "active" else "closed"


def _agency(entry: Entry) -> Agency:
    agency_id, parent_id = entry.one("dmId"), entry.one("dmParent")
    if not can_be_id(agency_id) or (parent_id and not can_be_id(parent_id)):
        raise ValueError("an id that is none of ours")
    return Agency(
        id=agency_id,
        name=entry.one("ou"),
        code=entry.one("dmCurrentCode"),
        short_name=entry.one("dmShortName"),
        kind=cast(AgencyKind, entry.one("dmKind")),
        type=entry.one("dmType"),
        parent_id=parent_id,
        precedence=int(entry.one("dmPrecedence") or 500),
        status=agency_standing_of(entry),
        codes=tuple(sorted(map(AgencyCode.from_value, entry.all("dmCode")), key=str)),
        successors=tuple(sorted(entry.all("dmSuccessor"))),
        mail=entry.one("mail"),
        phone=entry.one("telephoneNumber"),
    )


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
