"""Settling what a crash left open, by looking at the entry."""

from __future__ import annotations

import logging

from sqlalchemy import or_, select

from directory import clock
from directory.actor import Actor, actor_from_json
from directory.errors import AppError, Unavailable
from directory.installation import Installation
from directory.intents.carrying import apply_to_ldap, settle
from directory.intents.model import EntryChange, State
from directory.intents.tables import intent
from directory.ldap.errors import LDAP_ASSERTION_FAILED

_log = logging.getLogger(__name__)

# Longer than any request may still be between its steps (LDAP gives up after 3 s).
_LEAVE_ALONE_MS = 10 * clock.SECOND


def recover_open_intents(
    installation: Installation, *, leave_alone_ms: int = _LEAVE_ALONE_MS
) -> int:
    """Settle every intent open for longer than `leave_alone_ms`. Gives how many were settled.

    An intent whose mark is on the entry was made: it is settled as done. Any other is made now,
    under the same assertion, or refused as a conflict.
    """
    now = clock.now_ms()
    with installation.database.read() as tx:
        rows = tx.execute(
            select(intent.c.id, intent.c.change, intent.c.actor)
            .where(
                intent.c.state == "requested",
                or_(
                    intent.c.created_at <= now - leave_alone_ms,
                    intent.c.created_at > now + clock.SKEW_MS,  # by a clock that was wrong
                ),
            )
            .order_by(intent.c.created_at)
        ).all()
    return sum(_try_to_recover(installation, row.id, row.change, row.actor) for row in rows)


def _try_to_recover(installation: Installation, intent_id: str, change: str, actor: str) -> bool:
    """One that cannot be settled must not keep the others open."""
    try:
        return _recover(
            installation, intent_id, EntryChange.from_json(change), actor_from_json(actor)
        )
    except Unavailable:
        return False  # next round
    except Exception:
        _log.exception("intent %s cannot be settled", intent_id)
        return False


def _recover(installation: Installation, intent_id: str, change: EntryChange, actor: Actor) -> bool:
    state: State = "done"
    reason = csn = ""
    try:
        csn = apply_to_ldap(installation, intent_id, change)
    except Unavailable:
        raise
    except AppError as refusal:
        state = "conflict" if refusal.declared is LDAP_ASSERTION_FAILED else "refused"
        reason = refusal.code
    settle(installation, actor, intent_id, change, state, csn=csn, reason=reason, recovered=True)
    return True
