"""Spreadsheets as Vietnamese offices make them, and as attackers do."""

from __future__ import annotations

import csv
import io
import random
import re
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.sheets.limits import Limits
from directory.sheets.reading import SheetRows, Wanted, heading_key, read_sheet
from directory.sheets.writing import Column, Listing, written

pytestmark = pytest.mark.without_sql

NAME = Wanted("name", ("Họ và tên", "Họ tên", "Full name"), is_required=True)
CODE = Wanted("code", ("Mã cán bộ", "Mã số", "Staff number"), kind="code")
BORN = Wanted("born", ("Ngày sinh", "Date of birth"), kind="day")
PHONE = Wanted("phone", ("Điện thoại", "SĐT"), kind="code")
WANTED = (NAME, CODE, BORN, PHONE)
HEADS = ["Họ và tên", "Mã cán bộ", "Ngày sinh", "Điện thoại"]


def written_by_library(rows: Sequence[Sequence[object]]) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet()
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def book(*sheets: Sequence[Sequence[Any]], change: Callable[[Any], object] = id) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"Trang {number}")
        for row in rows:
            sheet.append(list(row))
    change(made)
    out = io.BytesIO()
    made.save(out)
    return as_excel_writes(out.getvalue())


_INLINE = re.compile(rb't="inlineStr"><is>(.*?)</is>', re.DOTALL)
_STRINGS = "xl/sharedStrings.xml"


def as_excel_writes(raw: bytes) -> bytes:
    """The library writes texts into the cells; Excel keeps them in a part of their own."""
    texts: list[bytes] = []

    def shared(sheet: bytes) -> bytes:
        def number(found: re.Match[bytes]) -> bytes:
            texts.append(found[1])
            return b't="s"><v>%d</v>' % (len(texts) - 1)

        return _INLINE.sub(number, sheet)

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [name for name in archive.namelist() if "/worksheets/" in name]
    made = repacked(raw, dict.fromkeys(sheets, shared))
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    items = b"".join(b"<si>%s</si>" % text for text in texts)
    relation = (
        b'<Relationship Id="s1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    return repacked(
        made,
        {
            _STRINGS: b'<sst xmlns="%s">%s</sst>' % (main, items),
            "xl/_rels/workbook.xml.rels": lambda part: part.replace(b"</Relationships>", relation),
        },
    )


def repacked(raw: bytes, change: dict[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The archive with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        parts: dict[str, bytes] = {name: old.read(name) for name in old.namelist()}
        for name, to in change.items():
            parts[name] = to if isinstance(to, bytes) else to(parts[name])
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def read(raw: bytes, limits: Limits | None = None) -> SheetRows:
    return read_sheet(raw, WANTED, limits)


def values(raw: bytes) -> list[tuple[str, ...]]:
    return [tuple(row.values[each.name] for each in WANTED) for row in read(raw).rows]


def refused(raw: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Invalid) as found:
        read(raw, limits)
    assert found.value.declared.said is not None
    return found.value.code


AN = ("Nguyễn Văn An", "00123", "1980-02-01", "0912345678")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_of_any_program(separator: str, ends: str, encoding: str) -> None:
    lines = [HEADS, ["Nguyễn Văn An", "00123", "01/02/1980", "0912345678"]]
    text = ends.join(separator.join(line) for line in lines) + ends
    assert values(text.encode(encoding)) == [AN]


def test_csv_with_breaks_and_separators_within_quotes() -> None:
    text = 'sep=;\r\nHọ và tên;Mã cán bộ\r\n"Nguyễn\r\nVăn An";"A;1"\r\n'
    assert values(text.encode()) == [("Nguyễn Văn An", "A;1", "", "")]


@pytest.mark.parametrize("encoding", ["cp1258", "cp1252", "utf-16-le", "utf-32"])
def test_csv_that_is_no_unicode_is_refused_and_says_how_to_save_it(encoding: str) -> None:
    text = "Họ tên;Mã số\nNguyễn;1\n" if encoding.startswith("utf") else "Hồ tên;Mã\nê;1\n"
    assert refused(text.encode(encoding, "replace")) == "sheet.encoding"


@pytest.mark.parametrize(
    "rows",
    [
        # TCVN3 and VNI, as they stand in a workbook whose font is gone
        [["Hä vµ tªn", "M· sè"], ["NguyÔn V¨n An", "1"], ["TrÇn ThÞ B×nh", "2"]],
        [["Hoï vaø teân", "Maõ soá"], ["Nguyeãn Vaên Hùng", "1"], ["Ñaëng Thò Möôøi", "2"]],
        [["Họ và tên", "Mã số"], ["NguyÔn V¨n An", "1"], ["TrÇn ThÞ B×nh", "2"], ["Lª ThÞ Hµ", 3]],
    ],
)
def test_old_fonts_are_told_apart(rows: list[list[object]]) -> None:
    assert refused(book(rows)) == "sheet.old_font"


def test_a_foreign_name_is_no_old_font() -> None:
    rows = [
        HEADS,
        ["Jürgen Müller", "1"],
        ["Zoë Nguyễn", "2"],
        ["Trần Thị Hà", "3"],
        ["Đỗ Lý", "4"],
    ]
    assert len(read(book(rows)).rows) == 4


def test_the_header_is_found_by_its_words() -> None:
    def merge(made: Any) -> None:
        sheet = made.active
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("A2:B2")

    rows: list[list[Any]] = [
        ["ỦY BAN NHÂN DÂN TỈNH BÌNH DƯƠNG"],
        ["SỞ THÔNG TIN VÀ TRUYỀN THÔNG", None, "Họ và tên người lập: Trần B"],
        [],
        ["STT", "Ghi chú", "NGAY SINH", "ho va ten (*)", "Mã  số:"],
        [1, None, "1/2/1980", "Nguyễn Văn An", "00123"],
        [None, "   ", None, None, None],
        [2, "mới", "05-12-1990", "Lê Thị Bình", "00124"],
        ["Tổng cộng", 2],
    ]
    found = read(book(rows, change=merge))
    assert (found.header, found.missing, found.unknown) == (4, ["phone"], ["STT", "Ghi chú"])
    assert [(row.number, row.values["name"]) for row in found.rows] == [
        (5, "Nguyễn Văn An"),
        (7, "Lê Thị Bình"),
    ]
    assert found.rows[1].values["born"] == "1990-12-05"


def test_headings_agree_however_they_are_written() -> None:
    same = {
        heading_key(t) for t in ("Họ và tên", "HO VA TEN", " họ  và tên (*):", "Ho\u0323 và tên")
    }
    assert same == {"ho va ten"}


def test_a_file_without_the_header_says_what_it_needs() -> None:
    with pytest.raises(Invalid) as found:
        read(book([["Tên", "Mã"], ["An", 1]]))
    assert found.value.code == "sheet.no_header"
    assert found.value.params["columns"] == "Họ và tên"


def test_a_column_twice_is_refused() -> None:
    assert (
        refused(book([["Họ tên", "Mã số", "Họ và tên"], ["a", "b", "c"]])) == "sheet.column_twice"
    )


def test_numbers_dates_and_what_cannot_be_read_of_them() -> None:
    def formats(made: Any) -> None:
        sheet = made.active
        sheet["B2"].number_format = "000000"
        sheet["B3"].number_format = "#,##0"
        sheet["D6"].number_format = '"0"0'

    rows: list[list[Any]] = [
        HEADS,
        ["A", 123, date(1980, 2, 1), 912345678],
        ["B", 1234, datetime(1990, 12, 5, 0, 0), 0.3],
        ["C", 79012345678, "31/02/1980", "1.0E+11"],
        ["D", 1234567890123456, 29000, "7,9E+10"],
        ["E", True, "ngày 5 tháng 3 năm 1985", "+84 274 382 0000"],
        ["F", "=1+1", "1985-03-05 00:00:00", "#N/A"],
        ["G", date(2026, 1, 2), "05.03.85", None],
    ]
    raw = book(rows, change=formats)
    found = {row.values["name"]: row for row in read(raw).rows}
    assert found["A"].values == {
        "name": "A", "code": "000123", "born": "1980-02-01", "phone": "912345678",
    }  # fmt: skip
    assert (found["B"].values["code"], found["B"].values["phone"]) == ("1234", "0.3")
    assert found["C"].values["code"] == "79012345678"
    assert found["E"].values["born"] == "1985-03-05"
    assert found["E"].values["phone"] == "+84 274 382 0000"
    assert found["F"].values["born"] == "1985-03-05"
    assert found["G"].values["code"] == "02/01/2026"
    faults = {
        (name, fault.column): fault.error.code
        for name, row in found.items()
        for fault in row.faults
    }
    assert faults == {
        ("C", "born"): "cell.date",
        ("C", "phone"): "cell.rounded",
        ("D", "code"): "cell.rounded",
        ("D", "born"): "cell.date",
        ("D", "phone"): "cell.rounded",
        ("F", "code"): "cell.not_worked_out",
        ("F", "phone"): "cell.failed",
        ("G", "born"): "cell.date",
    }


def test_dates_of_a_mac() -> None:
    raw = book([HEADS, ["A", None, date(1980, 2, 1)]])

    def from_1904(part: bytes) -> bytes:
        assert b"<workbookPr " in part
        return part.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')

    (row,) = read(repacked(raw, {"xl/workbook.xml": from_1904})).rows
    assert row.values["born"] == "1984-02-02"


def test_formulas_give_what_the_file_remembers_and_are_never_worked_out() -> None:
    """A formula in every cell, with its result and without."""
    raw = book([HEADS, *[["x", "y", None, "t"]] * 3000])

    part = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml")
    head, _, rest = part.partition(b'<row r="2"')
    made = (
        head
        + b'<row r="2"'
        + rest.replace(b't="s"><v>', b't="str"><f>HYPERLINK("http://127.0.0.1/")</f><v>')
    )
    found = read(repacked(raw, {"xl/worksheets/sheet1.xml": made}))
    assert len(found.rows) == 3000
    assert {len(row.faults) for row in found.rows} == {0}
    assert found.rows[0].values["name"].isdigit()  # the remembered text


def test_hidden_sheets_are_passed_over_and_two_visible_ones_are_not_chosen_between() -> None:
    rows = [HEADS, ["An", "1"]]
    notes = [["Hướng dẫn"], ["Ghi đủ họ và tên."]]
    assert refused(book(rows, notes, rows)) == "sheet.several"

    def hide(made: Any) -> None:
        made.worksheets[0].sheet_state = "hidden"
        made.worksheets[3].sheet_state = "veryHidden"

    assert read(book(rows, notes, rows, rows, change=hide)).sheet == "Trang 3"


def test_runs_phonetic_hints_escapes_and_cells_that_do_not_say_where_they_are() -> None:
    raw = book([HEADS, ["An", "1"]])
    sheet = (
        b'<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData>'
        b'<row><c t="inlineStr"><is><r><t>Ho va </t></r><r><t>t\xc3\xaan</t></r>'
        b'<rPh sb="0" eb="1"><t>xx</t></rPh></is></c><c t="inlineStr"><is><t>Ma so'
        b'</t></is></c></row><row><c t="str"><v>An_x000D__x0041_</v></c><c><v>12</v></c></row>'
        b"</sheetData></worksheet>"
    )
    assert values(repacked(raw, {"xl/worksheets/sheet1.xml": sheet})) == [("An A", "12", "", "")]


# --- what is refused as a whole


def _ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + stream.encode("utf-16-le") + bytes(99)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "sheet.empty"),
        (b"\n\n;;\n", "sheet.empty"),
        (_ole("Workbook"), "sheet.old_excel"),
        (_ole("_VBA_PROJECT"), "sheet.macros"),
        (_ole("EncryptedPackage"), "sheet.protected"),
        (b"%PDF-1.7 ...", "sheet.other_kind"),
        (b"<html><table><tr><td>Ho va ten</td></tr></table>", "sheet.other_kind"),
        (repacked(book([HEADS]), {"mimetype": b"application/vnd.oasis"}), "sheet.other_kind"),
        (repacked(book([HEADS]), {"xl/vbaProject.bin": b"x"}), "sheet.macros"),
        (
            repacked(
                book([HEADS]),
                {
                    "[Content_Types].xml": lambda part: part.replace(
                        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                    )
                },
            ),
            "sheet.macros",
        ),
        (book([HEADS]), "sheet.empty"),
        (b"PK\x03\x04 nothing", "sheet.damaged"),
        ('Họ và tên,Mã số\n"An,1\nBình,2\n'.encode(), "sheet.damaged"),
    ],
)
def test_files_that_are_not_read_say_why(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def _cheap(raw: bytes, code: str, limits: Limits | None = None, *, seconds: float = 6.0) -> None:
    tracemalloc.start()
    began = time.thread_time()
    try:
        assert refused(raw, limits) == code
        spent, (_, most) = time.thread_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spent < seconds
    assert most < 200 << 20


def _packed(content: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    return repacked(book([HEADS, ["An", "1"]]), {part: content})


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    _cheap(_packed(bytes(300 << 20)), "sheet.unpacks_too_large")
    # Small enough by itself, but nothing an office makes is packed like that.
    _cheap(_packed(bytes(50 << 20)), "sheet.unpacks_too_large")


def test_very_many_entries_are_refused() -> None:
    raw = repacked(book([HEADS]), {f"xl/media/{n}.png": b"x" for n in range(600)})
    _cheap(raw, "sheet.unpacks_too_large")


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    raw = bytearray(_packed(b"<worksheet/>" + b" " * (1 << 20)))
    size = (len(b"<worksheet/>") + (1 << 20)).to_bytes(4, "little")
    assert raw.count(size) == 2
    assert refused(bytes(raw.replace(size, (100).to_bytes(4, "little")))) == "sheet.damaged"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize(
    "part",
    [
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    ],
)
def test_no_part_may_declare_entities(part: str) -> None:
    """Also none that would be harmless: the declaration is what is refused."""
    raw = book([HEADS, ["An", "1"]])
    old = zipfile.ZipFile(io.BytesIO(raw)).read(part)
    _, mark, rest = old.partition(b"?>")
    whole = rest if mark else old
    assert refused(repacked(raw, {part: LAUGHS + whole})) == "sheet.damaged"
    plain = b'<?xml version="1.0"?>' + whole
    assert read(repacked(raw, {part: plain})).rows  # without it the part is read


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/worksheets/sheet1.xml"])
def test_an_encoding_that_nobody_knows_is_damage(part: str) -> None:
    def declared(old: bytes) -> bytes:
        _, mark, rest = old.partition(b"?>")
        return b'<?xml version="1.0" encoding="x-vni"?>' + (rest if mark else old)

    assert refused(repacked(book([HEADS, ["An", "1"]]), {part: declared})) == "sheet.damaged"


def test_a_day_beyond_all_numbers_is_no_day() -> None:
    raw = book([["Ho ten", "Ma so", "Ngay sinh"], ["An", "1", date(1990, 5, 1)]])
    sheet = "xl/worksheets/sheet1.xml"
    for told in (b"1E999", b"-1E999", b"1E300", b"-5"):

        def changed(old: bytes, told: bytes = told) -> bytes:
            assert old.count(b"<v>32994</v>") == 1
            return old.replace(b"<v>32994</v>", b"<v>%s</v>" % told)

        (row,) = read(repacked(raw, {sheet: changed})).rows
        assert [fault.error.code for fault in row.faults] == ["cell.date"], told


def test_half_a_character_is_shown_as_one_that_is_missing() -> None:
    (row,) = read(
        _packed(_sheet_of(b'<row><c t="str"><v>A_xD800_n</v></c><c><v>12</v></c></row>'))
    ).rows
    assert row.values["name"].encode() == "A\N{REPLACEMENT CHARACTER}n".encode()


def test_links_to_other_files_are_not_followed() -> None:
    raw = book([HEADS, ["An", "1"]])
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="x/worksheet" Target="%s" TargetMode="%s"/></Relationships>'
    )
    for target, mode in (
        (b"http://127.0.0.1/x", b"External"),
        (b"../../../etc/passwd", b"Internal"),
    ):
        made = repacked(raw, {"xl/_rels/workbook.xml.rels": rels % (target, mode)})
        assert refused(made) in ("sheet.damaged", "sheet.empty")


def _sheet_of(rows: bytes) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Ho va ten</t></is></c>'
        b'<c r="B1" t="inlineStr"><is><t>Ma so</t></is></c></row>'
        + rows
        + b"</sheetData></worksheet>"
    )


def test_a_million_painted_empty_rows_are_passed_over() -> None:
    rng = random.Random(7)
    empty = b"".join(
        b'<row r="%d" spans="1:%d"><c r="A%d" s="1"/></row>' % (n, rng.randrange(9999), n)
        for n in range(3, 250_000)
    )
    last = b'<row r="1000000"><c r="A1000000" t="inlineStr"><is><t>An</t></is></c></row>'
    found = read(_packed(_sheet_of(empty + last)))
    assert [(row.number, row.values["name"]) for row in found.rows] == [(1_000_000, "An")]


def test_a_table_as_large_as_the_format_allows_costs_nothing() -> None:
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    _cheap(_packed(_sheet_of(corner)), "sheet.too_wide")
    beyond = b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>'
    _cheap(_packed(_sheet_of(beyond)), "sheet.damaged")
    beyond = b'<row r="2"><c r="ZZZ2"><v>1</v></c></row>'
    _cheap(_packed(_sheet_of(beyond)), "sheet.damaged")


def test_too_many_rows_too_long_cells_and_too_much_time() -> None:
    rows = [HEADS, *[[f"Người {n}"] for n in range(50)]]
    few = Limits(rows=20)
    assert refused(book(rows), few) == "sheet.too_long"
    assert refused("\n".join(["Họ tên,Mã số", *["a,1"] * 50]).encode(), few) == "sheet.too_long"
    (row,) = read(book([HEADS, ["a" * 5000, "1"]])).rows
    assert [(f.column, f.error.code) for f in row.faults] == [("name", "cell.long")]
    many = b"".join(b"<row><c><v>%d</v></c></row>" % (n * 7919) for n in range(100_000))
    assert refused(_packed(_sheet_of(many)), Limits(seconds=0.01)) == "sheet.too_slow"
    assert refused(b"x" * 2000, Limits(file_bytes=1000)) == "sheet.too_large"
    _cheap(b"Ho ten,Ma so\n" + b"a" * (7 << 20), "sheet.damaged")


def test_a_file_cut_anywhere_is_refused_in_a_sentence() -> None:
    raw = book([HEADS, *[[f"Người {n}", n] for n in range(300)]])
    for part in range(1, 20):
        assert refused(raw[: len(raw) * part // 20]) in ("sheet.damaged", "sheet.no_header")


def test_whatever_bytes_are_broken_the_answer_is_rows_or_a_sentence() -> None:
    raw = book([HEADS, *[[f"Người {n}", n, date(1990, 1, 1)] for n in range(30)]])
    content = {
        n: zipfile.ZipFile(io.BytesIO(raw)).read(n)
        for n in zipfile.ZipFile(io.BytesIO(raw)).namelist()
    }
    rng = random.Random(20261127)
    for turn in range(400):
        if turn % 2:  # within the archive
            broken = bytearray(raw)
            for _ in range(rng.randrange(1, 6)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            made = bytes(broken)
        else:  # within a part, in an archive that is whole
            name = rng.choice(sorted(content))
            part = bytearray(content[name])
            for _ in range(rng.randrange(1, 9)):
                place = rng.randrange(len(part))
                part[place : place + rng.randrange(3)] = rng.choice(
                    [b"<", b">", b'"', b"9" * 30, b"\0", b"-1", b"NaN", b"1e999", b"\xff", b"&#0;"]
                )
            made = repacked(raw, {name: bytes(part)})
        try:
            read(made)
        except Invalid as error:
            assert error.declared.said is not None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_sentence(raw: bytes) -> None:
    for beginning in (b"", "Họ tên;Mã số\n".encode(), b"PK\x03\x04"):
        try:
            read(beginning + raw)
        except Invalid as error:
            assert error.declared.said is not None


def test_one_file_read_by_several_at_once_gives_each_the_same() -> None:
    raw = book([HEADS, *[[f"Người {n}", n] for n in range(400)]])
    found: list[SheetRows] = []
    threads = [threading.Thread(target=lambda: found.append(read(raw))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 4


# --- against a library, and what we write ourselves


def is_no_formula(text: str) -> bool:
    """The library writes a text that begins so as a formula."""
    return not text.startswith("=")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).filter(
                is_no_formula
            ),
            st.integers(-(10**15) + 1, 10**15 - 1),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_a_library_wrote_is_read_as_it_was_given(rows: list[tuple[str, int]]) -> None:
    from directory.text import clean

    try:
        found = read_sheet(written_by_library([["Họ tên", "Mã số"], *rows]), (NAME, CODE))
    except Invalid as error:
        assert error.code == "sheet.old_font"
        return
    expected = [(clean(text), str(number)) for text, number in rows]
    assert [(row.values["name"], row.values["code"]) for row in found.rows] == expected


HOSTILE = (
    "=HYPERLINK(\"http://x\",\"y\")", "+1", "-2", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1", "'=1",
    "''=1", "' =1", "=cmd|' /C calc'!A0", "An\nBình", "An\u202eBình", "<b>&\"'", "x" * 40_000,
    "+84 274 382 0000", "0912345678", "1.0E+11", "\ud800", "\ufffe",
)  # fmt: skip


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_hostile_names_are_text_in_our_files_and_come_back_as_they_were(form: Any) -> None:
    from directory.text import clean

    listing = Listing(
        "=Danh sách [1]/'x'",
        ("=ghi chú", "-1"),
        (Column("STT", 6), Column("Họ và tên", 30), Column("Mã số", 9)),
        [(n, name, "1") for n, name in enumerate(HOSTILE, 1)],
        len(HOSTILE),
    )
    raw = b"".join(written(listing, form))
    if form == "xlsx":
        sheet = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet
        made = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
        assert {c.data_type for row in made.iter_rows() for c in row} <= {"s", "n", "inlineStr"}
        assert made.freeze_panes == "A5"
        assert made.cell(5, 2).number_format == "@"
    else:
        cells = [c for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) for c in row]
        begun = [c for c in cells if c[:1] in "=+-@\t\r＝" and c]
        assert begun == ["+84 274 382 0000"]
    long = Limits(cell_chars=50_000)
    read_back = [
        row.values["name"] for row in read_sheet(raw, (NAME, Wanted("no", ("Mã số",))), long).rows
    ]
    expected = [
        clean(name)[:32_767].replace("\ud800", "?" if form == "csv" else "") for name in HOSTILE
    ]
    assert read_back == [e.replace("\ufffe", "") if form == "xlsx" else e for e in expected]
