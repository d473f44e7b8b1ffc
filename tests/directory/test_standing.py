"""What a person's standing may become, and that nobody becomes what they never were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from directory.audit.reading import list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.errors import Conflict
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.bind import BindResult
from directory.ldap.entries import Change, Entry
from directory.ldap.passwords import hash_password
from directory.people import credentials, service
from directory.people.credentials import check_password, set_password
from directory.people.service import NewPerson, add_person
from directory.projection.apply import apply_entry
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import a_department, an_active_person

pytestmark = pytest.mark.both_engines

PASSWORD = "một mật khẩu đủ dài 1"
OLD_END = "19700101000001Z"


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return a_department(running.installation, "STTTT")


def new_person(agency: Agency) -> NewPerson:
    name = f"p{new_id()[:12]}"
    return NewPerson(
        username=name, full_name="Nguyễn Văn Chờ", agency_id=agency.id, mail=f"{name}@x.vn"
    )


def entry_of(installation: Installation, person_id: str) -> Entry:
    dn = person_dn(person_id, installation.settings.suffix)
    found = installation.ldap.read(dn, ["*", "entryCSN", "pwdEndTime"])
    assert found is not None
    return found


def write_past_us(installation: Installation, person_id: str, attribute: str, value: str) -> None:
    dn = person_dn(person_id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("replace", attribute, (value,))])
    with installation.database.write() as tx:
        apply_entry(tx, entry_of(installation, person_id))


def suspend(installation: Installation, person_id: str) -> None:
    service.suspend(installation, OPERATOR, person_id, "đình chỉ")


def resume(installation: Installation, person_id: str) -> None:
    service.resume(installation, OPERATOR, person_id, "xong")


def retire(installation: Installation, person_id: str) -> None:
    service.retire(installation, OPERATOR, person_id, "nghỉ")


def give_a_password(installation: Installation, person_id: str) -> None:
    set_password(installation, OPERATOR, person_id, PASSWORD)


def take_the_password(installation: Installation, person_id: str) -> None:
    credentials.clear_password(installation, OPERATOR, person_id, "restore")


def suspend_past_us(installation: Installation, person_id: str) -> None:
    write_past_us(installation, person_id, "dmStatus", "suspended")


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
    installation: Installation, agency: Agency, first: str, acts: tuple[Act, ...], last: str
) -> None:
    person = made(installation, agency, first)
    for act in acts[:-1]:
        act(installation, person.id)
    before = service.read_person(installation, person.id)
    if last == _REFUSED:
        with pytest.raises(Conflict, match=r"person\.status"):
            acts[-1](installation, person.id)
        assert service.read_person(installation, person.id) == before
        return
    for act in acts[-1:]:
        act(installation, person.id)
    after = service.read_person(installation, person.id)
    assert after.status == last
    # The mailbox follows: whoever waits has none.
    mailbox = last if last in ("active", "suspended") else "none"
    assert entry_of(installation, person.id).one("dmMailState") == mailbox


def made(installation: Installation, agency: Agency, standing: str) -> Person:
    if standing == "pending":
        return add_person(installation, OPERATOR, new_person(agency))
    return an_active_person(installation, new_person(agency))


def test_what_another_tool_made_ready_is_let_in(installation: Installation, agency: Agency) -> None:
    person = made(installation, agency, "pending")
    give_a_password(installation, person.id)
    write_past_us(installation, person.id, "dmStatus", "pending")
    resume(installation, person.id)
    assert service.read_person(installation, person.id).status == "active"


def test_being_told_of_what_they_are_again(installation: Installation, agency: Agency) -> None:
    person = made(installation, agency, "pending")
    suspend(installation, person.id)
    resume(installation, person.id)
    with installation.database.read() as tx:
        events = list_events(tx, subject=f"person:{person.id}", newest_first=False)
    requested = [e.fields["changes"] for e in events if e.kind == "person.change.requested"]
    assert requested == [{"status": "suspended"}, {"status": "pending"}]
    kinds = [event.kind for event in events]
    assert kinds.count("person.resumed") == 1
    assert "person.activated" not in kinds


def test_a_password_set_at_the_same_moment_keeps_nobody_out(
    installation: Installation, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the entry and the change of it, in either order."""
    first = made(installation, agency, "pending")
    suspend(installation, first.id)
    true = service._save_status

    def meanwhile(*args: Any) -> Person:
        monkeypatch.undo()
        give_a_password(installation, first.id)
        return true(*args)

    monkeypatch.setattr(service, "_save_status", meanwhile)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        resume(installation, first.id)
    resume(installation, first.id)
    assert service.read_person(installation, first.id).status == "active"

    second = made(installation, agency, "pending")
    suspend(installation, second.id)

    def resumed_while_it_is_made(password: str) -> str:
        monkeypatch.undo()
        resume(installation, second.id)
        return hash_password(password)

    monkeypatch.setattr(credentials, "hash_password", resumed_while_it_is_made)
    give_a_password(installation, second.id)
    assert service.read_person(installation, second.id).status == "active"


@pytest.mark.parametrize("act", [resume, retire])
def test_a_change_of_standing_takes_the_old_end_away(
    installation: Installation, agency: Agency, act: Act
) -> None:
    """Before the background step came to them: the first version's end goes with the change."""
    person = made(installation, agency, "active")
    give_a_password(installation, person.id)
    suspend(installation, person.id)
    write_past_us(installation, person.id, "pwdEndTime", OLD_END)
    assert check_password(installation, person.id, PASSWORD) is BindResult.LOCKED
    act(installation, person.id)
    assert not entry_of(installation, person.id).one("pwdEndTime")
    assert check_password(installation, person.id, PASSWORD) is BindResult.ACCEPTED


def test_an_end_the_province_set_stays(installation: Installation, agency: Agency) -> None:
    person = made(installation, agency, "active")
    write_past_us(installation, person.id, "pwdEndTime", "20991231000000Z")
    suspend(installation, person.id)
    resume(installation, person.id)
    assert entry_of(installation, person.id).one("pwdEndTime") == "20991231000000Z"
