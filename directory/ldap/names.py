"""Distinguished names (RFC 4514)."""

from __future__ import annotations

_SPECIAL = frozenset(',+"\\<>;=#')


def rdn(attribute: str, value: str) -> str:
    """The relative name ``attribute=value``, whatever stands in the value: escaped by number, as
    slapd gives it back."""
    last = len(value) - 1
    return f"{attribute}=" + "".join(
        f"\\{ord(char):02X}"
        if char in _SPECIAL or char < " " or (char == " " and at in (0, last))
        else char
        for at, char in enumerate(value)
    )
