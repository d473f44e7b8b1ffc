"""Text from the stores and from strangers on its way to a terminal or a log: it is shown, and does
nothing there.

A name in LDAP or a reason in the audit log may hold what a terminal obeys (ESC, CSI), what turns
lines round (bidirectional marks) or what begins a line that looks like one of ours.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from io import TextIOWrapper
from typing import IO

# Cc but tab and line feed, bidirectional marks, line and paragraph separators, lone surrogates.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def shown(text: str) -> str:
    """`text` with everything that acts written out: ``\\u001b[2J``. Line breaks stay.

    JSON remains the same JSON: there these characters stand in strings only.
    """
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """As `shown`, line breaks written out too: for a value inside a line of ours."""
    return shown(text).replace("\n", "\\n")


def width(text: str) -> int:
    """How many columns of a terminal `text` takes: a mark over a letter none, a wide letter two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


# What a terminal without Vietnamese letters reads instead; marks fall off the other letters.
_PLAIN = {"đ": "d", "Đ": "D", "–": "-", "→": "->", "“": '"', "”": '"', "…": "..."}


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = []
    for letter in error.object[error.start : error.end]:
        base = _PLAIN.get(letter) or unicodedata.normalize("NFD", letter)[0]
        written = f"\\u{ord(letter):04x}" if len(base) == 1 and base > "~" else base
        plain.append("" if unicodedata.combining(letter) else written)
    return "".join(plain), error.end


codecs.register_error("plain-letters", _in_plain_letters)


def write_whatever_it_can_show(*streams: IO[str] | None) -> None:
    """Let text go to a terminal or file of another encoding than UTF-8 without its marks, rather
    than end the command with an answer half written."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain-letters")
