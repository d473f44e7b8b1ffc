"""Adding, using and removing passkeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, false, func, insert, or_, select, update

from directory import clock
from directory.ids import new_event_id
from idp.factors.held import Held
from idp.factors.passkey.tables import passkey

KIND = "passkey"
MOST = 10  # of one person
LONGEST_NAME = 60

_columns = passkey.c


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey, as a sign-in needs it."""

    id: str
    person_id: str
    credential_id: str
    public_key: bytes
    transports: tuple[str, ...]
    is_stopped: bool


def held_by(tx: Connection, person_id: str) -> Sequence[Held]:
    """The person's passkeys, the oldest first."""
    query = select(passkey).where(_columns.person_id == person_id)
    rows = tx.execute(query.order_by(_columns.made_at, _columns.id))
    return [Held(KIND, row.id, row.name, row.made_at, row.last_used_at) for row in rows]


def is_enrolled(tx: Connection, person_id: str) -> bool:
    """Whether the person has any. One that is stopped counts: whoever has made a copy of it must
    not bring the person down to the password alone."""
    query = select(_columns.id).where(_columns.person_id == person_id).limit(1)
    return tx.execute(query).first() is not None


def list_of(tx: Connection, person_id: str) -> list[Passkey]:
    """All that the person has."""
    rows = tx.execute(select(passkey).where(_columns.person_id == person_id))
    return [_passkey(row._mapping) for row in rows]


def find_by_credential(tx: Connection, credential_id: str) -> Passkey | None:
    """The one that a device calls so."""
    row = tx.execute(select(passkey).where(_columns.credential_id == credential_id)).first()
    return _passkey(row._mapping) if row else None


def find(tx: Connection, person_id: str, passkey_id: str) -> Held | None:
    """One of the person's own; None for what is not theirs."""
    return next((held for held in held_by(tx, person_id) if held.id == passkey_id), None)


def is_full(tx: Connection, person_id: str) -> bool:
    """Whether the person has as many as anybody may."""
    query = select(func.count()).where(_columns.person_id == person_id)
    return tx.execute(query).scalar_one() >= MOST


def add(
    tx: Connection,
    person_id: str,
    name: str,
    *,
    credential_id: str,
    public_key: bytes,
    sign_count: int,
    transports: Sequence[str],
) -> Held:
    """The person has one more."""
    made = Held(KIND, new_event_id(), name[:LONGEST_NAME], clock.now_ms(), None)
    tx.execute(
        insert(passkey).values(
            id=made.id,
            person_id=person_id,
            name=made.name,
            credential_id=credential_id,
            public_key=public_key,
            sign_count=sign_count,
            transports=" ".join(transports),
            made_at=made.made_at,
        )
    )
    return made


def rename(tx: Connection, person_id: str, passkey_id: str, name: str) -> None:
    """The person calls it otherwise."""
    here = (_columns.id == passkey_id, _columns.person_id == person_id)
    tx.execute(update(passkey).where(*here).values(name=name[:LONGEST_NAME]))


def note_use(tx: Connection, passkey_id: str, sign_count: int) -> bool:
    """It has signed once more. False when it counts less than it did, or is stopped: then it is, or
    there is, a copy (Web Authentication section 6.1.1)."""
    never_counts = _columns.sign_count == 0 if sign_count == 0 else false()
    counts_on = or_(_columns.sign_count < sign_count, never_counts)
    used = tx.execute(
        update(passkey)
        .where(_columns.id == passkey_id, _columns.stopped_at.is_(None), counts_on)
        .values(sign_count=sign_count, last_used_at=clock.now_ms())
        .returning(_columns.id)
    )
    return used.first() is not None


def stop(tx: Connection, passkey_id: str) -> bool:
    """It signs nobody in any more. False if it was stopped before."""
    here = (_columns.id == passkey_id, _columns.stopped_at.is_(None))
    stopped = update(passkey).where(*here).values(stopped_at=clock.now_ms())
    return tx.execute(stopped.returning(_columns.id)).first() is not None


def list_stopped(tx: Connection, person_id: str) -> list[str]:
    """The names of the person's passkeys of which there may be a copy."""
    mine = (_columns.person_id == person_id, _columns.stopped_at.is_not(None))
    return list(tx.execute(select(_columns.name).where(*mine).order_by(_columns.id)).scalars())


def remove(tx: Connection, person_id: str, passkey_id: str) -> None:
    """It is nobody's any more."""
    here = (_columns.id == passkey_id, _columns.person_id == person_id)
    tx.execute(delete(passkey).where(*here))


def remove_all(tx: Connection, person_id: str) -> None:
    """The person has none any more."""
    tx.execute(delete(passkey).where(_columns.person_id == person_id))


def withdraw_again(tx: Connection, newer: Connection) -> Sequence[str]:
    """After a restore: what the `newer` store shows as removed is gone here too, what was stopped
    there is stopped, and counts go on from there. Gives whose passkeys went, one for each."""
    kept = {row.id: row for row in newer.execute(select(passkey))}
    gone = []
    for row in tx.execute(select(passkey)).all():
        here = _columns.id == row.id
        there = kept.get(row.id)
        if there is None:
            tx.execute(delete(passkey).where(here))
            gone.append(row.person_id)
        else:
            count = max(row.sign_count, there.sign_count)
            values = {"sign_count": count, "stopped_at": there.stopped_at}
            tx.execute(update(passkey).where(here).values(values))
    return gone


def _passkey(row: RowMapping) -> Passkey:
    return Passkey(
        row["id"],
        row["person_id"],
        row["credential_id"],
        bytes(row["public_key"]),
        tuple(row["transports"].split()),
        row["stopped_at"] is not None,
    )
