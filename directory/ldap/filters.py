"""Search filters (RFC 4515)."""

from __future__ import annotations

_SPECIAL = frozenset("\\*()\0")


def escape(value: str) -> str:
    """`value` as it must stand in a filter, so that it can match nothing but itself.

    Blanks are escaped too: ldap3 strips them from both ends of a value (`` alice`` would find
    ``alice``), and its `str.strip` counts the no-break space as one.
    """
    return "".join(_hex(char) if char in _SPECIAL or char.isspace() else char for char in value)


def equals(attribute: str, value: str) -> str:
    """The equality filter ``(attribute=value)`` with `value` escaped."""
    return f"({attribute}={escape(value)})"


def _hex(char: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
