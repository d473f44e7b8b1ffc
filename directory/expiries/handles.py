"""What an actor may know of keys and certificates: nothing more can be reached from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import decide
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.events import AUTHZ_DENIED as DENIED
from directory.authz.objects import InPlace
from directory.clock import now_ms
from directory.component import Expiry
from directory.errors import Forbidden
from directory.expiries.due import is_due, list_expiries
from directory.expiries.permissions import ExpiryPermission
from directory.installation import Installation

_PROVINCE = InPlace("")


@dataclass(frozen=True)
class Standing:
    """A key or certificate, and how it stands."""

    expiry: Expiry
    state: Literal["unread", "over", "due", "valid"]


@dataclass(frozen=True)
class ExpiriesFor:
    """Keys and certificates, for whoever looks after the whole province."""

    _installation: Installation
    _actor: Actor
    _declared: Sequence[str]

    def list(self) -> Sequence[Standing]:
        """All of them, first what cannot be read, then what ends first. Raises Forbidden."""
        with self._installation.database.read() as tx:
            decision = decide(tx, self._actor, ExpiryPermission.READ, _PROVINCE)
        if decision.allowed:
            return [_standing(each) for each in list_expiries(self._installation, self._declared)]
        refused = {"action": ExpiryPermission.READ, "reason": decision.reason}
        with self._installation.database.write() as tx:
            record(tx, DENIED, self._actor, object=_PROVINCE.tag, **refused)
        raise Forbidden(AUTHZ_DENIED, **refused)

    def count_due(self) -> int:
        """How many somebody should see to; none for whoever does not look after the province."""
        with self._installation.database.read() as tx:
            if not decide(tx, self._actor, ExpiryPermission.READ, _PROVINCE).allowed:
                return 0
        return sum(map(is_due, list_expiries(self._installation, self._declared)))


def _standing(expiry: Expiry) -> Standing:
    if expiry.ends_at is None:
        return Standing(expiry, "unread")
    if expiry.ends_at <= now_ms():
        return Standing(expiry, "over")
    return Standing(expiry, "due" if is_due(expiry) else "valid")
