"""Telling applications that a session is over (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection

from directory import clock, faults
from directory.actor import Actor, system
from directory.audit.log import client_tag, record
from directory.authz.permissions import ADMIN_APPLICATION
from directory.errors import AppError
from directory.ids import new_secret
from directory.installation import Installation
from directory.outbound import client as outbound
from directory.outbox import queue
from directory.outbox.queue import Item
from idp.clients.model import Client
from idp.clients.registry import find_client
from idp.keys.jose import sign
from idp.keys.store import signer
from idp.lifetimes import LOGOUT_TOKEN_MS
from idp.logout.ending import TOPIC, Ending
from idp.logout.events import LOGOUT_NOT_NOTIFIED, LOGOUT_NOTIFIED
from idp.sessions import store as sessions
from idp.sessions.liveness import ABSOLUTE_MS

_log = logging.getLogger(__name__)

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
PATIENCE_S = 2.0
DELIVERY_TIMEOUT_S = 3.0
# While a request itself tries, the worker keeps off.
HEAD_START_MS = 8 * clock.SECOND
# As long as an application may still hold a session of its own from ours.
GIVE_UP_AFTER_MS = ABSOLUTE_MS
_PARALLEL = 32


@dataclass(frozen=True, slots=True)
class Told:
    """Names of the applications that know, and of those that do not (yet)."""

    told: tuple[str, ...]
    not_told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    client_id: str
    sid: str
    person_id: str


def tell_now(installation: Installation, ending: Ending, actor: Actor) -> Told:
    """Try all applications at once for at most two seconds; the outbox keeps the rest.

    Call it after the transaction that ended the session.
    """
    messages = [_Message(n.client_id, ending.sid, ending.person_id) for n in ending.notices]
    problems = _tell_all(installation, messages, PATIENCE_S)
    told, not_told = [], list(ending.silent)
    if ending.notices:
        with installation.database.write() as tx:
            for notice, message, problem in zip(ending.notices, messages, problems, strict=True):
                if problem:
                    not_told.append(notice.name)
                    _record_failure(tx, actor, message, problem, 1)
                else:
                    told.append(notice.name)
                    _settle(tx, actor, message, notice.item_id)
    return Told(tuple(told), tuple(not_told))


def deliver(installation: Installation) -> None:
    """The worker's job: tell the applications that could not be told at once, again and again,
    less and less often, until nothing of the session can be left there."""
    with installation.database.write() as tx:
        items = queue.claim(tx, TOPIC, limit=_PARALLEL)
    if not items:
        return
    faults.reach("outbox.claimed")
    messages = [_Message(**item.payload) for item in items]
    problems = _tell_all(installation, messages, DELIVERY_TIMEOUT_S)
    faults.reach("outbox.sent")
    actor = system("worker")
    with installation.database.write() as tx:
        for item, message, problem in zip(items, messages, problems, strict=True):
            if problem:
                _put_back(tx, actor, item, message, problem)
            else:
                _settle(tx, actor, message, item.id)
    faults.reach("outbox.settled")


def logout_token(installation: Installation, client: Client, message_sid: str, subject: str) -> str:
    """A logout token for one application (Back-Channel Logout §2.4)."""
    now = clock.now_s()
    claims = {
        "iss": installation.settings.issuer,
        "aud": client.id,
        "iat": now,
        "exp": now + LOGOUT_TOKEN_MS // clock.SECOND,
        "jti": new_secret(16),
        "events": {LOGOUT_EVENT: {}},
        "sid": message_sid,
        "sub": subject,
    }
    return sign(signer(installation, client.id_token_alg), claims, "logout+jwt")


def _tell_all(
    installation: Installation, messages: Sequence[_Message], timeout_s: float
) -> list[str]:
    """One problem per message; empty where the application said yes."""
    if not messages:
        return []
    pool = ThreadPoolExecutor(min(len(messages), _PARALLEL), thread_name_prefix="logout")
    tries = [pool.submit(_tell, installation, message, timeout_s) for message in messages]
    wait(tries, timeout=timeout_s)
    pool.shutdown(wait=False, cancel_futures=True)
    return [one.result() if one.done() and not one.cancelled() else "timeout" for one in tries]


def _tell(installation: Installation, message: _Message, timeout_s: float) -> str:
    try:
        with installation.database.read() as tx:
            client = find_client(installation, tx, message.client_id)
        if client is None or not client.backchannel_logout_uri:
            return ""  # nobody left to tell
        token = logout_token(installation, client, message.sid, message.person_id)
        response = _send(
            installation, client, urlencode({"logout_token": token}).encode(), timeout_s
        )
    except AppError as error:
        _log.warning(
            "application not told",
            extra={"event": "logout.failed", "client": message.client_id, "detail": error.detail},
        )
        return error.code
    # Back-Channel Logout §2.8: 200; some frameworks say 204.
    return "" if response.status in (200, 204) else f"http_{response.status}"


def _send(
    installation: Installation, client: Client, body: bytes, timeout_s: float
) -> outbound.Response:
    settings, uri = installation.settings, client.backchannel_logout_uri
    if client.id == ADMIN_APPLICATION and uri.startswith(settings.console_url + "/"):
        path = uri.removeprefix(settings.console_url)
        return outbound.post_to_ourselves(
            settings, settings.console_url, path, body, timeout_s=timeout_s
        )
    return outbound.post(settings, uri, body, timeout_s=timeout_s)


def _settle(tx: Connection, actor: Actor, message: _Message, item_id: str) -> None:
    queue.done(tx, item_id)
    sessions.note_told(tx, message.sid, message.client_id)
    record(
        tx,
        LOGOUT_NOTIFIED,
        actor,
        subject=client_tag(message.client_id),
        part_of=message.sid,
        session=message.sid,
    )


def _put_back(tx: Connection, actor: Actor, item: Item, message: _Message, problem: str) -> None:
    # A hand-over that a clock ahead of ours made has no age: its tries are as good a measure.
    if -clock.SKEW_MS <= clock.now_ms() - item.created_at < GIVE_UP_AFTER_MS:
        queue.retry(tx, item, problem)
        return
    queue.done(tx, item.id)
    _record_failure(tx, actor, message, problem, item.tries + 1)


def _record_failure(
    tx: Connection, actor: Actor, message: _Message, problem: str, tries: int
) -> None:
    record(
        tx,
        LOGOUT_NOT_NOTIFIED,
        actor,
        subject=client_tag(message.client_id),
        session=message.sid,
        reason=problem,
        tries=tries,
    )
