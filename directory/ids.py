"""The one place that mints identifiers and secrets."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import uuid

from directory.clock import now_ms

ID_CHARS = 36  # of a UUID's text, and of every column that holds an id
_MOST_COUNTED = 0x0FFF
_lock = threading.Lock()


class _Last:
    """The last event id of this process: its millisecond, and the number within it."""

    instant = 0
    count = 0


_last = _Last()


def can_be_id(text: str) -> bool:
    """Whether `text` could be the id of something: what cannot is never looked up, nor kept.

    Never cut to fit: what is left could be the id of something else.
    """
    return 0 < len(text) <= ID_CHARS and "\0" not in text


def new_id() -> str:
    """A random, immutable id (UUIDv4 text) for a person, agency or post: never reused."""
    return str(uuid.uuid4())  # noqa: TID251 - this is the room


def new_event_id() -> str:
    """A time-ordered id (UUIDv7, RFC 9562 section 5.7) for rows that are read in order of time.

    Within a millisecond a process counts (section 6.2, method 1): what it wrote first comes first.
    """
    now = now_ms()
    rest = bytearray(secrets.token_bytes(10))
    with _lock:
        same = now == _last.instant and _last.count < _MOST_COUNTED
        # Room above for those that follow within the millisecond.
        _last.count = _last.count + 1 if same else int.from_bytes(rest[:2], "big") & 0x03FF
        _last.instant = now
        count = _last.count
    rest[0:2] = (0x7000 | count).to_bytes(2, "big")
    rest[2] = 0x80 | (rest[2] & 0x3F)
    return str(uuid.UUID(bytes=now.to_bytes(6, "big") + bytes(rest)))


def support_code(request_id: str) -> str:
    """The short form of a request's id, which a person can read out: its last eight digits.

    The whole id ends with it, so whoever looks for the code in a log finds the request.
    """
    return request_id[-8:]


def new_secret(nbytes: int = 32) -> str:
    """An unguessable URL-safe string of `nbytes` random bytes (256 bits by default)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(nbytes)).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """How a high-entropy secret is stored: hex SHA-256. Never for a password a person chose."""
    return hashlib.sha256(secret.encode()).hexdigest()
