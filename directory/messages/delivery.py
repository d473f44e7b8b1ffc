"""Sending what is due, by mail and to telephones: the worker's job.

A server that cannot be reached, or takes nothing of ours, is the failure of the run: messages wait
as they are. What a server says of one message counts for that message alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from directory import faults
from directory.actor import system
from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.errors import Unavailable
from directory.installation import Installation
from directory.message_kinds import MessageKind
from directory.messages import caps, gateway, letters, queue, smtp, texts
from directory.messages.answers import Answer
from directory.messages.events import MESSAGE_FAILED, MESSAGE_SENT, MESSAGE_TEXTED
from directory.messages.gateway import Gateway
from directory.messages.queue import Content, Message, Way
from directory.messages.smtp import MailServer
from directory.projection import queries
from directory.sealed import SealBroken

_log = logging.getLogger(__name__)

# Of one connection: many servers end it themselves after so many.
_MOST_A_RUN = 100

IN_DOUBT = "unanswered"
"""The reason of one that may have been taken: a mail is sent once more, and not a third time."""

HandOver = Callable[[Message, Content], Answer]


def deliver(installation: Installation, kinds: Mapping[str, MessageKind]) -> None:
    """Send what is due, and give up what is over. Raises Unavailable, after what goes another way
    was sent."""
    _give_up_old(installation)
    failed: Unavailable | None = None
    for send_due in (_send_mails, _send_texts):
        try:
            send_due(installation, kinds)
        except Unavailable as error:
            failed = failed or error
    if failed:
        raise failed


def _send_mails(installation: Installation, kinds: Mapping[str, MessageKind]) -> None:
    if not installation.settings.smtp_url or not _is_any_due(installation, "mail"):
        return
    with smtp.connected(installation.settings) as server:
        _send_due(installation, "mail", partial(_mail, installation, kinds, server))


def _send_texts(installation: Installation, kinds: Mapping[str, MessageKind]) -> None:
    if installation.settings.sms_file is None or not _is_any_due(installation, "sms"):
        return
    asked = Gateway(installation.settings, gateway.read(installation.settings))
    _send_due(installation, "sms", partial(_text_if_it_may, installation, kinds, asked))


def _is_any_due(installation: Installation, way: Way) -> bool:
    with installation.database.read() as tx:
        return queue.is_any_due(tx, way)


def _send_due(installation: Installation, way: Way, hand_over: HandOver) -> None:
    for _ in range(_MOST_A_RUN):
        if not _send_next(installation, way, hand_over):
            return


def _send_next(installation: Installation, way: Way, hand_over: HandOver) -> bool:
    """Whether there may be another in this run."""
    with installation.database.write() as tx:
        found = queue.claim(tx, way)
    if found is None:
        return False
    faults.reach("message.claimed")
    try:
        answer = hand_over(found, queue.opened(installation.keyring, found))
    except SealBroken:
        answer = Answer("never", "unreadable")
    except Unavailable:
        with installation.database.write() as tx:
            queue.put_back(tx, found)
        raise
    faults.reach("message.sent")
    _settle(installation, found, answer)
    faults.reach("message.settled")
    return not answer.ends


def _mail(
    installation: Installation,
    kinds: Mapping[str, MessageKind],
    server: MailServer,
    found: Message,
    content: Content,
) -> Answer:
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
        return _not_written(found)
    answer = server.send(content.mail, letter)
    if answer.reason == IN_DOUBT and found.reason == IN_DOUBT:
        return Answer("never", "mail_unanswered", answer.code, ends=True)
    return answer


def _text_if_it_may(
    installation: Installation,
    kinds: Mapping[str, MessageKind],
    asked: Gateway,
    found: Message,
    content: Content,
) -> Answer:
    with installation.database.read() as tx:
        cap = caps.find_cap(tx, installation.settings, found.person_id)
    return Answer("waits", cap) if cap else _text(installation, kinds, asked, found, content)


def _text(
    installation: Installation,
    kinds: Mapping[str, MessageKind],
    asked: Gateway,
    found: Message,
    content: Content,
) -> Answer:
    if texts.find_number(content.phone) != content.phone or not content.phone:
        return Answer("never", "number")
    try:
        words = kinds[found.kind].sms
        if words is None:
            return _not_written(found)
        text = texts.render_text(
            installation.settings,
            words,
            content.language,
            content.values,
            marks=asked.definition.marks,
            most_parts=asked.definition.most_parts,
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return _not_written(found)
    return asked.send(found.id, content.phone, text, found.tries)


def _not_written(found: Message) -> Answer:
    # What another version queued, or a bug: the next ones are not kept waiting for it. What
    # is wrong may stand beside an address in the exception's text, so that is not logged.
    _log.error("message cannot be written", extra={"message_id": found.id, "kind": found.kind})
    return Answer("never", "fault")


def _settle(installation: Installation, found: Message, answer: Answer) -> None:
    with installation.database.write() as tx:
        if found.way == "sms" and (answer.kind == "sent" or answer.reason == IN_DOUBT):
            caps.note_sent(tx, found)
        if answer.kind == "waits":
            queue.hold(tx, found, answer.reason)
        elif answer.kind == "later":
            # That it may have been taken once is remembered, whatever is said of it later.
            queue.retry(tx, found, IN_DOUBT if found.reason == IN_DOUBT else answer.reason)
        elif answer.kind == "sent":
            if queue.done(tx, found):
                _record_sent(tx, found, answer)
        elif queue.fail(tx, found, answer.reason):
            _record(tx, MESSAGE_FAILED, found, reason=answer.reason, tries=found.tries + 1)
    if answer.kind != "sent":
        told = {"message_id": found.id, "kind": found.kind, "code": answer.code}
        _log.warning("message not sent", extra={"reason": answer.reason, **told})


def _record_sent(tx: Connection, found: Message, answer: Answer) -> None:
    if found.way == "mail":
        _record(tx, MESSAGE_SENT, found)
    else:
        more = {"gateway_id": answer.remote_id, "parts": answer.parts}
        _record(tx, MESSAGE_TEXTED, found, **more)


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
