"""Links that are sent to a work e-mail: asked for by anybody, made by the worker, used once.

Whoever asks waits for nothing that depends on whether somebody has that name: a row, and the
worker looks later who is meant and whether they may have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from directory import clock
from directory.database.single_use import single_use
from directory.ids import new_event_id
from directory.projection.tables import catalogue_person, person_state
from directory.sealed import KeyRing
from idp import printed_codes
from idp.recovery.tables import link_wanted, recovery_link

KIND = "recovery_link"
LIFE_MS = 15 * clock.MINUTE
# What was asked before that is not worth sending: the worker was away.
WANTED_MS = 15 * clock.MINUTE
NUMBER = 4  # of the code's characters: 60 bits are left to guess
KEPT_MS = clock.DAY

_columns = recovery_link.c


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made. `reason`: why it counts no more, "" while it does."""

    id: str
    person_id: str
    reason: str


def number_of(code: str) -> str:
    """The part of a code by which wrong ones are counted."""
    return code[:NUMBER]


def want(tx: Connection, person_id: str) -> None:
    """Somebody asks for one; "" for a name nobody has, which costs the same."""
    row = {"id": new_event_id(), "person_id": person_id, "asked_at": clock.now_ms()}
    tx.execute(insert(link_wanted).values(row))


def list_wanted(tx: Connection, limit: int) -> Sequence[str]:
    """Ids of what was asked, the oldest first."""
    query = select(link_wanted.c.id).order_by(link_wanted.c.id).limit(limit)
    return list(tx.execute(query).scalars())


def take_wanted(tx: Connection, wanted_id: str) -> str:
    """Whose link was asked for; "" for nobody's, one that another has taken, or asked too long
    ago."""
    columns = link_wanted.c
    taken = delete(link_wanted).where(columns.id == wanted_id)
    row = tx.execute(taken.returning(columns.person_id, columns.asked_at)).first()
    is_new = row is not None and abs(clock.now_ms() - row.asked_at) < WANTED_MS
    return row.person_id if row is not None and is_new else ""


def add(tx: Connection, keyring: KeyRing, person_id: str) -> str:
    """A new link in place of an earlier one; gives its code, which is told this once."""
    code, now = printed_codes.new_code(), clock.now_ms()
    tx.execute(delete(recovery_link).where(_columns.person_id == person_id))
    tx.execute(
        insert(recovery_link).values(
            id=new_event_id(),
            person_id=person_id,
            number=number_of(code),
            code_mac=_mac(keyring, code),
            made_at=now,
            expires_at=now + LIFE_MS,
        )
    )
    return code


def find_by_code(tx: Connection, keyring: KeyRing, code: str) -> Link | None:
    """Whose code it is, whatever became of it."""
    return _first(tx, _columns.code_mac == _mac(keyring, code))


def find_by_number(tx: Connection, number: str) -> Link | None:
    """Who is meant by a code that is not right."""
    return _first(tx, _columns.number == number)


def use(tx: Connection, link: Link) -> bool:
    """Whether it counts now, and no more once `tx` ends."""
    if link.reason or not single_use(tx, KIND, link.id, LIFE_MS + KEPT_MS):
        return False
    here = _columns.id == link.id
    tx.execute(update(recovery_link).where(here).values(used_at=clock.now_ms()))
    return True


def purge(tx: Connection) -> None:
    """Forget what ended long ago, and what a clock that stood ahead wrote."""
    now = clock.now_ms()
    is_over = (_columns.expires_at < now - KEPT_MS) | (_columns.made_at > now + clock.SKEW_MS)
    tx.execute(delete(recovery_link).where(is_over))


def forget_all(tx: Connection) -> None:
    """After a restore: what was used since then would count again."""
    for table in (recovery_link, link_wanted):
        tx.execute(delete(table))


def _mac(keyring: KeyRing, code: str) -> str:
    return keyring.mac(KIND, code.encode()).hex()


def _query(where: ColumnElement[bool]) -> Select[Any]:
    person, state = catalogue_person.c, person_state.c
    valid_after = func.coalesce(state.sessions_valid_after, 0).label("valid_after")
    status = func.coalesce(person.status, "left").label("status")
    people = recovery_link.outerjoin(person_state, state.person_id == _columns.person_id).outerjoin(
        catalogue_person, person.id == _columns.person_id
    )
    return select(recovery_link, valid_after, status).select_from(people).where(where)


def _first(tx: Connection, where: ColumnElement[bool]) -> Link | None:
    row = tx.execute(_query(where).order_by(_columns.id.desc()).limit(1)).first()
    return Link(row.id, row.person_id, _reason(row, clock.now_ms())) if row else None


def _reason(row: Row[Any], now: int) -> str:
    """Whatever ended the person's sessions since (suspension, another password, "sign out
    everywhere") has ended it too."""
    if row.used_at is not None:
        return "used"
    if row.valid_after > row.made_at or row.status != "active":
        return "revoked"
    is_in_time = now < row.expires_at <= now + LIFE_MS + clock.SKEW_MS
    return "" if is_in_time else "expired"
