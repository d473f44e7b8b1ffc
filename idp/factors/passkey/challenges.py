"""What a passkey is to sign: made without being written down, good once, and in one place only.

It says itself when it was made, and a keyed hash binds it to its place (a flow of one browser, or a
session that adds a passkey), so that looking at the sign-in page writes nothing.
"""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from directory import clock
from directory.database.single_use import single_use
from directory.ids import new_secret
from directory.sealed import KeyRing
from idp.flows.store import Flow
from web.csrf import browser_id

KIND = "passkey-challenge"
ADDING_MS = 10 * clock.MINUTE
_RANDOM = 22  # 128 bits as base64url
_TIME = 12


def in_flow(flow: Flow) -> str:
    """The place of somebody who signs in."""
    return f"sign-in|{browser_id()}|{flow.id}"


def in_session(sid: str, person_id: str) -> str:
    """The place of somebody who adds a passkey."""
    return f"add|{sid}|{person_id}"


def make(keyring: KeyRing, place: str) -> bytes:
    """A challenge for this place."""
    body = f"{new_secret(16)}{clock.now_ms():0{_TIME}x}"
    return f"{body}{_bound(keyring, place, body)}".encode()


def take(tx: Connection, keyring: KeyRing, place: str, challenge: bytes, lasts_ms: int) -> bool:
    """Whether it was made for this place within `lasts_ms`, and nobody has taken it before."""
    if not is_of(keyring, place, challenge, lasts_ms):
        return False
    return single_use(tx, KIND, challenge.decode(), lasts_ms + 2 * clock.SKEW_MS)


def is_of(keyring: KeyRing, place: str, challenge: bytes, lasts_ms: int) -> bool:
    """Whether it was made for this place within `lasts_ms`."""
    text = challenge.decode("ascii", "replace")
    body, mark = text[: _RANDOM + _TIME], text[_RANDOM + _TIME :]
    if not hmac.compare_digest(_bound(keyring, place, body).encode(), mark.encode()):
        return False
    age = clock.now_ms() - int(body[_RANDOM:], 16)
    return -clock.SKEW_MS <= age < lasts_ms


def _bound(keyring: KeyRing, place: str, body: str) -> str:
    return keyring.mac(KIND, f"{place}|{body}".encode()).hex()
