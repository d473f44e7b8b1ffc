"""Positions (vị trí việc làm) as far as an actor may see and keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.access.position_file import taken_away
from directory.access.unknown import unknown
from directory.actor import Actor
from directory.audit.log import record
from directory.authz import position_lists, positions
from directory.authz.decisions import Decision, decide_each
from directory.authz.errors import AUTHZ_DENIED, POSITION_CHANGED_MEANWHILE, POSITION_UNKNOWN
from directory.authz.events import AUTHZ_DENIED as DENIED
from directory.authz.grants import list_standing
from directory.authz.naming import NamedGrant, name_grants
from directory.authz.objects import InPlace
from directory.authz.permissions import GrantPermission, PositionPermission
from directory.authz.places import list_agencies_within, list_units_of, way_within
from directory.authz.position_lists import (
    ListedPosition,
    PositionHolder,
    PositionPage,
    PositionQuestion,
)
from directory.authz.positions import Position, find_position
from directory.authz.scopes import Scope, holds_place, scope_of, scopes_of
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.errors import Conflict, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing


@dataclass(frozen=True)
class ShownPosition:
    """A position. `holders`: who holds it, or will; `grants`: what was given to it, None when the
    actor may not look at grants. `change`: whether the actor may change it, and why not."""

    listed: ListedPosition
    holders: Sequence[PositionHolder]
    grants: Sequence[NamedGrant] | None
    change: Decision

    @property
    def position(self) -> Position:
        """The position itself."""
        return self.listed.position


@dataclass(frozen=True)
class PositionsFor:
    """Positions as far as `actor` may see and keep them."""

    _installation: Installation
    _actor: Actor

    def page(self, question: PositionQuestion) -> PositionPage:
        """A page of the list. Raises Forbidden for whoever sees none, NotFound for a place out of
        scope."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            if not question.place_id or holds_place(tx, scope, question.place_id):
                return position_lists.list_page(tx, scope, question)
        about = InPlace(question.place_id)
        raise unknown(
            self._installation, self._actor, PositionPermission.READ, about, AGENCY_UNKNOWN
        )

    def take_away(self, question: PositionQuestion, filter_told: str, export: Export) -> Listing:
        """All positions of a question as a file to be written, noted before the first of them is
        read. Raises as `page`, and as `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            is_seen = not question.place_id or holds_place(tx, scope, question.place_id)
        if not is_seen:
            about = InPlace(question.place_id)
            raise unknown(
                self._installation, self._actor, PositionPermission.READ, about, AGENCY_UNKNOWN
            )
        return taken_away(self._installation, self._actor, scope, question, filter_told, export)

    def places_seen(self) -> Sequence[AgencyRow]:
        """The agencies that the list may be narrowed by. Raises Forbidden as `page`."""
        with self._installation.database.read() as tx:
            return list_agencies_within(tx, self._scope(tx))

    def find(self, text: str, most: int) -> tuple[Sequence[ListedPosition], bool]:
        """The first positions that are called so, and whether there are more. Raises Forbidden as
        `page`."""
        with self._installation.database.read() as tx:
            return position_lists.find_some(tx, self._scope(tx), text, most)

    def show(self, position_id: str) -> ShownPosition:
        """One position. Raises NotFound."""
        actions = (PositionPermission.READ, PositionPermission.WRITE, GrantPermission.READ)
        with self._installation.database.read() as tx:
            found = find_position(tx, position_id[:64])
            # Looked for where no place is, when there is none: it answers as one out of scope.
            about = InPlace(found.place_id if found else position_id[:64])
            scopes = scopes_of(tx, self._actor, actions)
            may = decide_each(tx, self._actor, scopes, about)
            if found and may[PositionPermission.READ].allowed:
                given = list_standing(tx, "position", found.id)
                holders = position_lists.list_holders(tx, found.id)
                reads = may[GrantPermission.READ].allowed
                people = {found.id: len({each.person_id for each in holders})}
                (listed,) = position_lists.name_positions(
                    tx, [found], people, {found.id: len(given)}
                )
                return ShownPosition(
                    listed=listed,
                    holders=holders,
                    grants=name_grants(tx, given) if reads else None,
                    change=may[PositionPermission.WRITE],
                )
        raise self._unknown()

    def show_for_change(self, position_id: str) -> ShownPosition:
        """As `show`. Raises NotFound, and Forbidden for one the actor may only look at."""
        shown = self.show(position_id)
        if not shown.change.allowed:
            raise self._denied(InPlace(shown.position.place_id), shown.change.reason)
        return shown

    def require_change(self, position_id: str) -> None:
        """Raises as `show_for_change`."""
        actions = (PositionPermission.READ, PositionPermission.WRITE)
        with self._installation.database.read() as tx:
            found = find_position(tx, position_id[:64])
            about = InPlace(found.place_id if found else position_id[:64])
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
        if found is None or not may[PositionPermission.READ].allowed:
            raise self._unknown()
        if not may[PositionPermission.WRITE].allowed:
            raise self._denied(about, may[PositionPermission.WRITE].reason)

    def places(self, agency_id: str = "") -> Sequence[AgencyRow]:
        """Where a position can be added: the actor's agencies, and the units of one of them."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, PositionPermission.WRITE)
            agencies = list_agencies_within(tx, scope)
            agency_id = agency_id or (agencies[0].id if agencies else "")
            if not holds_place(tx, scope, agency_id):
                return agencies
            units = list_units_of(tx, agency_id)
        found: list[AgencyRow] = []
        for each in agencies:
            found.append(each)
            if each.id == agency_id:
                found += units
        return found

    def add(self, place_id: str, name: str) -> Position:
        """Add a position to an agency or unit. Raises as
        `directory.authz.positions.add_position`."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, PositionPermission.WRITE)
            way = way_within(tx, scope, place_id)
        if not way:
            about = InPlace(place_id[:64])
            raise unknown(
                self._installation, self._actor, PositionPermission.WRITE, about, AGENCY_UNKNOWN
            )
        place = way[-1]
        agency_id = place.id
        if place.kind == "unit":
            agency_id = self._agency_of(place.id)
        unit_id = place.id if place.kind == "unit" else ""
        return self._installation.database.retrying(
            lambda tx: positions.add_position(tx, self._actor, agency_id, name, unit_id=unit_id)
        )

    def rename(self, position_id: str, name: str, seen: str) -> None:
        """Call it otherwise, as long as it is called what the actor saw. Raises as
        `show_for_change` and `directory.authz.positions.rename_position`, and
        Conflict(``position.changed_meanwhile``)."""
        self.require_change(position_id)
        self._installation.database.retrying(lambda tx: self._rename(tx, position_id, name, seen))

    def close(self, position_id: str, reason: str) -> Sequence[str]:
        """Have nobody put on it any more, and take back what was given to it. Raises as
        `show_for_change` and `directory.authz.positions.close_position`."""
        self.require_change(position_id)
        return self._installation.database.retrying(
            lambda tx: positions.close_position(tx, self._actor, position_id, reason)
        )

    def _rename(self, tx: Connection, position_id: str, name: str, seen: str) -> None:
        now = positions.require_open(tx, position_id)
        if now.name != seen:
            raise Conflict(POSITION_CHANGED_MEANWHILE, field="name", name=now.name)
        positions.rename_position(tx, self._actor, position_id, name)

    def _agency_of(self, unit_id: str) -> str:
        with self._installation.database.read() as tx:
            way = way_within(tx, Scope(True), unit_id)
        return next(each.id for each in reversed(way) if each.kind == "agency")

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, PositionPermission.READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_DENIED, action=PositionPermission.READ, reason="no_role")
        return scope

    def _unknown(self) -> NotFound:
        return unknown(
            self._installation,
            self._actor,
            PositionPermission.READ,
            InPlace(""),
            POSITION_UNKNOWN,
        )

    def _denied(self, about: InPlace, reason: str) -> Forbidden:
        action = PositionPermission.WRITE
        with self._installation.database.write() as tx:
            record(tx, DENIED, self._actor, action=action, object=about.tag, reason=reason)
        return Forbidden(AUTHZ_DENIED, action=action, reason=reason)
