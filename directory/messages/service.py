"""Looking at messages that wait or could not be sent, and having them sent after all.

What one says is shown to nobody, nor where it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import InPlace
from directory.errors import NotFound
from directory.ids import can_be_id
from directory.installation import Installation
from directory.messages import caps, queue
from directory.messages.errors import MESSAGE_UNKNOWN
from directory.messages.events import MESSAGE_RETRIED
from directory.messages.permissions import MessagePermission
from directory.messages.queue import Message
from directory.projection import queries
from directory.projection.queries import PersonRow

MOST_LISTED = 200
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class Listed:
    """A message and whom it is for; None for somebody who is gone."""

    message: Message
    person: PersonRow | None


def list_messages(
    installation: Installation, actor: Actor, *, failed_only: bool = False
) -> Sequence[Listed]:
    """Those that could not be sent, the newest first, then those that wait; `failed_only`: of these
    the texts over a bound. Raises Forbidden."""
    with installation.database.read() as tx:
        require(tx, actor, MessagePermission.RETRY, _PROVINCE)
        found = list(queue.list_failed(tx, MOST_LISTED))
        if failed_only:
            found += queue.list_held(tx, caps.REASONS, MOST_LISTED - len(found))
        else:
            found += queue.list_waiting(tx, MOST_LISTED - len(found))
        ids = {each.person_id for each in found}
        people = {each.id: each for each in queries.list_people_with(tx, sorted(ids))}
    return [Listed(each, people.get(each.person_id)) for each in found]


def retry(installation: Installation, actor: Actor, message_id: str) -> None:
    """Have one sent that could not be. Raises Forbidden, NotFound."""
    with installation.database.write() as tx:
        require(tx, actor, MessagePermission.RETRY, _PROVINCE)
        found = queue.revive(tx, message_id) if can_be_id(message_id) else None
        if found is None:
            raise NotFound(MESSAGE_UNKNOWN, value=message_id)
        _record(tx, actor, found)


def retry_all(installation: Installation, actor: Actor) -> int:
    """Have all sent that could not be; gives how many. Raises Forbidden."""
    with installation.database.write() as tx:
        require(tx, actor, MessagePermission.RETRY, _PROVINCE)
        failed = queue.list_failed(tx, MOST_LISTED)
        for each in failed:
            if queue.revive(tx, each.id):
                _record(tx, actor, each)
    return len(failed)


def _record(tx: Connection, actor: Actor, found: Message) -> None:
    record(
        tx,
        MESSAGE_RETRIED,
        actor,
        subject=person_tag(found.person_id),
        agency=queries.home_agency_of(tx, found.person_id),
        message=found.id,
        what=found.kind,
    )
