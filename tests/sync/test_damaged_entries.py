"""Unreadable never means unchanged: whatever is wrong with an entry, its standing is followed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import update

from directory.agencies.service import add_agency
from directory.audit.reading import list_events
from directory.catalogue.agency import Agency, agency_dn
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import Person, standing_of
from directory.errors import Conflict
from directory.ids import new_id
from directory.intents import carrying
from directory.intents.recovery import recover_open_intents
from directory.ldap.bind import BindResult
from directory.ldap.entries import Change, Entry
from directory.people import service
from directory.people.credentials import check_password, set_password
from directory.people.service import change_person
from directory.projection import queries
from directory.projection.tables import catalogue_person
from sync.feed.full_scan import reconcile
from sync.feed.polling import poll
from sync.feed.rebuilding import rebuild
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.only_on_sqlite("what is damaged is judged before any store is asked")

PASSWORD = "một mật khẩu đủ dài 1"

# Attribute → what another tool leaves in it.
DAMAGES: dict[str, tuple[str, ...]] = {
    "dmPost": ("{không phải json",),
    "dmPost twice": ('{"id":"x"}', "[]"),
    "dmPrecedence": ("9" * 5000,),
    "dmSearchKey": ("x" * 250, "y"),
    "dmSortKey": ("\u0001",),
    "dmAgency": ("không phải mã",),
    "dmUnit": ("không phải mã",),
    "dmMailAddress": ("@N@b@c", "@N "),
    "dmMailState": ("hỏng",),
    "dmIntent": ("ai đó",),
    "uid": ("ten-khac.@N",),
    "cn": ("\u0000",),
    "sn": ("\u0001" * 300,),
    "givenName": ("x" * 30_000,),
    "displayName": ("x" * 30_000,),
    "mail": ("\u0001@x",),
    "telephoneNumber": ("+1", "+2"),
    "employeeNumber": ("@N" * 300,),
    "employeeType": ("x" * 3000,),
    "preferredLanguage": ("x" * 300,),
    "title": ("x" * 30_000,),
    "o": ("x",),
    "ou": ("x",),
    "departmentNumber": ("x",),
    "dmMiddleName": ("x" * 30_000,),
}


@pytest.fixture(scope="module", autouse=True)
def bystander(fed: Fed) -> Person:
    """Somebody else who is active: the loss of everybody there is would be taken for misread."""
    return fed.someone_known()


def damage(fed: Fed, person_id: str, name: str) -> None:
    apart = new_id()[:8]  # slapd keeps some values unique
    values = "\n".join(
        f"{name.split()[0]}:: {base64.b64encode(value.replace('@N', apart).encode()).decode()}"
        for value in DAMAGES[name]
    )
    fed.ldapmodify(
        f"dn: {fed.dn(person_id)}\nchangetype: modify\nreplace: {name.split()[0]}\n{values}\n"
    )


def damaged(fed: Fed, name: str) -> Person:
    return all_damaged(fed, [name])[name]


def all_damaged(fed: Fed, names: Iterable[str]) -> dict[str, Person]:
    """Somebody for each damage; the feed is asked once for all of them."""
    people = {name: fed.someone() for name in names}
    for person in people.values():
        set_password(fed.installation, OPERATOR, person.id, PASSWORD)
    poll(fed.installation)
    for name, person in people.items():
        damage(fed, person.id, name)
    poll(fed.installation)
    for name, person in people.items():
        assert is_active(fed, person), name
    return people


def is_active(fed: Fed, person: Person) -> bool:
    with fed.installation.database.read() as tx:
        status = queries.person_status(tx, person.id)
    assert status is not None
    return status.active


def ended_at(fed: Fed, person: Person) -> int:
    with fed.installation.database.read() as tx:
        status = queries.person_status(tx, person.id)
    assert status is not None
    return status.sessions_valid_after


def test_a_right_withdrawn_past_us_is_gone_at_the_next_poll(fed: Fed) -> None:
    people = all_damaged(fed, DAMAGES)
    before = {name: ended_at(fed, person) for name, person in people.items()}
    for person in people.values():
        fed.replace(person.id, "dmStatus", "suspended")
    poll(fed.installation)
    for name, person in people.items():
        assert not is_active(fed, person), name
        assert ended_at(fed, person) > before[name], name


@pytest.mark.parametrize("withdraw", [service.suspend, service.retire])
def test_our_own_commands_need_the_dn_alone(fed: Fed, withdraw: Callable[..., Person]) -> None:
    people, kept = all_damaged(fed, DAMAGES), {}
    for name, person in people.items():
        before = ended_at(fed, person)
        done = withdraw(fed.installation, OPERATOR, person.id, "khẩn cấp")
        assert done.status in ("suspended", "left"), name
        assert not is_active(fed, person), name
        assert ended_at(fed, person) > before, name
        kept[name] = fed.entry(person.id)
    poll(fed.installation)
    for name, person in people.items():
        # Nothing of the damage was written over.
        assert fed.entry(person.id) == kept[name], name
        assert not is_active(fed, person), name


@pytest.mark.parametrize("way", ["feed", "rebuild", "reconcile"])
def test_no_look_at_everything_brings_the_right_back(fed: Fed, way: str) -> None:
    person = damaged(fed, "dmPost")
    fed.replace(person.id, "dmStatus", "suspended")
    if way == "feed":
        poll(fed.installation)
    elif way == "rebuild":
        rebuild(fed.installation, OPERATOR)
    else:
        reconcile(fed.installation, OPERATOR)
    assert not is_active(fed, person)
    rebuild(fed.installation, OPERATOR)
    assert not is_active(fed, person)
    poll(fed.installation)
    assert not is_active(fed, person)


def test_rows_an_earlier_version_left_as_they_were_are_found(fed: Fed) -> None:
    """It judged the suspended entry and kept the row: nothing moves any more."""
    person = damaged(fed, "dmPost")
    fed.replace(person.id, "dmStatus", "suspended")
    poll(fed.installation)
    with fed.installation.database.write() as tx:
        row = update(catalogue_person).where(catalogue_person.c.id == person.id)
        tx.execute(row.values(status="active"))
    assert is_active(fed, person)
    reconcile(fed.installation, OPERATOR)
    assert not is_active(fed, person)


@pytest.mark.parametrize("said", ["", "SUSPENDED", "Active ", "nobody knows"])
def test_a_standing_nobody_knows_lets_nobody_in(said: str) -> None:
    """slapd refuses such words from our accounts; a loader beside it would not."""
    found = standing_of(Entry("x", {"dmStatus": (said,)}))
    assert found == ("active" if said.strip().lower() == "active" else "suspended")


def test_a_repaired_entry_is_read_again(fed: Fed) -> None:
    person = damaged(fed, "dmPost")
    whole = person.posts[0].to_value()
    service.suspend(fed.installation, OPERATOR, person.id, "khẩn cấp")
    fed.replace(person.id, "dmPost", whole)
    poll(fed.installation)
    service.resume(fed.installation, OPERATOR, person.id, "xong")
    assert is_active(fed, person)
    assert fed.row(person.id).posts[0].id == person.posts[0].id
    assert check_password(fed.installation, person.id, PASSWORD) is BindResult.ACCEPTED


def test_a_damaged_agency_keeps_nobody_in(fed: Fed) -> None:
    agency = add_agency(
        fed.installation, OPERATOR, Agency(id=new_id(), name="Sở Hỏng", code=new_id()[:6])
    )
    person = fed.someone_known()
    fed.installation.ldap.modify(
        agency_dn(agency.id, fed.installation.settings.suffix),
        [Change("replace", "dmCode", ("{hỏng",))],
    )
    poll(fed.installation)
    fed.ldapmodify(
        f"dn: {agency_dn(agency.id, fed.installation.settings.suffix)}\n"
        "changetype: modify\nreplace: dmStatus\ndmStatus: closed\n"
    )
    poll(fed.installation)
    with fed.installation.database.read() as tx:
        row = queries.agency(tx, agency.id)
    assert row is not None and row.status == "closed"
    assert service.suspend(fed.installation, OPERATOR, person.id, "x").status == "suspended"


def test_a_person_of_a_damaged_agency_is_suspended_and_retired(fed: Fed) -> None:
    person = fed.someone_known()
    fed.installation.ldap.modify(
        agency_dn(fed.agency.id, fed.installation.settings.suffix),
        [Change("replace", "dmCode", ("{hỏng",))],
    )
    try:
        service.suspend(fed.installation, OPERATOR, person.id, "khẩn cấp")
        service.retire(fed.installation, OPERATOR, person.id, "khẩn cấp")
    finally:
        fed.installation.ldap.modify(
            agency_dn(fed.agency.id, fed.installation.settings.suffix),
            [Change("replace", "dmCode")],
        )
    assert not is_active(fed, person)


def test_a_change_under_way_hides_no_withdrawal(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between LDAP and SQL: the feed waits for the outcome, the right is gone meanwhile."""
    person = fed.someone_known()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "settle", dies)
        with pytest.raises(KeyboardInterrupt):
            change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 3822825"})
    fed.replace(person.id, "dmStatus", "suspended")
    poll(fed.installation)
    assert not is_active(fed, person)
    recover_open_intents(fed.installation, leave_alone_ms=-1)
    poll(fed.installation)
    assert not is_active(fed, person)
    assert fed.row(person.id).phone == "0274 3822825"


def test_an_edit_of_what_cannot_be_read_is_refused_and_told(fed: Fed) -> None:
    person = damaged(fed, "dmPost")
    with pytest.raises(Unreadable):
        change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 3822825"})
    with fed.installation.database.read() as tx:
        told = list_events(tx, kind="catalogue.unreadable", subject=f"person:{person.id}")
    assert told
    with pytest.raises(Conflict, match=r"person\.status"):
        service.suspend(fed.installation, OPERATOR, person.id, "một")
        service.suspend(fed.installation, OPERATOR, person.id, "hai")
