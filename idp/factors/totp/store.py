"""Setting up, using and removing authenticator applications.

A code counts once: `last_step` of its row keeps the order, so that no code counts after a newer
one, and the house's mark of single use (`directory.database.single_use`) outlives the row. Both are
written in the transaction that takes the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.database.single_use import single_use
from directory.database.upsert import upsert
from directory.ids import digest, new_event_id
from directory.sealed import KeyRing, SealBroken
from idp.factors.held import Held
from idp.factors.totp import codes
from idp.factors.totp.tables import ENROLMENT, SECRET, totp_authenticator, totp_enrolment

KIND = "totp"
MOST = 5  # of one person: each more is one more code to guess
LONGEST_NAME = 60
ENROLMENT_MS = clock.HOUR
# How long a mark is remembered. A code is good for a minute and a half; a day outlasts every clock
# that is set back while it is told what time it is.
_REMEMBERED_MS = clock.DAY
# What stands further ahead was written by a clock that was wrong; it must not lock anybody out.
_AHEAD = codes.DRIFT + clock.SKEW_MS // clock.SECOND // codes.STEP_S

_columns = totp_authenticator.c


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a code. `was_used`: it would be right, and counted before."""

    is_right: bool
    was_used: bool = False


def held_by(tx: Connection, person_id: str) -> Sequence[Held]:
    """The person's applications, the oldest first."""
    query = select(totp_authenticator).where(_columns.person_id == person_id)
    rows = tx.execute(query.order_by(_columns.made_at, _columns.id))
    return [Held(KIND, row.id, row.name, row.made_at, row.last_used_at) for row in rows]


def is_enrolled(tx: Connection, person_id: str) -> bool:
    """Whether the person has any."""
    query = select(_columns.id).where(_columns.person_id == person_id).limit(1)
    return tx.execute(query).first() is not None


def begin(tx: Connection, keyring: KeyRing, place: str, person_id: str) -> str:
    """What the person's application is to be told: made at the first look in this place (a session
    or a flow), the same at the next."""
    known = _find_begun(tx, keyring, place, person_id)
    if known is not None:
        return known
    secret = codes.new_secret()
    row = {
        "place_hash": digest(place),
        "person_id": person_id,
        "secret_sealed": keyring.seal(ENROLMENT, digest(place), _bound(person_id, secret)),
        "begun_at": clock.now_ms(),
    }
    put = upsert(tx, totp_enrolment).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=["place_hash"], set_=row))
    return secret


def is_begun(tx: Connection, place: str, person_id: str) -> bool:
    """Whether the person is setting one up in this place."""
    return tx.execute(_begun(place, person_id)).first() is not None


def confirm(
    tx: Connection, keyring: KeyRing, place: str, person_id: str, code: str, name: str
) -> Held | None:
    """The person's application shows `code`: it is theirs from now on. None when that is not its
    code, when nothing was begun in this place, or when they have as many as anybody may."""
    take_advisory_lock(tx, "totp", person_id)
    secret = _find_begun(tx, keyring, place, person_id)
    step = next(codes.matching_steps(secret, code), None) if secret else None
    if secret is None or step is None or is_full(tx, person_id):
        return None
    made = _add(tx, keyring, person_id, secret, name, step)
    tx.execute(delete(totp_enrolment).where(totp_enrolment.c.place_hash == digest(place)))
    return made


def add(tx: Connection, keyring: KeyRing, person_id: str, name: str) -> tuple[Held, str]:
    """An application whose secret is handed to the person by other means: gives it, once."""
    secret = codes.new_secret()
    return _add(tx, keyring, person_id, secret, name, 0), secret


def is_full(tx: Connection, person_id: str) -> bool:
    """Whether the person has as many as anybody may."""
    query = select(func.count()).where(_columns.person_id == person_id)
    return tx.execute(query).scalar_one() >= MOST


def take(tx: Connection, keyring: KeyRing, person_id: str, code: str) -> Taken:
    """Whether the code is right at this moment; then it is no more."""
    query = select(totp_authenticator).where(_columns.person_id == person_id)
    was_used = False
    for row in tx.execute(query.order_by(_columns.id)).all():
        for step in codes.matching_steps(_opened(keyring, row), code):
            if _use(tx, row.id, step):
                return Taken(is_right=True)
            was_used = True
    return Taken(is_right=False, was_used=was_used)


def next_code(tx: Connection, keyring: KeyRing, person_id: str) -> tuple[str, int] | None:
    """The next code of the person's first application that counts, and from when on (ms)."""
    query = select(totp_authenticator).where(_columns.person_id == person_id)
    row = tx.execute(query.order_by(_columns.made_at, _columns.id)).first()
    if row is None:
        return None
    step = max(codes.present_step(), row.last_step + 1)
    counts_from = (step - codes.DRIFT) * codes.STEP_S * clock.SECOND
    return codes.code_of(_opened(keyring, row), step), counts_from


def find(tx: Connection, person_id: str, authenticator_id: str) -> Held | None:
    """One of the person's own; None for what is not theirs."""
    return next((h for h in held_by(tx, person_id) if h.id == authenticator_id), None)


def remove(tx: Connection, person_id: str, authenticator_id: str) -> bool:
    """Its codes are nobody's any more. False for what is not the person's."""
    here = (_columns.id == authenticator_id, _columns.person_id == person_id)
    gone = tx.execute(delete(totp_authenticator).where(*here).returning(_columns.id))
    return gone.first() is not None


def remove_all(tx: Connection, person_id: str) -> None:
    """The person has none any more, and is setting none up."""
    tx.execute(delete(totp_authenticator).where(_columns.person_id == person_id))
    tx.execute(delete(totp_enrolment).where(totp_enrolment.c.person_id == person_id))


def withdraw_again(tx: Connection, newer: Connection) -> Sequence[str]:
    """After a restore: what the `newer` store shows as removed is gone here too, and codes that
    were taken there count no more. Gives whose applications went, one for each."""
    kept = {row.id: row.last_step for row in newer.execute(select(totp_authenticator))}
    gone = []
    for row in tx.execute(select(totp_authenticator)).all():
        here = _columns.id == row.id
        if row.id not in kept:
            tx.execute(delete(totp_authenticator).where(here))
            gone.append(row.person_id)
        elif kept[row.id] > row.last_step:
            tx.execute(update(totp_authenticator).where(here).values(last_step=kept[row.id]))
    return gone


def purge(tx: Connection) -> None:
    """Forget what was begun and never finished."""
    now, begun_at = clock.now_ms(), totp_enrolment.c.begun_at
    late = or_(begun_at <= now - ENROLMENT_MS, begun_at > now + clock.SKEW_MS)
    tx.execute(delete(totp_enrolment).where(late))


def _add(
    tx: Connection, keyring: KeyRing, person_id: str, secret: str, name: str, step: int
) -> Held:
    made = Held(KIND, new_event_id(), name[:LONGEST_NAME], clock.now_ms(), None)
    tx.execute(
        insert(totp_authenticator).values(
            id=made.id,
            person_id=person_id,
            name=made.name,
            secret_sealed=keyring.seal(SECRET, made.id, _bound(person_id, secret)),
            made_at=made.made_at,
            # The code that proved it was seen by whoever looked on: it signs nobody in.
            last_step=step,
        )
    )
    return made


def _use(tx: Connection, authenticator_id: str, step: int) -> bool:
    newest = codes.present_step() + _AHEAD
    is_next = or_(_columns.last_step < step, _columns.last_step > newest)
    taken = tx.execute(
        update(totp_authenticator)
        .where(_columns.id == authenticator_id, is_next)
        .values(last_step=step, last_used_at=clock.now_ms())
        .returning(_columns.id)
    ).first()
    return taken is not None and single_use(tx, KIND, f"{authenticator_id}|{step}", _REMEMBERED_MS)


def _find_begun(tx: Connection, keyring: KeyRing, place: str, person_id: str) -> str | None:
    row = tx.execute(_begun(place, person_id)).first()
    if row is None:
        return None
    return _unbound(keyring.open(ENROLMENT, row.place_hash, row.secret_sealed), person_id)


def _begun(place: str, person_id: str) -> Select[Any]:
    now, columns = clock.now_ms(), totp_enrolment.c
    return select(totp_enrolment).where(
        columns.place_hash == digest(place),
        columns.person_id == person_id,
        columns.begun_at.between(now - ENROLMENT_MS + 1, now + clock.SKEW_MS),
    )


def _opened(keyring: KeyRing, row: Row[Any]) -> str:
    return _unbound(keyring.open(SECRET, row.id, row.secret_sealed), row.person_id)


def _bound(person_id: str, secret: str) -> bytes:
    return f"{person_id}|{secret}".encode()


def _unbound(plain: bytes, person_id: str) -> str:
    whose, _, secret = plain.decode().partition("|")
    if whose != person_id:
        raise SealBroken("a sealed totp-secret value is another person's")
    return secret
