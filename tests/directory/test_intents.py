"""Changes that neither get lost nor happen twice, against a real slapd."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from directory.agencies.service import add_agency, change_agency
from directory.audit.reading import list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.errors import AppError, Conflict, Invalid, NotFound, Unavailable
from directory.ids import new_id
from directory.installation import Installation
from directory.intents import carrying
from directory.intents.recovery import recover_open_intents
from directory.intents.tables import intent, reserved_value
from directory.ldap.entries import Change
from directory.people import service
from directory.people.service import NewPerson, add_person, change_person
from directory.projection import queries
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import a_department, an_active_person

pytestmark = pytest.mark.both_engines

_numbers = iter(range(10_000))


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return a_department(running.installation, "STTTT")


def someone(installation: Installation, agency: Agency, **more: Any) -> Person:
    number = next(_numbers)
    new = NewPerson(
        username=f"person{number}",
        full_name=f"Nguyễn Văn Hùng {number}",
        agency_id=agency.id,
        **more,
    )
    return an_active_person(installation, new)


def open_intents(installation: Installation) -> int:
    with installation.database.read() as tx:
        query = select(func.count()).select_from(intent).where(intent.c.state == "requested")
        return tx.execute(query).scalar_one()


def kinds_about(installation: Installation, person_id: str) -> list[str]:
    with installation.database.read() as tx:
        events = list_events(tx, subject=f"person:{person_id}", newest_first=False)
    return [event.kind for event in events]


def test_adding_a_person_writes_ldap_projection_and_audit(
    installation: Installation, agency: Agency
) -> None:
    person = someone(installation, agency, title="Chuyên viên", mail="Hung.NV@binhduong.gov.vn")
    entry = installation.ldap.read(person_dn(person.id, installation.settings.suffix))
    assert entry is not None
    assert entry.one("title") == "Chuyên viên"
    assert entry.one("o") == agency.name
    assert entry.one("departmentNumber") == "STTTT"
    assert entry.one("dmMailState") == "active"
    with installation.database.read() as tx:
        row = queries.find_person_by_login(tx, "  HUNG.NV@binhduong.gov.vn ")
    assert row is not None
    assert (row.id, row.mail, row.posts[0].title) == (
        person.id,
        "hung.nv@binhduong.gov.vn",
        "Chuyên viên",
    )
    assert kinds_about(installation, person.id) == ["person.add.requested", "change.done"]


def test_a_taken_username_is_refused_and_leaves_nothing(
    installation: Installation, agency: Agency
) -> None:
    first = someone(installation, agency)
    new = NewPerson(
        username=first.username.upper(),
        full_name="Trần Thị Mai",
        agency_id=agency.id,
        mail="mai@x.vn",
    )
    with pytest.raises(Conflict, match=r"person\.username\.taken"):
        add_person(installation, OPERATOR, new)
    with installation.database.read() as tx:
        left = select(reserved_value.c.value).where(reserved_value.c.value == "mai@x.vn")
        assert tx.execute(left).first() is None
    assert open_intents(installation) == 0


def test_fifty_racing_adds_of_one_username_have_one_winner(
    installation: Installation, agency: Agency
) -> None:
    outcomes: list[str] = []

    def race() -> None:
        try:
            add_person(
                installation,
                OPERATOR,
                NewPerson(username="racer", full_name="Lê Anh", agency_id=agency.id),
            )
            outcomes.append("won")
        except AppError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=race) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("won") == 1
    assert outcomes.count("person.username.taken") == 49


def test_concurrent_edits_of_one_person_are_serial_and_none_is_lost(
    installation: Installation, agency: Agency
) -> None:
    person = someone(installation, agency)
    done, refused = [], []

    def edit(number: int) -> None:
        try:
            changes = {"phone": f"0274 {number}", "precedence": number}
            change_person(installation, OPERATOR, person.id, changes)
            done.append(number)
        except Conflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=edit, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(refused) == 8
    assert done
    assert set(refused) <= {"catalogue.changed_meanwhile", "change.in_progress"}
    kinds = kinds_about(installation, person.id)
    assert kinds.count("change.done") == 1 + len(done)
    final = service.read_person(installation, person.id)
    assert final.phone == f"0274 {final.precedence}"  # both fields from one edit
    with installation.database.read() as tx:
        row = queries.person(tx, person.id)
    assert row is not None
    assert row.phone == final.phone


def test_a_conflict_shows_what_the_other_changed(
    installation: Installation, agency: Agency
) -> None:
    person = someone(installation, agency, phone="0274 111 111")
    change_person(installation, OPERATOR, person.id, {"phone": "0274 222 222"})
    with pytest.raises(Conflict) as caught:
        change_person(
            installation,
            OPERATOR,
            person.id,
            {"phone": "0274 333 333"},
            expected={"phone": "0274 111 111"},
        )
    assert caught.value.params["current"] == {"phone": "0274 222 222"}
    assert service.read_person(installation, person.id).phone == "0274 222 222"


def test_slapd_gone_leaves_an_open_intent_that_recovery_settles(
    running: RunningInstallation, agency: Agency
) -> None:
    installation = running.installation
    person = someone(installation, agency)
    real_modify = installation.ldap.modify

    def die_first(*args: Any, **kwargs: Any) -> str:
        running.kill_slapd()
        return real_modify(*args, **kwargs)

    installation.ldap.modify = die_first  # type: ignore[method-assign]
    try:
        with pytest.raises(Unavailable):
            change_person(installation, OPERATOR, person.id, {"phone": "0274 444 444"})
    finally:
        del installation.ldap.modify
        running.start_slapd()
    assert open_intents(installation) == 1
    assert recover_open_intents(installation, leave_alone_ms=0) == 1
    assert service.read_person(installation, person.id).phone == "0274 444 444"
    assert kinds_about(installation, person.id)[-1] == "change.done"
    assert recover_open_intents(installation, leave_alone_ms=0) == 0


def test_an_operation_made_but_not_settled_is_settled_once(
    installation: Installation, agency: Agency
) -> None:
    """The crash between LDAP's answer and the settlement."""
    person = someone(installation, agency)
    real_settle = carrying.settle

    class Crash(Exception):
        pass

    def crash(*_args: Any, **_kwargs: Any) -> None:
        raise Crash

    carrying.settle = crash  # type: ignore[assignment]
    try:
        with pytest.raises(Crash):
            change_person(installation, OPERATOR, person.id, {"phone": "0274 555 555"})
    finally:
        carrying.settle = real_settle
    before = installation.ldap.read(
        person_dn(person.id, installation.settings.suffix), ["entryCSN"]
    )
    assert recover_open_intents(installation, leave_alone_ms=0) == 1
    after = installation.ldap.read(person_dn(person.id, installation.settings.suffix), ["entryCSN"])
    assert before == after  # looked at, not written again
    assert kinds_about(installation, person.id).count("change.done") == 2


def test_a_paused_change_cannot_overwrite_a_later_one(
    installation: Installation, agency: Agency
) -> None:
    """A writer stopped between its steps wakes after recovery and another change went through."""
    person = someone(installation, agency, phone="0274 1")
    real_modify = installation.ldap.modify

    def slow(*args: Any, **kwargs: Any) -> str:
        del installation.ldap.modify
        recover_open_intents(installation, leave_alone_ms=0)
        change_person(installation, OPERATOR, person.id, {"phone": "0274 3"})
        return real_modify(*args, **kwargs)

    installation.ldap.modify = slow  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        change_person(installation, OPERATOR, person.id, {"phone": "0274 2"})
    assert service.read_person(installation, person.id).phone == "0274 3"
    assert open_intents(installation) == 0


def test_suspending_ends_sessions_and_binds_and_is_told_once(
    installation: Installation, agency: Agency
) -> None:
    person = someone(installation, agency)
    service.suspend(installation, OPERATOR, person.id, "đình chỉ công tác")
    with installation.database.read() as tx:
        status = queries.person_status(tx, person.id)
    assert status is not None
    assert not status.active
    assert status.sessions_valid_after > 0
    entry = installation.ldap.read(
        person_dn(person.id, installation.settings.suffix), ["dmStatus", "pwdEndTime"]
    )
    assert entry is not None
    assert (entry.one("dmStatus"), entry.one("pwdEndTime")) == ("suspended", "")
    assert kinds_about(installation, person.id).count("person.suspended") == 1
    with pytest.raises(Conflict, match=r"person\.status"):
        service.suspend(installation, OPERATOR, person.id, "lần nữa")
    resumed = service.resume(installation, OPERATOR, person.id, "hết đình chỉ")
    assert resumed.status == "active"


def test_the_projection_never_goes_back_in_time(installation: Installation, agency: Agency) -> None:
    from directory.projection.apply import apply_entry

    person = someone(installation, agency, phone="0274 1")
    dn = person_dn(person.id, installation.settings.suffix)
    old = installation.ldap.read(dn, ["*", "entryCSN"])
    change_person(installation, OPERATOR, person.id, {"phone": "0274 2"})
    assert old is not None
    with installation.database.write() as tx:
        apply_entry(tx, old)
        row = queries.person(tx, person.id)
    assert row is not None
    assert row.phone == "0274 2"


def test_an_old_address_stays_the_persons_own(installation: Installation, agency: Agency) -> None:
    person = someone(installation, agency, mail="cu@binhduong.gov.vn")
    changed = change_person(installation, OPERATOR, person.id, {"mail": "moi@binhduong.gov.vn"})
    assert changed.aliases == ("cu@binhduong.gov.vn",)
    with pytest.raises(Conflict, match=r"person\.mail\.taken"):
        someone(installation, agency, mail="cu@binhduong.gov.vn")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a)(uid=*"),
        ("username", "nguyễn"),
        ("username", "x"),
        ("full_name", "   "),
        ("full_name", "<script>"),
        ("mail", "not-an-address"),
        ("phone", "gọi tôi"),
        ("staff_category", "KING"),
        ("language", "fr"),
        # What is too wide for the projection must be refused before LDAP has it.
        ("username", "a" * 64),
        ("full_name", "Đ" * 201),
        ("mail", f"a@{'b' * 250}.vn"),
        ("phone", "0" * 33),
        ("staff_no", "CB" * 33),
        ("title", "Đ" * 201),
        ("precedence", 2**31),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_values_name_their_field(
    installation: Installation, agency: Agency, field: str, value: str
) -> None:
    person = someone(installation, agency)
    with pytest.raises(Invalid) as caught:
        change_person(installation, OPERATOR, person.id, {field: value})
    assert caught.value.params["field"] == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Đ" * 251),
        ("short_name", "Đ" * 251),
        ("code", "A" * 36),
        ("type", "A" * 65),
        ("mail", "a" * 255),
        ("phone", "0" * 33),
        ("precedence", 2**31),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize("kind", ["agency", "unit"])
def test_an_agencys_bad_values_name_their_field(
    installation: Installation, agency: Agency, kind: Any, field: str, value: object
) -> None:
    unit = Agency(id=new_id(), name="Phòng", kind="unit", parent_id=agency.id)
    about = add_agency(installation, OPERATOR, unit) if kind == "unit" else agency
    with pytest.raises(Invalid) as caught:
        change_agency(installation, OPERATOR, about.id, {field: value})
    assert caught.value.params["field"] == field


def test_the_widest_values_have_room(installation: Installation, agency: Agency) -> None:
    person = someone(installation, agency)
    mail = f"{'x' * 64}@{'y' * 186}.vn"
    widest = {
        "full_name": " ".join(["Đ" * 99, "Ạ" * 100]),
        "username": "z" + "y" * 62,
        "mail": mail,
        "phone": "0" * 32,
        "staff_no": "C" * 64,
        "title": "Đ" * 200,
        "precedence": 99999,
    }
    assert len(mail) == 254
    change_person(installation, OPERATOR, person.id, widest)
    changed = {"name": "Đ" * 250, "short_name": "Ạ" * 250, "code": "Ạ" * 35, "type": "A" * 64}
    placed = add_agency(installation, OPERATOR, Agency(id=new_id(), name="Sở", code="SO-RONG"))
    change_agency(installation, OPERATOR, placed.id, changed)
    with installation.database.read() as tx:
        found, there = queries.person(tx, person.id), queries.agency(tx, placed.id)
    assert found is not None and there is not None
    assert (found.mail, there.code) == (mail, "Ạ" * 35)


@pytest.mark.parametrize("field", ["id", "status", "posts", "password", "sub"])
def test_fields_that_are_not_editable_are_refused(
    installation: Installation, agency: Agency, field: str
) -> None:
    with pytest.raises(Invalid, match=r"input\.unknown_field"):
        change_person(installation, OPERATOR, someone(installation, agency).id, {field: "x"})


def test_an_unknown_person_is_not_found(installation: Installation) -> None:
    with pytest.raises(NotFound):
        change_person(installation, OPERATOR, new_id(), {"phone": "0274"})


def test_the_tree_follows_a_moved_agency(installation: Installation, agency: Agency) -> None:
    top = a_department(installation, "TOP")
    middle = add_agency(
        installation, OPERATOR, Agency(id=new_id(), name="Giữa", code="MID", parent_id=agency.id)
    )
    leaf = add_agency(
        installation, OPERATOR, Agency(id=new_id(), name="Tổ", kind="unit", parent_id=middle.id)
    )
    change_agency(installation, OPERATOR, middle.id, {"parent_id": top.id})
    with installation.database.read() as tx:
        assert queries.is_under(tx, leaf.id, top.id)
        assert not queries.is_under(tx, leaf.id, agency.id)
    with pytest.raises(Invalid, match=r"agency\.circle"):
        change_agency(installation, OPERATOR, top.id, {"parent_id": leaf.id})


def test_a_direct_change_is_not_overwritten_by_an_edit_of_another_field(
    installation: Installation, agency: Agency
) -> None:
    person = someone(installation, agency, phone="0274 1")
    dn = person_dn(person.id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("replace", "telephoneNumber", ("0274 9",))])
    changed = change_person(installation, OPERATOR, person.id, {"precedence": 7})
    assert (changed.phone, changed.precedence) == ("0274 9", 7)
