"""The one place that mints identifiers and secrets."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid

from directory.clock import now_ms

ID_CHARS = 36  # of a UUID's text, and of every column that holds an id


def can_be_id(text: str) -> bool:
    """Whether `text` could be the id of something: what cannot is never looked up, nor kept.

    Never cut to fit: what is left could be the id of something else.
    """
    return 0 < len(text) <= ID_CHARS and "\0" not in text


def new_id() -> str:
    """A random, immutable id (UUIDv4 text) for a person, agency or post: never reused."""
    return str(uuid.uuid4())  # noqa: TID251 - this is the room


def new_event_id() -> str:
    """A time-ordered id (UUIDv7, RFC 9562 section 5.7) for rows that are read in order of time."""
    stamp = now_ms().to_bytes(6, "big")
    rest = bytearray(secrets.token_bytes(10))
    rest[0] = 0x70 | (rest[0] & 0x0F)
    rest[2] = 0x80 | (rest[2] & 0x3F)
    return str(uuid.UUID(bytes=stamp + bytes(rest)))


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
