"""Drawn names and the usernames made from them."""

from collections import Counter
from random import Random

import pytest

from admin_ui.operations.seed.names import (
    FAMILY_NAMES,
    FEMALE_GIVEN_NAMES,
    FEMALE_MIDDLES,
    MALE_GIVEN_NAMES,
    draw_name,
    next_username,
    username_base,
)
from directory.text import clean_name, fold, split_name

pytestmark = pytest.mark.without_sql


def test_frequencies_follow_the_weights() -> None:
    random = Random(1).random
    drawn = [draw_name(random) for _ in range(40_000)]
    families = Counter(name.family for name in drawn)
    total = sum(FAMILY_NAMES.values())
    for family, weight in FAMILY_NAMES.items():
        share = weight / total
        assert families[family] / len(drawn) == pytest.approx(share, abs=0.006), family
        assert families[family] > 0
    middles = Counter(name.middle for name in drawn)
    assert middles["Thị"] / len(drawn) == pytest.approx(0.46 * 0.42, abs=0.01)
    assert middles["Văn"] / len(drawn) == pytest.approx(0.54 * 0.25, abs=0.02)


def test_names_are_possible_names() -> None:
    random = Random(2).random
    for _ in range(20_000):
        family, middle, given = name = draw_name(random)
        assert not middle or middle != family
        assert given not in (family, middle.rpartition(" ")[2])
        female = middle.startswith("Thị")
        assert given in (FEMALE_GIVEN_NAMES if female else FEMALE_GIVEN_NAMES + MALE_GIVEN_NAMES)
        if middle in ("Văn", "Hữu", "Quốc"):
            assert given in MALE_GIVEN_NAMES
        assert clean_name(name.full) == name.full
        assert split_name(name.full) == (family, middle, given)


def test_forms_of_address_are_recognised_before_every_family_name_drawn() -> None:
    for family in FAMILY_NAMES:
        assert clean_name(f"Ông {family} Văn An") == f"{family} Văn An"


@pytest.mark.parametrize(
    ("parts", "base"),
    [
        (("Nguyễn", "Văn", "Hùng"), "hungnv"),
        (("Nguyễn", "Thị Thu", "Hương"), "huongntt"),
        (("Lê", "", "Anh"), "anhl"),
        (("Đặng", "Đình", "Đức"), "ducdd"),
        (("Lê Nguyễn", "Minh", "Châu"), "chaulnm"),
        (("Tôn Thất", "", "Vinh"), "vinhtt"),
        (("Niê", "", "Y Blơk"), "yblokn"),
        (("Niê", "", "H'Hen"), "hhenn"),
        (("Điểu", "", "K'Rứ"), "krud"),
        (("Lý", "Mỹ", "Thúy"), "thuylm"),  # a username keeps its y
    ],
)
def test_username_is_given_name_and_initials(parts: tuple[str, str, str], base: str) -> None:
    assert username_base(*parts) == base


def test_taken_usernames_get_the_next_free_number() -> None:
    taken: dict[str, int] = {}
    assert [next_username("hungnv", taken) for _ in range(3)] == ["hungnv", "hungnv2", "hungnv3"]
    assert next_username("hungn", taken) == "hungn"
    assert next_username("hungnv", taken) == "hungnv4"


def test_every_family_name_can_be_found_without_marks() -> None:
    keys = {fold(family) for family in FAMILY_NAMES}
    assert all(key.isascii() for key in keys)
    assert {"nguyen", "huynh", "tran", "dang", "li"} <= keys
    assert len(FEMALE_MIDDLES) == 15
