"""How many wrong passwords are too many, counted in SQL before slapd is asked.

A try is counted as wrong *before* the password is checked and given back when it was right, so that
parallel guesses cannot slip through between looking and counting. A name nobody has is counted
exactly like one that exists. Counters survive every restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from directory import clock
from directory.actor import network_of
from directory.sealed import KeyRing
from idp.signin.tables import throttle_counter

FREE_TRIES = 5
TRIES_BEFORE_PAUSE = 10
PAUSE_MS = 15 * clock.MINUTE
# NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures.
MOST_CONSECUTIVE = 100
LONG_PAUSE_MS = 12 * clock.HOUR
TRIES_PER_ADDRESS = 50
ADDRESS_WINDOW_MS = 15 * clock.MINUTE
_FORGET_AFTER_MS = clock.DAY


@dataclass(frozen=True, slots=True)
class Wait:
    """No password is looked at before `until` (ms). `is_pause`: minutes rather than seconds."""

    until: int
    is_pause: bool


@dataclass(frozen=True, slots=True)
class Reservation:
    """One counted try. `remaining`: wrong tries left before a pause; `paused_until` (ms): the pause
    that begins if this one is wrong, 0 for none."""

    login_hash: str
    address_hash: str
    remaining: int
    paused_until: int


def person_name(person_id: str) -> str:
    """The counter of a person, whichever of their logins was typed (S-38)."""
    return f"person:{person_id}"


def typed_name(login: str) -> str:
    """The counter of a login nobody has; `login` is already in its compared form."""
    return f"typed:{login}"


def login_hash(keyring: KeyRing, who: str) -> str:
    """How counters and audit name a login: `who` is a `person_name` or a `typed_name`."""
    return keyring.mac("signin.login", who.encode()).hex()


def reserve(tx: Connection, keyring: KeyRing, who: str, address: str) -> Reservation | Wait:
    """Count one try against the login and the address, or say how long to wait."""
    now, place_hash = clock.now_ms(), _address_hash(keyring, address)
    # Looked at first, and nothing is written: an address that must wait makes no more counters.
    if (until := _blocked_until(tx, place_hash)) > now:
        return Wait(until, is_pause=True)
    login = _locked(tx, login_hash(keyring, who), now)
    if login.blocked_until > now:
        return Wait(login.blocked_until, login.blocked_until - now > clock.MINUTE)
    # Locked after the login in every transaction, so that two never wait for each other.
    place = _locked(tx, place_hash, now)
    if place.blocked_until > now:
        return Wait(place.blocked_until, is_pause=True)
    failures = 1 if _is_new_round(login, now) else login.failures + 1
    consecutive = login.consecutive + 1
    blocked_until = now + _delay_ms(failures, consecutive)
    _save(tx, login, failures=failures, consecutive=consecutive, last_at=now, until=blocked_until)
    _count_address(tx, place, now)
    return Reservation(
        login_hash=login.key_hash,
        address_hash=place.key_hash,
        remaining=max(0, TRIES_BEFORE_PAUSE - failures),
        paused_until=blocked_until if failures >= TRIES_BEFORE_PAUSE else 0,
    )


def clear(tx: Connection, reservation: Reservation) -> None:
    """The password was right: the login starts from nothing, the address gets its try back."""
    tx.execute(_delete(reservation.login_hash))
    _give_back(tx, reservation.address_hash)


def give_back(tx: Connection, reservation: Reservation) -> None:
    """The password could not be checked: the try does not count."""
    _give_back(tx, reservation.login_hash)
    _give_back(tx, reservation.address_hash)


def unlock(tx: Connection, keyring: KeyRing, person_id: str) -> None:
    """Somebody who may do so ends the pause of a person."""
    tx.execute(_delete(login_hash(keyring, person_name(person_id))))


def purge(tx: Connection) -> None:
    """Forget counters nobody has touched for a day."""
    now, columns = clock.now_ms(), throttle_counter.c
    # Counters in use are left for the next time: a try locks two of them, one after the other.
    old = (
        select(columns.key_hash)
        .where(columns.last_at < now - _FORGET_AFTER_MS, columns.blocked_until < now)
        .with_for_update(skip_locked=True)
    )
    tx.execute(delete(throttle_counter).where(columns.key_hash.in_(old)))


def _delay_ms(failures: int, consecutive: int) -> int:
    if consecutive >= MOST_CONSECUTIVE:
        return LONG_PAUSE_MS
    if failures >= TRIES_BEFORE_PAUSE:
        return PAUSE_MS
    if failures < FREE_TRIES:
        return 0
    return clock.SECOND * int(2 ** (failures - FREE_TRIES + 1))  # 2, 4, 8, 16, 32 s


def _is_new_round(row: Row[Any], now: int) -> bool:
    return bool(row.failures >= TRIES_BEFORE_PAUSE or row.last_at < now - PAUSE_MS)


def _count_address(tx: Connection, row: Row[Any], now: int) -> None:
    starts_anew = row.began_at < now - ADDRESS_WINDOW_MS
    failures = 1 if starts_anew else row.failures + 1
    began_at = now if starts_anew else row.began_at
    until = began_at + ADDRESS_WINDOW_MS if failures >= TRIES_PER_ADDRESS else 0
    _save(tx, row, failures=failures, consecutive=0, last_at=now, until=until, began_at=began_at)


def _address_hash(keyring: KeyRing, address: str) -> str:
    return keyring.mac("signin.address", network_of(address).encode()).hex()


def _blocked_until(tx: Connection, key_hash: str) -> int:
    query = select(throttle_counter.c.blocked_until).where(throttle_counter.c.key_hash == key_hash)
    return tx.execute(query).scalar() or 0


def _locked(tx: Connection, key_hash: str, now: int) -> Row[Any]:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    fresh = {
        "key_hash": key_hash,
        "failures": 0,
        "consecutive": 0,
        "began_at": now,
        "last_at": now,
        "blocked_until": 0,
    }
    # Setting a column to itself locks a row that is there, which a purge could else take away
    # between our looking and our locking.
    statement = (
        insert(throttle_counter)
        .values(fresh)
        .on_conflict_do_update(index_elements=["key_hash"], set_={"key_hash": key_hash})
        .returning(*throttle_counter.c)
    )
    return tx.execute(statement).one()


def _save(
    tx: Connection,
    row: Row[Any],
    *,
    failures: int,
    consecutive: int,
    last_at: int,
    until: int,
    began_at: int | None = None,
) -> None:
    tx.execute(
        update(throttle_counter)
        .where(throttle_counter.c.key_hash == row.key_hash)
        .values(
            failures=failures,
            consecutive=consecutive,
            last_at=last_at,
            blocked_until=until,
            began_at=row.began_at if began_at is None else began_at,
        )
    )


def _give_back(tx: Connection, key_hash: str) -> None:
    query = select(throttle_counter).where(throttle_counter.c.key_hash == key_hash)
    row = tx.execute(query.with_for_update()).first()
    if row is None or row.failures == 0:
        return
    tx.execute(
        update(throttle_counter)
        .where(throttle_counter.c.key_hash == key_hash)
        .values(
            failures=row.failures - 1,
            consecutive=max(0, row.consecutive - 1),
            # A waiting time that this very try began ends with it.
            blocked_until=0,
        )
    )


def _delete(key_hash: str) -> Any:
    return delete(throttle_counter).where(throttle_counter.c.key_hash == key_hash)
