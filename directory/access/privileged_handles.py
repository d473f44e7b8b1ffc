"""What an actor may see of privileged roles: nothing more can be reached from here."""

from __future__ import annotations

from dataclasses import dataclass

from directory.access.privileged import PrivilegedRoles, count_with_concerns, list_privileged
from directory.access.privileged_file import taken_away
from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import decide
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.events import AUTHZ_DENIED as DENIED
from directory.authz.objects import InPlace
from directory.authz.permissions import GrantPermission
from directory.authz.scopes import scope_of
from directory.errors import Forbidden
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

_PROVINCE = InPlace("")


@dataclass(frozen=True)
class PrivilegedFor:
    """Privileged roles, for whoever looks after the whole province."""

    _installation: Installation
    _actor: Actor

    def list(self) -> PrivilegedRoles:
        """All of them: few, so there are no pages. Raises Forbidden."""
        with self._installation.database.read() as tx:
            decision = decide(tx, self._actor, GrantPermission.READ_PRIVILEGED, _PROVINCE)
            if decision.allowed:
                return list_privileged(tx)
        with self._installation.database.write() as tx:
            record(
                tx, DENIED, self._actor,
                action=GrantPermission.READ_PRIVILEGED, object=_PROVINCE.tag,
                reason=decision.reason,
            )  # fmt: skip
        raise Forbidden(
            AUTHZ_DENIED, action=GrantPermission.READ_PRIVILEGED, reason=decision.reason
        )

    def may_list(self) -> bool:
        """Whether the actor may look at them."""
        with self._installation.database.read() as tx:
            return scope_of(tx, self._actor, GrantPermission.READ_PRIVILEGED).everywhere

    def count_concerns(self) -> int:
        """How many holders somebody should look at; none for whoever may not."""
        if not self.may_list():
            return 0
        with self._installation.database.read() as tx:
            return count_with_concerns(tx)

    def take_away(self, export: Export) -> Listing:
        """All of it as a file to be written, noted first. Raises as `list`, and as
        `directory.exports.taking.take`."""
        found = self.list()
        return taken_away(self._installation, self._actor, found, export)
