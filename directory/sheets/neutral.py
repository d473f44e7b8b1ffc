"""Values that a spreadsheet program would take for a formula (OWASP, CSV Injection).

In a .csv file nothing but the first character tells text from formula. An apostrophe before it is
the sign of spreadsheet programs for "this is text". A telephone number with +84 is left as people
write it: digits alone do nothing.
"""

from __future__ import annotations

import re

from directory.text import phone_key

# Wide forms too: some programs fold them before they look.
_BEGINS_FORMULA = re.compile(r"\s*'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARK = "'"


def begins_formula(value: str) -> bool:
    """Whether a program might evaluate it, or take the mark of one that was neutralised away."""
    return _BEGINS_FORMULA.match(value) is not None


def neutralised(value: str) -> str:
    """The value as a cell of a .csv file that no program evaluates."""
    if not begins_formula(value) or phone_key(value):
        return value
    return _MARK + value


def original(cell: str) -> str:
    """What `neutralised` was given."""
    if cell.startswith(_MARK) and begins_formula(cell[1:]):
        return cell[1:]
    return cell
