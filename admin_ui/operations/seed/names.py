"""Vietnamese names by frequency, and the usernames made from them.

The weights (per cent, of a southern province) approximate public tables; nobody is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from directory.text import without_marks

FAMILY_NAMES: Mapping[str, float] = {
    "Nguyễn": 37, "Trần": 11, "Lê": 9.5, "Phạm": 6, "Huỳnh": 4.5, "Phan": 4, "Võ": 3.5,
    "Đặng": 2.1, "Bùi": 2, "Hoàng": 1.8, "Trương": 1.8, "Hồ": 1.6, "Vũ": 1.5, "Đỗ": 1.5,
    "Ngô": 1.3, "Dương": 1.2, "Đinh": 0.9, "Lâm": 0.8, "Đoàn": 0.8, "Lý": 0.7, "Mai": 0.6,
    "Trịnh": 0.6, "Lương": 0.6, "Cao": 0.6, "Hà": 0.5, "Tô": 0.4, "Châu": 0.4, "Thái": 0.4,
    "Tạ": 0.4, "Văn": 0.3, "Từ": 0.2, "Quách": 0.2, "Khổng": 0.1, "Tôn Thất": 0.1, "Âu Dương": 0.1,
}  # fmt: skip

_MALE_MIDDLES: Mapping[str, float] = {
    "Văn": 26, "Minh": 8, "Hữu": 7, "Thanh": 7, "Quốc": 6, "Hoàng": 6, "Đức": 5, "Ngọc": 5,
    "Tấn": 4, "Công": 4, "Xuân": 3, "Trọng": 3, "Thành": 3, "Quang": 3, "Anh": 3, "Duy": 2,
    "Đình": 2, "Chí": 2, "": 1,
}  # fmt: skip
FEMALE_MIDDLES: Mapping[str, float] = {
    "Thị": 42, "Ngọc": 9, "Thanh": 8, "Kim": 6, "Thị Thu": 4, "Thị Ngọc": 4, "Thị Mỹ": 4,
    "Hồng": 4, "Thu": 4, "Bích": 3, "Phương": 3, "Mỹ": 3, "Thùy": 3, "Minh": 2, "Tuyết": 1,
}  # fmt: skip
# Văn was given to many more boys before 1975 than after.
OLDER_MALE_MIDDLES = {**_MALE_MIDDLES, "Văn": 36}
YOUNGER_MALE_MIDDLES = {**_MALE_MIDDLES, "Văn": 16}

MALE_GIVEN_NAMES = (
    "Hùng", "Dũng", "Tuấn", "Minh", "Hải", "Sơn", "Thành", "Nam", "Long", "Phúc", "Hiếu", "Nghĩa",
    "Trung", "Tâm", "Tài", "Đạt", "Khoa", "Huy", "Bình", "Cường", "Phong", "Quân", "Thắng", "Toàn",
    "Vinh", "Lộc", "Phước", "Đức", "Khánh", "An", "Tú", "Hậu", "Sang", "Linh",
)  # fmt: skip
FEMALE_GIVEN_NAMES = (
    "Hương", "Lan", "Hoa", "Mai", "Hồng", "Hạnh", "Thảo", "Trang", "Linh", "Anh", "Hà", "Thủy",
    "Thúy", "Phương", "Nga", "Yến", "Dung", "Hằng", "Loan", "Tuyết", "Ngọc", "Vân", "Trinh",
    "Trâm", "Châu", "Vy", "Nhung", "Diễm", "Quyên", "Uyên", "Đào", "Ánh", "Tâm", "Bình",
)  # fmt: skip

_SLOTS = 1000
_WOMEN = 0.46
_OLDER = 0.45


class DrawnName(NamedTuple):
    """The parts of a name, as họ – đệm – tên; `middle` may be empty."""

    family: str
    middle: str
    given: str

    @property
    def full(self) -> str:
        return (
            f"{self.family} {self.middle} {self.given}"
            if self.middle
            else f"{self.family} {self.given}"
        )


def _by_weight(weights: Mapping[str, float]) -> tuple[str, ...]:
    """A table of `_SLOTS` names in which each stands as often as its weight says: drawing from it
    is one index, fast enough for 200,000 people."""
    scale = _SLOTS / sum(weights.values())
    table: list[str] = []
    reached = 0.0
    for name, weight in weights.items():
        reached += weight * scale
        table.extend([name] * (round(reached) - len(table)))
    return tuple(table)


_FAMILY_TABLE = _by_weight(FAMILY_NAMES)
_FEMALE_TABLE = _by_weight(FEMALE_MIDDLES)
_OLDER_MALE_TABLE = _by_weight(OLDER_MALE_MIDDLES)
_YOUNGER_MALE_TABLE = _by_weight(YOUNGER_MALE_MIDDLES)


def draw_name(random: Callable[[], float]) -> DrawnName:
    """One name. `random` gives floats in [0, 1); six are used at most."""
    family = _FAMILY_TABLE[int(random() * _SLOTS)]
    if random() < _WOMEN:
        middles, givens = _FEMALE_TABLE, FEMALE_GIVEN_NAMES
    else:
        middles = _OLDER_MALE_TABLE if random() < _OLDER else _YOUNGER_MALE_TABLE
        givens = MALE_GIVEN_NAMES
    middle = middles[int(random() * _SLOTS)]
    place = int(random() * len(givens))
    if middle == family:  # nobody is called Văn Văn Hùng
        middle = ""
    given = givens[place]
    if given == family or middle.endswith(given):  # nor Mai Thị Mai, nor Lê Minh Minh
        given = givens[(place + 1) % len(givens)]
    return DrawnName(family, middle, given)


def username_base(family: str, middle: str, given: str) -> str:
    """Given name and initials of họ and đệm, ASCII: ``Nguyễn Văn Hùng`` → ``hungnv``.

    Apostrophes and blanks go: ``Điểu K'Rứ`` → ``krud``, ``Y Blơk Niê`` → ``yblokn``.
    """
    return _ascii_letters(given) + _initials(family) + _initials(middle)


def next_username(base: str, taken: dict[str, int]) -> str:
    """`base`, or `base` with the next free number: ``hungnv``, ``hungnv2``, ``hungnv3``.

    `taken` counts per base and is brought up to date; bases are letters only, so that a number
    never runs into another base.
    """
    number = taken.get(base, 0) + 1
    taken[base] = number
    return base if number == 1 else f"{base}{number}"


@cache
def _ascii_letters(text: str) -> str:
    return "".join(char for char in without_marks(text).lower() if "a" <= char <= "z")


@cache
def _initials(words: str) -> str:
    return "".join(_ascii_letters(word)[:1] for word in words.split())
