"""What of an entry counts as content: everything a person could have changed by hand.

Not the intent's mark, not passwords and what slapd notes about them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from directory.ldap.entries import Entry

Content = Mapping[str, tuple[str, ...]]
"""Attribute name → values, sorted, without repetition; no attribute without values."""

ATTRIBUTES = ("*", "entryCSN", "entryUUID", "modifiersName")
"""What to ask of an entry that is to be judged."""

_LONGEST = 2000
_NOT_CONTENT = {"dmintent", "userpassword", "entrycsn", "entryuuid", "modifiersname"}


def content_of(entry: Entry) -> Content:
    """The content of an entry read with `ATTRIBUTES`."""
    return overlaid({}, entry.attributes)


def overlaid(content: Content, attributes: Mapping[str, Iterable[str]]) -> Content:
    """`content` with `attributes` in place of what it had; no values removes the attribute."""
    merged = dict(content)
    for name, values in attributes.items():
        if not _counts(name.lower()):
            continue
        told = tuple(sorted({_told(value) for value in values}))
        if told:
            merged[name] = told
        else:
            merged.pop(name, None)
    return merged


@dataclass(frozen=True)
class Packed:
    """A content as it is stored. Equal contents have equal fingerprints, others never."""

    fingerprint: str
    stored: bytes


def pack(content: Content) -> Packed:
    """`content` as it is stored."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Packed(hashlib.sha256(plain).hexdigest(), zlib.compress(plain, 1))


def unpack(stored: bytes) -> Content:
    """The content of what `pack` stored."""
    data: dict[str, list[str]] = json.loads(zlib.decompress(stored))
    # An earlier version remembered more: the end of a password.
    return {name: tuple(values) for name, values in data.items() if _counts(name.lower())}


def difference(
    before: Content, after: Content
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The attributes that differ: (their values before, their values after)."""
    names = [n for n in sorted({*before, *after}) if before.get(n) != after.get(n)]
    return (
        {name: list(before.get(name, ())) for name in names},
        {name: list(after.get(name, ())) for name in names},
    )


def _counts(name: str) -> bool:
    return name not in _NOT_CONTENT and not name.startswith("pwd")


def _told(value: str) -> str:
    """A value as it may be kept and told: pictures and the like by their fingerprint."""
    try:
        raw = value.encode()
    except UnicodeEncodeError:  # not UTF-8: see `Entry`
        raw = value.encode("utf-8", "surrogateescape")
    else:
        if len(value) <= _LONGEST:
            return value
    return f"({len(raw)} bytes, SHA-256 {hashlib.sha256(raw).hexdigest()})"
