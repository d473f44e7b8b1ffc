"""Remembering, finding and forgetting devices.

A device is forgotten after 90 days unused, and with everything that ends a person's sessions
(suspension, a new password, "sign out everywhere"): only what was made since
`sessions_valid_after` counts.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from directory import clock
from directory.database.advisory_lock import take_advisory_lock
from directory.ids import digest, new_secret
from directory.projection.tables import person_state
from idp.devices.tables import known_device

UNUSED_MS = 90 * clock.DAY
MOST_PEOPLE = 8  # of one browser
MOST_DEVICES = 20  # of one person

_columns = known_device.c


def find_counter(tx: Connection, browser: str, person_id: str) -> str | None:
    """What names the counter of a person's wrong tries on this browser; None where it does not
    know the person. `browser`: the id in its cookie. One statement."""
    if not browser:
        return None
    values = {"browser": digest(browser), "whose": person_id, "now": clock.now_ms()}
    return tx.execute(_find, values).scalar()


def remember(tx: Connection, browser: str, person_id: str) -> tuple[str, bool]:
    """The person signed in on this browser. Gives the id its cookie is to hold, and whether the
    person is new there.

    A browser that learns of a person gets a new id: one that somebody else knows, or put there,
    never becomes a device of theirs.
    """
    take_advisory_lock(tx, "known_device", person_id)
    now = clock.now_ms()
    if find_counter(tx, browser, person_id) is not None:
        tx.execute(_use, {"browser": digest(browser), "whose": person_id, "now": now})
        return browser, False
    fresh = new_secret()
    if browser:
        forget(tx, browser, person_id)
        here = _columns.browser_hash == digest(browser)
        tx.execute(update(known_device).where(here).values(browser_hash=digest(fresh)))
    tx.execute(
        insert(known_device).values(
            browser_hash=digest(fresh),
            person_id=person_id,
            counter=new_secret(16),
            made_at=now,
            last_used_at=now,
        )
    )
    _keep_newest(tx, _columns.browser_hash == digest(fresh), MOST_PEOPLE)
    _keep_newest(tx, _columns.person_id == person_id, MOST_DEVICES)
    return fresh, True


def keep_on(tx: Connection, browser: str, person_id: str) -> None:
    """In the transaction that ended all that the person was signed in to: this one of their devices
    stays known."""
    state = person_state.c
    since = select(state.sessions_valid_after).where(state.person_id == person_id)
    here = (_columns.browser_hash == digest(browser), _columns.person_id == person_id)
    values = {"made_at": since.scalar_subquery()}
    tx.execute(update(known_device).where(*here).values(values))


def note_proved(tx: Connection, browser: str, person_id: str) -> None:
    """The person has proved two factors on this browser just now."""
    here = (_columns.browser_hash == digest(browser), _columns.person_id == person_id)
    tx.execute(update(known_device).where(*here).values(second_factor_at=clock.now_ms()))


def find_proved_at(tx: Connection, browser: str, person_id: str) -> int:
    """When (ms) the person last proved two factors on this device of theirs; 0: never, or it is
    none."""
    if not browser:
        return 0
    now = clock.now_ms()
    values = {"browser": digest(browser), "whose": person_id, "now": now}
    proved_at = tx.execute(_find_proved, values).scalar() or 0
    return proved_at if proved_at <= now + clock.SKEW_MS else 0


def forget(tx: Connection, browser: str, person_id: str) -> None:
    """This browser is no device of the person any more."""
    tx.execute(
        delete(known_device).where(
            _columns.browser_hash == digest(browser), _columns.person_id == person_id
        )
    )


def purge(tx: Connection) -> None:
    """Drop the rows of devices that are forgotten."""
    now = clock.now_ms()
    ended = (
        select(person_state.c.person_id)
        .where(
            person_state.c.person_id == _columns.person_id,
            person_state.c.sessions_valid_after > _columns.made_at,
        )
        .exists()
    )
    unused = or_(
        _columns.last_used_at <= now - UNUSED_MS, _columns.last_used_at > now + clock.SKEW_MS
    )
    tx.execute(delete(known_device).where(or_(unused, ended)))


def _keep_newest(tx: Connection, among: ColumnElement[bool], most: int) -> None:
    key = (_columns.browser_hash, _columns.person_id)
    newest_first = (_columns.last_used_at.desc(), _columns.made_at.desc(), *key)
    too_many = tx.execute(select(*key).where(among).order_by(*newest_first).offset(most)).all()
    for row in too_many:
        tx.execute(
            delete(known_device).where(
                _columns.browser_hash == row.browser_hash, _columns.person_id == row.person_id
            )
        )


_now: BindParameter[int] = bindparam("now", type_=BigInteger)
_find = (
    select(_columns.counter)
    .select_from(
        known_device.outerjoin(person_state, person_state.c.person_id == _columns.person_id)
    )
    .where(
        _columns.browser_hash == bindparam("browser"),
        _columns.person_id == bindparam("whose"),
        _columns.last_used_at > _now - UNUSED_MS,
        # What a clock that stood ahead wrote is no device: nobody knows when it was used.
        _columns.last_used_at <= _now + clock.SKEW_MS,
        _columns.made_at <= _now + clock.SKEW_MS,
        _columns.made_at >= func.coalesce(person_state.c.sessions_valid_after, 0),
    )
)
_find_proved = _find.with_only_columns(_columns.second_factor_at, maintain_column_froms=True)
_use = (
    update(known_device)
    .where(_columns.browser_hash == bindparam("browser"), _columns.person_id == bindparam("whose"))
    .values(last_used_at=_now)
)
