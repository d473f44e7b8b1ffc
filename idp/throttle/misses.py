"""Wrong passwords of the last quarter of an hour, for whoever looks whether they are guessing.

What stays of a password is a few bits of a digest under our key and of one day, so that the same
one can be told from others and none can be found from it; after the quarter of an hour even that is
gone. What is typed wrong in a browser that a person uses is no guessing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from directory import clock
from directory.actor import network_of
from directory.database.upsert import upsert
from directory.sealed import KeyRing
from idp.throttle.tables import signin_miss
from web.forwarded import Sender

WINDOW_MS = 15 * clock.MINUTE
_DIGEST_CHARS = 10  # 40 bits: too few to tell a guess of the password from a chance

_columns = signin_miss.c


@dataclass(frozen=True, slots=True)
class Misses:
    """Different names that were tried wrong in the window: with the password that was tried on
    most of them, from each network, and in all."""

    with_one_password: int
    from_network: Mapping[str, int]
    names: int


def note(tx: Connection, keyring: KeyRing, name_hash: str, password: str, sender: Sender) -> None:
    """A wrong try. `name_hash`: as `idp.throttle.store.login_hash` gives it."""
    now = clock.now_ms()
    day = clock.day_of(now)
    digest = keyring.mac("signin.miss", f"{day}|{password}".encode()).hex()[:_DIGEST_CHARS]
    network = "" if sender.is_proxy and not sender.address else network_of(sender.address)
    row = {"name_hash": name_hash, "password_digest": digest, "network": network, "at": now}
    put = upsert(tx, signin_miss).values(row)
    key = [_columns.name_hash, _columns.password_digest]
    tx.execute(put.on_conflict_do_update(index_elements=key, set_={"at": now, "network": network}))


def read(tx: Connection) -> Misses:
    """Of this moment."""
    names = func.count(_columns.name_hash.distinct())
    here = _columns.at > clock.now_ms() - WINDOW_MS
    by_password = (
        select(names.label("number")).where(here).group_by(_columns.password_digest).subquery()
    )
    by_network = select(_columns.network, names).where(here).group_by(_columns.network)
    return Misses(
        tx.execute(select(func.max(by_password.c.number))).scalar() or 0,
        {network: number for network, number in tx.execute(by_network) if network},
        tx.execute(select(names).where(here)).scalar() or 0,
    )


def forget(tx: Connection) -> None:
    """What is older than the window, and what a clock that stood ahead wrote."""
    now = clock.now_ms()
    is_old = (_columns.at <= now - WINDOW_MS) | (_columns.at > now + clock.SKEW_MS)
    tx.execute(delete(signin_miss).where(is_old))
