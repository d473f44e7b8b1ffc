"""Password texts: the one form that is hashed, compared and sent, and the hashes slapd verifies.

The hashes are argon2id, 19 MiB, t=2, p=1 (OWASP).
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from secrets import token_bytes

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_PASSWORD = 256
"""Characters of the normal form that any password may have."""

_SCHEME = "{ARGON2}"
COST = "m=19456,t=2,p=1"  # memory in KiB, rounds, lanes
"""What one hash costs; each says its own cost, so it may change while old ones live."""
# No composed character stands for more than four (Unicode, canonical decomposition).
_MOST_DECOMPOSED = 4


def normal_form(password: str) -> str:
    """The form that is hashed and compared (RFC 8265 OpaqueString): NFC, blanks to U+0020.

    Keyboards differ: ``ễ`` may arrive as one code point or as three.
    """
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", spaced)


def password_bytes(password: object) -> bytes | None:
    """What is sent to slapd for `password`; None when it can be nobody's.

    Bytes, so that no library prepares the text in a way of its own: ldap3 runs SASLprep (RFC 4013)
    over a text, which changes some characters and refuses others.
    """
    if not isinstance(password, str) or not password or "\0" in password:
        return None
    if len(password) > _MOST_DECOMPOSED * LONGEST_PASSWORD:
        return None  # before any work is done on it
    normal = normal_form(password)
    if len(normal) > LONGEST_PASSWORD:
        return None
    try:
        return normal.encode()
    except UnicodeEncodeError:  # half of a character
        return None


def hash_password(password: str) -> str:
    """The ``userPassword`` value for `password`. Takes tens of milliseconds of a core."""
    return _SCHEME + _hasher().hash(normal_form(password))


def unknowable_hash() -> str:
    """A ``userPassword`` value of a password that nobody knows: drawn, not computed, so that a demo
    of any size has one for everybody."""
    salt, drawn = (b64encode(token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"{_SCHEME}$argon2id$v=19${COST}${salt}${drawn}"


def matches(password: str, value: str) -> bool:
    """Whether `value` was made from `password` (for the history of one's own old passwords)."""
    try:
        return _hasher().verify(value.removeprefix(_SCHEME), normal_form(password))
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    memory, rounds, lanes = (int(part.partition("=")[2]) for part in COST.split(","))
    return PasswordHasher(
        time_cost=rounds, memory_cost=memory, parallelism=lanes, hash_len=32, salt_len=16
    )
