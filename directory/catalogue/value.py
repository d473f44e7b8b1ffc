"""The JSON objects that stand as values in an entry: a post, a code."""

from __future__ import annotations

import json


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
