"""People with a fixed name: the demo accounts, and one for each trap of Vietnamese names and posts.

They come first in every seeded province, whatever its size.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from admin_ui.operations.seed.establishment import OFFICER, RECORDS_CLERK
from admin_ui.operations.seed.records import PostKind, Status

Place = tuple[str, str, PostKind]  # unit key, title, kind


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person with a fixed name. `written`: the name as it arrives, empty when it arrives clean.

    `username`: empty for the usual rule (from `former_name` where there is one: a username stays).
    """

    key: str
    name: tuple[str, str, str]
    places: tuple[Place, ...]
    shows: str
    written: str = ""
    username: str = ""
    former_name: tuple[str, str, str] | None = None
    birth_date: str = ""
    national_ids: tuple[str, ...] = ()
    category: str = "CIVIL_SERVANT"
    status: Status = "active"
    language: Literal["vi", "en"] = "vi"


def _main(unit_key: str, title: str = OFFICER) -> tuple[Place, ...]:
    return ((unit_key, title, "main"),)


DEMO_PEOPLE = (
    NamedPerson(
        key="demo/vanthu.stttt",
        name=("Nguyễn", "Thị Ngọc", "Hạnh"),
        places=_main("STTTT.VP", RECORDS_CLERK),
        shows="demo account",
        username="vanthu.stttt",
    ),
    NamedPerson(
        key="demo/lanhdao.stttt",
        name=("Trần", "Quốc", "Thắng"),
        places=_main("STTTT.BGD", "Phó Giám đốc"),
        shows="demo account",
        username="lanhdao.stttt",
    ),
    NamedPerson(
        key="demo/chuyenvien.stttt",
        name=("Lê", "Minh", "Khoa"),
        places=_main("STTTT.BCVT"),
        shows="demo account",
        username="chuyenvien.stttt",
    ),
    NamedPerson(
        key="demo/quantri.stttt",
        name=("Phạm", "Thanh", "Tâm"),
        places=_main("STTTT.CNTT", "Chuyên viên chính"),
        shows="demo account",
        username="quantri.stttt",
    ),
)

_NGUYEN_VAN_HUNG = ("Nguyễn", "Văn", "Hùng")

EDGE_CASES = (
    *(
        NamedPerson(f"edge/hung-{number}", _NGUYEN_VAN_HUNG, _main(unit, title), "five of one name")
        for number, (unit, title) in enumerate(
            (
                ("SNV.BGD", "Phó Giám đốc"),
                ("SNV.CCVC", "Phó Trưởng phòng"),
                ("SNV.CCVC", OFFICER),
                ("SNV.CCHC", OFFICER),
                ("SNV.VP", "Cán sự"),
            ),
            start=1,
        )
    ),
    NamedPerson("edge/le-anh", ("Lê", "", "Anh"), _main("STC.NS"), "no middle name"),
    NamedPerson(
        "edge/double-family",
        ("Lê Nguyễn", "Minh", "Châu"),
        _main("SGDDT.GDTRH"),
        "double family name",
    ),
    NamedPerson("edge/tone-old", ("Nguyễn", "Thị Thùy", "Trang"), _main("SYT.NVY"), "Thùy"),
    NamedPerson("edge/tone-new", ("Nguyễn", "Thị Thuỳ", "Trang"), _main("SYT.NVD"), "Thuỳ"),
    NamedPerson("edge/y", ("Lý", "Quý", "Hòa"), _main("SKHDT.TD"), "Lý, Quý, Hòa"),
    NamedPerson("edge/i", ("Lí", "Quí", "Hoà"), _main("SKHDT.DKKD"), "Lí, Quí, Hoà"),
    NamedPerson("edge/e-de-man", ("Niê", "", "Y Blơk"), _main("SNV.XDCQ"), "Ê Đê, family last"),
    NamedPerson("edge/e-de-woman", ("Niê", "", "H'Hen"), _main("SGDDT.GDTIH"), "Ê Đê, apostrophe"),
    NamedPerson("edge/stieng", ("Điểu", "", "K'Rứ"), _main("UBND-TDM.VHTT"), "S'tiêng"),
    NamedPerson("edge/khmer", ("Thạch", "", "Sa Rết"), _main("UBND-DIAN.LDTBXH"), "Khmer"),
    NamedPerson(
        "edge/nfd",
        ("Trần", "Thị Mỹ", "Hạnh"),
        _main("STNMT.QLDD"),
        "decomposed input (NFD)",
        written=unicodedata.normalize("NFD", "Trần Thị Mỹ Hạnh"),
    ),
    NamedPerson("edge/d", ("Đặng", "Đình", "Đức"), _main("STC.GCS"), "đ has no decomposition"),
    NamedPerson(
        "edge/eth",
        ("Đỗ", "Hữu", "Đạt"),
        _main("STC.TCDT"),
        "eth for đ, from a font conversion",
        written="\u00d0ỗ Hữu \u00d0ạt",
    ),
    NamedPerson(
        "edge/blanks",
        ("Phạm", "Quốc", "Khánh"),
        _main("VPUBND.TH"),
        "outer, double and no-break blanks",
        written="  Phạm  Quốc\u00a0Khánh ",
    ),
    NamedPerson(
        "edge/capitals",
        ("Huỳnh", "Thị Kim", "Loan"),
        _main("UBND-THUANAN.TCKH"),
        "all capitals",
        written="HUỲNH THỊ KIM LOAN",
    ),
    NamedPerson(
        "edge/ong",
        ("Võ", "Thành", "Trung"),
        _main("UBND-THUANAN.QLDT"),
        "form of address before the name",
        written="Ông Võ Thành Trung",
    ),
    NamedPerson(
        "edge/ba",
        ("Bùi", "Thị Bích", "Vân"),
        _main("UBND-DIAN.TP"),
        "form of address before the name",
        written="bà Bùi Thị Bích Vân",
    ),
    NamedPerson(
        "edge/apostrophe",
        ("Kbuôr", "", "H'Yar"),
        _main("UBND-DIAN.VHTT"),
        "typographic apostrophe",
        written="H\u2019Yar Kbuôr",
    ),
    NamedPerson(
        "edge/two-posts",
        ("Phan", "Thị Thu", "Hằng"),
        (
            ("UBND-TDM.TCKH", "Phó Trưởng phòng", "main"),
            ("UBND-TDM.KT", "Phó Trưởng phòng", "concurrent"),
        ),
        "two posts in one agency",
    ),
    NamedPerson(
        "edge/two-agencies",
        ("Võ", "Hoàng", "Long"),
        (("STC.BGD", "Phó Giám đốc", "main"), ("QDTPT.BGD", "Phó Giám đốc", "concurrent")),
        "posts in two agencies",
    ),
    NamedPerson(
        "edge/seconded",
        ("Đinh", "Công", "Sang"),
        (("TTCNTT.PM", OFFICER, "main"), ("STTTT.CNTT", OFFICER, "seconded")),
        "seconded to another agency",
        category="PUBLIC_EMPLOYEE",
    ),
    *(
        NamedPerson(
            f"edge/twin-{number}",
            ("Trương", "Minh", "Long"),
            _main(unit),
            "twins: one name, one birth date",
            birth_date="1984-03-17",
        )
        for number, unit in enumerate(("STNMT.TNN", "STNMT.DDBD"), start=1)
    ),
    NamedPerson(
        "edge/renamed",
        ("Đoàn", "Ngọc", "Mai"),
        _main("SKHDT.KTDN"),
        "renamed: the username and the old address stay",
        former_name=("Đoàn", "Thị", "Mười"),
    ),
    NamedPerson(
        "edge/two-identity-numbers",
        ("Ngô", "Xuân", "Lộc"),
        _main("VPUBND.NC"),
        "old and new identity number",
        birth_date="1979-11-02",
        # Province codes 00 and 000 are given to no province: nobody has these numbers.
        national_ids=("000123456", "000079123456"),
    ),
    NamedPerson("edge/ton-that", ("Tôn Thất", "", "Vinh"), _main("SYT.HNYTN"), "two-word family"),
    NamedPerson(
        "edge/au-duong", ("Âu Dương", "Gia", "Phong"), _main("SGDDT.KTKD"), "two-word family"
    ),
    NamedPerson(
        "edge/long",
        ("Công Tằng Tôn Nữ", "Nguyệt Minh Thùy", "Dương"),
        _main("VPUBND.VX"),
        "a name of eight words",
    ),
    NamedPerson(
        "edge/english",
        ("Hoàng", "Thanh", "Uyên"),
        _main("SKHDT.THQH"),
        "reads the pages in English",
        language="en",
    ),
    NamedPerson(
        "edge/pending",
        ("Hồ", "Tấn", "Tài"),
        _main("STTTT.BCVT"),
        "account not activated yet",
        status="pending",
    ),
    NamedPerson(
        "edge/suspended",
        ("Lâm", "Hoàng", "Nam"),
        _main("STNMT.TNN"),
        "account suspended",
        status="suspended",
    ),
    NamedPerson(
        "edge/left", ("Tạ", "Thị Hồng", "Nhung"), _main("SYT.NVY"), "has left", status="left"
    ),
)

NAMED_PEOPLE = (*DEMO_PEOPLE, *EDGE_CASES)
