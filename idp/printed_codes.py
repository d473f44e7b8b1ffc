"""Codes on paper, as people read, print and type them: recovery codes, slips."""

from __future__ import annotations

import re
import secrets

# Without letters that look like others (Crockford's base 32): 80 bits are 16 characters.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
CHARACTERS = 16
_CODE = re.compile(f"[{_ALPHABET}]{{{CHARACTERS}}}")
_NOT_TYPED = re.compile(r"[\s\u200b\u2060\u2010-\u2015-]")


def new_code() -> str:
    """80 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CHARACTERS))


def shown(code: str) -> str:
    """In groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, CHARACTERS, 4))


def find_typed(text: str) -> str | None:
    """The code that was typed, however it is grouped and written; None for what is none."""
    code = _NOT_TYPED.sub("", text[:128]).upper().translate(_READ_AS)
    return code if _CODE.fullmatch(code) else None
