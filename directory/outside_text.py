"""Text that comes from outside: standard input, and files that people bring or write by hand.

What the sender meant is read, whatever program wrote it: UTF-8 with or without a byte order mark,
UTF-16 with one (Windows PowerShell, "Unicode" of Notepad), line ends of any system. Anything else
is refused in a sentence, for guessing would turn a password into another one.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from directory.errors import Invalid
from directory.errors.input import INPUT_ENCODING, INPUT_LONG_LINE

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MOST_LINE_BYTES = 1 << 16


def text_of(raw: bytes, source: str) -> str:
    """The text that `raw` holds, line ends as ``\\n``; `source` names it to people.

    Raises Invalid(``input.encoding``).
    """
    encoding = "utf-8"
    for mark, name in _MARKS:
        if raw.startswith(mark):
            raw, encoding = raw.removeprefix(mark), name
            break
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        # Not its own text: that shows a part of what may be a secret.
        raise _not_readable(source) from None
    if "\0" in text:  # UTF-16 without a mark, UTF-32
        raise _not_readable(source)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path) -> str:
    """The text of a file. Raises Invalid(``input.encoding``), OSError."""
    return text_of(path.read_bytes(), str(path))


def read_line(stream: BinaryIO, source: str) -> str:
    """The first line of a stream, without its end.

    No more is waited for: a program that writes a line may keep its pipe open.
    Raises Invalid(``input.encoding``, ``input.long_line``).
    """
    raw = stream.readline(_MOST_LINE_BYTES)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw += stream.read(_MOST_LINE_BYTES)  # there the byte of a line end may be half a letter
        raw = raw[: len(raw) // 2 * 2]
    if len(raw) >= _MOST_LINE_BYTES:
        raise Invalid(INPUT_LONG_LINE, source=source)
    return text_of(raw, source).partition("\n")[0]


def _not_readable(source: str) -> Invalid:
    return Invalid(INPUT_ENCODING, source=source)
