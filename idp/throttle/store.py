"""How many wrong passwords are too many, counted in SQL before slapd is asked.

A try is taken note of *before* the password is checked, so that parallel guesses cannot slip
through between looking and counting; it counts once it was wrong. Counters survive every restart.

Two lanes, so that guessing from elsewhere never stops a browser in which a person signed in before
(the device cookies that OWASP describes):

* elsewhere: the name as it was typed, and the network it came from. What is counted there depends
  on nothing but what was typed and from where, never on whether anybody has that name or signs in
  meanwhile: all that a stranger can see follows from it.
* a known device: the person on that browser, and all known devices of the person together.

What decides whether a try is looked at and what a page says is one number (`_until`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from directory import clock
from directory.actor import network_of
from directory.sealed import KeyRing
from idp.throttle.tables import throttle_counter
from web.forwarded import Sender

FREE_TRIES = 5
TRIES_BEFORE_PAUSE = 10
PAUSE_MS = 15 * clock.MINUTE
# NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures. One is forgotten every quarter
# of an hour: a counter that only a success sets back would be a lock for ever.
MOST_CONSECUTIVE = 100
LONG_PAUSE_MS = 12 * clock.HOUR
_FADES_AFTER_MS = clock.DAY // MOST_CONSECUTIVE
TRIES_PER_ADDRESS = 50
TRIES_OF_DEVICES = 30
WINDOW_MS = 15 * clock.MINUTE
# So many names tried from one address in a window are one password tried on many people.
SPRAYED_NAMES = 25
_FORGET_AFTER_MS = clock.DAY
# Checking a password takes at most some seconds; who died meanwhile holds no place for longer.
_CHECK_LASTS_MS = clock.MINUTE

Kind = Literal["name", "device", "devices", "address"]


@dataclass(frozen=True, slots=True)
class Counter:
    """What tries are counted against. `subject`: the person's id or the network, None for nobody.

    `pauses_after`: so many wrong tries, of those that end in a pause.
    `pauses`: False for an address that many people share. It is counted, so that a spray is seen,
    and never stops anybody.
    """

    kind: Kind
    key_hash: str
    subject: str | None
    pauses: bool = True
    pauses_after: int = TRIES_BEFORE_PAUSE


@dataclass(frozen=True, slots=True)
class Wait:
    """No password is looked at before `until` (ms). `is_pause`: minutes rather than seconds."""

    kind: Kind
    until: int
    is_pause: bool


@dataclass(frozen=True, slots=True)
class Reservation:
    """One try that is being checked. `login_hash` names in the audit what was tried."""

    login_hash: str
    counters: tuple[Counter, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a wrong password led to. `wait`: what the next try meets, None when it is looked at.

    `paused`: the counters whose pause began with it, each with its end (ms). `sprayed`: how many
    names were tried from this network, told once when they are too many; else 0.
    """

    wait: Wait | None
    paused: tuple[tuple[Counter, int], ...]
    sprayed: int


def typed_name(login: str, mail_domain: str = "") -> str:
    """The counter of a login in its compared form, with or without the domain of our mail."""
    domain = "@" + mail_domain.lower()
    return f"typed:{login.removesuffix(domain) if mail_domain else login}"


def login_hash(keyring: KeyRing, who: str) -> str:
    """How counters and audit name a login: `who` is a `typed_name`."""
    return keyring.mac("signin.login", who.encode()).hex()


def elsewhere(
    keyring: KeyRing, who: str, person_id: str | None, sender: Sender
) -> tuple[Counter, ...]:
    """The counters of a try for a `typed_name` from a browser that does not know the person."""
    name = Counter("name", login_hash(keyring, who), person_id)
    network = network_of(sender.address)
    if not network:
        return (name,)
    return (name, _address(keyring, network, pauses=not sender.is_proxy))


def sooner(counters: tuple[Counter, ...]) -> tuple[Counter, ...]:
    """The same, with a pause after five wrong tries, as TCVN 14423:2025 wants it: of names tried
    in browsers that do not know the person, so that no stranger keeps them out of their own."""
    return tuple(
        replace(each, pauses_after=FREE_TRIES) if each.kind == "name" else each for each in counters
    )


def on_known_device(keyring: KeyRing, device: str, person_id: str) -> tuple[Counter, ...]:
    """The counters of a try for a person on a browser they signed in with before."""
    return (_device(keyring, device, person_id), _devices(keyring, person_id))


def at_factor(
    keyring: KeyRing, factor: str, person_id: str, device: str | None, sender: Sender
) -> tuple[Counter, ...]:
    """The counters of a try at a second factor of a person who has proved the first. `device`: what
    names the counter of a browser that knows them (`idp.devices`), None elsewhere.

    Each factor has counters of its own, in the two lanes that passwords have: whoever knows the
    password and guesses codes elsewhere does not stop the person in their own browser.
    """
    if device is not None:
        return (
            _device(keyring, f"{factor}|{device}", person_id),
            _devices(keyring, person_id, factor),
        )
    return elsewhere(keyring, f"{factor}:{person_id}", person_id, sender)


def reserve(
    tx: Connection, counters: tuple[Counter, ...], name_hash: str = ""
) -> Reservation | Wait | None:
    """Take note of one try, or say how long to wait.

    None: as many tries as there is room for are being checked at this moment, ask again.
    """
    now = clock.now_ms()
    # Looked at first, and nothing is made: who must wait leaves no more counters.
    if wait := _turned_away(tx, counters, _read(tx, counters), now):
        return wait
    # In the order given, always: two transactions then never wait for each other.
    rows = [_locked(tx, counter, now) for counter in counters]
    if wait := _turned_away(tx, counters, rows, now):
        return wait
    if any(_room(c, row, now) <= _pending(row, now) for c, row in zip(counters, rows, strict=True)):
        return None
    for row in rows:
        values = {"key": row.key_hash, "to_pending": _pending(row, now) + 1, "now": now}
        tx.execute(_note_pending, values)
    return Reservation(name_hash or counters[0].key_hash, counters)


def fail(tx: Connection, reservation: Reservation) -> Failure:
    """The password was wrong: it counts."""
    now = clock.now_ms()
    states, paused, sprayed, is_first = [], [], 0, False
    for counter in reservation.counters:
        row = _locked(tx, counter, now)
        failed = _failed(counter, row, now, is_new_name=is_first)
        values = {f"to_{name}": value for name, value in failed.items()}
        tx.execute(_save, values | {"key": row.key_hash, "now": now})
        is_first = failed["failures"] == 1  # the address comes after the name
        until = _until(counter, failed["blocked_until"], now, now)
        states.append((counter, until))
        if until and _is_paused(counter, failed) and not _until_of(counter, row, now):
            paused.append((counter, until))
        if counter.kind == "address" and row.names < failed["names"] == SPRAYED_NAMES:
            sprayed = failed["names"]
    return Failure(_longest_wait(states, now), tuple(paused), sprayed)


def succeed(tx: Connection, reservation: Reservation) -> None:
    """The password was right. The person's device starts from nothing; what is counted elsewhere
    stays as it was: who guesses there must not see that somebody came."""
    for counter in reservation.counters:
        if counter.kind == "device":
            tx.execute(_forget, {"key": counter.key_hash})
        else:
            tx.execute(_end_pending, {"key": counter.key_hash})


def give_back(tx: Connection, reservation: Reservation) -> None:
    """The password could not be checked: the try does not count."""
    for counter in reservation.counters:
        tx.execute(_end_pending, {"key": counter.key_hash})


def purge(tx: Connection) -> None:
    """Forget counters nobody has touched for a day, and what a clock that was ahead wrote."""
    now, columns = clock.now_ms(), throttle_counter.c
    # Counters in use are left for the next time: a try locks two of them, one after the other.
    old = (
        select(columns.key_hash)
        .where(
            (columns.last_at < now - _FORGET_AFTER_MS) | (columns.last_at > now + clock.SKEW_MS),
            columns.turned_away == 0,
        )
        .with_for_update(skip_locked=True)
    )
    tx.execute(delete(throttle_counter).where(columns.key_hash.in_(old)))


@dataclass(frozen=True, slots=True)
class Pause:
    """One counter that makes people wait, for whoever may lift it. `until`: 0 when it is over."""

    counter: Counter
    until: int
    failures: int
    turned_away: int


def list_pauses(tx: Connection) -> list[Pause]:
    """Everything that waits at this moment, what ends last first."""
    now = clock.now_ms()
    rows = tx.execute(select(throttle_counter).where(throttle_counter.c.blocked_until > now))
    found = [
        Pause(counter, until, row.failures, row.turned_away)
        for row in rows
        if (until := _until_of(counter := _counter(row), row, now))
    ]
    return sorted(found, key=lambda pause: (-pause.until, pause.counter.key_hash))


def lift(tx: Connection, *, subject: str = "", key_hashes: Iterable[str] = ()) -> list[Pause]:
    """Forget all that is counted against a person or a network, or under these hashes; gives what
    made somebody wait."""
    now, columns = clock.now_ms(), throttle_counter.c
    meant: ColumnElement[bool] = columns.key_hash.in_(list(key_hashes))
    if subject:
        meant = or_(meant, columns.subject == subject)
    gone = tx.execute(delete(throttle_counter).where(meant).returning(*columns)).all()
    return [
        Pause(counter, until, row.failures, row.turned_away)
        for row in gone
        if (until := _until_of(counter := _counter(row), row, now))
    ]


def take_turned_away(tx: Connection) -> list[Pause]:
    """Waits that are over and turned tries away: each given once, for the log."""
    now, columns = clock.now_ms(), throttle_counter.c
    query = select(throttle_counter).where(columns.turned_away > 0).with_for_update()
    done = [row for row in tx.execute(query) if not _until_of(_counter(row), row, now)]
    for row in done:
        here = columns.key_hash == row.key_hash
        tx.execute(update(throttle_counter).where(here).values(turned_away=0))
    return [Pause(_counter(row), 0, row.failures, row.turned_away) for row in done]


def _device(keyring: KeyRing, device: str, person_id: str) -> Counter:
    return Counter("device", keyring.mac("signin.device", device.encode()).hex(), person_id)


def _devices(keyring: KeyRing, person_id: str, factor: str = "") -> Counter:
    named = f"{factor}|{person_id}" if factor else person_id
    return Counter("devices", keyring.mac("signin.devices", named.encode()).hex(), person_id)


def _address(keyring: KeyRing, network: str, *, pauses: bool) -> Counter:
    key_hash = keyring.mac("signin.address", network.encode()).hex()
    return Counter("address", key_hash, network, pauses)


def _counter(row: Row[Any]) -> Counter:
    return Counter(row.kind, row.key_hash, row.subject)


def _until_of(counter: Counter, row: Row[Any], now: int) -> int:
    return _until(counter, row.blocked_until, row.last_at, now)


def _until(counter: Counter, blocked_until: int | None, last_at: int, now: int) -> int:
    """When the next try is looked at; 0: at once.

    Never longer after the last wrong try than any wait of ours, and not at all when that was
    written by a clock that stood ahead of this one.
    """
    if blocked_until is None or not counter.pauses or last_at > now + clock.SKEW_MS:
        return 0
    until = min(blocked_until, last_at + _longest(counter))
    return until if until > now else 0


def _longest(counter: Counter) -> int:
    return LONG_PAUSE_MS if _is_stepped(counter) else WINDOW_MS


def _is_stepped(counter: Counter) -> bool:
    """Free tries, growing delays, then a pause; the others count in a window."""
    return counter.kind in ("name", "device")


def _most(counter: Counter) -> int:
    return TRIES_PER_ADDRESS if counter.kind == "address" else TRIES_OF_DEVICES


def _is_new_round(counter: Counter, row: Row[Any], now: int) -> bool:
    if row.failures == 0 or row.last_at > now + clock.SKEW_MS:
        return True
    if not _is_stepped(counter):
        return bool(row.began_at <= now - WINDOW_MS or row.began_at > now + clock.SKEW_MS)
    if _until_of(counter, row, now):
        return False
    return bool(row.failures >= TRIES_BEFORE_PAUSE or row.last_at < now - PAUSE_MS)


def _consecutive(row: Row[Any], now: int) -> int:
    faded = max(0, now - row.last_at) // _FADES_AFTER_MS
    return int(max(0, row.consecutive - faded))


def _failed(counter: Counter, row: Row[Any], now: int, *, is_new_name: bool) -> dict[str, Any]:
    """The counter after one more wrong try."""
    is_new = _is_new_round(counter, row, now)
    failures = 1 if is_new else row.failures + 1
    began_at = now if is_new else row.began_at
    consecutive = _consecutive(row, now) + 1 if _is_stepped(counter) else 0
    until: int | None
    if _is_stepped(counter):
        delay_ms = _delay_ms(failures, consecutive, counter.pauses_after)
        until = now + delay_ms if delay_ms else None
    else:
        is_over = counter.pauses and failures >= _most(counter)
        until = began_at + WINDOW_MS if is_over else None
    return {
        "subject": counter.subject,
        "failures": failures,
        "consecutive": consecutive,
        "names": (0 if is_new else row.names) + is_new_name,
        "began_at": began_at,
        "blocked_until": until,
        "pending": max(0, _pending(row, now) - 1),
    }


def _delay_ms(failures: int, consecutive: int, pauses_after: int) -> int:
    if consecutive >= MOST_CONSECUTIVE:
        return LONG_PAUSE_MS
    if failures >= pauses_after:
        return PAUSE_MS
    if failures < FREE_TRIES:
        return 0
    return clock.SECOND * int(2 ** (failures - FREE_TRIES + 1))  # 2, 4, 8, 16, 32 s


def _is_paused(counter: Counter, failed: dict[str, Any]) -> bool:
    if not _is_stepped(counter):
        return True
    return bool(
        failed["failures"] >= counter.pauses_after or failed["consecutive"] >= MOST_CONSECUTIVE
    )


def _room(counter: Counter, row: Row[Any], now: int) -> int:
    """How many passwords may be checked at once: never more than are left before a wait, were they
    all wrong; at least one."""
    if not counter.pauses:
        return _most(counter)
    failures = 0 if _is_new_round(counter, row, now) else row.failures
    if not _is_stepped(counter):
        return max(1, _most(counter) - failures)
    if failures >= FREE_TRIES:
        return 1
    left = MOST_CONSECUTIVE - _consecutive(row, now)
    return max(1, min(counter.pauses_after - failures, left))


def _pending(row: Row[Any], now: int) -> int:
    is_fresh = now - _CHECK_LASTS_MS < row.pending_at <= now + clock.SKEW_MS
    return int(row.pending) if is_fresh else 0


def _turned_away(
    tx: Connection, counters: Sequence[Counter], rows: Sequence[Row[Any] | None], now: int
) -> Wait | None:
    pairs = zip(counters, rows, strict=True)
    states = [(counter, _until_of(counter, row, now) if row else 0) for counter, row in pairs]
    wait = _longest_wait(states, now)
    if wait is not None:
        key = next(c.key_hash for c, until in states if until == wait.until)
        tx.execute(_count_turned_away, {"key": key})
    return wait


def _longest_wait(states: Sequence[tuple[Counter, int]], now: int) -> Wait | None:
    """The wait after which a try is looked at, whichever counters make it."""
    counter, until = max(states, key=lambda state: state[1])
    if not until:
        return None
    is_pause = until - now > clock.MINUTE or not _is_stepped(counter)
    return Wait(counter.kind, until, is_pause)


_columns = throttle_counter.c
_here = _columns.key_hash == bindparam("key")
_find = select(throttle_counter).where(_columns.key_hash.in_(bindparam("keys", expanding=True)))
_note_pending = (
    update(throttle_counter)
    .where(_here)
    .values(pending=bindparam("to_pending"), pending_at=bindparam("now"))
)
_end_pending = (
    update(throttle_counter).where(_here, _columns.pending > 0).values(pending=_columns.pending - 1)
)
_count_turned_away = (
    update(throttle_counter).where(_here).values(turned_away=_columns.turned_away + 1)
)
_save = (
    update(throttle_counter)
    .where(_here)
    .values(
        last_at=bindparam("now"),
        **{
            name: bindparam(f"to_{name}")
            for name in (
                "subject",
                "failures",
                "consecutive",
                "names",
                "began_at",
                "blocked_until",
                "pending",
            )
        },
    )
)
# Setting a column to itself locks a row that is there, which a purge could else take away between
# our looking and our locking.
_insert_or_lock = {
    dialect: insert(throttle_counter)
    .on_conflict_do_update(
        index_elements=["key_hash"], set_={"key_hash": insert(throttle_counter).excluded.key_hash}
    )
    .returning(*_columns)
    for dialect, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


def _read(tx: Connection, counters: Sequence[Counter]) -> list[Row[Any] | None]:
    found = tx.execute(_find, {"keys": [counter.key_hash for counter in counters]}).all()
    by_key = {row.key_hash: row for row in found}
    return [by_key.get(counter.key_hash) for counter in counters]


def _locked(tx: Connection, counter: Counter, now: int) -> Row[Any]:
    fresh = {
        "key_hash": counter.key_hash,
        "kind": counter.kind,
        "subject": counter.subject,
        "failures": 0,
        "consecutive": 0,
        "names": 0,
        "began_at": now,
        "last_at": now,
        "blocked_until": None,
        "pending": 0,
        "pending_at": now,
        "turned_away": 0,
    }
    return tx.execute(_insert_or_lock[tx.dialect.name], fresh).one()


_forget = delete(throttle_counter).where(_here)
