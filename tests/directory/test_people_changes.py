"""Changing a person's fields and title: one operation, held against what the actor saw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from directory.catalogue.person import Person, Post
from directory.clock import today
from directory.errors import Conflict, Invalid
from directory.ids import new_id
from directory.installation import Installation
from directory.people import service
from directory.people.service import NewPerson
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import a_department

_YESTERDAY = (today() - timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def people(running: RunningInstallation) -> Callable[..., Person]:
    installation = running.installation
    place = a_department(installation, f"D{new_id()[:6]}".upper())
    serial = iter(range(100))

    def add(*posts: Post, phone: str = "0274 100 100") -> Person:
        if posts:
            person = Person(
                new_id(),
                "Lê",
                "",
                "Đổi",
                username=f"doi{next(serial)}",
                full_name="Lê Đổi",
                posts=posts,
                phone=phone,
            )
            return service.add_record(installation, OPERATOR, person)
        new = NewPerson(
            username=f"doi{next(serial)}",
            full_name="Lê Đổi",
            agency_id=place.id,
            title="Chuyên viên",
            phone=phone,
        )
        return service.add_person(installation, OPERATOR, new)

    return add


def test_the_title_belongs_to_the_main_post(
    installation: Installation, people: Callable[..., Person]
) -> None:
    place = people().posts[0].agency_id
    posts = (
        Post("m", place, "", "Chuyên viên"),
        Post("c", place, "", "Cố vấn", "concurrent"),
        Post("o", place, "", "Nhân viên", "main", "2020-01-01", _YESTERDAY),
    )
    person = people(*posts)
    changed = service.change_person(
        installation,
        OPERATOR,
        person.id,
        {"title": "  Trưởng  phòng "},
        expected={"title": "Chuyên viên"},
    )
    assert {post.id: post.title for post in changed.posts} == {
        "m": "Trưởng phòng",
        "c": "Cố vấn",
        "o": "Nhân viên",
    }
    assert service.read_person(installation, person.id) == changed


def test_what_somebody_else_changed_is_told_for_every_field_asked_about(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person = people()
    service.change_person(installation, OPERATOR, person.id, {"phone": "222", "title": "Phó phòng"})
    seen = {"phone": "0274 100 100", "title": "Chuyên viên", "mail": ""}
    with pytest.raises(Conflict) as conflict:
        service.change_person(installation, OPERATOR, person.id, {"phone": "333"}, expected=seen)
    assert conflict.value.code == "catalogue.changed_meanwhile"
    assert conflict.value.params["current"] == {"phone": "222", "title": "Phó phòng", "mail": ""}
    with pytest.raises(Conflict):
        service.change_person(
            installation, OPERATOR, person.id, {"title": "X"}, expected={"title": "Chuyên viên"}
        )
    assert service.read_person(installation, person.id).phone == "222"


@pytest.mark.parametrize("title", ["", "  ", "x" * 201])
def test_a_title_has_a_length(
    installation: Installation, people: Callable[..., Person], title: str
) -> None:
    person = people()
    with pytest.raises(Invalid) as refusal:
        service.change_person(installation, OPERATOR, person.id, {"phone": "222", "title": title})
    assert refusal.value.params["field"] == "title"
    assert service.read_person(installation, person.id) == person, "and the phone stays with it"


def test_without_a_main_post_there_is_no_title(
    installation: Installation, people: Callable[..., Person]
) -> None:
    place = people().posts[0].agency_id
    person = people(Post("o", place, "", "Nhân viên", "main", "2020-01-01", _YESTERDAY))
    with pytest.raises(Conflict) as refusal:
        service.change_person(installation, OPERATOR, person.id, {"title": "Trưởng phòng"})
    assert refusal.value.code == "person.no_main_post"
    assert service.title_of(service.read_person(installation, person.id)) == ""
