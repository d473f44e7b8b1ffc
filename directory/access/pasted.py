"""Rows of a file, or of lines that were pasted from a spreadsheet in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from directory.access import errors
from directory.errors import Invalid
from directory.sheets.errors import SHEET_NO_HEADER
from directory.sheets.limits import Limits
from directory.sheets.reading import SheetRows, Wanted, read_sheet


def read_one(raw: bytes, pasted: str, columns: Sequence[Wanted], limits: Limits) -> SheetRows:
    """The rows of what was sent; pasted ones may come without their headings, in the order of the
    template. Raises Invalid (``bulk.*``, ``sheet.*``)."""
    if not raw and not pasted.strip():
        raise Invalid(errors.BULK_NOTHING, field="tep")
    if raw and pasted.strip():
        raise Invalid(errors.BULK_BOTH, field="pasted")
    if raw:
        return read_sheet(raw, columns, limits)
    try:
        return read_sheet(pasted.encode(), columns, limits)
    except Invalid as error:
        if error.declared is not SHEET_NO_HEADER:
            raise
    headings = "\t".join(column.words[0] for column in columns)
    rows = read_sheet(f"{headings}\n{pasted}".encode(), columns, limits)
    return replace(rows, rows=[replace(row, number=row.number - 1) for row in rows.rows])
