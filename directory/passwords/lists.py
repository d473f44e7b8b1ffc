"""What everybody tries first: our lists (SOURCE.md beside them), and one of the province's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from directory.text import clean, without_marks

_OTHERS = re.compile(r"[^a-z0-9]+")
_SHORTEST = 3
_HERE = Path(__file__).parent
# What a process holds of a list: enough for the ten thousands that are tried on-line.
MOST_LINES = 2_000_000


def common(own: Path | None) -> frozenset[str]:
    """All of them, without marks, in small letters. `own`: a further list, one a line."""
    return _of_file(_HERE / "common.txt") | vietnamese() | (_of_file(own) if own else frozenset())


@lru_cache(maxsize=1)
def vietnamese() -> frozenset[str]:
    """Words and phrases people here choose, as they are typed without marks."""
    return _of_file(_HERE / "vietnamese.txt")


@lru_cache(maxsize=4)
def _of_file(path: Path) -> frozenset[str]:
    return frozenset(_lines(path))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            if number >= MOST_LINES:
                return
            word = letters(line)
            if len(word) >= _SHORTEST:
                yield word


def letters(text: str) -> str:
    """In which words are compared: small letters without marks, and digits."""
    return _OTHERS.sub("", without_marks(clean(text)).lower())
