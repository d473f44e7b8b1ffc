"""Who works in an agency: its openings in the order in which they are filled.

The first opening is the head, the second the IT officer, so that any number of people spreads over
the province sensibly: an agency with two people has just these two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle

from admin_ui.operations.seed.records import AgencySeed
from admin_ui.operations.seed.structure import Body

IT_FULL_TIME = "Cán bộ chuyên trách CNTT"
IT_PART_TIME = "Cán bộ bán chuyên trách CNTT"
RECORDS_CLERK = "Văn thư"
OFFICER = "Chuyên viên"

# Order of precedence of titles (smaller first); officers of a commune rank with chuyên viên.
PRECEDENCE = {
    title: place * 10
    for place, titles in enumerate(
        (
            ("Chủ tịch HĐND",),
            ("Chủ tịch UBND",),
            ("Phó Chủ tịch HĐND",),
            ("Phó Chủ tịch UBND",),
            ("Giám đốc", "Hiệu trưởng", "Trưởng ban", "Trạm trưởng"),
            ("Phó Giám đốc", "Phó Hiệu trưởng", "Phó Trưởng ban", "Phó Trạm trưởng"),
            ("Chánh Văn phòng",),
            ("Phó Chánh Văn phòng",),
            ("Chánh Thanh tra",),
            ("Phó Chánh Thanh tra",),
            ("Chi cục trưởng",),
            ("Phó Chi cục trưởng",),
            ("Trưởng phòng", "Trưởng khoa", "Tổ trưởng", "Đội trưởng"),
            ("Phó Trưởng phòng", "Phó Trưởng khoa", "Tổ phó", "Phó Đội trưởng"),
            ("Trưởng Công an", "Chỉ huy trưởng Quân sự"),
            ("Chuyên viên cao cấp",),
            ("Chuyên viên chính",),
            (
                OFFICER,
                IT_FULL_TIME,
                IT_PART_TIME,
                "Bác sĩ",
                "Dược sĩ",
                "Giảng viên",
                "Giáo viên",
                "Công chức Văn phòng – Thống kê",
                "Công chức Địa chính – Xây dựng",
                "Công chức Tài chính – Kế toán",
                "Công chức Tư pháp – Hộ tịch",
                "Công chức Văn hóa – Xã hội",
                "Công chức tiếp nhận và trả kết quả",
            ),
            ("Cán sự", "Điều dưỡng"),
            ("Nhân viên", "Cán bộ không chuyên trách"),
            (RECORDS_CLERK,),
            ("Kế toán",),
            ("Thủ quỹ",),
            ("Lái xe",),
            ("Bảo vệ",),
        ),
        start=1,
    )
    for title in titles
}
WITHOUT_ACCOUNT = frozenset({"Lái xe", "Bảo vệ"})  # no account, no mailbox

_UNIT_HEADS = {
    "Văn phòng": ("Chánh Văn phòng", "Phó Chánh Văn phòng"),
    "Thanh tra": ("Chánh Thanh tra", "Phó Chánh Thanh tra"),
    "Phòng": ("Trưởng phòng", "Phó Trưởng phòng"),
    "Khoa": ("Trưởng khoa", "Phó Trưởng khoa"),
    "Tổ": ("Tổ trưởng", "Tổ phó"),
    "Đội": ("Đội trưởng", "Phó Đội trưởng"),
}
_ELECTED = frozenset(title for title in PRECEDENCE if title.endswith((" UBND", " HĐND")))
_STAFF_CYCLE = 40
_GROWTH = 20  # beyond the realistic size, one more person per turn for so many there


@dataclass(frozen=True, slots=True)
class Opening:
    """A place to be filled; `second` is a post held beside it: (unit key, title)."""

    agency_key: str
    unit_key: str
    title: str
    category: str
    second: tuple[str, str] | None = None

    @property
    def precedence(self) -> int:
        return PRECEDENCE[self.title]


@dataclass(frozen=True, slots=True)
class Establishment:
    """The openings of one agency: `firsts` in order, then `staff` over and over."""

    agency_key: str
    size: int
    concentrated: bool
    firsts: tuple[Opening, ...]
    staff: tuple[Opening, ...]

    def opening(self, number: int) -> Opening:
        """The opening filled by the agency's person `number`, from 0."""
        if number < len(self.firsts):
            return self.firsts[number]
        return self.staff[(number - len(self.firsts)) % len(self.staff)]


def establish(body: Body) -> Establishment:
    """The openings of an agency of any kind."""
    firsts, staff = _STAFFING.get(body.template, (_regular, _regular_staff))
    return Establishment(
        agency_key=body.agency.key,
        size=body.size,
        concentrated=body.concentrated,
        firsts=tuple(firsts(body)),
        staff=tuple(staff(body)),
    )


def openings(establishments: Sequence[Establishment]) -> Iterator[Opening]:
    """All openings of the province in the order of filling, without end.

    Heads, then IT officers everywhere; then the agencies where the demo concentrates its people up
    to their realistic size; then the others (about 5,000 people); then more staff for all that take
    some. Any number of people is a beginning of this, so that a larger province contains a smaller.
    """
    yield from _rounds(establishments, 0, 2)
    yield from _rounds([e for e in establishments if e.concentrated], 2, None)
    yield from _rounds([e for e in establishments if not e.concentrated], 2, None)
    growing = [e for e in establishments if e.staff]
    for turn in count() if growing else ():
        for establishment in growing:
            share = max(establishment.size // _GROWTH, 1)
            for number in range(turn * share, (turn + 1) * share):
                yield establishment.opening(establishment.size + number)


def _rounds(
    establishments: Sequence[Establishment], start: int, end: int | None
) -> Iterator[Opening]:
    last = max((e.size for e in establishments), default=0) if end is None else end
    for number in range(start, last):
        for establishment in establishments:
            if number < establishment.size:
                yield establishment.opening(number)


def _province_committee(body: Body) -> Iterator[Opening]:
    yield _opening(body, body.leaders, body.head)
    for _ in range(body.size - 1):
        yield _opening(body, body.leaders, body.deputy)


def _nobody_else(_body: Body) -> Iterator[Opening]:
    yield from ()


def _regular(body: Body) -> Iterator[Opening]:
    """Head, IT officer, records clerk, a deputy, the reception desk; then each unit's head and
    first officer; then deputies and the accountant."""
    working = _working_units(body)
    head_titles = [_unit_head(unit) for unit in working]
    yield _opening(body, body.leaders, body.head)
    yield _it_officer(body)
    yield _opening(body, body.office, RECORDS_CLERK)
    yield _opening(body, body.leaders, body.deputy)
    if body.one_stop:
        yield _opening(body, body.one_stop, OFFICER)
    for unit, (head, _), title in zip(working, head_titles, cycle(body.staff or (OFFICER,))):
        yield _opening(body, unit.key, head)
        yield _opening(body, unit.key, title)
    yield _opening(body, body.leaders, body.deputy)
    yield _opening(body, body.office, "Kế toán")
    if body.one_stop:
        yield _opening(body, body.one_stop, OFFICER)
    for unit, (_, deputy) in zip(working, head_titles, strict=True):
        yield _opening(body, unit.key, deputy)


def _it_officer(body: Body) -> Opening:
    if body.category == "CIVIL_SERVANT" or body.it_unit != body.office:
        return _opening(body, body.it_unit, IT_FULL_TIME)
    return _opening(body, body.it_unit, OFFICER, second=(body.it_unit, IT_PART_TIME))


def _regular_staff(body: Body) -> Iterator[Opening]:
    units = _working_units(body)
    titles = body.staff or (OFFICER,)
    for number in range(_STAFF_CYCLE):
        unit = units[number % len(units)].key
        title = titles[number % len(titles)]
        special = _SPECIAL_STAFF.get(number, title)
        if not body.staff or not special.startswith(("Chuyên viên", "Cán sự")):
            title = special  # ranks of civil servants are not for doctors and teachers
        in_office = title in ("Thủ quỹ", "Nhân viên", *WITHOUT_ACCOUNT)
        yield _opening(body, body.office if in_office else unit, title)


# Places in the cycle of 40 that are not plain officers.
_SPECIAL_STAFF = {
    **dict.fromkeys((3, 11, 19, 27, 35), "Chuyên viên chính"),
    **dict.fromkeys((5, 15, 25), "Cán sự"),
    **dict.fromkeys((8, 28), "Lái xe"),
    12: "Thủ quỹ",
    18: "Bảo vệ",
    22: "Chuyên viên cao cấp",
    32: "Nhân viên",
}


def _commune(body: Body) -> Iterator[Opening]:
    """The posts of a commune (Nghị định 92/2009/NĐ-CP): elected officials, then seven officers."""
    unit = _keys_by_code(body)
    yield _opening(body, unit["LD"], "Chủ tịch UBND")
    clerk = "Công chức Văn phòng – Thống kê"
    yield _opening(body, unit["VPTK"], clerk, second=(unit["VPTK"], IT_PART_TIME))
    yield _opening(body, unit["LD"], "Phó Chủ tịch UBND")
    reception = (body.one_stop, "Công chức tiếp nhận và trả kết quả")
    yield _opening(body, unit["TPHT"], "Công chức Tư pháp – Hộ tịch", second=reception)
    yield _opening(body, unit["VPTK"], RECORDS_CLERK, category="NON_SPECIALISED")
    yield _opening(body, unit["HDND"], "Chủ tịch HĐND")
    yield _opening(body, unit["HDND"], "Phó Chủ tịch HĐND")
    officers = (
        ("DCXD", "Công chức Địa chính – Xây dựng"),
        ("TCKT", "Công chức Tài chính – Kế toán"),
        ("VHXH", "Công chức Văn hóa – Xã hội"),
    )
    for code, title in officers:
        yield _opening(body, unit[code], title)
    yield _opening(body, unit["QS"], "Chỉ huy trưởng Quân sự")
    if "CA" in unit:  # a ward's police is not the committee's
        yield _opening(body, unit["CA"], "Trưởng Công an")
    yield _opening(body, unit["LD"], "Phó Chủ tịch UBND")
    for code, title in officers:
        yield _opening(body, unit[code], title)


def _part_time_staff(body: Body) -> Iterator[Opening]:
    for unit in body.units:
        if unit.key not in (body.leaders, body.one_stop) and not unit.key.endswith(".HDND"):
            yield _opening(body, unit.key, "Cán bộ không chuyên trách", category="NON_SPECIALISED")


def _opening(
    body: Body,
    unit_key: str,
    title: str,
    *,
    category: str = "",
    second: tuple[str, str] | None = None,
) -> Opening:
    if not category:
        category = body.category
    if title in _ELECTED:
        category = "OFFICIAL"
    if title in WITHOUT_ACCOUNT:
        category = "CONTRACT"
    return Opening(body.agency.key, unit_key, title, category, second)


def _working_units(body: Body) -> list[AgencySeed]:
    return [unit for unit in body.units if unit.key not in (body.leaders, body.one_stop)]


def _keys_by_code(body: Body) -> dict[str, str]:
    return {unit.key.rpartition(".")[2]: unit.key for unit in body.units}


def _unit_head(unit: AgencySeed) -> tuple[str, str]:
    return next(titles for prefix, titles in _UNIT_HEADS.items() if unit.name.startswith(prefix))


_STAFFING = {
    "province_committee": (_province_committee, _nobody_else),
    "commune_committee": (_commune, _part_time_staff),
}
