"""Lists of positions, as far as somebody may look, and who holds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
)

from directory.authz.places import list_agencies_within
from directory.authz.positions import Position
from directory.authz.scopes import Scope, places_within
from directory.authz.tables import position, role_grant, settled_post
from directory.clock import today
from directory.database.without_index import without_index
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_tree
from directory.text import fold

PAGE = 50


@dataclass(frozen=True)
class PositionQuestion:
    """Which positions; what is empty is not asked. `text`: words of the name, however they are
    typed. `place_id`: of an agency or unit and all under it. `also_closed`: closed ones too."""

    text: str = ""
    place_id: str = ""
    also_closed: bool = False
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class ListedPosition:
    """A position, what its places are called, how many hold it, how many roles it brings."""

    position: Position
    agency: str
    unit: str
    holders: int
    roles: int


@dataclass(frozen=True)
class PositionPage:
    """A page of positions; `places`: the agencies to narrow them by."""

    positions: Sequence[ListedPosition]
    total: int
    page: int
    places: Sequence[AgencyRow]


@dataclass(frozen=True)
class PositionHolder:
    """Who holds a position, or will. `is_settling`: the change that puts them on it is under
    way."""

    person_id: str
    full_name: str
    username: str
    start: str
    end: str
    is_settling: bool


def list_page(tx: Connection, scope: Scope, question: PositionQuestion) -> PositionPage:
    """A page of the positions in the scope, as their places are listed."""
    found, total = _find(tx, scope, question)
    places = list_agencies_within(tx, scope)
    return PositionPage(name_positions(tx, found), total, max(1, question.page), places)


def list_some(tx: Connection, scope: Scope, question: PositionQuestion) -> Sequence[ListedPosition]:
    """The positions of such a page alone."""
    return name_positions(tx, _find(tx, scope, question)[0])


def count_positions(tx: Connection, scope: Scope, question: PositionQuestion) -> int:
    """How many there are on all pages."""
    return _find(tx, scope, replace(question, page=1, size=0))[1]


def _find(
    tx: Connection, scope: Scope, question: PositionQuestion
) -> tuple[Sequence[Position], int]:
    """The positions of a page, and how many there are on all of them."""
    conditions = _conditions(scope, question)
    first = (max(1, question.page) - 1) * question.size
    words = fold(question.text).split()
    if words:
        # Names are few and short: what SQL cannot tell of how they are typed is told here.
        rows = [row for row in tx.execute(_ordered(conditions)) if _fits(row.name, words)]
        total, shown = len(rows), rows[first : first + question.size]
    else:
        counted = select(func.count()).select_from(position).where(*conditions)
        total = int(tx.execute(counted).scalar_one())
        limited = _ordered(conditions).limit(question.size).offset(first)
        shown = list(tx.execute(limited).all()) if question.size else []
    return [Position(*row) for row in shown], total


def find_some(
    tx: Connection, scope: Scope, text: str, most: int
) -> tuple[Sequence[ListedPosition], bool]:
    """The first open positions of the scope with these words in their names, without how many hold
    them, and whether there are more."""
    words = fold(text).split()
    rows = tx.execute(_ordered(_conditions(scope, PositionQuestion())))
    fitting = [Position(*row) for row in rows if _fits(row.name, words)]
    return name_positions(tx, fitting[:most], {}, {}), len(fitting) > most


def name_positions(
    tx: Connection,
    found: Sequence[Position],
    holders: Mapping[str, int] | None = None,
    roles: Mapping[str, int] | None = None,
) -> Sequence[ListedPosition]:
    """Positions with what is told of them: as many statements for many as for one. `holders`,
    `roles`: how many there are by position, where that is known."""
    ids = [each.id for each in found]
    places = queries.agencies_by_id(
        tx, sorted({place for each in found for place in (each.agency_id, each.unit_id)} - {""})
    )
    holders = _count_holders(tx, ids) if holders is None else holders
    roles = _count_roles(tx, ids) if roles is None else roles

    def name(place_id: str) -> str:
        return places[place_id].name if place_id in places else ""

    return [
        ListedPosition(
            each,
            name(each.agency_id),
            name(each.unit_id),
            holders.get(each.id, 0),
            roles.get(each.id, 0),
        )
        for each in found
    ]


def list_holders(tx: Connection, position_id: str) -> Sequence[PositionHolder]:
    """Who holds it, will hold it, or is being put on it; by name."""
    settled, person = settled_post.c, catalogue_person.c
    query = (
        select(settled_post, person.full_name, person.username)
        .outerjoin(catalogue_person, person.id == settled.person_id)
        .where(settled.position_id == position_id, _goes_on())
    )
    found = [
        PositionHolder(
            row.person_id,
            row.full_name or "",
            row.username or "",
            row.start_on,
            row.end_on,
            row.intent_id is not None,
        )
        for row in tx.execute(query)
    ]
    return sorted(found, key=lambda each: (each.full_name, each.start))


def _conditions(scope: Scope, question: PositionQuestion) -> Sequence[ColumnElement[bool]]:
    columns, tree = position.c, catalogue_tree.c
    wanted = [_lies_in(places_within(scope)) if not scope.is_empty else false()]
    if question.place_id:
        under = select(tree.descendant_id).where(tree.ancestor_id == question.place_id)
        wanted.append(_lies_in(under))
    if not question.also_closed:
        wanted.append(columns.closed_at.is_(None))
    return wanted


def _lies_in(places: Select[tuple[str]] | None) -> ColumnElement[bool]:
    if places is None:
        return true()
    columns = position.c
    of_agency = and_(columns.unit_id == "", columns.agency_id.in_(places))
    return or_(of_agency, columns.unit_id.in_(places))


def _ordered(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    columns = position.c
    agency, unit = catalogue_agency.alias("agency"), catalogue_agency.alias("unit")
    return (
        select(columns.id, columns.agency_id, columns.unit_id, columns.name, columns.closed_at)
        .join(agency, agency.c.id == columns.agency_id)
        .outerjoin(unit, unit.c.id == columns.unit_id)
        .where(*conditions)
        .order_by(
            agency.c.precedence,
            agency.c.sort_key,
            func.coalesce(unit.c.precedence, -1),
            func.coalesce(unit.c.sort_key, ""),
            columns.name,
            columns.id,
        )
    )


def _fits(name: str, words: Sequence[str]) -> bool:
    key = fold(name)
    return all(word in key for word in words)


def _count_holders(tx: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    if not ids:
        return {}
    settled = settled_post.c
    query = (
        select(settled.position_id, func.count(settled.person_id.distinct()))
        .where(settled.position_id.in_(ids), _goes_on())
        .group_by(settled.position_id)
    )
    return {position_id: int(count) for position_id, count in tx.execute(query)}


def _count_roles(tx: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    if not ids:
        return {}
    grant = role_grant.c
    goes_on = or_(grant.end_on == "", grant.end_on >= today().isoformat())
    query = (
        select(grant.holder_id, func.count())
        .where(grant.holder_kind == "position", grant.holder_id.in_(ids))
        .where(without_index(grant.revoked_at).is_(None), goes_on)
        .group_by(grant.holder_id)
    )
    return {position_id: int(count) for position_id, count in tx.execute(query)}


def _goes_on() -> ColumnElement[bool]:
    settled = settled_post.c
    return or_(settled.end_on == "", settled.end_on >= today().isoformat())
