"""Queueing a message in the transaction of its cause: told if that is committed, and only then."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert

from directory.clock import now_ms
from directory.ids import new_event_id
from directory.installation import Installation
from directory.message_kinds import MessageKind, Value
from directory.messages.addresses import Addressee, find_addressees
from directory.messages.tables import MESSAGE, message


def send(
    tx: Connection,
    installation: Installation,
    kind: MessageKind,
    person_id: str,
    **values: Value,
) -> int:
    """Have the person told in the language of their record, wherever they are reached; gives how
    many messages that makes.

    None where no mail server or gateway is set, or the person is reached by none: who queues waits
    for nothing.
    """
    kind.check(values)
    if not installation.settings.tells_people:
        return 0
    found = find_addressees(tx, installation.settings, kind, person_id)
    for addressee in found:
        _put(tx, installation, kind, addressee, values)
    return len(found)


def _put(
    tx: Connection,
    installation: Installation,
    kind: MessageKind,
    addressee: Addressee,
    values: dict[str, Value],
) -> None:
    message_id, now = new_event_id(), now_ms()
    content = {
        "mail": addressee.address if addressee.way == "mail" else "",
        "phone": addressee.address if addressee.way == "sms" else "",
        "name": addressee.person.full_name,
        "language": addressee.person.language,
        "values": {"username": addressee.person.username, **values},
    }
    plain = json.dumps(content, ensure_ascii=False).encode()
    tx.execute(
        insert(message).values(
            id=message_id,
            kind=kind.name,
            person_id=addressee.person.id,
            way=addressee.way,
            content=installation.keyring.seal(MESSAGE, message_id, plain),
            created_at=now,
            expires_at=now + kind.life_ms,
            due_at=now,
            claims=0,
            tries=0,
            reason="",
        )
    )
