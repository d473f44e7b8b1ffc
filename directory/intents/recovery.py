"""Settling what a crash left open, by looking at the entry."""

from __future__ import annotations

import json

from sqlalchemy import select

from directory import clock
from directory.actor import Actor
from directory.errors import AppError, Unavailable
from directory.installation import Installation
from directory.intents.carrying import apply_to_ldap, settle
from directory.intents.model import EntryChange
from directory.intents.tables import intent

# Longer than any request may still be between its steps (LDAP gives up after 3 s).
_LEAVE_ALONE_MS = 10 * clock.SECOND


def recover_open_intents(house: Installation, *, leave_alone_ms: int = _LEAVE_ALONE_MS) -> int:
    """Settle every intent open for longer than `leave_alone_ms`. Gives how many were settled.

    An intent whose mark is on the entry was made: it is settled as done. Any other is made now,
    under the same assertion, or refused as a conflict.
    """
    with house.database.read() as tx:
        rows = tx.execute(
            select(intent.c.id, intent.c.change, intent.c.actor)
            .where(
                intent.c.state == "requested",
                intent.c.created_at <= clock.now_ms() - leave_alone_ms,
            )
            .order_by(intent.c.created_at)
        ).all()
    return sum(_recover(house, row.id, row.change, row.actor) for row in rows)


def _recover(house: Installation, intent_id: str, change_json: str, actor_json: str) -> bool:
    change = EntryChange.from_json(change_json)
    actor = Actor(**json.loads(actor_json))
    try:
        apply_to_ldap(house, intent_id, change)
    except Unavailable:
        return False  # next round
    except AppError as refusal:
        state = "conflict" if refusal.code == "ldap.assertion_failed" else "refused"
        settle(house, actor, intent_id, change, state, reason=refusal.code, recovered=True)  # type: ignore[arg-type]
        return True
    settle(house, actor, intent_id, change, "done", recovered=True)
    return True
