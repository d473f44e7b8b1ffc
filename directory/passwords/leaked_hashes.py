"""Passwords that leaked anywhere, as their SHA-1: looked up where the sorted file lies.

The form is that of Have I Been Pwned's download, ordered by hash: ``HASH:COUNT``, one a line. A
password is looked for where somebody types it, by halving the file: some thirty short reads among
a hundred million lines, of which nothing is kept, and nobody is asked over a network.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import BinaryIO

_DIGITS = 40
_LONGEST_LINE = 200
_LOOKED_AT = 200  # lines that the check compares

_log = logging.getLogger(__name__)


class NotAList(Exception):
    """What stands in the file is something else; says what."""


def is_leaked(path: Path | None, password: str) -> bool:
    """Whether the password (in normal form) stands in the list; no without one. A file that cannot
    be read keeps nobody from a password: `danhmuc doctor` tells of it, and so does the log."""
    if path is None:
        return False
    # What SHA-1 is good for no more is not asked of it here: it is how the list is written.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        with path.open("rb", buffering=512) as file:
            return _find(file, os.fstat(file.fileno()).st_size, wanted.encode())
    except OSError as error:
        _log.error("list of leaked passwords cannot be read", extra={"fault": error.strerror})
        return False


def check(path: Path) -> int:
    """Look at lines all over the file; gives its size in bytes. Raises OSError, `NotAList`."""
    with path.open("rb", buffering=512) as file:
        size = os.fstat(file.fileno()).st_size
        before = b""
        for number in range(_LOOKED_AT):
            line = _line_from(file, size * number // _LOOKED_AT)
            if not line and number:
                break
            digits, colon, count = line.partition(b":")
            is_one = (
                len(digits) == _DIGITS and _is_hex(digits) and colon and count.strip().isdigit()
            )
            if not is_one:
                raise NotAList("a line is not HASH:COUNT with the 40 digits of SHA-1")
            if digits.upper() < before:
                raise NotAList("it is not sorted by hash")
            before = digits.upper()
    return size


def _find(file: BinaryIO, size: int, wanted: bytes) -> bool:
    """Halve between the offsets from which on a line is too small, and large enough."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        line = _line_from(file, middle)
        if line and line[:_DIGITS].upper() < wanted:
            low = middle + 1
        else:
            high = middle
    return _line_from(file, low)[:_DIGITS].upper() == wanted


def _line_from(file: BinaryIO, offset: int) -> bytes:
    """The first line that begins there or later; nothing behind the last."""
    file.seek(max(offset - 1, 0))
    if offset:
        file.readline(_LONGEST_LINE)
    return file.readline(_LONGEST_LINE)


def _is_hex(digits: bytes) -> bool:
    return not digits.strip(b"0123456789abcdefABCDEF")
