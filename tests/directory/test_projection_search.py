"""Finding people: without diacritics, by beginnings of words, exact spelling first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from directory.catalogue.person import Post
from directory.ids import new_id
from directory.installation import Installation
from directory.people import service
from directory.projection import queries
from directory.text import split_name
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department, person_of

pytestmark = pytest.mark.both_engines

_NAMES = (
    "Đặng Thị Ánh",
    "Dang Van Anh",
    "Trần Văn An",
    "Nguyễn Thị Thuỳ Trang",
    "Nguyễn Thị Thùy Trang",
    "Lý Quý",
    "Lê Văn Hòa",
    "Lê Văn Hoa",
)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with running_installation() as running:
        places = [a_department(running.installation, code).id for code in ("A", "B")]
        for number, name in enumerate(_NAMES):
            post = Post(new_id(), places[number % 2], "", "Chuyên viên")
            person = person_of(f"u{number:02}", name, post)
            service.add_record(running.installation, OPERATOR, person)
        yield running.installation


def found(installation: Installation, query: str, **more: Any) -> list[str]:
    with installation.database.read() as tx:
        total, people = queries.list_people(tx, query=query, **more)
    assert total == len(people)
    return [person.full_name for person in people]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("thuy trang", ["Nguyễn Thị Thùy Trang", "Nguyễn Thị Thuỳ Trang"]),
        ("li qui", ["Lý Quý"]),
        ("ANH DANG", ["Dang Van Anh", "Đặng Thị Ánh"]),
        ("u02", ["Trần Văn An"]),
        ("ran", []),  # inside a word only
        ("%", []),
        ("_", []),
        ("zzz", []),
    ],
)
def test_words_are_found(installation: Installation, typed: str, expected: list[str]) -> None:
    assert sorted(found(installation, typed)) == sorted(expected)


def test_what_is_typed_with_diacritics_ranks_first(installation: Installation) -> None:
    assert found(installation, "đặng")[0] == "Đặng Thị Ánh"
    assert found(installation, "dang")[0] == "Dang Van Anh"
    assert found(installation, "hòa") == ["Lê Văn Hòa", "Lê Văn Hoa"]
    assert found(installation, "hoa") == ["Lê Văn Hoa", "Lê Văn Hòa"]


def test_people_are_sorted_by_given_name_and_narrowed_by_place(installation: Installation) -> None:
    everyone = found(installation, "")
    given = [split_name(name)[2] for name in everyone]
    assert given == ["An", "Anh", "Ánh", "Hoa", "Hòa", "Quý", "Trang", "Trang"]
    with installation.database.read() as tx:
        place = queries.agency_by_code(tx, "a")
        assert place is not None
    assert len(found(installation, "", place_id=place.id)) == 4
