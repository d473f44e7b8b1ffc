"""The demo province's organisation: complete, without orphans, ids the same every time."""

import re
import unicodedata
import uuid
from collections import Counter

import pytest

from admin_ui.operations.seed.records import AgencySeed, stable_id
from admin_ui.operations.seed.structure import province_bodies, province_structure

pytestmark = pytest.mark.without_sql

STRUCTURE = province_structure()
BY_KEY = {record.key: record for record in STRUCTURE}
AGENCIES = [record for record in STRUCTURE if record.kind == "agency"]
COMMUNES = [record for record in AGENCIES if record.level == "commune"]


def _units_of(code: str) -> list[str]:
    return [record.name for record in STRUCTURE if record.agency_key == code != record.key]


def test_the_province_has_all_bodies_of_2013() -> None:
    levels = Counter((record.level, record.type) for record in AGENCIES)
    assert levels["commune", "peoples_committee"] == 91
    assert levels["district", "peoples_committee"] == 7
    assert levels["province", "department"] == 16
    assert levels["province", "sub_department"] == 4
    assert levels["province", "public_service_unit"] == 14
    assert levels["province", "peoples_committee"] == 1
    assert len(AGENCIES) == 138
    symbols = {record.symbol for record in AGENCIES if record.type == "department"}
    assert symbols == {
        "SNV", "STP", "SKHĐT", "STC", "SCT", "SNNPTNT", "SGTVT", "SXD", "STNMT", "STTTT",
        "SLĐTBXH", "SVHTTDL", "SKHCN", "SGDĐT", "SYT", "SNgV",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("district", "wards", "townships", "communes"),
    [
        ("UBND-TDM", 11, 0, 3),
        ("UBND-THUANAN", 7, 0, 3),
        ("UBND-DIAN", 7, 0, 0),
        ("UBND-BENCAT", 0, 1, 14),
        ("UBND-TANUYEN", 0, 3, 19),
        ("UBND-DAUTIENG", 0, 1, 11),
        ("UBND-PHUGIAO", 0, 1, 10),
    ],
)
def test_each_district_has_its_communes(
    district: str, wards: int, townships: int, communes: int
) -> None:
    names = [record.name for record in COMMUNES if record.parent_key == district]
    begin = re.compile("Ủy ban nhân dân (phường|thị trấn|xã) ")
    found = [begin.match(name) for name in names]
    ranks = Counter(match[1] for match in found if match)
    assert ranks.total() == len(names)
    assert (ranks["phường"], ranks["thị trấn"], ranks["xã"]) == (wards, townships, communes)


def test_names_repeat_between_districts_and_codes_do_not() -> None:
    repeated = {name for name, n in Counter(r.short_name for r in COMMUNES).items() if n > 1}
    assert repeated == {"UBND xã Tân Định", "UBND xã Tân Hiệp"}
    assert {r.code for r in COMMUNES if r.name.endswith(" Tân Bình")} == {
        "UBND-DIAN-TANBINH",
        "UBND-TANUYEN-TANBINH",
    }
    assert len(BY_KEY) == len(STRUCTURE) == len({r.id for r in STRUCTURE})
    assert len({record.code for record in STRUCTURE}) == len(STRUCTURE)


def test_codes_fit_everywhere_and_no_official_identifier_is_made_up() -> None:
    for record in STRUCTURE:
        assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*(\.[A-Z0-9]+)?", record.code)
        assert len(record.code) <= 35
        assert not re.search(r"\d{2,}|H09", record.code + record.symbol)
        assert ("." in record.code) == (record.kind == "unit")


def test_parents_exist_come_first_and_never_circle() -> None:
    seen: set[str] = set()
    for record in STRUCTURE:
        assert record.parent_key in seen or not record.parent_key, record.key
        assert record.parent_key or record.kind == "agency"
        seen.add(record.key)
        if record.kind == "unit":
            assert BY_KEY[record.agency_key].kind == "agency"
            assert BY_KEY[record.parent_key].agency_key == record.agency_key
        else:
            assert record.agency_key == record.key
    # The office of the National Assembly delegation and People's Council is not the committee's.
    assert {r.key for r in STRUCTURE if not r.parent_key} == {"UBND-TINH", "VPHDND"}


@pytest.mark.parametrize(
    ("agency", "parent"),
    [
        ("STTTT", "UBND-TINH"),
        ("TTCNTT", "STTTT"),
        ("BVDK", "SYT"),
        ("THPTHV", "SGDDT"),
        ("TTCB", "VPUBND"),
        ("CCKL", "SNNPTNT"),
        ("DHTDM", "UBND-TINH"),
        ("UBND-TDM-PHUCUONG", "UBND-TDM"),
    ],
)
def test_superiors(agency: str, parent: str) -> None:
    assert BY_KEY[agency].parent_key == parent


def test_units_of_each_kind_of_agency() -> None:
    assert _units_of("STTTT") == [
        "Ban Giám đốc",
        "Văn phòng",
        "Thanh tra",
        "Phòng Kế hoạch – Tài chính",
        "Phòng Thông tin – Báo chí – Xuất bản",
        "Phòng Công nghệ thông tin",
        "Phòng Bưu chính – Viễn thông",
        "Bộ phận Tiếp nhận và trả kết quả",
    ]
    assert "Phòng Quản lý đô thị" in _units_of("UBND-TDM")
    assert "Phòng Quản lý đô thị" not in _units_of("UBND-BENCAT")
    assert "Phòng Nông nghiệp và Phát triển nông thôn" in _units_of("UBND-BENCAT")
    assert "Công an xã" in _units_of("UBND-BENCAT-ANTAY")
    assert not [u for u in _units_of("UBND-TDM-PHUCUONG") if "Công an" in u]
    for body in province_bodies():
        keys = {unit.key for unit in body.units}
        assert {body.leaders, body.office, body.it_unit} <= keys
        assert not body.one_stop or body.one_stop in keys
        siblings = Counter((u.parent_key, u.precedence) for u in body.units)
        assert max(siblings.values()) == 1
        if body.agency.type == "department":
            assert 3 <= sum(unit.type == "division" for unit in body.units) <= 7


def test_names_are_stored_as_they_should_be() -> None:
    for record in STRUCTURE:
        for name in (record.name, record.short_name):
            assert name == unicodedata.normalize("NFC", name) == name.strip()
            assert "  " not in name and not re.search(r"\w-\w", name), name


def test_ids_are_the_same_every_time() -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:danhmuc:seed")
    for record in STRUCTURE:
        assert record.id == str(uuid.uuid5(namespace, f"agency/{record.key}"))
    assert stable_id("agency/STTTT") == BY_KEY["STTTT"].id
    assert province_structure() == STRUCTURE


@pytest.mark.parametrize("count", [1, 5, 13, 60, 138])
def test_a_part_of_the_province_is_complete_in_itself(count: int) -> None:
    part = province_structure(count)
    keys = {record.key for record in part}
    chosen = [record for record in part if record.kind == "agency"]
    assert len(chosen) == count
    assert all(not record.parent_key or record.parent_key in keys for record in part)
    units: list[AgencySeed] = [r for r in STRUCTURE if r.kind == "unit" and r.agency_key in keys]
    assert [record for record in part if record.kind == "unit"] == units


@pytest.mark.parametrize("count", [139, 500, 1500])
def test_a_larger_province_has_further_schools_and_health_stations(count: int) -> None:
    larger = province_structure(count)
    assert larger[: len(STRUCTURE)] == STRUCTURE  # those of 2013 stay as they are
    further = larger[len(STRUCTURE) :]
    bodies = [record for record in further if record.kind == "agency"]
    assert len(bodies) == count - 138
    assert {record.type for record in bodies} == {"public_service_unit"}
    assert larger[: len(province_structure(count - 1))] == province_structure(count - 1)
    keys: set[str] = set()
    for record in larger:
        assert record.parent_key in keys or not record.parent_key
        keys.add(record.key)
        assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*(\.[A-Z0-9]+)?", record.code)
        assert len(record.code) <= 35
        assert record.name == unicodedata.normalize("NFC", record.name).strip()
    assert len(keys) == len(larger) == len({record.id for record in larger})
    numbers = [record.phone for record in larger if record.kind == "agency"]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"0274 \d{3} \d{4}", number) for number in numbers)


def test_the_further_bodies_lie_where_such_bodies_do() -> None:
    further = {r.key: r for r in province_structure(1500)[len(STRUCTURE) :] if r.kind == "agency"}
    for key, record in further.items():
        above = BY_KEY[record.parent_key]
        assert above.level == ("commune" if key.startswith("TYT-") else "district")
    assert further["TYT-TDM-PHUCUONG"].name == "Trạm Y tế Phú Cường"
    assert further["TH2-TDM-PHUCUONG"].name == "Trường Tiểu học Phú Cường 2"
    for body in province_bodies(1500)[138:]:
        assert {body.leaders, body.office, body.it_unit} <= {unit.key for unit in body.units}
