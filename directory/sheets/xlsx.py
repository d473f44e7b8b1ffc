"""Reading .xlsx (ISO 29500), part by part: nothing is evaluated, followed or unpacked to disk.

The parts are XML in a ZIP archive. How large they are is asked before any is opened, document type
declarations are refused (they are what entity bombs and external entities are made of), and the
clock is looked at all the way. Links to other files, pictures, comments and names are not opened at
all.

Why by hand: a sheet is five kinds of element, and the libraries do not keep the bounds. calamine
0.9.1 ends the whole process over a file of 5 KB with cells in A1 and XFD1048576, and does not tell
number formats, where the zeros of codes are; openpyxl 3.1.5 (2024) takes twice as long and
cannot be stopped. The tests hold what is read here against openpyxl.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from posixpath import join, normpath
from typing import BinaryIO
from xml.parsers import expat

from directory.errors import Invalid
from directory.sheets.cells import Cell, RawRow, RawSheet
from directory.sheets.errors import (
    SHEET_DAMAGED,
    SHEET_MACROS,
    SHEET_OTHER_KIND,
    SHEET_PROTECTED,
    SHEET_UNPACKS_TOO_LARGE,
)
from directory.sheets.limits import MEGABYTE, Effort, Limits

_READ_BYTES = 1 << 16
_LARGE_PART = MEGABYTE  # below it, how tightly it is packed says nothing
_MOST_SHEETS = 100
_MOST_REFERENCE = 16
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576  # of the format
_BUILT_IN_DATES = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)))
_NOT_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_CODE_FORMAT = re.compile(r"0{2,30}")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")
_FIRST_SERIAL, _LAST_SERIAL = 1, 2_958_465  # 1900-01-01, 9999-12-31


def read_xlsx(file: BinaryIO, effort: Effort) -> list[RawSheet]:
    """The visible sheets, in their order. Raises Invalid: ``sheet.*``."""
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bombs(archive, effort.limits)
            return _Workbook(archive, effort).sheets()
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, NotImplementedError) as bad:
        raise Invalid(SHEET_DAMAGED, detail=str(bad)) from bad
    except (LookupError, OSError, RuntimeError, ValueError) as bad:
        # zipfile says RuntimeError of entries with a password, expat LookupError of an encoding.
        raise Invalid(SHEET_DAMAGED, detail=str(bad)) from bad


def _refuse_bombs(archive: zipfile.ZipFile, limits: Limits) -> None:
    """No entry gives more than it declares: `zipfile` stops there."""
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise Invalid(SHEET_UNPACKS_TOO_LARGE)
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise Invalid(SHEET_UNPACKS_TOO_LARGE)
    for entry in entries:
        tightness = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > _LARGE_PART and tightness > limits.tightest:
            raise Invalid(SHEET_UNPACKS_TOO_LARGE)


@dataclass(frozen=True)
class _Format:
    """What the format of a cell says of the number in it."""

    is_date: bool = False
    digits: int = 0


@dataclass(frozen=True)
class _Named:
    name: str
    relation: str
    is_visible: bool


class _Parser:
    """Events of one part: `starts` and `ends` by local name, and the text between."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self.starts: dict[str, Callable[[Mapping[str, str]], None]] = {}
        self.ends: dict[str, Callable[[str], None]] = {}
        self._text: list[str] = []

    def parse(self, part: BinaryIO) -> None:
        # Names come as "namespace name": the strict form of the standard has other namespaces.
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        while data := part.read(_READ_BYTES):
            self._effort.look()
            parser.Parse(data, False)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._effort.step()
        self._text.clear()
        begin = self.starts.get(name[name.rfind(" ") + 1 :])
        if begin is not None:
            begin(attributes)

    def _end(self, name: str) -> None:
        end = self.ends.get(name[name.rfind(" ") + 1 :])
        if end is not None:
            end("".join(self._text))
        self._text.clear()


def _refuse_doctype(*_declared: object) -> None:
    raise Invalid(SHEET_DAMAGED, detail="a document type declaration")


class _Workbook:
    """The parts that say what the sheets mean."""

    def __init__(self, archive: zipfile.ZipFile, effort: Effort) -> None:
        self._archive = archive
        self._effort = effort
        self._names = {name.lower(): name for name in archive.namelist()}
        self._sheets: list[_Named] = []
        self._is_from_1904 = False

    def sheets(self) -> list[RawSheet]:
        main = self._main()
        self._read_workbook(main)
        targets = self._relations(main)
        strings = self._strings(self._of_type(targets, "/sharedStrings"))
        formats = self._formats(self._of_type(targets, "/styles"))
        found = []
        for sheet in self._sheets:
            kind, target = targets.get(sheet.relation, ("", ""))
            if sheet.is_visible and kind.endswith("/worksheet"):
                reader = _SheetReader(self._effort, strings, formats, self._is_from_1904)
                found.append(RawSheet(sheet.name, reader.read(self._open(target))))
        return found

    def _main(self) -> str:
        """The name of the workbook's part. Raises Invalid for what is no workbook we read."""
        if "encryptedpackage" in self._names:
            raise Invalid(SHEET_PROTECTED)
        if any(n.endswith(("vbaproject.bin", "workbook.bin")) for n in self._names):
            raise Invalid(SHEET_MACROS)
        if "mimetype" in self._names or "[content_types].xml" not in self._names:
            raise Invalid(SHEET_OTHER_KIND)
        if any(kind for kind in self._content_types() if "macroenabled" in kind.lower()):
            raise Invalid(SHEET_MACROS)
        for kind, target in self._relations("").values():
            if kind.endswith("/officeDocument") and target.lower().startswith("xl/"):
                return target
        raise Invalid(SHEET_OTHER_KIND)

    def _open(self, name: str) -> BinaryIO:
        """Raises Invalid for a part that is not there."""
        known = self._names.get(name.lower())
        if known is None:
            raise Invalid(SHEET_DAMAGED, detail=f"no part {name[:80]}")
        return io.BufferedReader(self._archive.open(known))  # type: ignore[type-var]

    def _content_types(self) -> list[str]:
        found: list[str] = []
        parser = _Parser(self._effort)
        for local in ("Override", "Default"):
            parser.starts[local] = lambda given: found.append(given.get("ContentType", ""))
        parser.parse(self._open("[Content_Types].xml"))
        return found

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (type, part) of what a part is related to; nothing outside the file."""
        folder, _, name = part.rpartition("/")
        where = join(folder, "_rels", f"{name}.rels")
        if where.lower() not in self._names:
            return {}
        found: dict[str, tuple[str, str]] = {}

        def relation(given: Mapping[str, str]) -> None:
            if given.get("TargetMode") == "External":
                return
            target = given.get("Target", "")
            whole = target[1:] if target.startswith("/") else normpath(join(folder, target))
            found[given.get("Id", "")] = (given.get("Type", ""), whole)

        parser = _Parser(self._effort)
        parser.starts["Relationship"] = relation
        parser.parse(self._open(where))
        return found

    @staticmethod
    def _of_type(targets: Mapping[str, tuple[str, str]], ending: str) -> str:
        return next((part for kind, part in targets.values() if kind.endswith(ending)), "")

    def _read_workbook(self, name: str) -> None:
        parser = _Parser(self._effort)
        parser.starts["sheet"] = self._note_sheet
        parser.starts["workbookPr"] = self._note_properties
        parser.parse(self._open(name))
        if len(self._sheets) > _MOST_SHEETS:
            raise Invalid(SHEET_UNPACKS_TOO_LARGE)

    def _note_sheet(self, given: Mapping[str, str]) -> None:
        relation = next((value for key, value in given.items() if key.endswith(" id")), "")
        is_visible = given.get("state", "visible") == "visible"
        self._sheets.append(_Named(given.get("name", "")[:100], relation, is_visible))

    def _note_properties(self, given: Mapping[str, str]) -> None:
        self._is_from_1904 = given.get("date1904") in ("1", "true")

    def _strings(self, name: str) -> list[str]:
        """The texts that cells name by number; longer ones than a cell may hold are cut."""
        if not name:
            return []
        texts = _Texts("si", self._effort)
        texts.parser.parse(self._open(name))
        return texts.found

    def _formats(self, name: str) -> list[_Format]:
        if not name:
            return []
        styles = _Styles(self._effort)
        styles.parser.parse(self._open(name))
        return styles.found


class _Texts:
    """Texts that may be made of runs; how they are read aloud (`rPh`) is no part of them."""

    def __init__(self, element: str, effort: Effort) -> None:
        self.found: list[str] = []
        self._most = effort.limits.cell_chars + 1  # one more tells that it was too long
        self._runs: list[str] = []
        self._aloud = 0
        self.parser = _Parser(effort)
        self.parser.starts |= {element: self._begin, "rPh": self._begin_aloud}
        self.parser.ends |= {element: self._end, "rPh": self._end_aloud, "t": self._run}

    def _begin(self, _given: Mapping[str, str]) -> None:
        self._runs = []

    def _begin_aloud(self, _given: Mapping[str, str]) -> None:
        self._aloud += 1

    def _end_aloud(self, _text: str) -> None:
        self._aloud -= 1

    def _run(self, text: str) -> None:
        if not self._aloud:
            self._runs.append(text)

    def _end(self, _text: str) -> None:
        self.found.append(_unescaped("".join(self._runs))[: self._most])


def _unescaped(text: str) -> str:
    """``_x000D_`` is how the format writes what XML cannot (section 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(escaped: re.Match[str]) -> str:
    character = chr(int(escaped[1], 16))
    # Half a pair (Unicode, D76) is no character: it can be neither stored nor shown.
    return "\N{REPLACEMENT CHARACTER}" if "\ud800" <= character <= "\udfff" else character


class _Styles:
    """The format of each style that cells name by number."""

    def __init__(self, effort: Effort) -> None:
        self.found: list[_Format] = []
        self._codes: dict[str, str] = {}
        self._is_of_cells = False
        self.parser = _Parser(effort)
        self.parser.starts |= {
            "numFmt": self._code,
            "cellXfs": self._begin_cells,
            "xf": self._style,
        }
        self.parser.ends["cellXfs"] = self._end_cells

    def _code(self, given: Mapping[str, str]) -> None:
        self._codes[given.get("numFmtId", "")] = given.get("formatCode", "")[:200]

    def _begin_cells(self, _given: Mapping[str, str]) -> None:
        self._is_of_cells = True

    def _end_cells(self, _text: str) -> None:
        self._is_of_cells = False

    def _style(self, given: Mapping[str, str]) -> None:
        if self._is_of_cells:
            number = given.get("numFmtId", "0")
            self.found.append(_format_of(number, self._codes.get(number, "")))


def _format_of(number: str, code: str) -> _Format:
    if not code:
        return _Format(number.isdigit() and int(number) in _BUILT_IN_DATES)
    bare = _NOT_IN_FORMAT.sub("", code).partition(";")[0]
    if _CODE_FORMAT.fullmatch(bare.strip()):
        return _Format(digits=len(bare.strip()))
    return _Format("y" in bare.lower() or ("d" in bare.lower() and "m" in bare.lower()))


@dataclass(slots=True)
class _Here:
    """The cell that is being read."""

    column: int = -1
    type: str = ""
    style: int = -1
    value: str = ""
    runs: list[str] = field(default_factory=list)
    is_formula: bool = False


class _SheetReader:
    """The rows of one sheet."""

    def __init__(
        self, effort: Effort, strings: list[str], formats: list[_Format], is_from_1904: bool
    ) -> None:
        self._effort = effort
        self._strings = strings
        self._formats = formats
        self._is_from_1904 = is_from_1904
        self._rows: list[RawRow] = []
        self._number = 0
        self._cells: dict[int, Cell] = {}
        self._next_column = 0
        self._here = _Here()
        self._aloud = 0
        self._parser = _Parser(effort)
        self._parser.starts |= {"row": self._begin_row, "c": self._begin_cell, "f": self._formula}
        self._parser.starts["rPh"] = self._begin_aloud
        self._parser.ends |= {"row": self._end_row, "c": self._end_cell, "v": self._value}
        self._parser.ends |= {"t": self._run, "rPh": self._end_aloud}

    def read(self, part: BinaryIO) -> list[RawRow]:
        self._parser.parse(part)
        return self._rows

    def _begin_row(self, given: Mapping[str, str]) -> None:
        told = given.get("r", "")
        self._number = int(told) if told.isdigit() and len(told) < 8 else self._number + 1
        if self._number > _LAST_ROW:
            raise Invalid(SHEET_DAMAGED, detail="a row beyond the last one")
        self._cells, self._next_column = {}, 0

    def _end_row(self, _text: str) -> None:
        if self._cells:
            self._effort.row(max(self._cells) + 1)
            self._rows.append(RawRow(self._number, self._cells))

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        column = _column_of(given.get("r", ""), self._next_column)
        self._next_column = column + 1
        style = given.get("s", "")
        self._here = _Here(
            column, given.get("t", "n"), int(style) if style.isdigit() and len(style) < 7 else -1
        )

    def _formula(self, _given: Mapping[str, str]) -> None:
        self._here.is_formula = True

    def _value(self, text: str) -> None:
        self._here.value = text

    def _begin_aloud(self, _given: Mapping[str, str]) -> None:
        self._aloud += 1

    def _end_aloud(self, _text: str) -> None:
        self._aloud -= 1

    def _run(self, text: str) -> None:
        if not self._aloud:
            self._here.runs.append(text)

    def _end_cell(self, _text: str) -> None:
        cell = self._cell()
        if cell is not None and (cell.kind != "text" or cell.text.strip()):
            self._cells[self._here.column] = cell

    def _cell(self) -> Cell | None:
        here, most = self._here, self._effort.limits.cell_chars + 1
        if here.type == "inlineStr":
            return Cell(_unescaped("".join(here.runs))[:most])
        value = here.value.strip()[:most] if here.type != "str" else here.value[:most]
        if not value:
            return Cell("", "pending") if here.is_formula and here.type != "str" else None
        if here.type == "s":
            return Cell(self._string(value))
        if here.type == "str":
            return Cell(_unescaped(value))
        if here.type == "e":
            return Cell(value[:20], "failed")
        if here.type == "b":
            return Cell("TRUE" if value == "1" else "FALSE")
        return self._number_cell(value)

    def _string(self, index: str) -> str:
        if not index.isdigit() or len(index) > 9 or int(index) >= len(self._strings):
            raise Invalid(SHEET_DAMAGED, detail="a text that is not there")
        return self._strings[int(index)]

    def _number_cell(self, value: str) -> Cell:
        if not _NUMBER.fullmatch(value):
            return Cell(value)  # a date of type "d", and what other programs make
        known = 0 <= self._here.style < len(self._formats)
        form = self._formats[self._here.style] if known else _Format()
        day = _day_of(value, self._is_from_1904) if form.is_date else None
        return Cell(value, "number", form.digits, day)


def _column_of(reference: str, following: int) -> int:
    """A cell that does not say where it is, is the next one."""
    found = _REFERENCE.fullmatch(reference[:_MOST_REFERENCE])
    if found is None:
        column = following
    else:
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        column -= 1
    if not 0 <= column < _LAST_COLUMN:
        raise Invalid(SHEET_DAMAGED, detail="a column beyond the last one")
    return column


def _day_of(value: str, is_from_1904: bool) -> date | None:
    """The day of a serial number. 1900 had no 29 February, but the format counts one."""
    told = float(value)
    if not 0 <= told <= _LAST_SERIAL:  # also what is too large for a number: infinity
        return None
    serial = int(told) + (1462 if is_from_1904 else 0)
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return None
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)
