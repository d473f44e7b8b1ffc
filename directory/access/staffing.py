"""What an actor may know of agencies that lack somebody: nothing more can be reached from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.permissions import GrantPermission
from directory.authz.scopes import Scope, scope_of
from directory.authz.staffing import ENOUGH_ADMINISTRATORS, ShortOf, count_short, list_short
from directory.errors import Forbidden
from directory.installation import Installation


@dataclass(frozen=True)
class ShortPage:
    """Agencies that lack somebody, and how many there are in all. `enough`: how many administrators
    are."""

    agencies: Sequence[ShortOf]
    total: int
    enough: int = ENOUGH_ADMINISTRATORS


@dataclass(frozen=True)
class StaffingFor:
    """Who looks after agencies, as far as `actor` may see roles."""

    _installation: Installation
    _actor: Actor

    def count(self) -> int:
        """How many agencies lack somebody. Raises Forbidden without ``grants:read``."""
        with self._installation.database.read() as tx:
            return count_short(tx, self._scope(tx))

    def page(self, number: int, size: int) -> ShortPage:
        """A page of them; raises as `count`."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            found = list_short(tx, scope, size, (number - 1) * size)
            return ShortPage(found, count_short(tx, scope))

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, GrantPermission.READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_DENIED, action=GrantPermission.READ, reason="no_role")
        return scope
