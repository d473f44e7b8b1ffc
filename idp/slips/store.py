"""Slips in the store: made, recognised, used once, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.database.single_use import single_use
from directory.ids import digest, new_event_id
from directory.projection.tables import catalogue_person, person_state
from directory.sealed import KeyRing
from idp import printed_codes
from idp.slips.tables import help_wanted, slip, slip_approval

KIND = "slip"
NUMBER = 4  # of the code's characters: 60 bits are left to guess
KEPT_MS = 90 * clock.DAY  # after its end
MOST_HOURS = 336
_LONGEST_MS = MOST_HOURS * clock.HOUR
_LONGEST_SEAL_MS = 400 * clock.DAY
# Who may still get in with a slip.
WAITING = ("pending", "active")

Purpose = Literal["activate", "help", "break_glass"]
# Those that are given to people; the third is a seal (`idp.break_glass`).
PURPOSES: tuple[Purpose, ...] = ("activate", "help")
State = Literal["open", "used", "expired", "revoked"]

_columns = slip.c


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip. Times in ms; `issued_by`: the tag of who gave it."""

    id: str
    person_id: str
    purpose: Purpose
    number: str
    issued_at: int
    issued_by: str
    expires_at: int
    used_at: int | None
    used_in: str
    state: State


def number_of(code: str) -> str:
    """The part of a code by which wrong ones are counted."""
    return code[:NUMBER]


def add(
    tx: Connection, keyring: KeyRing, person_id: str, purpose: Purpose, issuer: str, hours: int
) -> tuple[Slip, str]:
    """A new slip, and its code, which is told this once. Earlier ones are not looked at."""
    code, now = printed_codes.new_code(), clock.now_ms()
    slip_id = new_event_id()
    row = {
        "id": slip_id,
        "person_id": person_id,
        "purpose": purpose,
        "number": number_of(code),
        "code_mac": _mac(keyring, code),
        "issued_at": now,
        "issued_by": issuer,
        "expires_at": now + hours * clock.HOUR,
    }
    tx.execute(insert(slip).values(row))
    made = find(tx, slip_id)
    assert made is not None  # noqa: S101 - narrows the type: it was just written
    return made, code


def lock(tx: Connection, person_id: str) -> None:
    """Whoever else gives this person a slip, or uses theirs, waits until `tx` ends."""
    take_advisory_lock(tx, KIND, person_id)


def find(tx: Connection, slip_id: str) -> Slip | None:
    """The slip of that id."""
    return _first(tx, _columns.id == slip_id)


def find_by_code(tx: Connection, keyring: KeyRing, code: str) -> Slip | None:
    """Whose code it is, whatever became of it."""
    return _first(tx, _columns.code_mac == _mac(keyring, code))


def find_by_number(tx: Connection, number: str) -> Slip | None:
    """The newest slip whose code begins so: who is meant by a code that is not right."""
    return _first(tx, _columns.number == number)


def list_open(tx: Connection, person_id: str = "") -> Sequence[Slip]:
    """Those that still count, of one person or of all, newest first."""
    found = _list(tx, _may_count(person_id))
    return [each for each in found if each.state == "open"]


def find_latest(tx: Connection, person_id: str) -> Slip | None:
    """The person's newest slip, whatever became of it."""
    return _first(tx, _columns.person_id == person_id)


def use(tx: Connection, found: Slip, flow_id: str) -> bool:
    """Whether it counts now, and no more once `tx` ends; True again for the flow that used it."""
    lock(tx, found.person_id)
    now = find(tx, found.id)
    if now is not None and now.state == "used":
        return is_used_by(now, flow_id)
    if now is None or now.state != "open":
        return False
    used = {"used_at": clock.now_ms(), "used_in": digest(flow_id)}
    here = (_columns.id == found.id, _columns.used_at.is_(None))
    done = tx.execute(update(slip).where(*here).values(used).returning(_columns.id)).first()
    return done is not None and single_use(tx, KIND, found.id, _longest_ms(found.purpose) + KEPT_MS)


def is_used_by(found: Slip, flow_id: str) -> bool:
    """Whether this flow has used it up, and may go on."""
    return found.state == "used" and found.used_in == digest(flow_id)


def revoke(tx: Connection, slips: Sequence[Slip]) -> None:
    """They count no more."""
    ids = [each.id for each in slips]
    tx.execute(update(slip).where(_columns.id.in_(ids)).values(revoked_at=clock.now_ms()))


def list_of_those_gone(tx: Connection) -> Sequence[Slip]:
    """Slips that nobody took back, of people who were suspended or have left since."""
    status = func.coalesce(catalogue_person.c.status, "left")
    return _list(tx, (*_may_count(""), status.not_in(WAITING)))


def purge(tx: Connection) -> None:
    """Forget what ended long ago, and what a clock that stood ahead wrote."""
    now, columns = clock.now_ms(), _columns
    is_ahead = columns.issued_at > now + clock.SKEW_MS
    tx.execute(delete(slip).where(or_(columns.expires_at < now - KEPT_MS, is_ahead)))


def forget_all(tx: Connection) -> None:
    """After a restore: what was taken back or used since then would count again."""
    for table in (slip, slip_approval, help_wanted):
        tx.execute(delete(table))


def _mac(keyring: KeyRing, code: str) -> str:
    return keyring.mac("slip", code.encode()).hex()


def _may_count(person_id: str) -> tuple[ColumnElement[bool], ...]:
    here = (
        _columns.used_at.is_(None),
        _columns.revoked_at.is_(None),
        _columns.expires_at > clock.now_ms(),
    )
    return (*here, _columns.person_id == person_id) if person_id else here


def _query(*where: ColumnElement[bool]) -> Select[Any]:
    valid_after = func.coalesce(person_state.c.sessions_valid_after, 0).label("valid_after")
    status = func.coalesce(catalogue_person.c.status, "left").label("status")
    people = slip.outerjoin(person_state, person_state.c.person_id == _columns.person_id).outerjoin(
        catalogue_person, catalogue_person.c.id == _columns.person_id
    )
    return (
        select(slip, valid_after, status)
        .select_from(people)
        .where(*where)
        .order_by(_columns.issued_at.desc(), _columns.id.desc())
    )


def _first(tx: Connection, *where: ColumnElement[bool]) -> Slip | None:
    row = tx.execute(_query(*where).limit(1)).first()
    return _slip(row) if row else None


def _list(tx: Connection, where: Sequence[ColumnElement[bool]]) -> Sequence[Slip]:
    return [_slip(row) for row in tx.execute(_query(*where))]


def _slip(row: Row[Any]) -> Slip:
    return Slip(
        id=row.id,
        person_id=row.person_id,
        purpose=row.purpose,
        number=row.number,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_in=row.used_in or "",
        state=_state(row, clock.now_ms()),
    )


def _longest_ms(purpose: str) -> int:
    return _LONGEST_SEAL_MS if purpose == "break_glass" else _LONGEST_MS


def _state(row: Row[Any], now: int) -> State:
    """Whatever ended the person's sessions since (suspension, another password, "sign out
    everywhere") has ended it too."""
    if row.used_at is not None:
        return "used"
    if row.revoked_at is not None or row.valid_after > row.issued_at:
        return "revoked"
    is_in_time = now < row.expires_at <= now + _longest_ms(row.purpose) + clock.SKEW_MS
    if not is_in_time or row.issued_at > now + clock.SKEW_MS:
        return "expired"
    return "open" if row.status in WAITING else "revoked"
