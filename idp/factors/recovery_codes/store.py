"""Making, using and removing recovery codes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.database.single_use import single_use
from directory.ids import digest, new_event_id
from idp import printed_codes as codes
from idp.factors.held import Held
from idp.factors.recovery_codes.tables import recovery_code

KIND = "recovery_code"
HOW_MANY = 10
# The mark outlives a row that is replaced while its code is being used; after that, nothing is left
# to be used.
_REMEMBERED_MS = clock.DAY

_columns = recovery_code.c


def held_by(tx: Connection, person_id: str) -> Sequence[Held]:
    """The person's codes as one thing, with how many are left; nothing if none were made."""
    query = select(
        _columns.set_id,
        func.min(_columns.made_at).label("made_at"),
        func.max(_columns.used_at).label("used_at"),
        (func.count() - func.count(_columns.used_at)).label("left"),
    ).where(_columns.person_id == person_id)
    rows = tx.execute(query.group_by(_columns.set_id))
    return [Held(KIND, row.set_id, "", row.made_at, row.used_at, row.left) for row in rows]


def is_enrolled(tx: Connection, person_id: str) -> bool:
    """Whether the person has any that were not used."""
    mine = (_columns.person_id == person_id, _columns.used_at.is_(None))
    return tx.execute(select(_columns.set_id).where(*mine).limit(1)).first() is not None


def new_codes() -> tuple[str, ...]:
    """So many as one person has; nobody's yet."""
    return tuple(codes.new_code() for _ in range(HOW_MANY))


def make(tx: Connection, person_id: str, given: Sequence[str] = ()) -> tuple[str, ...]:
    """New codes, or those `given`, in place of those there were; each is told this once."""
    take_advisory_lock(tx, KIND, person_id)
    remove_all(tx, person_id)
    made = tuple(given) or new_codes()
    common = {"person_id": person_id, "set_id": new_event_id(), "made_at": clock.now_ms()}
    rows = [{**common, "code_hash": _hash(person_id, code)} for code in made]
    tx.execute(insert(recovery_code), rows)
    return made


def use(tx: Connection, person_id: str, code: str) -> bool:
    """Whether it is a code of theirs that was not used; then it is used up."""
    here = (_columns.person_id == person_id, _columns.code_hash == _hash(person_id, code))
    used = tx.execute(
        update(recovery_code)
        .where(*here, _columns.used_at.is_(None))
        .values(used_at=clock.now_ms())
        .returning(_columns.set_id)
    ).first()
    if used is None:
        return False
    return single_use(tx, KIND, f"{used.set_id}|{_hash(person_id, code)}", _REMEMBERED_MS)


def was_used(tx: Connection, person_id: str, code: str) -> bool:
    """Whether it was a code of theirs."""
    here = (_columns.person_id == person_id, _columns.code_hash == _hash(person_id, code))
    return tx.execute(select(_columns.used_at).where(*here)).scalar() is not None


def count_left(tx: Connection, person_id: str) -> int:
    """How many were not used."""
    return sum(held.left or 0 for held in held_by(tx, person_id))


def remove_all(tx: Connection, person_id: str) -> None:
    """The person has none any more."""
    tx.execute(delete(recovery_code).where(_columns.person_id == person_id))


def withdraw_again(tx: Connection, newer: Connection) -> Sequence[str]:
    """After a restore: codes that the `newer` store shows as used are used here too, and sets that
    were replaced or removed there are gone. Gives whose sets went, one for each."""
    used: dict[tuple[str, str], int | None] = {
        (row.set_id, row.code_hash): row.used_at for row in newer.execute(select(recovery_code))
    }
    sets = {set_id for set_id, _ in used}
    gone: dict[str, str] = {}
    for row in tx.execute(select(recovery_code)).all():
        here = (_columns.person_id == row.person_id, _columns.code_hash == row.code_hash)
        if row.set_id not in sets:
            tx.execute(delete(recovery_code).where(*here))
            gone[row.set_id] = row.person_id
        elif row.used_at is None and (at := used.get((row.set_id, row.code_hash))):
            tx.execute(update(recovery_code).where(*here).values(used_at=at))
    return list(gone.values())


def _hash(person_id: str, code: str) -> str:
    return digest(f"{person_id}|{code}")
