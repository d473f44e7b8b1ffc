"""What an actor may know of agencies that lack somebody: nothing more can be reached from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.access.unknown import unknown
from directory.actor import Actor
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.objects import InPlace
from directory.authz.permissions import GrantPermission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, narrowed_to, scope_of
from directory.authz.staffing import (
    ENOUGH_ADMINISTRATORS,
    ShortOf,
    count_short,
    counting_short,
    list_short,
)
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.database.counting import Count
from directory.errors import Forbidden, NotFound, Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing


@dataclass(frozen=True)
class ShortPage:
    """Agencies that lack somebody, how many there are in all, and the agencies to narrow them by.
    `enough`: how many administrators are."""

    agencies: Sequence[ShortOf]
    total: int
    places: Sequence[AgencyRow]
    enough: int = ENOUGH_ADMINISTRATORS


@dataclass(frozen=True)
class StaffingFor:
    """Who looks after agencies, as far as `actor` may see roles."""

    _installation: Installation
    _actor: Actor

    def counting(self) -> Count:
        """How many agencies lack somebody. Raises Forbidden without ``grants:read``."""
        with self._installation.database.read() as tx:
            return counting_short(self._scope(tx))

    def page(self, place_id: str, number: int, size: int) -> ShortPage:
        """A page of them, of one place or of all; raises as `counting`, and NotFound for a place
        out of scope."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            narrowed = narrowed_to(tx, scope, place_id)
            if narrowed is not None:
                return ShortPage(
                    list_short(tx, narrowed, size, (number - 1) * size),
                    count_short(tx, narrowed),
                    list_agencies_within(tx, scope),
                )
        raise self._unknown(place_id)

    def take_away(self, place_id: str, export: Export) -> Listing:
        """All of them, or of a place, as a file, noted first. Raises as `page`, and as
        `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            narrowed = narrowed_to(tx, self._scope(tx), place_id)
            place = queries.agency(tx, place_id) if narrowed and place_id else None
            found = list_short(tx, narrowed, _MOST, 0) if narrowed else ()
        if narrowed is None:
            raise self._unknown(place_id)
        lines = Lines(found, len(found), place=place.id if place else "")
        told = place.name if place else ""
        return _FILE.take(self._installation, self._actor, export, lines, told=told)

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, GrantPermission.READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_DENIED, action=GrantPermission.READ, reason="no_role")
        return scope

    def _unknown(self, place_id: str) -> NotFound:
        about = InPlace(place_id)
        return unknown(self._installation, self._actor, GrantPermission.READ, about, AGENCY_UNKNOWN)


_MOST = 10_000
_FILE = ListFile[ShortOf](
    "short_agencies",
    Words("Đơn vị thiếu người quản trị", "Agencies without enough administrators"),
    (
        Shown(Words("Cơ quan", "Agency"), 44, lambda one: one.name),
        Shown(Words("Số người quản trị", "Administrators"), 18, lambda one: one.administrators),
        Shown(Words("Số lãnh đạo phụ trách CNTT", "IT executives"), 26, lambda one: one.executives),
    ),
)
