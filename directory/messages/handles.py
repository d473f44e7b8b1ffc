"""Messages that could not be sent, for whoever looks after the whole province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import decide
from directory.authz.events import AUTHZ_DENIED
from directory.authz.objects import InPlace
from directory.errors import Forbidden
from directory.installation import Installation
from directory.messages import queue, service
from directory.messages.permissions import MessagePermission
from directory.messages.service import Listed

_PROVINCE = InPlace("")


@dataclass(frozen=True)
class MessagesFor:
    """Messages as far as `actor` may see to them: all of them, or none."""

    _installation: Installation
    _actor: Actor

    def list_failed(self) -> Sequence[Listed]:
        """Those that could not be sent, the newest first. Raises Forbidden."""
        try:
            return service.list_messages(self._installation, self._actor, failed_only=True)
        except Forbidden as refused:
            reason = str(refused.params.get("reason", ""))
            action, tag = MessagePermission.RETRY, _PROVINCE.tag
            with self._installation.database.write() as tx:
                record(tx, AUTHZ_DENIED, self._actor, action=action, object=tag, reason=reason)
            raise

    def count_failed(self) -> int:
        """How many; none for whoever does not look after the province."""
        with self._installation.database.read() as tx:
            if not decide(tx, self._actor, MessagePermission.RETRY, _PROVINCE).allowed:
                return 0
            return queue.count_failed(tx)
