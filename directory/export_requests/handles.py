"""Asking to take more than the quota of a day, for whoever was just refused it."""

from __future__ import annotations

from dataclasses import dataclass

from directory.actor import Actor
from directory.errors import Conflict
from directory.export_requests.asking import ask_for_export
from directory.exports import approvals
from directory.exports.taking import OverQuota
from directory.installation import Installation
from directory.requests.errors import REQUEST_OPEN_ALREADY
from directory.requests.register import Request


@dataclass(frozen=True)
class ExportRequestsFor:
    """What `actor` asks to take beyond the quota."""

    _installation: Installation
    _actor: Actor

    def ask(self, refused: OverQuota, reason: str) -> str:
        """Ask for what was refused; gives the id of the request, also of one that is open already.
        Raises Invalid(``request.reason``), TooMany."""
        try:
            return self._installation.database.retrying(
                lambda tx: ask_for_export(tx, self._actor, refused, reason).id
            )
        except Conflict as error:
            if error.declared is not REQUEST_OPEN_ALREADY:
                raise
            return str(error.params["request"])

    def find_until(self, asked: Request) -> int | None:
        """Until when (ms) the actor can take what they asked for; None: not now, or not they."""
        if asked.asked_by != self._actor.tag or asked.state != "approved":
            return None
        with self._installation.database.read() as tx:
            return approvals.find_open(tx, asked.id)
