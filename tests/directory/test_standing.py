"""What a person's standing may become, and that nobody becomes what they never were."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory.audit.reading import list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.errors import Conflict
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.bind import BindResult
from directory.ldap.entries import Change, Entry
from directory.people import credentials, service
from directory.people.credentials import check_password, set_password
from directory.people.service import NewPerson, add_person
from directory.projection.apply import apply_entry
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    a_department,
    an_active_person,
)

PASSWORD = "một mật khẩu đủ dài 1"
OLD_END = "19700101000001Z"


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return a_department(running.house, "STTTT")


def new_person(agency: Agency) -> NewPerson:
    name = f"p{new_id()[:12]}"
    return NewPerson(name, "Nguyễn Văn Chờ", agency.id, mail=f"{name}@x.vn")


def entry_of(house: Installation, person_id: str) -> Entry:
    dn = person_dn(person_id, house.settings.suffix)
    found = house.ldap.read(dn, ["*", "entryCSN", "pwdEndTime"])
    assert found is not None
    return found


def write_past_us(house: Installation, person_id: str, attribute: str, value: str) -> None:
    dn = person_dn(person_id, house.settings.suffix)
    house.ldap.modify(dn, [Change("replace", attribute, (value,))])
    with house.database.write() as tx:
        apply_entry(tx, entry_of(house, person_id))


def suspend(house: Installation, person_id: str) -> None:
    service.suspend(house, OPERATOR, person_id, "đình chỉ")


def resume(house: Installation, person_id: str) -> None:
    service.resume(house, OPERATOR, person_id, "xong")


def retire(house: Installation, person_id: str) -> None:
    service.retire(house, OPERATOR, person_id, "nghỉ")


def give_a_password(house: Installation, person_id: str) -> None:
    set_password(house, OPERATOR, person_id, PASSWORD)


def take_the_password(house: Installation, person_id: str) -> None:
    credentials.clear_password(house, OPERATOR, person_id, "restore")


def suspend_past_us(house: Installation, person_id: str) -> None:
    write_past_us(house, person_id, "dmStatus", "suspended")


Act = Callable[[Installation, str], None]
_REFUSED = "person.status"
# Who, what is done with them one after the other, and what they are afterwards.
_TABLE: list[tuple[str, tuple[Act, ...], str]] = [
    ("pending", (), "pending"),
    ("pending", (suspend,), "suspended"),
    ("pending", (suspend, resume), "pending"),
    ("pending", (suspend, resume, suspend, resume), "pending"),
    ("pending", (suspend_past_us, resume), "pending"),
    ("pending", (suspend, resume, give_a_password), "active"),
    ("pending", (suspend, give_a_password), "suspended"),
    ("pending", (suspend, give_a_password, resume), "active"),
    ("pending", (give_a_password, suspend, resume), "active"),
    ("pending", (give_a_password, take_the_password, suspend, resume), "active"),
    ("pending", (resume,), _REFUSED),
    ("pending", (retire,), "left"),
    ("pending", (suspend, retire), "left"),
    ("pending", (suspend, retire, give_a_password), "left"),
    ("active", (suspend,), "suspended"),
    ("active", (suspend, resume), "active"),  # without a password: an import said so
    ("active", (suspend_past_us, resume), "active"),
    ("active", (suspend, give_a_password), "suspended"),
    ("active", (suspend, give_a_password, resume), "active"),
    ("active", (suspend, suspend), _REFUSED),
    ("active", (resume,), _REFUSED),
    ("active", (retire,), "left"),
    ("active", (retire, retire), _REFUSED),
    ("active", (retire, resume), _REFUSED),
    ("active", (retire, suspend), _REFUSED),
    ("active", (suspend, retire, resume), _REFUSED),
    ("active", (retire, give_a_password), "left"),
]


def words(case: object) -> str:
    return " ".join(act.__name__ for act in case) if isinstance(case, tuple) else str(case)


@pytest.mark.parametrize(("first", "acts", "last"), _TABLE, ids=words)
def test_the_table_of_standings(
    house: Installation, agency: Agency, first: str, acts: tuple[Act, ...], last: str
) -> None:
    person = made(house, agency, first)
    for act in acts[:-1]:
        act(house, person.id)
    before = service.read_person(house, person.id)
    if last == _REFUSED:
        with pytest.raises(Conflict, match=r"person\.status"):
            acts[-1](house, person.id)
        assert service.read_person(house, person.id) == before
        return
    for act in acts[-1:]:
        act(house, person.id)
    after = service.read_person(house, person.id)
    assert after.status == last
    # The mailbox follows: whoever waits has none.
    mailbox = last if last in ("active", "suspended") else "none"
    assert entry_of(house, person.id).one("dmMailState") == mailbox


def made(house: Installation, agency: Agency, standing: str) -> Person:
    if standing == "pending":
        return add_person(house, OPERATOR, new_person(agency))
    return an_active_person(house, new_person(agency))


def test_what_another_tool_made_ready_is_let_in(house: Installation, agency: Agency) -> None:
    person = made(house, agency, "pending")
    give_a_password(house, person.id)
    write_past_us(house, person.id, "dmStatus", "pending")
    resume(house, person.id)
    assert service.read_person(house, person.id).status == "active"


def test_being_told_of_what_they_are_again(house: Installation, agency: Agency) -> None:
    person = made(house, agency, "pending")
    suspend(house, person.id)
    resume(house, person.id)
    with house.database.read() as tx:
        events = list_events(tx, subject=f"person:{person.id}", newest_first=False)
    requested = [e.fields["changes"] for e in events if e.kind == "person.change.requested"]
    assert requested == [{"status": "suspended"}, {"status": "pending"}]
    kinds = [event.kind for event in events]
    assert kinds.count("person.resumed") == 1
    assert "person.activated" not in kinds


def test_a_password_set_at_the_same_moment_keeps_nobody_out(
    house: Installation, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the entry and the change of it, in either order."""
    first = made(house, agency, "pending")
    suspend(house, first.id)
    true = service._save_status

    def meanwhile(*args: object) -> Person:
        monkeypatch.undo()
        give_a_password(house, first.id)
        return true(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "_save_status", meanwhile)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        resume(house, first.id)
    resume(house, first.id)
    assert service.read_person(house, first.id).status == "active"

    second = made(house, agency, "pending")
    suspend(house, second.id)
    true_hash = credentials.hash_password

    def resumed_while_it_is_made(password: str) -> str:
        monkeypatch.undo()
        resume(house, second.id)
        return true_hash(password)

    monkeypatch.setattr(credentials, "hash_password", resumed_while_it_is_made)
    give_a_password(house, second.id)
    assert service.read_person(house, second.id).status == "active"


@pytest.mark.parametrize("act", [resume, retire])
def test_a_change_of_standing_takes_the_old_end_away(
    house: Installation, agency: Agency, act: Act
) -> None:
    """Before the background step came to them: the first version's end goes with the change."""
    person = made(house, agency, "active")
    give_a_password(house, person.id)
    suspend(house, person.id)
    write_past_us(house, person.id, "pwdEndTime", OLD_END)
    assert check_password(house, person.id, PASSWORD) is BindResult.LOCKED
    act(house, person.id)
    assert not entry_of(house, person.id).one("pwdEndTime")
    assert check_password(house, person.id, PASSWORD) is BindResult.ACCEPTED


def test_an_end_the_province_set_stays(house: Installation, agency: Agency) -> None:
    person = made(house, agency, "active")
    write_past_us(house, person.id, "pwdEndTime", "20991231000000Z")
    suspend(house, person.id)
    resume(house, person.id)
    assert entry_of(house, person.id).one("pwdEndTime") == "20991231000000Z"
