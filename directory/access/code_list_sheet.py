"""A sheet that puts codes on a shared list: what its columns are, and what its lines mean.

What a cell leaves empty stays as the list has it; a code that is not in the sheet stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from directory.access import errors
from directory.access.pasted import read_one
from directory.audit.sentences import Language
from directory.authz import code_lists, codes
from directory.authz.code_lists import ListKind
from directory.authz.codes import CodeValue
from directory.authz.errors import CODE_PRECEDENCE
from directory.errors import AppError, Invalid, Words
from directory.sheets.limits import MEGABYTE, Limits
from directory.sheets.reading import SheetRow, SheetRows, Wanted
from directory.sheets.writing import Column, Listing

MOST_LINES = 5000
MOST_MEGABYTES = 2
MOST_BYTES = MOST_MEGABYTES * MEGABYTE
# A file that is somewhat larger still arrives, and is told so at its field.
MOST_BODY_BYTES = MOST_BYTES + MEGABYTE
_LIMITS = Limits(
    file_bytes=MOST_BYTES, unpacked_bytes=32 * MEGABYTE, rows=6000, columns=60, seconds=5.0
)
COLUMNS = (
    Wanted("code", ("Mã", "Mã số", "Code"), kind="code", is_required=True),
    Wanted("name_vi", ("Tên", "Tên gọi", "Name"), is_required=True),
    Wanted("name_en", ("Tên tiếng Anh", "English name")),
    Wanted("parent", ("Mã cấp trên", "Thuộc mã", "Code above"), kind="code"),
    Wanted("precedence", ("Thứ tự", "Order"), kind="code"),
    Wanted("valid_from", ("Có hiệu lực từ", "First day"), kind="day"),
    Wanted("valid_to", ("Hết hiệu lực", "Hiệu lực đến hết", "Last day"), kind="day"),
    Wanted("basis", ("Căn cứ", "Basis")),
)
_NAMES = tuple(column.name for column in COLUMNS if column.name != "code")
_WIDTHS = {"name_vi": 40, "name_en": 32, "basis": 32}
_TITLE = Words("Danh mục {name}", "The list of {name}")
_HOW = Words(
    "Mỗi dòng một mã, tối đa {most} dòng. Ô để trống thì giữ nguyên như danh mục đang ghi; "
    "mã không có trong tệp không bị thay đổi.",
    "A line for each code, at most {most}. An empty cell leaves things as the list has them; "
    "a code that is not in the file stays as it is.",
)


@dataclass(frozen=True)
class SheetCode:
    """A row as the spreadsheet program numbers it: the code as it is now and as it would be, or
    what is wrong with the row."""

    row: int
    before: CodeValue | None
    value: CodeValue | None
    problems: Sequence[AppError] = ()

    @property
    def act(self) -> str:
        """``add``, ``change``, ``same`` or ``fault``."""
        if self.value is None:
            return "fault"
        if self.before is None:
            return "add"
        return "same" if self.before == self.value else "change"

    @property
    def differences(self) -> Sequence[tuple[str, str, str]]:
        """What would be otherwise: field, as it is, as it would be."""
        if self.value is None:
            return ()
        now = {name: getattr(self.before, name, "") or "" for name in _NAMES}
        then = {name: getattr(self.value, name) or "" for name in _NAMES}
        return [(n, str(now[n]), str(then[n])) for n in _NAMES if self.before and now[n] != then[n]]


@dataclass(frozen=True)
class SheetCodes:
    """The rows of a sheet; `unknown`: headings that nobody asked for."""

    lines: Sequence[SheetCode]
    unknown: Sequence[str]


def read(raw: bytes, pasted: str) -> SheetRows:
    """As `directory.access.pasted.read_one`."""
    return read_one(raw, pasted, COLUMNS, _LIMITS)


def codes_of(tx: Connection, kind: ListKind, sheet: SheetRows) -> SheetCodes:
    """What each row says. Raises Invalid(``bulk.too_many``)."""
    if len(sheet.rows) > MOST_LINES:
        raise Invalid(errors.BULK_TOO_MANY, count=len(sheet.rows), most=MOST_LINES)
    known = {each.code: each for each in codes.list_codes(tx, kind.name)}
    state = code_lists.state_of(tx, kind.name)
    read_rows = _once_each([_line(kind, known, row) for row in sheet.rows])
    said = [line for line in read_rows if line.value is not None]
    steps = codes.plan(
        state,
        known,
        codes.known_above(tx, state, known),
        [line.value for line in said if line.value is not None],
    )
    planned = {
        line.row: replace(line, value=step.value)
        if step.problem is None
        else SheetCode(line.row, step.before, None, (step.problem,))
        for line, step in zip(said, steps, strict=True)
    }
    return SheetCodes([planned.get(line.row, line) for line in read_rows], sheet.unknown)


def _line(kind: ListKind, known: Mapping[str, CodeValue], row: SheetRow) -> SheetCode:
    if row.faults:
        return SheetCode(row.number, None, None, [fault.error for fault in row.faults])
    values = row.values
    before = known.get(values["code"])
    said: dict[str, Any] = {
        name: value for name, value in values.items() if value and name != "precedence"
    }
    value = replace(before or CodeValue(kind.name, values["code"], ""), **said)
    if order := values["precedence"]:
        if not order.isascii() or not order.isdigit():
            error = Invalid(CODE_PRECEDENCE, field="precedence", most=codes.MOST_PRECEDENCE)
            return SheetCode(row.number, before, None, (error,))
        value = replace(value, precedence=int(order[:6]))
    return SheetCode(row.number, before, value)


def _once_each(lines: Sequence[SheetCode]) -> Sequence[SheetCode]:
    """The lines; one of a code that an earlier one is about says so."""
    first: dict[str, int] = {}
    told = []
    for line in lines:
        if line.value is not None:
            earlier = first.setdefault(line.value.code, line.row)
            if earlier != line.row:
                error = Invalid(errors.LINE_TWICE, row=earlier)
                line = SheetCode(line.row, line.before, None, (error,))
        told.append(line)
    return told


def template(kind: ListKind, language: Language) -> Listing:
    """A sheet to fill in: nothing but its headings."""
    place = 0 if language == "vi" else -1
    columns = [each for each in COLUMNS if each.name != "parent" or kind.above]
    return Listing(
        title=_TITLE.filled(language, {"name": kind.title.filled(language, {}).lower()}),
        notes=(_HOW.filled(language, {"most": MOST_LINES}),),
        columns=[Column(each.words[place], _WIDTHS.get(each.name, 16)) for each in columns],
        rows=(),
        count=0,
    )
