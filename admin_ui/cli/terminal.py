"""Text from the stores and from strangers on its way to a terminal or a log: it is shown, and does
nothing there.

A name in LDAP or a reason in the audit log may hold what a terminal obeys (ESC, CSI), what turns
lines round (bidirectional marks) or what begins a line that looks like one of ours.
"""

from __future__ import annotations

import re

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
