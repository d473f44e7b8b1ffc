"""Writing LDIF (RFC 2849), and reading back the little of it that our own files use."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence

Attributes = Mapping[str, Sequence[str]]

# SAFE-STRING of RFC 2849, and no trailing blank, which readers strip.
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")


def record(dn: str, attributes: Attributes) -> str:
    """One entry as an LDIF content record, with its blank line."""
    lines = [_line("dn", dn)]
    lines += [_line(name, value) for name, values in attributes.items() for value in values]
    return "\n".join(lines) + "\n\n"


def records(entries: Iterable[tuple[str, Attributes]]) -> str:
    """Entries as LDIF, in the given order."""
    return "".join(record(dn, attributes) for dn, attributes in entries)


def read_records(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    """(dn, attributes) of each record of plain LDIF: comments and folded lines, no base64."""
    unfolded = re.sub(r"\n ", "", text)
    found: list[tuple[str, dict[str, list[str]]]] = []
    for block in re.split(r"\n\s*\n", unfolded):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        pairs = [(name, value.strip()) for name, _, value in (x.partition(":") for x in lines)]
        attributes: dict[str, list[str]] = {}
        for name, value in pairs[1:]:
            attributes.setdefault(name, []).append(value)
        found.append((pairs[0][1], attributes))
    return found


def _line(name: str, value: str) -> str:
    if _SAFE.fullmatch(value):
        return f"{name}: {value}"
    encoded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
    return f"{name}:: {encoded}"
