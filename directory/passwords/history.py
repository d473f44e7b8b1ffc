"""Hashes of the passwords somebody has had, where the policy wants none of them again.

A hash is written before the catalogue is asked, and marked once that has taken it. What a crash
leaves unmarked may be the present password or may never have been one: slapd is asked which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from directory import clock
from directory.ids import new_id
from directory.passwords.tables import FORMER
from directory.passwords.tables import former_password as table
from directory.projection.tables import catalogue_person
from directory.sealed import KeyRing


@dataclass(frozen=True, slots=True)
class Former:
    """One of them, as `hash`. `is_certain`: it is known to have been set."""

    hash: str
    is_certain: bool


def note(tx: Connection, keyring: KeyRing, person_id: str, hashed: str) -> str:
    """One that is about to be set; gives its id."""
    former, now = new_id(), clock.now_ms()
    sealed = keyring.seal(FORMER, former, hashed.encode())
    row = {"id": former, "person_id": person_id, "hash_sealed": sealed, "made_at": now}
    tx.execute(insert(table).values(row))
    return former


def confirm(tx: Connection, person_id: str, former: str, most: int) -> None:
    """It was set; only the newest `most` of the person are kept."""
    tx.execute(update(table).where(table.c.id == former).values(set_at=clock.now_ms()))
    newest = select(table.c.id).where(table.c.person_id == person_id).order_by(*_NEWEST_FIRST)
    kept = list(tx.execute(newest.limit(most)).scalars())
    tx.execute(delete(table).where(table.c.person_id == person_id, table.c.id.not_in(kept)))


def list_former(tx: Connection, keyring: KeyRing, person_id: str, most: int) -> Sequence[Former]:
    """The newest first. One that was never marked counts as soon as a later one is."""
    query = select(table).where(table.c.person_id == person_id).order_by(*_NEWEST_FIRST)
    found, is_followed = [], False
    for row in tx.execute(query.limit(most)):
        is_followed = is_followed or row.set_at is not None
        hashed = keyring.open(FORMER, row.id, bytes(row.hash_sealed)).decode()
        found.append(Former(hashed, is_certain=is_followed))
    return found


def last_set_at(tx: Connection, person_id: str) -> int:
    """When (ms) the last one was set; 0: that is not kept."""
    query = select(func.max(table.c.set_at)).where(table.c.person_id == person_id)
    return tx.execute(query).scalar() or 0


def forget(tx: Connection, person_id: str) -> None:
    """Nothing more is kept of this person: they are gone, or the policy does not ask."""
    tx.execute(delete(table).where(table.c.person_id == person_id))


def forget_gone(tx: Connection) -> None:
    """Nothing is kept of the passwords of people who have left."""
    people = catalogue_person.c
    gone = select(people.id).where(people.id == table.c.person_id, people.status == "left")
    tx.execute(delete(table).where(gone.exists()))


_NEWEST_FIRST = (table.c.made_at.desc(), table.c.id.desc())
