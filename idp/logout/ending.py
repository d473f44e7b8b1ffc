"""Ending a session: its cookie, what was issued in it, and a note to each application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.installation import Installation
from directory.outbox import queue
from idp.clients.registry import find_client
from idp.sessions import store as sessions

TOPIC = "backchannel-logout"


@dataclass(frozen=True, slots=True)
class Notice:
    """One application that is to be told; `item_id` is its place in the outbox."""

    item_id: str
    client_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What an ended session leaves to do. `silent`: names of applications that cannot be told."""

    sid: str
    person_id: str
    notices: tuple[Notice, ...]
    silent: tuple[str, ...]


def end_session(
    tx: Connection,
    installation: Installation,
    sid: str,
    person_id: str,
    actor: Actor,
    reason: str,
    *,
    delay_ms: int = 0,
) -> Ending | None:
    """End a session and hand a logout token for each of its applications to the outbox.

    `delay_ms` keeps the worker off for as long as the caller itself tries. None if it had ended.
    """
    if not sessions.end(tx, sid, actor, reason):
        return None
    return _hand_over(tx, installation, sid, person_id, delay_ms)


def end_sessions(
    tx: Connection,
    installation: Installation,
    sids: Sequence[str],
    person_id: str,
    actor: Actor,
    reason: str,
) -> int:
    """As `end_session` for sessions of one person, told in the log as one act. Gives how many."""
    ended = sessions.end_together(tx, sids, actor, reason)
    for sid in ended:
        _hand_over(tx, installation, sid, person_id, 0)
    return len(ended)


def _hand_over(
    tx: Connection, installation: Installation, sid: str, person_id: str, delay_ms: int
) -> Ending:
    notices, silent = [], []
    for client_id in sessions.clients_of(tx, sid):
        client = find_client(installation, tx, client_id)
        if client is None:
            continue  # removed or disabled meanwhile: its tokens are dead anyway
        if not client.backchannel_logout_uri:
            silent.append(client.name)
            continue
        payload = {"client_id": client_id, "sid": sid, "person_id": person_id}
        item_id = queue.put(tx, TOPIC, payload, delay_ms=delay_ms)
        notices.append(Notice(item_id, client_id, client.name))
    return Ending(sid, person_id, tuple(notices), tuple(silent))
