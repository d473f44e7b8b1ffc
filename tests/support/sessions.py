"""Sessions as a test ends them."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.actor import Actor
from idp.sessions.store import end_together, list_open


def end_all(tx: Connection, person_id: str, actor: Actor, reason: str) -> list[str]:
    """End every session of a person; gives the `sid`s ended now."""
    theirs = [sid for sid, whose in list_open(tx) if whose == person_id]
    return end_together(tx, theirs, actor, reason)
