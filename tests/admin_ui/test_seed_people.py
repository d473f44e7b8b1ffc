"""Synthetic people: exact numbers, one stream per seed, every trap of names and posts."""

import itertools
import os
import re
import subprocess
import sys
import time
import tracemalloc
import unicodedata
from collections import Counter, defaultdict

import pytest

from admin_ui.operations.seed.establishment import IT_FULL_TIME, IT_PART_TIME, PRECEDENCE, establish
from admin_ui.operations.seed.named import NAMED_PEOPLE
from admin_ui.operations.seed.people import people
from admin_ui.operations.seed.records import PersonSeed
from admin_ui.operations.seed.structure import province_bodies, province_structure
from directory.text import clean, clean_name, fold, sort_key, sort_key_of_parts

pytestmark = pytest.mark.without_sql

STRUCTURE = {record.key: record for record in province_structure()}
CONCENTRATED = {body.agency.key for body in province_bodies() if body.concentrated}
HEADS = {body.agency.key: body.head for body in province_bodies()}


@pytest.fixture(scope="module")
def five_hundred() -> list[PersonSeed]:
    return list(people(500))


@pytest.fixture(scope="module")
def five_thousand() -> list[PersonSeed]:
    return list(people(5000))


@pytest.mark.parametrize("count", [0, 1, 4, 50, 300, 500, 1234, 5000])
def test_as_many_people_as_asked_for(count: int) -> None:
    assert sum(1 for _ in people(count)) == count


def test_the_same_seed_gives_the_same_people_in_any_process() -> None:
    code = (
        "import hashlib\n"
        "from admin_ui.operations.seed.people import people\n"
        "print(hashlib.sha256(repr(list(people(700))).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_people_in_the_same_places() -> None:
    one, other = list(people(500)), list(people(500, seed=7))
    named = len(NAMED_PEOPLE)
    assert [p.id for p in one[:named]] == [p.id for p in other[:named]]
    assert not {p.id for p in one[named:]} & {p.id for p in other[named:]}
    assert [p.full_name for p in one[named:]] != [p.full_name for p in other[named:]]
    assert [p.posts[0].unit_key for p in one] == [p.posts[0].unit_key for p in other]


def test_more_people_are_the_same_people_and_others(five_thousand: list[PersonSeed]) -> None:
    """Seeding a larger number later keeps everybody who is there."""
    for count in (50, 500, 1234):
        assert list(people(count)) == five_thousand[:count]


def test_nobody_shares_what_must_be_ones_own(five_thousand: list[PersonSeed]) -> None:
    for field in ("key", "id", "username", "staff_no"):
        assert len({getattr(p, field) for p in five_thousand}) == 5000, field
    addresses = [a for p in five_thousand for a in (p.mail, *p.aliases) if a]
    assert len(set(addresses)) == len(addresses)
    posts = [post.id for p in five_thousand for post in p.posts]
    assert len(set(posts)) == len(posts)


def test_every_record_has_the_form_the_catalogue_wants(five_thousand: list[PersonSeed]) -> None:
    for p in five_thousand:
        assert re.fullmatch(r"[a-z][a-z0-9.]{1,30}", p.username)
        assert p.mail in ("", f"{p.username}@binhduong.gov.vn") or p.former_full_name
        assert re.fullmatch(r"0274 \d{3} \d{4}", p.phone)
        assert re.fullmatch(r"BD\d{6}", p.staff_no)
        assert p.staff_category in {
            "OFFICIAL", "CIVIL_SERVANT", "PUBLIC_EMPLOYEE", "CONTRACT", "NON_SPECIALISED",
        }  # fmt: skip
        assert p.full_name == clean_name(p.full_name) == unicodedata.normalize("NFC", p.full_name)
        assert sorted(p.full_name.split()) == sorted(
            f"{p.family_name} {p.middle_name} {p.given_name}".split()
        )
        assert p.precedence == PRECEDENCE[p.posts[0].title]


def test_every_post_is_in_a_place_that_exists(five_thousand: list[PersonSeed]) -> None:
    for p in five_thousand:
        assert [post.kind for post in p.posts].count("main") == 1
        assert p.posts[0].kind == "main"
        for post in p.posts:
            unit = STRUCTURE[post.unit_key]
            assert unit.kind == "unit"
            assert unit.agency_key == post.agency_key
            assert "1995-01-01" <= post.start <= "2012-12-01"
            assert bool(post.end) == (p.status == "left")
            assert post.title in PRECEDENCE


def test_five_hundred_people_are_concentrated_in_twelve_agencies(
    five_hundred: list[PersonSeed],
) -> None:
    staff = defaultdict(list)
    for p in five_hundred:
        if not p.edge_case:
            staff[p.posts[0].agency_key].append(p)
    assert len(CONCENTRATED) == 12
    assert {len(staff[key]) for key in CONCENTRATED} <= {16, 17, 18}
    elsewhere = set(HEADS) - CONCENTRATED
    assert len(elsewhere) == 126
    for key in elsewhere - {"UBND-TINH"}:  # the province's leaders have the office's IT officer
        head, it_officer = staff[key]
        assert head.posts[0].title == HEADS[key]
        assert it_officer.posts[-1].title in (IT_FULL_TIME, IT_PART_TIME)
    assert [p.posts[0].title for p in staff["UBND-TINH"]] == ["Chủ tịch UBND", "Phó Chủ tịch UBND"]


def test_five_thousand_people_have_realistic_agencies(five_thousand: list[PersonSeed]) -> None:
    size = Counter(p.posts[0].agency_key for p in five_thousand)
    levels = defaultdict(list)
    for key, number in size.items():
        levels[STRUCTURE[key].level, STRUCTURE[key].type].append(number)
    assert all(40 <= n <= 90 for n in levels["province", "department"])
    assert all(90 <= n <= 150 for n in levels["district", "peoples_committee"])
    assert all(20 <= n <= 25 for n in levels["commune", "peoples_committee"])
    heads = Counter((p.posts[0].agency_key, p.posts[0].title) for p in five_thousand)
    assert {heads[key, head] for key, head in HEADS.items()} == {1}
    statuses = Counter(p.status for p in five_thousand)
    assert statuses["active"] > 4700
    assert all(statuses[status] >= 5 for status in ("pending", "suspended", "left"))
    for p in five_thousand:
        if p.posts[0].title in ("Lái xe", "Bảo vệ"):
            assert (p.mail, p.status) == ("", "pending")


def test_leaders_come_before_their_staff_in_precedence() -> None:
    for body in province_bodies():
        establishment = establish(body)
        head = establishment.opening(0)
        rest = [establishment.opening(number) for number in range(1, 200)] if body.staff else []
        assert all(head.precedence < opening.precedence for opening in rest)
    order = ["Chủ tịch UBND", "Giám đốc", "Chánh Văn phòng", "Chánh Thanh tra", "Chi cục trưởng",
             "Trưởng phòng", "Phó Trưởng phòng", "Chuyên viên cao cấp", "Chuyên viên chính",
             "Chuyên viên", "Cán sự", "Nhân viên", "Văn thư", "Kế toán", "Thủ quỹ", "Lái xe",
             "Bảo vệ"]  # fmt: skip
    assert sorted(order, key=PRECEDENCE.__getitem__) == order


def _edge(found: list[PersonSeed], key: str) -> PersonSeed:
    return next(p for p in found if p.key == f"edge/{key}")


def test_five_of_one_name_in_one_department(five_hundred: list[PersonSeed]) -> None:
    same = [p for p in five_hundred if p.key.startswith("edge/hung-")]
    assert [p.username for p in same] == ["hungnv", "hungnv2", "hungnv3", "hungnv4", "hungnv5"]
    assert {p.full_name for p in same} == {"Nguyễn Văn Hùng"}
    assert {p.posts[0].agency_key for p in same} == {"SNV"}


@pytest.mark.parametrize(
    ("key", "full_name", "parts"),
    [
        ("le-anh", "Lê Anh", ("Lê", "", "Anh")),
        ("double-family", "Lê Nguyễn Minh Châu", ("Lê Nguyễn", "Minh", "Châu")),
        ("e-de-man", "Y Blơk Niê", ("Niê", "", "Y Blơk")),
        ("e-de-woman", "H'Hen Niê", ("Niê", "", "H'Hen")),
        ("stieng", "Điểu K'Rứ", ("Điểu", "", "K'Rứ")),
        ("khmer", "Thạch Sa Rết", ("Thạch", "", "Sa Rết")),
        ("d", "Đặng Đình Đức", ("Đặng", "Đình", "Đức")),
        ("ton-that", "Tôn Thất Vinh", ("Tôn Thất", "", "Vinh")),
    ],
)
def test_unusual_names_have_their_right_parts(
    five_hundred: list[PersonSeed], key: str, full_name: str, parts: tuple[str, str, str]
) -> None:
    p = _edge(five_hundred, key)
    assert p.full_name == full_name
    assert (p.family_name, p.middle_name, p.given_name) == parts
    assert sort_key_of_parts(*parts)


@pytest.mark.parametrize(
    ("key", "dirt"),
    [
        ("nfd", "\u0323"),
        ("blanks", "\u00a0"),
        ("capitals", "HUỲNH"),
        ("ong", "Ông "),
        ("ba", "bà "),
        ("eth", "\u00d0"),
        ("apostrophe", "\u2019"),
    ],
)
def test_careless_input_is_carried_raw_and_comes_clean(
    five_hundred: list[PersonSeed], key: str, dirt: str
) -> None:
    p = _edge(five_hundred, key)
    assert dirt in p.raw_full_name
    assert dirt not in p.full_name
    assert clean_name(p.raw_full_name) == p.full_name
    assert fold(clean(p.raw_full_name)).endswith(fold(p.full_name))


def test_only_the_careless_records_differ_from_their_input(
    five_thousand: list[PersonSeed],
) -> None:
    dirty = {p.key for p in five_thousand if p.raw_full_name != p.full_name}
    assert dirty == {
        f"edge/{key}" for key in ("nfd", "blanks", "capitals", "ong", "ba", "eth", "apostrophe")
    }


def test_two_spellings_of_one_name_are_found_together(five_hundred: list[PersonSeed]) -> None:
    old, new = _edge(five_hundred, "tone-old"), _edge(five_hundred, "tone-new")
    assert old.full_name != new.full_name
    assert fold(old.full_name) == fold(new.full_name)
    assert sort_key(old.full_name) == sort_key(new.full_name)
    with_y, with_i = _edge(five_hundred, "y"), _edge(five_hundred, "i")
    assert with_y.full_name == "Lý Quý Hòa"
    assert fold(with_y.full_name) == fold(with_i.full_name) == "li qui hoa"


def test_posts_of_every_kind(five_hundred: list[PersonSeed]) -> None:
    two = _edge(five_hundred, "two-posts").posts
    assert [post.kind for post in two] == ["main", "concurrent"]
    assert two[0].agency_key == two[1].agency_key
    across = _edge(five_hundred, "two-agencies").posts
    assert {post.agency_key for post in across} == {"STC", "QDTPT"}
    assert _edge(five_hundred, "seconded").posts[1].kind == "seconded"
    assert sum(len(p.posts) == 2 for p in five_hundred) > 80  # part-time IT officers


def test_people_who_are_hard_to_tell_apart_or_changed(five_hundred: list[PersonSeed]) -> None:
    twins = [_edge(five_hundred, f"twin-{number}") for number in (1, 2)]
    assert len({(p.full_name, p.birth_date) for p in twins}) == 1
    assert twins[0].birth_date and twins[0].id != twins[1].id
    renamed = _edge(five_hundred, "renamed")
    assert (renamed.username, renamed.former_full_name) == ("muoidt", "Đoàn Thị Mười")
    assert (renamed.mail, renamed.aliases) == (
        "maidn@binhduong.gov.vn",
        ("muoidt@binhduong.gov.vn",),
    )
    old, new = _edge(five_hundred, "two-identity-numbers").national_ids
    assert (len(old), len(new)) == (9, 12)
    assert old.startswith("00") and new.startswith("000")  # no province has these
    assert {_edge(five_hundred, k).status for k in ("pending", "suspended", "left")} == {
        "pending",
        "suspended",
        "left",
    }


def test_edge_cases_are_there_from_fifty_people_on() -> None:
    shown = [p for p in people(50) if p.edge_case]
    assert [p.key for p in shown] == [named.key for named in NAMED_PEOPLE]


def test_a_part_of_the_province_is_staffed_alone() -> None:
    part = province_structure(13)
    keys = {record.key for record in part}
    found = list(people(300, structure=part))
    assert len(found) == 300
    assert {post.agency_key for p in found for post in p.posts} <= keys
    assert not list(people(10, structure=[]))


def test_two_hundred_thousand_people_take_seconds_and_little_memory() -> None:
    began = time.perf_counter()
    assert sum(1 for _ in people(50_000)) == 50_000
    assert time.perf_counter() - began < 10  # 0.6 s on the machine it was written on
    tracemalloc.start()
    try:
        stream = people(6_000)
        assert sum(1 for _ in itertools.islice(stream, 3_000)) == 3_000
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in stream) == 3_000
        assert tracemalloc.get_traced_memory()[0] - before < 300_000
    finally:
        tracemalloc.stop()
