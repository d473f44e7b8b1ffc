"""What people bring: a file becomes plain rows under the columns that somebody asked for.

The heading row is found by its words, wherever it stands and in whatever order its columns come;
titles above it are passed over. What is wrong with a cell is told of that cell, and the rest of the
row is there all the same.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from directory.errors import ErrorCode, Invalid
from directory.sheets.cells import Cell, RawRow, RawSheet
from directory.sheets.csv_text import read_csv
from directory.sheets.errors import (
    CELL_DATE,
    CELL_FAILED,
    CELL_LONG,
    CELL_NOT_WORKED_OUT,
    CELL_ROUNDED,
    SHEET_COLUMN_TWICE,
    SHEET_EMPTY,
    SHEET_MACROS,
    SHEET_NO_HEADER,
    SHEET_OLD_EXCEL,
    SHEET_OLD_FONT,
    SHEET_OTHER_KIND,
    SHEET_PROTECTED,
    SHEET_SEVERAL,
    SHEET_TOO_LARGE,
)
from directory.sheets.limits import MEGABYTE, Effort, Limits
from directory.sheets.xlsx import read_xlsx
from directory.text import clean, fold

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"%PDF", b"{\\rtf", b"<html", b"<!doct", b"<?xml", b"\x89PNG", b"\xff\xd8\xff", b"Rar!")
# Names in the directory of an OLE file are UTF-16 (MS-CFB section 2.6.1).
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEADER_WITHIN = 50  # rows with something in them
_EXACT_DIGITS = 15  # a number of Excel has no more
_IN_BRACKETS = re.compile(r"\([^)]*\)|\*|:")
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?: 0?0:00(?::00)?)?")
_DAY_IN_WORDS = re.compile(r"ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
# Letters of Latin-1 that Vietnamese does not have, and the old fonts show Vietnamese with.
_OLD_LETTERS = re.compile(
    r"(?<=[A-Za-z])[\u00a8-\u00ab\u00ae\u00b5-\u00b9\u00bb-\u00be]|[\u00a8-\u00ab\u00ae\u00b5-"
    r"\u00b9\u00bb-\u00be\u00f7\u00d7](?=[A-Za-z])|[äåæçëîïñöøûüþÿÄÅÆËÎÏÑÖØÛÜÞß]"
    # VNI writes the mark behind the vowel; in Vietnamese none follows an a or e.
    r"|[aeAE][\u00c0-\u00ff]"
)
_FEWEST_OLD = 3


@dataclass(frozen=True)
class Wanted:
    """A column that is asked for. `words`: what it may be called, the first as we call it; with or
    without diacritics is the same. `kind` "code": digits that are no number; "day": gives
    ``2026-12-31``."""

    name: str
    words: tuple[str, ...]
    kind: Literal["text", "code", "day"] = "text"
    is_required: bool = False


@dataclass(frozen=True)
class CellFault:
    """What is wrong with the cell of a column; its value is empty."""

    column: str
    error: Invalid


@dataclass(frozen=True)
class SheetRow:
    """`number`: as the spreadsheet program shows it. `values`: by the name of the column, empty
    where nothing stands."""

    number: int
    values: Mapping[str, str]
    faults: Sequence[CellFault] = ()


@dataclass(frozen=True)
class SheetRows:
    """What was read. `sheet`: its name, empty for .csv; `header`: the number of the heading row;
    `missing`: columns that are not there; `unknown`: headings that nobody asked for."""

    sheet: str
    header: int
    rows: Sequence[SheetRow]
    missing: Sequence[str]
    unknown: Sequence[str]


def read_sheet(raw: bytes, wanted: Sequence[Wanted], limits: Limits | None = None) -> SheetRows:
    """The rows of the one visible sheet that has the required columns.

    Raises Invalid (``sheet.*``) for a file that is not read as a whole.
    """
    effort = Effort(limits or Limits())
    sheets = _sheets_of(raw, effort)
    if not any(sheet.rows for sheet in sheets):
        raise Invalid(SHEET_EMPTY)
    found = [(sheet, header) for sheet in sheets if (header := _find_header(sheet, wanted))]
    if not found:
        _refuse_old_fonts(sheets)
        named = ", ".join(column.words[0] for column in wanted if column.is_required)
        raise Invalid(SHEET_NO_HEADER, columns=named)
    if len(found) > 1:
        raise Invalid(SHEET_SEVERAL, sheets=", ".join(sheet.name for sheet, _ in found))
    sheet, header = found[0]
    _refuse_old_fonts([sheet])
    return _rows_under(sheet, header, wanted, effort)


def _sheets_of(raw: bytes, effort: Effort) -> list[RawSheet]:
    """What kind of file it is, its content says; people rename files."""
    if len(raw) > effort.limits.file_bytes:
        raise Invalid(SHEET_TOO_LARGE, most=effort.limits.file_bytes // MEGABYTE)
    if raw.startswith(_ZIP):
        return read_xlsx(io.BytesIO(raw), effort)
    if raw.startswith(_OLE):
        raise Invalid(_of_ole(raw))
    if raw.lower().startswith(tuple(sign.lower() for sign in _OTHERS)):
        raise Invalid(SHEET_OTHER_KIND)
    return [read_csv(raw, effort)]


def _of_ole(raw: bytes) -> ErrorCode:
    """A protected .xlsx is wrapped into a file of the old form (MS-OFFCRYPTO section 2.3)."""
    if _ENCRYPTED in raw:
        return SHEET_PROTECTED
    return SHEET_MACROS if "_VBA_PROJECT".encode("utf-16-le") in raw else SHEET_OLD_EXCEL


@dataclass(frozen=True)
class _Header:
    number: int
    columns: Mapping[str, int]  # name → place
    unknown: Sequence[str]


def heading_key(text: str) -> str:
    """A heading as it is compared: ``Họ và tên (*)`` and ``HO VA TEN`` agree."""
    return re.sub(r"[^\w]+", " ", fold(_IN_BRACKETS.sub(" ", text))).strip()


def _find_header(sheet: RawSheet, wanted: Sequence[Wanted]) -> _Header | None:
    """The first row that names every required column, or at least two where none is required."""
    names = {heading_key(word): column.name for column in wanted for word in column.words}
    required = {column.name for column in wanted if column.is_required}
    for row in sheet.rows[:_HEADER_WITHIN]:
        known = [
            (place, names.get(heading_key(cell.text), ""), clean(cell.text))
            for place, cell in row.cells.items()
        ]
        named = Counter(name for _, name, _ in known if name)
        if len(named) < min(2, len(wanted)) or not required <= named.keys():
            continue
        for _, name, heading in known:
            if named[name] > 1 and name:
                raise Invalid(SHEET_COLUMN_TWICE, column=heading[:100], row=row.number)
        return _Header(
            row.number,
            {name: place for place, name, _ in known if name},
            [heading for _, name, heading in known if not name and heading],
        )
    return None


def _refuse_old_fonts(sheets: Sequence[RawSheet]) -> None:
    """Raise Invalid when most of what is not ASCII is of an old font: a foreign name is not."""
    old = others = 0
    for sheet in sheets:
        for row in sheet.rows:
            for cell in row.cells.values():
                if cell.text.isascii():
                    continue
                if _OLD_LETTERS.search(cell.text):
                    old += 1
                else:
                    others += 1
    if old >= _FEWEST_OLD and old > others:
        raise Invalid(SHEET_OLD_FONT)


def _rows_under(
    sheet: RawSheet, header: _Header, wanted: Sequence[Wanted], effort: Effort
) -> SheetRows:
    rows = [_row(raw, header, wanted, effort) for raw in sheet.rows if raw.number > header.number]
    held = [row for row in rows if row.faults or any(row.values.values())]
    if not held:
        raise Invalid(SHEET_EMPTY)
    missing = [column.name for column in wanted if column.name not in header.columns]
    return SheetRows(sheet.name, header.number, held, missing, header.unknown)


def _row(raw: RawRow, header: _Header, wanted: Sequence[Wanted], effort: Effort) -> SheetRow:
    effort.step()
    values: dict[str, str] = {}
    faults: list[CellFault] = []
    for column in wanted:
        cell = raw.cells.get(header.columns.get(column.name, -1))
        values[column.name] = ""
        if cell is None:
            continue
        try:
            values[column.name] = _value(cell, column.kind, effort.limits)
        except Invalid as error:
            faults.append(CellFault(column.name, error))
    return SheetRow(raw.number, values, tuple(faults))


def _value(cell: Cell, kind: str, limits: Limits) -> str:
    """What the cell says. Raises Invalid: ``cell.*``."""
    if cell.kind == "failed":
        raise Invalid(CELL_FAILED, value=cell.text)
    if cell.kind == "pending":
        raise Invalid(CELL_NOT_WORKED_OUT)
    if cell.kind == "number":
        return _of_number(cell, kind)
    if len(cell.text) > limits.cell_chars:
        raise Invalid(CELL_LONG, most=limits.cell_chars)
    text = clean(cell.text)
    if kind == "day":
        return _day(text)
    if kind == "code" and _ROUNDED.fullmatch(text):
        raise Invalid(CELL_ROUNDED, value=text)
    return text


def _of_number(cell: Cell, kind: str) -> str:
    if cell.day is not None:
        return cell.day.isoformat() if kind == "day" else f"{cell.day:%d/%m/%Y}"
    if kind == "day":
        raise Invalid(CELL_DATE, value=cell.text[:30])
    number = Decimal(cell.text)
    if abs(number.adjusted()) > 30:
        raise Invalid(CELL_ROUNDED, value=cell.text[:30])
    if number != number.to_integral_value():
        # As people see it: 0.30000000000000004 is how a file holds 0.3.
        return f"{float(number):.{_EXACT_DIGITS}g}"
    if len(f"{abs(int(number))}") > _EXACT_DIGITS:
        raise Invalid(CELL_ROUNDED, value=cell.text[:30])
    return f"{int(number):0{cell.digits}d}" if cell.digits else str(int(number))


def _day(text: str) -> str:
    if not text:
        return ""
    if found := _DAY_FIRST.fullmatch(text) or _DAY_IN_WORDS.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise Invalid(CELL_DATE, value=text[:30])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Invalid(CELL_DATE, value=text[:30]) from None
