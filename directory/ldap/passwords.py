"""Password hashes as slapd stores and verifies them: argon2id, 19 MiB, t=2, p=1 (OWASP)."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_SCHEME = "{ARGON2}"
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)


def normal_form(password: str) -> str:
    """The form that is hashed and compared (RFC 8265 OpaqueString): NFC, blanks to U+0020.

    Keyboards differ: ``ễ`` may arrive as one code point or as three.
    """
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", spaced)


def hash_password(password: str) -> str:
    """The ``userPassword`` value for `password`. Takes tens of milliseconds of a core."""
    return _SCHEME + _HASHER.hash(normal_form(password))


def matches(password: str, value: str) -> bool:
    """Whether `value` was made from `password` (for the history of one's own old passwords)."""
    try:
        return _HASHER.verify(value.removeprefix(_SCHEME), normal_form(password))
    except (VerificationError, InvalidHashError):
        return False
