"""The list of grants as a screen shows it: a page, how many there are, and what narrows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from directory.authz.applications import names_seen
from directory.authz.errors import APPLICATION_UNKNOWN, POSITION_UNKNOWN
from directory.authz.grant_lists import GrantQuestion, list_counted
from directory.authz.naming import NamedGrant, name_all
from directory.authz.places import list_agencies_within
from directory.authz.positions import find_position
from directory.authz.roles import Role, list_roles
from directory.authz.scopes import Scope, holds_person, holds_place
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN
from directory.errors import ErrorCode, NotFound, Words
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.projection.search import search_people

MOST_COUNTED = 1000
_MOST_NAMED = 500
HOLDER_KINDS = {
    "person": Words("Người", "Person"),
    "post": Words("Bố trí", "Post"),
    "position": Words("Vị trí việc làm", "Position"),
}


@dataclass(frozen=True)
class GrantFilter:
    """What a list is narrowed by, with names. `person`, `position`: of the one that is asked for;
    `place`: the one chosen. `applications`: names by id, `agencies` and `roles` (of the chosen
    application): what one may choose. `too_many`: more people fit the text than were looked for."""

    person: str
    position: str
    place: AgencyRow | None
    applications: Mapping[str, str]
    roles: Sequence[Role]
    agencies: Sequence[AgencyRow]
    too_many: bool


@dataclass(frozen=True)
class GrantList:
    """One page. `total` is a lower bound when `is_capped`; `next`: the `after` of the page that
    follows, empty on the last."""

    grants: Sequence[NamedGrant]
    total: int
    is_capped: bool
    next: str
    filter: GrantFilter


def narrowed(tx: Connection, question: GrantQuestion, text: str) -> tuple[GrantQuestion, bool]:
    """The question about the people whom `text` finds (by the beginnings of words of a name, user
    name or address), and whether there are more of them than are looked for."""
    if not text:
        return question, False
    found = search_people(tx, text=text, limit=_MOST_NAMED + 1).people
    ids = tuple(person.id for person in found[:_MOST_NAMED])
    return replace(question, people_ids=ids), len(found) > _MOST_NAMED


def list_with_choices(
    tx: Connection, scope: Scope, question: GrantQuestion, *, too_many: bool
) -> GrantList:
    """A page, and what else narrows it. Raises NotFound for what the scope does not hold."""
    filter_ = _filter(tx, scope, question, too_many)
    found, following, total = list_counted(tx, scope, question, question.size, MOST_COUNTED)
    return GrantList(
        grants=name_all(tx, found)[0],
        total=min(total, MOST_COUNTED),
        is_capped=total > MOST_COUNTED,
        next=following,
        filter=filter_,
    )


def require_known(tx: Connection, scope: Scope, question: GrantQuestion) -> None:
    """Raise NotFound where the question names what is not to be known in the scope."""
    if question.place_id and not holds_place(tx, scope, question.place_id):
        raise NotFound(AGENCY_UNKNOWN)
    if question.person_id and not holds_person(tx, scope, question.person_id, writing=False):
        raise NotFound(PERSON_UNKNOWN)
    if question.position_id:
        found = find_position(tx, question.position_id)
        # One that is not there is looked for where no place is.
        if not holds_place(tx, scope, found.place_id if found else "-") or found is None:
            raise NotFound(POSITION_UNKNOWN, value=question.position_id)


def _filter(tx: Connection, scope: Scope, question: GrantQuestion, too_many: bool) -> GrantFilter:
    seen = names_seen(tx, scope)
    _require(question.application_id, seen, APPLICATION_UNKNOWN)
    agencies = list_agencies_within(tx, scope)
    position = find_position(tx, question.position_id) if question.position_id else None
    place = next((each for each in agencies if each.id == question.place_id), None)
    if question.place_id and place is None:
        place = queries.agency(tx, question.place_id)  # a unit
    return GrantFilter(
        person=_name_of(tx, question.person_id),
        position=position.name if position else "",
        place=place,
        applications=seen,
        roles=list_roles(tx, question.application_id) if question.application_id else (),
        agencies=agencies,
        too_many=too_many,
    )


def _name_of(tx: Connection, person_id: str) -> str:
    if not person_id:
        return ""
    return "{} ({})".format(*queries.list_names(tx, [person_id])[person_id])


def _require(asked: str, known: Mapping[str, str], declared: ErrorCode) -> None:
    if asked and asked not in known:
        raise NotFound(declared, value=asked)
