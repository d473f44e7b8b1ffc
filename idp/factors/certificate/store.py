"""Certificates of people: binding, using and removing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.ids import new_event_id
from idp.factors.certificate.reading import Facts
from idp.factors.certificate.tables import certificate
from idp.factors.held import Held

KIND = "certificate"
MOST = 5  # of one person

_columns = certificate.c


@dataclass(frozen=True, slots=True)
class Bound:
    """A certificate and whose it is. Times in ms; `ended_at`: when its person left. `made_by`: the
    person who has bound it, "" for who is none, None where nobody knows."""

    id: str
    person_id: str
    fingerprint: str
    authority_id: str
    issuer: str
    serial: str
    subject: str
    not_before: int
    not_after: int
    made_at: int
    last_used_at: int | None
    ended_at: int | None
    made_by: str | None


def held_by(tx: Connection, person_id: str) -> Sequence[Held]:
    """The person's certificates, the oldest first."""
    return [
        Held(
            KIND,
            each.id,
            each.subject,
            each.made_at,
            each.last_used_at,
            ends_at=each.not_after,
            number=each.serial,
        )
        for each in list_of(tx, person_id)
    ]


def list_of(tx: Connection, person_id: str) -> list[Bound]:
    """All that open the person's account."""
    mine = (_columns.person_id == person_id, _columns.ended_at.is_(None))
    rows = tx.execute(select(certificate).where(*mine).order_by(_columns.made_at, _columns.id))
    return [_bound(row._mapping) for row in rows]


def list_all_of(tx: Connection, person_id: str) -> list[Bound]:
    """As `list_of`, and those that opened it until their person left."""
    query = select(certificate).where(_columns.person_id == person_id)
    rows = tx.execute(query.order_by(_columns.made_at, _columns.id))
    return [_bound(row._mapping) for row in rows]


def is_enrolled(tx: Connection, person_id: str) -> bool:
    """Whether the person has any. One that is over counts: nobody comes down to the password alone
    by waiting."""
    mine = (_columns.person_id == person_id, _columns.ended_at.is_(None))
    return tx.execute(select(_columns.id).where(*mine).limit(1)).first() is not None


def find_by_fingerprint(tx: Connection, fingerprint: str) -> Bound | None:
    """Whose it is, though it opens nothing any more."""
    row = tx.execute(select(certificate).where(_columns.fingerprint == fingerprint)).first()
    return _bound(row._mapping) if row else None


def find(tx: Connection, person_id: str, certificate_id: str) -> Bound | None:
    """One of the person's own; None for what is not theirs."""
    return next((each for each in list_of(tx, person_id) if each.id == certificate_id), None)


def find_ended(tx: Connection, certificate_id: str) -> Bound | None:
    """One whose person left, and whose device is not handed back."""
    here = (_columns.id == certificate_id, _columns.ended_at.is_not(None))
    row = tx.execute(select(certificate).where(*here)).first()
    return _bound(row._mapping) if row else None


def is_full(tx: Connection, person_id: str) -> bool:
    """Whether the person has as many as anybody may."""
    mine = (_columns.person_id == person_id, _columns.ended_at.is_(None))
    return tx.execute(select(func.count()).where(*mine)).scalar_one() >= MOST


def add(
    tx: Connection, person_id: str, facts: Facts, authority_id: str, made_by: str
) -> Bound | None:
    """It is theirs from now on, bound by the person `made_by`, "" for who is none. None when the
    certificate, or its key, is bound already: theirs or another's. One that ended with its person's
    leaving is theirs again."""
    take_advisory_lock(tx, KIND, facts.spki)
    with_key = select(_columns.person_id).where(_columns.spki == facts.spki)
    if any(whose != person_id for whose in tx.execute(with_key).scalars()):
        return None
    row = {
        "id": new_event_id(),
        "person_id": person_id,
        "fingerprint": facts.fingerprint,
        "authority_id": authority_id,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "spki": facts.spki,
        "subject": facts.subject,
        "not_before": facts.not_before,
        "not_after": facts.not_after,
        "made_at": clock.now_ms(),
        "made_by": made_by,
    }
    again = {"ended_at": None, "made_at": row["made_at"], "made_by": made_by}
    added = tx.execute(
        upsert(tx, certificate)
        .values(row)
        .on_conflict_do_update(
            index_elements=["fingerprint"],
            set_=again,
            where=(_columns.person_id == person_id) & _columns.ended_at.is_not(None),
        )
        .returning(*_columns)
    ).first()
    return _bound(added._mapping) if added else None


def note_use(tx: Connection, certificate_id: str) -> bool:
    """It has been used once more. False when it is nobody's any more."""
    here = (_columns.id == certificate_id, _columns.ended_at.is_(None))
    used = update(certificate).where(*here).values(last_used_at=clock.now_ms())
    return tx.execute(used.returning(_columns.id)).first() is not None


def remove(tx: Connection, person_id: str, certificate_id: str) -> None:
    """It is nobody's any more."""
    tx.execute(
        delete(certificate).where(_columns.id == certificate_id, _columns.person_id == person_id)
    )


def remove_all(tx: Connection, person_id: str) -> None:
    """The person has none any more; what is to be handed back still is."""
    mine = (_columns.person_id == person_id, _columns.ended_at.is_(None))
    tx.execute(delete(certificate).where(*mine))


def withdraw_again(tx: Connection, newer: Connection) -> Sequence[str]:
    """After a restore: what the `newer` store shows as removed is gone here too, and what ended
    there has ended. Gives whose certificates went, one for each."""
    kept = {row.id: row for row in newer.execute(select(certificate))}
    gone = []
    for row in tx.execute(select(certificate)).all():
        here, there = _columns.id == row.id, kept.get(row.id)
        if there is None:
            tx.execute(delete(certificate).where(here))
            gone.append(row.person_id)
        elif there.ended_at is not None and row.ended_at is None:
            tx.execute(update(certificate).where(here).values(ended_at=there.ended_at))
    return gone


def _bound(row: RowMapping) -> Bound:
    return Bound(
        row["id"],
        row["person_id"],
        row["fingerprint"],
        row["authority_id"],
        row["issuer"],
        row["serial"],
        row["subject"],
        row["not_before"],
        row["not_after"],
        row["made_at"],
        row["last_used_at"],
        row["ended_at"],
        row["made_by"],
    )
