"""Taking messages to send them, one at a time, and saying what became of each.

Whoever has taken one has `CLAIM_MS` to send it: much longer than sending ever lasts
(`smtp.LETTER_S`; a gateway is asked for some seconds), so that no other sends it meanwhile. A
process that dies while it sends leaves that one message in doubt: it is sent once more, under the
same Message-ID, or the same ``{id}``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from directory.clock import DAY, HOUR, MINUTE, SKEW_MS, now_ms
from directory.message_kinds import LONGEST_LIFE_MS, Value
from directory.messages.tables import MESSAGE, message
from directory.sealed import KeyRing

CLAIM_MS = 5 * MINUTE
KEPT_MS = 30 * DAY
RETRIED_MS = 3 * DAY
HELD_MS = 10 * MINUTE
# Greylisting servers take a second try after some minutes.
_FIRST_RETRY = MINUTE
_LONGEST_RETRY = HOUR
# As many as a message has in its life: the bound where a clock that was wrong wrote when that ends.
_MOST_TRIES = 200

_columns = message.c


Way = Literal["mail", "sms"]


@dataclass(frozen=True)
class Message:
    """One that waits or could not be sent. Times in ms."""

    id: str
    kind: str
    person_id: str
    way: Way
    created_at: int
    claims: int
    tries: int
    reason: str
    failed_at: int | None
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Content:
    """Whom it goes to, by mail or by telephone, and what it tells."""

    mail: str
    name: str
    language: str
    values: dict[str, Value]
    phone: str = ""


def is_any_due(tx: Connection, way: Way) -> bool:
    """Whether there is something to send that way."""
    return tx.execute(select(_columns.id).where(_due(way)).limit(1)).first() is not None


def claim(tx: Connection, way: Way) -> Message | None:
    """The next one to be sent that way, hidden from others for `CLAIM_MS`: send it outside `tx`."""
    query = select(message).where(_due(way)).order_by(_columns.due_at, _columns.id).limit(1)
    row = tx.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    values = {"due_at": now_ms() + CLAIM_MS, "claims": row.claims + 1}
    tx.execute(update(message).where(_columns.id == row.id).values(values))
    return _message(row, claims=row.claims + 1)


def opened(keyring: KeyRing, found: Message) -> Content:
    """What is sealed in it. Raises `SealBroken`."""
    content = json.loads(keyring.open(MESSAGE, found.id, found.sealed))
    values = {
        name: (value[0], value[1]) if isinstance(value, list) else value
        for name, value in content["values"].items()
    }
    return Content(
        content["mail"], content["name"], content["language"], values, content.get("phone", "")
    )


def done(tx: Connection, found: Message) -> bool:
    """It was sent: forget it. False for whoever took it too long ago."""
    gone = tx.execute(delete(message).where(_ours(found)).returning(_columns.id))
    return gone.first() is not None


def retry(tx: Connection, found: Message, reason: str) -> None:
    """Not now: due again later, twice as late each time, at most an hour."""
    wait = min(_FIRST_RETRY * 2 ** min(found.tries, 16), _LONGEST_RETRY)
    values = {"due_at": now_ms() + wait, "tries": found.tries + 1, "reason": reason}
    tx.execute(update(message).where(_ours(found)).values(values))


def hold(tx: Connection, found: Message, reason: str) -> None:
    """Nobody has tried to send it, and nobody may for a while."""
    values = {"due_at": now_ms() + HELD_MS, "reason": reason}
    tx.execute(update(message).where(_ours(found)).values(values))


def put_back(tx: Connection, found: Message) -> None:
    """Nobody has tried to send it."""
    tx.execute(update(message).where(_ours(found)).values(due_at=now_ms()))


def fail(tx: Connection, found: Message, reason: str) -> bool:
    """It is not sent, unless somebody says so again. False as in `done`."""
    values = {"failed_at": now_ms(), "tries": found.tries + 1, "reason": reason}
    failed = update(message).where(_ours(found)).values(values).returning(_columns.id)
    return tx.execute(failed).first() is not None


def is_any_over(tx: Connection) -> bool:
    """Whether there is something to give up."""
    return tx.execute(select(_columns.id).where(_over()).limit(1)).first() is not None


def revive(tx: Connection, message_id: str) -> Message | None:
    """Send one that could not be, as if it were new. None where there is no such one."""
    now = now_ms()
    row = tx.execute(
        update(message)
        .where(_columns.id == message_id, _columns.failed_at.is_not(None))
        .values(
            failed_at=None,
            due_at=now,
            tries=0,
            expires_at=now + RETRIED_MS,
            claims=_columns.claims + 1,
        )
        .returning(message)
    ).first()
    return None if row is None else _message(row)


def list_over(tx: Connection, limit: int) -> Sequence[Message]:
    """Those that came too late to be worth sending, for whoever gives them up in `tx`."""
    query = select(message).where(_over()).limit(limit).with_for_update(skip_locked=True)
    return [_message(row) for row in tx.execute(query)]


def list_failed(tx: Connection, limit: int) -> Sequence[Message]:
    """Those that could not be sent, the newest first."""
    query = select(message).where(_columns.failed_at.is_not(None))
    rows = tx.execute(query.order_by(_columns.failed_at.desc(), _columns.id).limit(limit))
    return [_message(row) for row in rows]


def list_waiting(tx: Connection, limit: int) -> Sequence[Message]:
    """Those that wait, the oldest first."""
    query = select(message).where(_waits()).order_by(_columns.created_at, _columns.id)
    return [_message(row) for row in tx.execute(query.limit(limit))]


def count_failed(tx: Connection, *, or_held: Sequence[str] = ()) -> int:
    """How many could not be sent, or wait for one of these reasons."""
    failed, held = _columns.failed_at.is_not(None), _columns.reason.in_(or_held)
    query = select(func.count()).select_from(message)
    return tx.execute(query.where(or_(failed, held) if or_held else failed)).scalar_one()


def list_held(tx: Connection, reasons: Sequence[str], limit: int) -> Sequence[Message]:
    """Those that wait for these reasons, the oldest first."""
    query = select(message).where(_waits(), _columns.reason.in_(reasons))
    return [_message(row) for row in tx.execute(query.order_by(_columns.id).limit(limit))]


def count_held(tx: Connection, reasons: Sequence[str]) -> int:
    """How many wait for these reasons."""
    query = select(func.count()).select_from(message)
    return tx.execute(query.where(_waits(), _columns.reason.in_(reasons))).scalar_one()


def count_waiting(tx: Connection) -> int:
    """How many wait to be sent."""
    query = select(func.count()).select_from(message).where(_waits())
    return tx.execute(query).scalar_one()


def find_oldest_at(tx: Connection) -> int | None:
    """Since when the oldest of those that wait has waited (ms)."""
    return tx.execute(select(func.min(_columns.created_at)).where(_waits())).scalar()


def forget_old(tx: Connection) -> None:
    """What could not be sent is nobody's concern after a month."""
    now, failed = now_ms(), _columns.failed_at
    tx.execute(delete(message).where(or_(failed <= now - KEPT_MS, failed > now + SKEW_MS)))


def forget_all(tx: Connection) -> None:
    """In a store that was put back: what waited then was told long ago."""
    tx.execute(delete(message))


def _waits() -> ColumnElement[bool]:
    return _columns.failed_at.is_(None)


def _is_free(now: int) -> ColumnElement[bool]:
    # Due later than anything ever is: a clock that was wrong wrote it.
    return or_(_columns.due_at <= now, _columns.due_at > now + _LONGEST_RETRY + SKEW_MS)


def _due(way: Way) -> ColumnElement[bool]:
    return and_(_waits(), _columns.way == way, _is_free(now_ms()))


def _over() -> ColumnElement[bool]:
    now = now_ms()
    too_late = or_(
        _columns.expires_at <= now,
        _columns.expires_at > now + LONGEST_LIFE_MS + SKEW_MS,
        _columns.tries >= _MOST_TRIES,
    )
    # One that is being sent at this moment is judged afterwards.
    return and_(_waits(), too_late, _is_free(now))


def _ours(found: Message) -> ColumnElement[bool]:
    return and_(_columns.id == found.id, _columns.claims == found.claims, _waits())


def _message(row: Row[Any], claims: int | None = None) -> Message:
    return Message(
        row.id,
        row.kind,
        row.person_id,
        row.way,
        row.created_at,
        row.claims if claims is None else claims,
        row.tries,
        row.reason,
        row.failed_at,
        bytes(row.content),
    )
