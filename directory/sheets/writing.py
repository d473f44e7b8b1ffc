"""A list as an .xlsx or .csv file, piece by piece: what is in memory does not grow with it.

Every cell is text or a whole number. An .xlsx cell says itself that it is text (inline strings, ISO
29500 section 18.18.11) and has the format Text, so that it stays text when somebody edits it; a
.csv cell cannot (`directory.sheets.neutral`). The few parts that a list needs are written by hand:
libraries make the whole file before its first byte can be sent, and take three times as long.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from directory.clock import local, now_ms
from directory.sheets.neutral import neutralised
from directory.text import clean

Format = Literal["xlsx", "csv"]
MEDIA_TYPES: dict[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_MOST_CELL_CHARS = 32_767  # Excel's own
_MOST_SHEET_NAME = 31
_PIECE_BYTES = 1 << 16
_ROWS_AT_ONCE = 500
_REMEMBERED = 4096  # titles, places and standings come again and again
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")

Value = str | int


@dataclass(frozen=True)
class Column:
    """A heading, and how many letters wide its column is."""

    heading: str
    width: int


@dataclass(frozen=True)
class Listing:
    """What a file shows: a title, lines that say what it is and who took it, and the table of
    `count` rows."""

    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    count: int


def written(listing: Listing, form: Format) -> Iterator[bytes]:
    """The pieces of the file."""
    return _xlsx(listing) if form == "xlsx" else _csv(listing)


def _csv(listing: Listing) -> Iterator[bytes]:
    """RFC 4180, in UTF-8 with a mark at its beginning: without it Excel reads another encoding."""
    text = io.StringIO()
    line = csv.writer(text)
    text.write("\ufeff")
    for note in (listing.title, *listing.notes, ""):
        line.writerow([neutralised(_told(note))])
    line.writerow([neutralised(_told(column.heading)) for column in listing.columns])
    for row in listing.rows:
        line.writerow([v if isinstance(v, int) else neutralised(_told(v)) for v in row])
        if text.tell() > _PIECE_BYTES:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return piece


@lru_cache(_REMEMBERED)
def _told(value: str) -> str:
    """As people should see it: on one line, nothing invisible or turned around in it."""
    return clean(value)[:_MOST_CELL_CHARS]


class _Pipe(io.RawIOBase):
    """Where the archive is written to: it cannot be sought in, and what came is taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _xlsx(listing: Listing) -> Iterator[bytes]:
    pipe = _Pipe()
    title_rows = 1 + len(listing.notes)
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, content in _parts(listing, title_rows + 1).items():
            archive.writestr(_entry(name), content)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_head(listing, title_rows + 1).encode())
            for piece in _pieces_of(listing):
                sheet.write(piece.encode("utf-8", "replace"))
                if data := pipe.take():
                    yield data
            sheet.write(_FOOT)
        yield pipe.take()
    yield pipe.take()


def _entry(name: str) -> zipfile.ZipInfo:
    moment = local(now_ms())  # dd/mm/yyyy hh:mm:ss
    day, clock = moment.split(" ")
    d, m, y = (int(part) for part in day.split("/"))
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    entry = zipfile.ZipInfo(name, (y, m, d, hours, minutes, seconds))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


# The numbers of formats in `_STYLES`.
_TEXT, _TITLE, _NOTE, _HEADING = 1, 2, 3, 4


def _pieces_of(listing: Listing) -> Iterator[str]:
    lines = [_row(1, [listing.title], _TITLE)]
    lines += [_row(2 + place, [note], _NOTE) for place, note in enumerate(listing.notes)]
    number = len(lines) + 1
    lines.append(_row(number, [column.heading for column in listing.columns], _HEADING))
    for row in listing.rows:
        number += 1
        lines.append(_row(number, row, _TEXT))
        if len(lines) >= _ROWS_AT_ONCE:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _row(number: int, values: Sequence[Value], style: int) -> str:
    cells = [
        f'<c r="{_letters(place)}{number}"><v>{value}</v></c>'
        if isinstance(value, int)
        else f'<c r="{_letters(place)}{number}" s="{style}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(_NOT_XML.sub("", _told(value)))}</t></is></c>'
        for place, value in enumerate(values)
        if value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(place: int) -> str:
    """A column as spreadsheets name it: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OF_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OF_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _parts(listing: Listing, header_row: int) -> dict[str, str]:
    """Everything but the sheet."""
    name = _NOT_IN_A_SHEET_NAME.sub(" ", _told(listing.title))[:_MOST_SHEET_NAME].strip() or "1"
    # Printed on several sheets of paper, each has the headings.
    titles = escape(f"'{name}'!${header_row}:${header_row}")
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_OF_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{_CONTENT}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/></Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_OF_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OF_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_OF_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OF_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OF_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OF_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(name)} sheetId="1" r:id="r1"/></sheets><definedNames>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{titles}</definedName>'
        "</definedNames></workbook>",
        "xl/styles.xml": _STYLES,
    }


_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="4"><font><sz val="11"/><name val="Times New Roman"/></font>'
    '<font><b/><sz val="14"/><name val="Times New Roman"/></font>'
    '<font><i/><sz val="11"/><name val="Times New Roman"/></font>'
    '<font><b/><sz val="11"/><name val="Times New Roman"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFE7EEF7"/></patternFill></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="3" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" '
    'applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def _head(listing: Listing, header_row: int) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{column.width}" customWidth="1"/>'
        for place, column in enumerate(listing.columns, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="{header_row}" topLeftCell="A{header_row + 1}" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


# A4, across; as wide as the paper, as many sheets as needed.
_FOOT = (
    b'</sheetData><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" '
    b'footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="1" '
    b'fitToHeight="0"/><headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>'
    b"</worksheet>"
)
