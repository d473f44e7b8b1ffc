"""Messages that could not be sent, for whoever looks after the whole province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.authz.decisions import decide
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace
from directory.errors import Forbidden, Words
from directory.installation import Installation
from directory.message_kinds import WHAT
from directory.messages import caps, queue, service
from directory.messages.events import FAILURES
from directory.messages.permissions import MessagePermission

_PROVINCE = InPlace("")


@dataclass(frozen=True)
class Failed:
    """One that could not be sent: whom it was for ('' for somebody who is gone), what it was, why
    not, and when (ms) it was given up; None while it waits."""

    full_name: str
    what: Words
    reason: Words
    failed_at: int | None


@dataclass(frozen=True)
class MessagesFor:
    """Messages as far as `actor` may see to them: all of them, or none."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def list_failed(self) -> Sequence[Failed]:
        """Those that could not be sent, the newest first, and texts that wait over a bound. Raises
        Forbidden."""
        try:
            found = service.list_messages(self._installation, self._actor, failed_only=True)
        except Forbidden as refused:
            reason = str(refused.params.get("reason", ""))
            action, tag = MessagePermission.RETRY, _PROVINCE.tag
            record_denial(self._installation, self._actor, action, tag, reason)
            raise
        words = self._vocabulary.words_of(WHAT)
        return [
            Failed(
                each.person.full_name if each.person else "",
                Words(*words.get(each.message.kind, WHAT.other)),
                Words(*FAILURES.pair(each.message.reason)),
                each.message.failed_at,
            )
            for each in found
        ]

    def count_failed(self) -> int:
        """How many; none for whoever does not look after the province."""
        with self._installation.database.read() as tx:
            if not decide(tx, self._actor, MessagePermission.RETRY, _PROVINCE).allowed:
                return 0
            return queue.count_failed(tx, or_held=caps.REASONS)
