"""Just enough BER (X.690) for the controls that ldap3 does not know."""

from __future__ import annotations

from collections.abc import Iterator

SEQUENCE, SET = 0x30, 0x31
BOOLEAN, INTEGER, OCTETS, ENUMERATED = 0x01, 0x02, 0x04, 0x0A


def encode(tag: int, *contents: bytes) -> bytes:
    """One element: tag, definite length, the contents one after another."""
    value = b"".join(contents)
    if len(value) < 0x80:
        return bytes((tag, len(value))) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + value


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, contents) of each element of `data`. Raises ValueError on malformed input."""
    position = 0
    while position < len(data):
        tag, value, position = _element(data, position)
        yield tag, value


def contents(data: bytes) -> bytes:
    """The contents of the single element `data` is."""
    for _, value in elements(data):
        return value
    raise ValueError("empty BER value")


def _element(data: bytes, start: int) -> tuple[int, bytes, int]:
    if start + 2 > len(data):
        raise ValueError("truncated BER element")
    tag, length, position = data[start], data[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    end = position + length
    if end > len(data):
        raise ValueError("truncated BER element")
    return tag, data[position:end], end
