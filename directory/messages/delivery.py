"""Sending what is due: the worker's job.

A server that cannot be reached, or takes nothing of ours, is the failure of the run: messages wait
as they are. What a server says of one message counts for that message alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from directory import faults
from directory.actor import system
from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.errors import Unavailable
from directory.installation import Installation
from directory.message_kinds import MessageKind
from directory.messages import letters, queue, smtp
from directory.messages.events import MESSAGE_FAILED, MESSAGE_SENT
from directory.messages.queue import Message
from directory.messages.smtp import Answer, MailServer
from directory.projection import queries
from directory.sealed import SealBroken

_log = logging.getLogger(__name__)

# Of one connection: many servers end it themselves after so many.
_MOST_A_RUN = 100


def deliver(installation: Installation, kinds: Mapping[str, MessageKind]) -> None:
    """Send what is due, and give up what is over. Raises Unavailable."""
    _give_up_old(installation)
    if not installation.settings.smtp_url:
        return
    with installation.database.read() as tx:
        if not queue.is_any_due(tx):
            return
    with smtp.connected(installation.settings) as server:
        for _ in range(_MOST_A_RUN):
            if not _send_next(installation, kinds, server):
                return


def _send_next(
    installation: Installation, kinds: Mapping[str, MessageKind], server: MailServer
) -> bool:
    """Whether there may be another for this connection."""
    with installation.database.write() as tx:
        found = queue.claim(tx)
    if found is None:
        return False
    faults.reach("message.claimed")
    try:
        answer = _hand_over(installation, kinds, server, found)
    except Unavailable:
        with installation.database.write() as tx:
            queue.put_back(tx, found)
        raise
    faults.reach("message.sent")
    _settle(installation, found, answer)
    faults.reach("message.settled")
    return not answer.ends


def _hand_over(
    installation: Installation,
    kinds: Mapping[str, MessageKind],
    server: MailServer,
    found: Message,
) -> Answer:
    try:
        content = queue.opened(installation.keyring, found)
    except SealBroken:
        return Answer("never", "unreadable")
    if not letters.is_address(content.mail):
        return Answer("never", "address")
    try:
        rendered = letters.render(
            installation.settings, kinds[found.kind], content.language, content.name, content.values
        )
        letter = letters.letter_of(
            installation.settings, found.id, found.created_at, content, rendered
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        # What another version queued, or a bug: the next ones are not kept waiting for it. What
        # is wrong may stand beside an address in the exception's text, so that is not logged.
        _log.error("message cannot be written", extra={"message_id": found.id, "kind": found.kind})
        return Answer("never", "fault")
    return server.send(content.mail, letter)


def _settle(installation: Installation, found: Message, answer: Answer) -> None:
    with installation.database.write() as tx:
        if answer.kind == "later":
            queue.retry(tx, found, answer.reason)
        elif answer.kind == "sent":
            if queue.done(tx, found):
                _record(tx, MESSAGE_SENT, found)
        elif queue.fail(tx, found, answer.reason):
            _record(tx, MESSAGE_FAILED, found, reason=answer.reason, tries=found.tries + 1)
    if answer.kind != "sent":
        told = {"message_id": found.id, "kind": found.kind, "code": answer.code}
        _log.warning("message not sent", extra={"reason": answer.reason, **told})


def _give_up_old(installation: Installation) -> None:
    with installation.database.read() as tx:
        if not queue.is_any_over(tx):
            return
    with installation.database.write() as tx:
        for found in queue.list_over(tx, _MOST_A_RUN):
            if queue.fail(tx, found, "expired"):
                _record(tx, MESSAGE_FAILED, found, reason="expired", tries=found.tries)


def _record(tx: Connection, kind: Kind, found: Message, **more: Any) -> None:
    record(
        tx,
        kind,
        system("worker"),
        subject=person_tag(found.person_id),
        agency=queries.home_agency_of(tx, found.person_id),
        message=found.id,
        what=found.kind,
        **more,
    )
