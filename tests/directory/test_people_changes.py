"""Changing a person's fields and title: one operation, held against what the actor saw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from directory.catalogue.person import Person, Post, person_dn
from directory.clock import today
from directory.errors import Conflict, Invalid
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.entries import Change
from directory.people import service
from directory.people.service import NewPerson
from directory.projection import queries
from sync.feed.polling import poll
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


_WIDE = "Giáo sư, Tiến sĩ khoa học, Nhà giáo nhân dân, Anh hùng lao động, Viện sĩ, Thầy thuốc "
_TOO_LONG = "Phó Trưởng phòng " * 20


def past_us(installation: Installation, person: Person, **values: str) -> None:
    """With LDAP's own means; the feed follows."""
    changes = [Change("replace", name, (value,)) for name, value in values.items()]
    installation.ldap.modify(person_dn(person.id, installation.settings.suffix), changes)
    poll(installation)


def shown(installation: Installation, person: Person, field: str) -> object:
    with installation.database.read() as tx:
        row = queries.person(tx, person.id)
    assert row is not None
    return getattr(row, field)


def test_a_bad_value_written_past_us_keeps_nothing_else_as_it_is(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person, other = people(), people()
    past_us(installation, person, dmAcademicTitle=_WIDE, employeeType="KING")
    seen = {"phone": "0274 100 100"}
    service.change_person(installation, OPERATOR, person.id, {"phone": "222"}, expected=seen)
    moved = service.move_person(
        installation, OPERATOR, person.id, Post(new_id(), other.posts[0].agency_id, "", "Phó phòng")
    )
    service.add_post(
        installation,
        OPERATOR,
        person.id,
        Post(new_id(), other.posts[0].agency_id, "", "Cố vấn", "concurrent"),
    )
    last_days = {moved.posts[0].id: today().isoformat()}
    now = service.end_posts(installation, OPERATOR, person.id, last_days)
    assert (now.phone, now.academic_title, now.staff_category) == ("222", _WIDE, "KING")
    for fact in ("academic_title", "staff_category"):
        with pytest.raises(Invalid) as refusal:
            service.change_person(installation, OPERATOR, person.id, {fact: f"x{_WIDE}"})
        assert refusal.value.params["field"] == fact


def test_a_title_written_past_us_is_asked_about_when_it_becomes_another(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person = people()
    bad = Post(person.posts[0].id, person.posts[0].agency_id, "", _TOO_LONG)
    past_us(installation, person, dmPost=bad.to_value())
    service.change_person(installation, OPERATOR, person.id, {"phone": "222"})
    with pytest.raises(Invalid) as refusal:
        service.change_person(installation, OPERATOR, person.id, {"title": f"x{_TOO_LONG}"})
    assert refusal.value.params["field"] == "title"
    ended = service.end_posts(installation, OPERATOR, person.id, {bad.id: _YESTERDAY})
    assert [post.end for post in ended.posts] == [_YESTERDAY]


def test_one_of_several_values_is_chosen_only_when_it_may_be_written(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person = people()
    dn = person_dn(person.id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("replace", "telephoneNumber", ("no phone", "0274 9"))])
    first = service.read_person(installation, person.id).phone
    both = service.values_now(installation, person.id, ["phone"])
    assert first == "no phone"
    with pytest.raises(Invalid):
        service.change_person(
            installation, OPERATOR, person.id, {"phone": "no phone"}, expected=both
        )


@pytest.mark.parametrize(
    ("field", "attribute", "wide"),
    [
        ("academic_title", "dmAcademicTitle", _WIDE),
        ("academic_title", "dmAcademicTitle", "x" * 63 + "  yz"),
        ("staff_no", "employeeNumber", "9" * 80),  # left out of the row, for it tells apart
    ],
)
def test_what_is_shown_cut_was_not_changed_meanwhile(
    installation: Installation,
    people: Callable[..., Person],
    field: str,
    attribute: str,
    wide: str,
) -> None:
    person = people()
    past_us(installation, person, **{attribute: wide})
    cut = shown(installation, person, field)
    assert cut != wide
    seen = {field: cut, "phone": "0274 100 100"}
    with pytest.raises(Conflict) as conflict:
        service.change_person(
            installation, OPERATOR, person.id, {field: "TS"}, expected=seen | {"phone": "older"}
        )
    assert conflict.value.params["current"] == seen, "and the form tells of the phone alone"
    whole = service.values_now(installation, person.id, [field])
    assert whole == {field: wide}
    service.change_person(installation, OPERATOR, person.id, {"phone": "222"}, expected=seen)
    past_us(installation, person, **{attribute: f"other {wide}"})
    if field == "academic_title":
        with pytest.raises(Conflict):
            service.change_person(
                installation, OPERATOR, person.id, {field: "TS"}, expected={field: cut}
            )
    past_us(installation, person, **{attribute: wide})
    changed = service.change_person(
        installation, OPERATOR, person.id, {field: "TS"}, expected={field: cut}
    )
    assert getattr(changed, field) == "TS"


def test_a_change_means_what_an_addition_means(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person, name = people(), f"ten{new_id()[:6]}"
    typed = {"mail": f" {name.upper()}@X.vn ", "username": name.upper(), "full_name": "Lê  An"}
    changed = service.change_person(installation, OPERATOR, person.id, typed)
    assert (changed.mail, changed.username, changed.full_name) == (f"{name}@x.vn", name, "Lê An")


def test_an_address_in_other_letter_case_is_not_a_second_one(
    installation: Installation, people: Callable[..., Person]
) -> None:
    person, name = people(), f"ten{new_id()[:6]}"
    mixed = f"{name.title()}@X.vn"
    past_us(installation, person, mail=mixed, dmMailAddress=mixed)
    changed = service.change_person(installation, OPERATOR, person.id, {"mail": mixed})
    assert (changed.mail, changed.aliases) == (f"{name}@x.vn", ())
