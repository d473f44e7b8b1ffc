"""Reading .csv: UTF-8 with or without a mark, UTF-16 with one; comma, semicolon or tab; line ends
of any system, also within quotes.

Nothing else is guessed. Windows-1258, TCVN3 and VNI have the same bytes for other letters, and
nobody can tell them apart with certainty: such a file is refused and says how to save it.
"""

from __future__ import annotations

import csv
import io
from itertools import islice

from directory.errors import Invalid
from directory.outside_text import text_of
from directory.sheets.cells import Cell, RawRow, RawSheet
from directory.sheets.errors import SHEET_DAMAGED, SHEET_ENCODING
from directory.sheets.limits import Effort
from directory.sheets.neutral import original

_SEPARATORS = (",", ";", "\t")
_LOOKED_AT = 30  # lines


def read_csv(raw: bytes, effort: Effort) -> RawSheet:
    """Raises Invalid: ``sheet.*``."""
    try:
        text = text_of(raw, "")
    except Invalid as unreadable:
        raise Invalid(SHEET_ENCODING) from unreadable
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1:
        text, separator = rest, first[-1]  # Excel's own way to tell
    else:
        separator = _separator_of(text)
    return RawSheet("", _rows(text, separator, effort))


def _rows(text: str, separator: str, effort: Effort) -> list[RawRow]:
    most = effort.limits.cell_chars + 1
    rows = []
    # Strict: quotes that are never closed would swallow the rest of the file without a word.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, values in enumerate(lines, 1):
            effort.step()
            held = {place: value for place, value in enumerate(values) if value.strip()}
            if not held:
                continue
            effort.row(max(held) + 1)
            cells = {place: Cell(original(value[:most])) for place, value in held.items()}
            rows.append(RawRow(number, cells))
    except csv.Error as bad:
        raise Invalid(SHEET_DAMAGED, detail=str(bad)) from bad
    return rows


def _separator_of(text: str) -> str:
    """The one that makes the first lines into the most cells, in as many of them as possible."""
    lines = list(islice(io.StringIO(text), _LOOKED_AT))

    def cells(separator: str) -> int:
        return sum(_outside_quotes(line, separator) for line in lines)

    return max(_SEPARATORS, key=cells)


def _outside_quotes(line: str, separator: str) -> int:
    return sum(part.count(separator) for part in line.split('"')[::2])
