"""What came in at the address that asks for certificates, on its way back to the page that sent
the browser there: sealed, for this page alone, good once and for five minutes.

That address may be another host, to which none of our cookies go. So what was seen there travels
in the address of the page, which nobody but this browser can open: a flow of the browser that began
it, or a session.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from directory import clock
from directory.database.single_use import single_use, was_used
from directory.ids import new_secret
from directory.sealed import KeyRing, Purpose, SealBroken
from idp.factors.certificate.reading import Facts
from idp.flows.store import Flow

KIND = "certificate-shown"  # also what it is sealed for
# In an address: the page that sent the browser away; what it brings back.
PLACE, ARGUMENT = "trang", "chung-thu"
LASTS_MS = 5 * clock.MINUTE
_SEALED = Purpose("certificate-shown", LASTS_MS + 2 * clock.SKEW_MS)
_IN_FLOW, _IN_SESSION = "f", "s"


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that a browser has shown, with proof that it has the key. `fault`: why it does
    not count, "" when it does; `facts`: None where nothing could be read."""

    id: str
    at: int
    fault: str
    authority_id: str
    facts: Facts | None


def in_flow(flow: Flow) -> str:
    """The page of somebody who signs in."""
    return f"{_IN_FLOW}.{flow.id}"


def in_session(keyring: KeyRing, sid: str) -> str:
    """The page of somebody who binds a certificate."""
    return f"{_IN_SESSION}.{keyring.mac(KIND, sid.encode()).hex()}"


def find_flow_id(place: str) -> str:
    """The flow of a sign-in; "" for another page."""
    kind, _, flow_id = place.partition(".")
    return flow_id if kind == _IN_FLOW else ""


def is_place(place: str) -> bool:
    """Whether a browser could have been sent from there."""
    kind, _, rest = place.partition(".")
    return kind in (_IN_FLOW, _IN_SESSION) and 0 < len(rest) <= 64 and rest.isascii()


def seal(keyring: KeyRing, place: str, fault: str, authority_id: str, facts: Facts | None) -> str:
    """As it goes back in an address."""
    shown = Shown(new_secret(16), clock.now_ms(), fault, authority_id, facts)
    body = json.dumps(asdict(shown), ensure_ascii=False, separators=(",", ":"))
    sealed = keyring.seal(_SEALED, place, body.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def find(keyring: KeyRing, place: str, sealed: str) -> Shown | None:
    """What was seen for this page; None for what is altered, of another page, or too old."""
    try:
        body = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        read: dict[str, Any] = json.loads(keyring.open(_SEALED, place, body))
        facts = read.pop("facts")
        shown = Shown(**read, facts=Facts(**facts) if facts else None)
    except (binascii.Error, ValueError, SealBroken, TypeError, KeyError):
        return None
    age = clock.now_ms() - shown.at
    return shown if -clock.SKEW_MS <= age < LASTS_MS else None


def take(tx: Connection, shown: Shown) -> bool:
    """Whether nobody has used it before; the mark lives and dies with `tx`."""
    return single_use(tx, KIND, shown.id, LASTS_MS + 2 * clock.SKEW_MS)


def is_used(tx: Connection, shown: Shown) -> bool:
    """For a page: whether it could still be used."""
    return was_used(tx, KIND, shown.id)
