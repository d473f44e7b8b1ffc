"""Positions (vị trí việc làm): entries of an agency's or unit's list, which roles are given to.

Which post holds which is said here, beside the grants; the catalogue knows titles only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, insert, literal, or_, select, update

from directory.actor import Actor
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.authz import errors
from directory.authz.decisions import find_position_row, require
from directory.authz.events import (
    POSITION_ADDED,
    POSITION_CLOSED,
    POSITION_RENAMED,
    POSITIONS_MIGRATED,
)
from directory.authz.grants import list_grants, revoke_grant
from directory.authz.objects import InPlace
from directory.authz.permissions import PositionPermission
from directory.authz.tables import position, settled_post
from directory.catalogue.errors import AGENCY_UNKNOWN, UNIT_UNKNOWN
from directory.clock import now_ms, today
from directory.database.advisory_lock import take_advisory_lock
from directory.database.engine import ask_once, remember
from directory.errors import Conflict, Invalid, NotFound
from directory.ids import new_id
from directory.projection import queries
from directory.text import clean

NAME_CHARS = 200  # as long as a title may be


@dataclass(frozen=True)
class Position:
    """An entry of the list. `unit_id` is empty for one of the agency itself; `closed_at` (ms) None
    while people can be put on it."""

    id: str
    agency_id: str
    unit_id: str
    name: str
    closed_at: int | None = None

    @property
    def place_id(self) -> str:
        """The unit, or the agency where there is none."""
        return self.unit_id or self.agency_id


def position_tag(position_id: str) -> str:
    """How events name a position as their subject."""
    return f"position:{position_id}"


def add_position(
    tx: Connection,
    actor: Actor,
    agency_id: str,
    name: str,
    *,
    unit_id: str = "",
    position_id: str = "",
) -> Position:
    """Add a position to the list of an agency or of one of its units.

    Raises Invalid, Forbidden, NotFound for the place, Conflict(``position.exists``).
    """
    added = Position(position_id or new_id(), agency_id, unit_id, _checked_name(name))
    require(tx, actor, PositionPermission.WRITE, InPlace(added.place_id))
    _require_place(tx, added)
    _take_name(tx, added)
    tx.execute(
        insert(position).values(
            id=added.id, agency_id=added.agency_id, unit_id=added.unit_id, name=added.name
        )
    )
    record(tx, POSITION_ADDED, actor, **_filed(added), name=added.name)
    return added


def rename_position(tx: Connection, actor: Actor, position_id: str, name: str) -> Position:
    """Call a position otherwise: nobody gains or loses anything by it. Raises as `add_position`."""
    name = _checked_name(name)
    old = require_open(tx, position_id)
    require(tx, actor, PositionPermission.WRITE, InPlace(old.place_id))
    if name == old.name:
        return old
    renamed = Position(old.id, old.agency_id, old.unit_id, name)
    _take_name(tx, renamed)
    tx.execute(update(position).where(position.c.id == old.id).values(name=name))
    record(tx, POSITION_RENAMED, actor, **_filed(old), before=old.name, name=name)
    return renamed


def close_position(tx: Connection, actor: Actor, position_id: str, reason: str) -> Sequence[str]:
    """Nobody can be put on it any more; what was given to it is revoked. Gives the grants' ids.

    Raises Conflict(``position.held``) while somebody holds it, or will; Forbidden also when the
    actor may not revoke what was given to it.
    """
    if not reason.strip():
        raise Invalid(errors.POSITION_REASON, field="reason")
    old = require_open(tx, position_id)
    require(tx, actor, PositionPermission.WRITE, InPlace(old.place_id))
    if holders := count_holders(tx, old.id):
        raise Conflict(errors.POSITION_HELD, holders=holders)
    given = [grant.id for grant in list_grants(tx, holder_id=old.id)]
    for grant_id in given:
        revoke_grant(tx, actor, grant_id, reason)
    tx.execute(update(position).where(position.c.id == old.id).values(closed_at=now_ms()))
    record(tx, POSITION_CLOSED, actor, **_filed(old), name=old.name, reason=reason)
    return given


def require_open(tx: Connection, position_id: str) -> Position:
    """The position, which stays as it is until `tx` ends. Raises NotFound, Conflict."""
    take_advisory_lock(tx, "position", position_id)
    found = find_position(tx, position_id)
    if found is None:
        raise NotFound(errors.POSITION_UNKNOWN, value=position_id)
    if found.closed_at is not None:
        raise Conflict(errors.POSITION_CLOSED, name=found.name)
    return found


def find_position(tx: Connection, position_id: str) -> Position | None:
    """A position by id, closed ones too."""
    row = find_position_row(tx, position_id)
    if row is None:
        return None
    return Position(row.id, row.agency_id, row.unit_id, row.name, row.closed_at)


def find_named(tx: Connection, agency_id: str, unit_id: str, name: str) -> Position | None:
    """The open position of that name in exactly that place."""
    columns = position.c
    row = tx.execute(
        _columns.where(
            columns.agency_id == agency_id,
            columns.unit_id == unit_id,
            columns.name == clean(name),
            columns.closed_at.is_(None),
        )
    ).first()
    return None if row is None else Position(*row)


def list_positions(
    tx: Connection, *, agency_id: str = "", unit_id: str = "", also_closed: bool = False
) -> Sequence[Position]:
    """Positions by place and name: of an agency with its units, of one unit, or of all."""
    columns = position.c
    query = _columns.order_by(columns.agency_id, columns.unit_id, columns.name, columns.id)
    if agency_id:
        query = query.where(columns.agency_id == agency_id)
    if unit_id:
        query = query.where(columns.unit_id == unit_id)
    if not also_closed:
        query = query.where(columns.closed_at.is_(None))
    return [Position(*row) for row in tx.execute(query)]


def list_open_positions(
    tx: Connection, agencies: Collection[str]
) -> Mapping[str, Sequence[Position]]:
    """Of each agency with its units, as `list_positions`, in one statement."""
    columns = position.c
    query = _columns.order_by(columns.unit_id, columns.name, columns.id)
    query = query.where(columns.agency_id.in_(agencies), columns.closed_at.is_(None))
    found: dict[str, list[Position]] = {agency: [] for agency in agencies}
    for row in tx.execute(query) if agencies else ():
        found[row.agency_id].append(Position(*row))
    return found


def positions_of(tx: Connection, person_id: str) -> dict[str, Position]:
    """The positions of somebody's posts, by the post's id."""
    post = settled_post.c
    query = (
        select(post.post_id, *_columns.selected_columns)
        .join(position, position.c.id == post.position_id)
        .where(post.person_id == person_id, post.intent_id.is_(None))
    )
    return {row[0]: Position(*row[1:]) for row in tx.execute(query)}


def tags_of_positions(person_id: str) -> Select[Any]:
    """How events and requests name the positions of somebody's posts, as a subquery."""
    post = settled_post.c
    return select(literal("position:") + post.position_id).where(
        post.person_id == person_id, post.position_id.is_not(None), post.intent_id.is_(None)
    )


def find_holder(tx: Connection, post_id: str) -> str | None:
    """The id of the person whose post it is, as far as rights hang on it."""
    query = select(settled_post.c.person_id).where(settled_post.c.post_id == post_id)
    return ask_once(tx, ("holder", post_id), lambda: tx.execute(query).scalar())


def read_holders(tx: Connection, posts: Collection[str]) -> None:
    """What `find_holder` gives of each from now on in this transaction, without asking again."""
    columns = settled_post.c
    query = select(columns.post_id, columns.person_id).where(columns.post_id.in_(posts))
    rows = tx.execute(query).all() if posts else []
    found = {row.post_id: row.person_id for row in rows}
    for each in posts:
        remember(tx, ("holder", each), found.get(each))


def count_holders(tx: Connection, position_id: str) -> int:
    """How many people hold the position today, will hold it, or are being put on it."""
    post = settled_post.c
    query = select(func.count(post.person_id.distinct())).where(
        post.position_id == position_id,
        or_(post.end_on == "", post.end_on >= today().isoformat()),
    )
    return int(tx.execute(query).scalar_one())


@dataclass(frozen=True)
class Migrated:
    """A position made of what an earlier version understood by a title."""

    position: Position
    holders: int
    grants: int


def tell_of_positions(tx: Connection, actor: Actor) -> Sequence[Migrated]:
    """Tell once, as one act with a number, which positions an upgrade made of titles."""
    rows = tx.execute(_columns.where(position.c.former_key.is_not(None)).with_for_update())
    found = [Position(*row) for row in rows]
    if not found or list_events(tx, kind=POSITIONS_MIGRATED.name, limit=1):
        return ()
    made = [
        Migrated(each, count_holders(tx, each.id), len(list_grants(tx, holder_id=each.id)))
        for each in found
    ]
    record(
        tx,
        POSITIONS_MIGRATED,
        actor,
        count=len(made),
        positions=[
            {"id": m.position.id, "name": m.position.name, "holders": m.holders} for m in made
        ],
    )
    return sorted(made, key=lambda m: (m.position.agency_id, m.position.name))


def _checked_name(name: str) -> str:
    name = clean(name)
    if not 0 < len(name) <= NAME_CHARS:
        raise Invalid(errors.POSITION_NAME, field="name", longest=NAME_CHARS)
    return name


def _require_place(tx: Connection, wanted: Position) -> None:
    found = queries.agency(tx, wanted.agency_id)
    if found is None or found.kind != "agency":
        raise NotFound(AGENCY_UNKNOWN)
    if not wanted.unit_id:
        return
    unit = queries.agency(tx, wanted.unit_id)
    if unit is None or not queries.is_under(tx, unit.id, wanted.agency_id):
        raise NotFound(UNIT_UNKNOWN)


def _take_name(tx: Connection, wanted: Position) -> None:
    take_advisory_lock(tx, "positions", wanted.place_id)
    if find_named(tx, wanted.agency_id, wanted.unit_id, wanted.name) is not None:
        raise Conflict(errors.POSITION_EXISTS, name=wanted.name)


def _filed(of: Position) -> dict[str, Any]:
    return {"subject": position_tag(of.id), "agency": of.agency_id}


_columns = select(
    position.c.id,
    position.c.agency_id,
    position.c.unit_id,
    position.c.name,
    position.c.closed_at,
)
