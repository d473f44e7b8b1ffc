"""Changes of one entry that meet: each has its turn, and none undoes what another wrote."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post, person_dn
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.errors import Conflict, Unavailable
from directory.ids import new_id
from directory.installation import Installation
from directory.intents import carrying
from directory.intents.recovery import recover_open_intents
from directory.intents.tables import intent
from directory.ldap.entries import Change
from directory.people import service
from directory.people.service import NewPerson, add_person, change_person
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import a_department, an_active_person

pytestmark = pytest.mark.both_engines

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return a_department(running.installation, "STTTT")


@pytest.fixture
def person(installation: Installation, agency: Agency) -> Person:
    number = next(_numbers)
    new = NewPerson(
        username=f"turn{number}",
        full_name=f"Lê Thị Thu {number}",
        agency_id=agency.id,
        title="Chuyên viên",
    )
    return an_active_person(installation, new)


@pytest.fixture
def overtake(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen between a change's reading of the entry and its turn."""
    real_mean = carrying._mean

    def arrange(first: Callable[[], object]) -> None:
        def mean_later(*args: Any) -> str:
            monkeypatch.setattr(carrying, "_mean", real_mean)
            first()
            return real_mean(*args)

        monkeypatch.setattr(carrying, "_mean", mean_later)

    return arrange


def states_of(installation: Installation, person_id: str) -> list[str]:
    query = select(intent.c.state).where(intent.c.entry_id == person_id).order_by(intent.c.id)
    with installation.database.read() as tx:
        return list(tx.execute(query).scalars())


def test_an_edit_that_was_overtaken_keeps_what_follows_from_the_other(
    installation: Installation, person: Person, overtake: Callable[[Callable[[], object]], None]
) -> None:
    """`title` is derived from the posts and written by every edit, also by one of the phone."""
    overtake(
        lambda: service.change_person(
            installation, OPERATOR, person.id, {"title": "Phó Trưởng phòng"}
        )
    )
    changed = change_person(installation, OPERATOR, person.id, {"phone": "0274 7"})
    assert (changed.phone, service.title_of(changed)) == ("0274 7", "Phó Trưởng phòng")
    entry = installation.ldap.read(person_dn(person.id, installation.settings.suffix), ["title"])
    assert entry is not None
    assert entry.all("title") == ("Phó Trưởng phòng",)
    assert states_of(installation, person.id) == ["done"] * 3


def test_an_edit_overtaken_in_its_own_field_is_a_conflict_that_says_what_is_there(
    installation: Installation, person: Person, overtake: Callable[[Callable[[], object]], None]
) -> None:
    overtake(lambda: change_person(installation, OPERATOR, person.id, {"phone": "0274 1"}))
    with pytest.raises(Conflict) as caught:
        change_person(installation, OPERATOR, person.id, {"phone": "0274 2"})
    assert caught.value.params["current"] == {"telephoneNumber": ["0274 1"]}
    assert service.read_person(installation, person.id).phone == "0274 1"
    assert sorted(states_of(installation, person.id)) == ["conflict", "done", "done"]


def test_a_post_given_meanwhile_is_not_dropped(
    installation: Installation,
    person: Person,
    agency: Agency,
    overtake: Callable[[Callable[[], object]], None],
) -> None:
    """The other's post is one value more: an assertion on the values that were seen holds."""
    post = Post(new_id(), agency.id, "", "Kiêm nhiệm", kind="concurrent")
    dn = person_dn(person.id, installation.settings.suffix)

    def give_post() -> None:
        change_person(installation, OPERATOR, person.id, {"precedence": 3})
        installation.ldap.modify(dn, [Change("add", "dmPost", (post.to_value(),))])

    overtake(give_post)
    with pytest.raises(Conflict, match=r"catalogue\.changed_meanwhile"):
        service.change_person(installation, OPERATOR, person.id, {"title": "Trưởng phòng"})
    assert post in service.read_person(installation, person.id).posts


def test_an_overtaken_edit_that_crashes_is_recovered_as_it_was_meant_last(
    installation: Installation,
    person: Person,
    overtake: Callable[[Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_settle = carrying.settle

    def other() -> None:
        service.change_person(installation, OPERATOR, person.id, {"title": "Phó Giám đốc"})
        monkeypatch.setattr(carrying, "settle", lose_the_store)

    def lose_the_store(*_args: Any, **_kwargs: Any) -> None:
        raise Unavailable(DATABASE_UNAVAILABLE)

    overtake(other)
    with pytest.raises(Unavailable, match=r"change\.pending"):
        change_person(installation, OPERATOR, person.id, {"phone": "0274 8"})
    monkeypatch.setattr(carrying, "settle", real_settle)
    assert recover_open_intents(installation, leave_alone_ms=0) == 1
    found = service.read_person(installation, person.id)
    assert (found.phone, service.title_of(found)) == ("0274 8", "Phó Giám đốc")


def test_an_intent_that_cannot_be_read_does_not_keep_others_open(
    installation: Installation, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = add_person(
        installation,
        OPERATOR,
        NewPerson(
            username=f"{person.username}x", full_name="Bùi An", agency_id=person.posts[0].agency_id
        ),
    )
    with installation.database.write() as tx:
        mine = intent.c.entry_id == bad.id
        tx.execute(update(intent).where(mine).values(state="requested", change="{"))

    def lose_the_store(*_args: Any, **_kwargs: Any) -> None:
        raise Unavailable(DATABASE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "settle", lose_the_store)
        with pytest.raises(Unavailable):
            change_person(installation, OPERATOR, person.id, {"phone": "0274 9"})
    assert recover_open_intents(installation, leave_alone_ms=0) == 1
    assert states_of(installation, person.id)[-1] == "done"
    with installation.database.write() as tx:
        tx.execute(update(intent).where(mine).values(state="done"))
