"""Reading what stands in an entry, which somebody may have written past us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from directory.catalogue.errors import Unreadable


def read_texts(value: str) -> dict[str, str]:
    """The members of a JSON object that holds texts and nothing else. Raises ValueError."""
    try:
        members = json.loads(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(members, dict):
        raise ValueError("not a JSON object")
    for name, text in members.items():
        if not isinstance(text, str):
            raise ValueError(f"{name[:40]!r} is not a text")
        text.encode()  # JSON can spell halves of characters, which no store takes
    return members


@contextmanager
def reading_a_record() -> Iterator[None]:
    """Making a record of what an entry holds: whatever goes wrong there means that it holds none.
    Raises Unreadable."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error
