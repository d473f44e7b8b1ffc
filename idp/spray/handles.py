"""Alarms, for whoever looks after the whole province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import require
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace
from directory.database.counting import Count
from directory.errors import Forbidden
from directory.installation import Installation
from idp.spray import alarms
from idp.spray.alarms import Alarm
from idp.spray.signs import SIGNS
from idp.throttle.permissions import SignInPermission

__all__ = ["SIGNS", "Alarm", "SprayAlarmsFor"]

_PROVINCE = InPlace("")


@dataclass(frozen=True)
class SprayAlarmsFor:
    """Alarms as far as `actor` may see them: all or, with Forbidden, none."""

    _installation: Installation
    _actor: Actor

    def list(self) -> Sequence[Alarm]:
        """Those that stand, and the latest that stood."""
        with self._installation.database.read() as tx:
            self._require(tx)
            return alarms.list_latest(tx)

    def counting(self) -> Count:
        """How many stand."""
        with self._installation.database.read() as tx:
            self._require(tx)
        return alarms.counting_standing()

    def _require(self, tx: Connection) -> None:
        try:
            require(tx, self._actor, SignInPermission.UNPAUSE, _PROVINCE)
        except Forbidden as refused:
            action, reason = SignInPermission.UNPAUSE, str(refused.params.get("reason", ""))
            record_denial(self._installation, self._actor, action, _PROVINCE.tag, reason)
            raise
