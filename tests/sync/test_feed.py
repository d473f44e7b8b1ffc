"""The feed tells our changes from those made past the system, and loses none."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import func, select

from admin_ui.components import VOCABULARY
from directory import clock
from directory.agencies.service import add_agency, change_agency
from directory.audit.reading import list_events, sentence
from directory.audit.tables import audit_event
from directory.catalogue.agency import Agency
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import Post
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.database.lease import LeaseLost
from directory.database.tables import lease
from directory.errors import AppError, Conflict, Unavailable
from directory.ids import new_id
from directory.installation import open_installation
from directory.intents import carrying
from directory.intents.recovery import recover_open_intents
from directory.ldap.bind import BindResult
from directory.ldap.entries import Refresh
from directory.people import service
from directory.people.credentials import check_password, set_password
from directory.people.service import change_person
from directory.projection import queries
from sync.feed import brake, judging, polling, reading
from sync.feed.polling import poll
from sync.feed.state import read_state, save_state
from sync.feed.tables import catalogue_event, feed_deferred, feed_entry
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines


def count_of(fed: Fed, *where: Any) -> int:
    with fed.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(audit_event).where(*where)).scalar_one()


def events_in_all(fed: Fed) -> int:
    with fed.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(catalogue_event)).scalar_one()


def test_the_first_load_is_silent(fed: Fed) -> None:
    with fed.installation.database.read() as tx:
        state = read_state(tx)
        swept = list_events(tx, kind="feed.swept", newest_first=False)[0]
    assert state.cookie
    assert state.loaded_at
    assert (swept.fields["reason"], swept.fields["entries"]) == ("first_load", 1)
    assert count_of(fed, audit_event.c.kind == "catalogue.out_of_band") == 0
    assert fed.changes(fed.agency.id) == []


def test_whatever_our_services_do_is_ours(fed: Fed) -> None:
    """Every kind of change, polled after each and after several."""
    installation, other = (
        fed.installation,
        Agency(id=new_id(), name="Phòng", code=f"P{clock.now_ms()}"),
    )
    one = fed.someone_known(title="Chuyên viên", phone="0274  1", mail="mot@x.vn")
    changes: list[dict[str, object]] = [
        {"full_name": "Trần Thị  Ánh"},
        {"phone": "", "mail": "hai@x.vn"},
        {"precedence": 7, "language": "en"},
    ]
    for change in changes:
        change_person(installation, OPERATOR, one.id, change)
        poll(installation)
    two = fed.someone()
    add_agency(installation, OPERATOR, other)
    change_agency(installation, OPERATOR, other.id, {"name": "Phòng Đào tạo", "phone": "0274 9"})
    for person in (one, two):
        service.move_person(
            installation, OPERATOR, person.id, Post(new_id(), other.id, "", "Phó phòng")
        )
        service.suspend(installation, OPERATOR, person.id, "đình chỉ")
        service.resume(installation, OPERATOR, person.id, "hết đình chỉ")
    service.retire(installation, OPERATOR, two.id, "nghỉ hưu")
    poll(installation)
    assert count_of(fed, audit_event.c.kind == "catalogue.out_of_band") == 0
    assert fed.changes(one.id) == ["changed"] * 5
    assert fed.changes(two.id) == ["changed"]  # the net change between two polls
    assert fed.changes(other.id) == ["changed"]


def test_a_title_changed_by_hand_after_an_intent_is_reported(fed: Fed) -> None:
    person = fed.someone(title="Chuyên viên")
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 2"})
    mark = fed.entry(person.id).one("dmIntent")
    poll(fed.installation)
    fed.replace(person.id, "title", "Giam doc")
    poll(fed.installation)
    assert fed.reports(person.id) == [({"title": ["Chuyên viên"]}, {"title": ["Giam doc"]})]
    (event,) = fed.audit("catalogue.out_of_band", person.id)
    assert event.fields["mark"] == mark == fed.entry(person.id).one("dmIntent")
    assert event.fields["modifier"]
    assert event.actor == "system:feed"
    assert event.agency == fed.agency.id
    for language in ("vi", "en"):
        told = sentence(event, VOCABULARY, {event.subject: person.full_name}, language)
        assert all(word in told for word in (person.full_name, "Giam doc", "Chuyên viên")), told
    poll(fed.installation)
    assert len(fed.reports(person.id)) == 1


def test_the_projection_follows_a_change_from_outside(fed: Fed) -> None:
    person = fed.someone_known(phone="0274 1")
    fed.replace(person.id, "telephoneNumber", "0274 666")
    poll(fed.installation)
    assert fed.row(person.id).phone == "0274 666"
    assert fed.changes(person.id) == ["changed", "changed"]


@pytest.mark.parametrize("foreign_first", [True, False])
def test_our_own_change_does_not_hide_anothers(fed: Fed, foreign_first: bool) -> None:
    """Both between two polls: the foreign part is told, ours is not."""
    person = fed.someone_known(title="Chuyên viên")

    def ours() -> None:
        change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 5"})

    def theirs() -> None:
        fed.replace(person.id, "employeeType", "OFFICIAL")

    for act in (theirs, ours) if foreign_first else (ours, theirs):
        act()
    poll(fed.installation)
    assert fed.reports(person.id) == [({"employeeType": []}, {"employeeType": ["OFFICIAL"]})]
    row = fed.row(person.id)
    assert (row.phone, row.staff_category) == ("0274 5", "OFFICIAL")


def test_a_change_of_ours_undone_by_hand_is_told(fed: Fed) -> None:
    person = fed.someone_known(phone="0274 1")
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 2"})
    fed.replace(person.id, "telephoneNumber", "0274 1")
    poll(fed.installation)
    assert fed.reports(person.id) == [
        ({"telephoneNumber": ["0274 2"]}, {"telephoneNumber": ["0274 1"]})
    ]
    assert fed.row(person.id).phone == "0274 1"


def test_a_suspension_by_hand_ends_sessions(fed: Fed) -> None:
    person = fed.someone_known()
    fed.replace(person.id, "dmStatus", "suspended")
    poll(fed.installation)
    with fed.installation.database.read() as tx:
        status = queries.person_status(tx, person.id)
    assert status is not None
    assert not status.active
    assert status.sessions_valid_after > 0
    assert fed.reports(person.id) == [({"dmStatus": ["active"]}, {"dmStatus": ["suspended"]})]


def test_wrong_and_new_passwords_make_no_event(fed: Fed) -> None:
    person = fed.someone_known()
    before, row = fed.entry(person.id, "entryCSN"), fed.row(person.id)
    set_password(fed.installation, OPERATOR, person.id, "một mật khẩu đủ dài 1")
    for _ in range(3):
        assert check_password(fed.installation, person.id, "không phải") is BindResult.REJECTED
    after = fed.entry(person.id, "entryCSN", "pwdFailureTime")
    assert not after.one("pwdFailureTime")
    assert after.one("entryCSN") > before.one("entryCSN")
    poll(fed.installation)
    assert fed.reports(person.id) == []
    assert fed.changes(person.id) == ["changed"]
    assert fed.row(person.id) == row
    with fed.installation.database.read() as tx:
        known = tx.execute(select(feed_entry).where(feed_entry.c.entry_id == person.id)).one()
    assert known.csn == after.one("entryCSN")
    stored = judging.Known(*known).content
    assert not [name for name in stored if name.lower().startswith(("pwd", "userpassword"))]


class Crash(Exception):
    """Stands for the end of a process."""


def crash(*_args: Any, **_kwargs: Any) -> None:
    raise Crash


@pytest.mark.parametrize("by_hand_too", [False, True])
def test_an_open_intent_is_settled_first(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, by_hand_too: bool
) -> None:
    person = fed.someone_known(phone="0274 1")
    with monkeypatch.context() as patch:
        patch.setattr(carrying, "settle", crash)
        with pytest.raises(Crash):
            change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 2"})
    if by_hand_too:
        fed.replace(person.id, "employeeType", "OFFICIAL")
    poll(fed.installation)
    assert fed.reports(person.id) == []
    assert fed.changes(person.id) == ["changed"]
    poll(fed.installation)  # still open: still waiting
    recover_open_intents(fed.installation, leave_alone_ms=0)
    poll(fed.installation)
    by_hand: tuple[object, ...] = ({"employeeType": []}, {"employeeType": ["OFFICIAL"]})
    foreign = [by_hand] if by_hand_too else []
    assert fed.reports(person.id) == foreign
    assert fed.changes(person.id) == ["changed", "changed"]
    with fed.installation.database.read() as tx:
        assert tx.execute(select(feed_deferred)).first() is None


def test_a_tampered_mark_is_told(fed: Fed) -> None:
    person = fed.someone_known()
    first = fed.entry(person.id).one("dmIntent")
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 2"})
    poll(fed.installation)
    second = fed.entry(person.id).one("dmIntent")
    fed.replace(person.id, "dmIntent", first)
    poll(fed.installation)
    assert fed.reports(person.id) == [({"dmIntent": [second]}, {"dmIntent": [first]})]
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 3"})
    poll(fed.installation)
    assert len(fed.reports(person.id)) == 1


def test_a_person_added_by_hand_is_told_and_appears(fed: Fed) -> None:
    person_id, username = new_id(), f"stranger{clock.now_ms()}"
    fed.ldapmodify(
        f"dn: {fed.dn(person_id)}\nchangetype: add\nobjectClass: inetOrgPerson\n"
        f"objectClass: dmPerson\ndmId: {person_id}\nuid: {username}\ncn: La Vo\nsn: La\n"
        "givenName: Vo\ndmStatus: active\nuserPassword: secret\n"
    )
    poll(fed.installation)
    ((before, after),) = fed.reports(person_id)
    assert all(not values for values in before.values())
    assert after["uid"] == [username]
    assert "userPassword" not in after
    assert fed.row(person_id).full_name == "La Vo"


def test_a_person_deleted_by_hand_is_told_and_left(fed: Fed) -> None:
    person = fed.someone_known(title="Văn thư")
    fed.delete(person.id)
    poll(fed.installation)
    (event,) = fed.audit("catalogue.vanished", person.id)
    assert event.fields["snapshot"]["title"] == ["Văn thư"]
    assert event.fields["status"] == "active"
    with fed.installation.database.read() as tx:
        status = queries.person_status(tx, person.id)
    assert status is not None
    assert not status.active
    assert status.sessions_valid_after > 0
    assert fed.row(person.id).status == "left"
    assert fed.changes(person.id) == ["changed", "removed"]
    poll(fed.installation)
    assert len(fed.audit("catalogue.vanished", person.id)) == 1


def test_deleted_and_put_back_between_two_polls(fed: Fed) -> None:
    """A new entry under an old id: the person is there, and both steps are told."""
    person = fed.someone_known()
    entry = fed.entry(person.id, "*")
    fed.delete(person.id)
    fed.installation.ldap.add(fed.dn(person.id), entry.attributes)
    poll(fed.installation)
    assert fed.row(person.id).status == "active"
    assert len(fed.audit("catalogue.vanished", person.id)) == 1
    assert fed.changes(person.id)[-1] == "changed"


def test_a_renamed_entry_is_one_person_gone_and_another_come(fed: Fed) -> None:
    person, other_id = fed.someone_known(), new_id()
    fed.ldapmodify(
        f"dn: {fed.dn(person.id)}\nchangetype: modrdn\nnewrdn: dmId={other_id}\ndeleteoldrdn: 1\n"
    )
    poll(fed.installation)
    assert fed.row(person.id).status == "left"
    assert fed.row(other_id).username == person.username
    assert fed.row(other_id).status == "active"


def test_an_unreadable_entry_does_not_stop_the_others(fed: Fed) -> None:
    broken, well = fed.someone_known(), fed.someone_known()
    fed.replace(broken.id, "dmPost", "not json")
    fed.replace(well.id, "telephoneNumber", "0274 8")
    poll(fed.installation)
    assert fed.row(well.id).phone == "0274 8"
    (event,) = fed.audit("catalogue.unreadable", broken.id)
    assert "JSONDecodeError" in event.fields["reason"]
    assert len(fed.reports(broken.id)) == 1
    assert fed.row(broken.id).status == "active"
    with pytest.raises(Unreadable, match=r"catalogue\.unreadable"):
        service.change_person(fed.installation, OPERATOR, broken.id, {"phone": "0274 9"})
    good = Post(new_id(), fed.agency.id, "", "Chuyên viên").to_value()
    fed.replace(broken.id, "dmPost", good)
    poll(fed.installation)
    assert fed.row(broken.id).posts[0].title == "Chuyên viên"


def test_agencies_in_a_circle_do_not_stop_the_feed(fed: Fed) -> None:
    top = add_agency(
        fed.installation, OPERATOR, Agency(id=new_id(), name="Trên", code=f"T{new_id()[:8]}")
    )
    low = add_agency(
        fed.installation,
        OPERATOR,
        Agency(id=new_id(), name="Dưới", code=f"D{new_id()[:8]}", parent_id=top.id),
    )
    poll(fed.installation)
    suffix = fed.installation.settings.suffix
    fed.ldapmodify(
        f"dn: dmId={top.id},ou=agencies,{suffix}\nchangetype: modify\n"
        f"replace: dmParent\ndmParent: {low.id}\n"
    )
    person = fed.someone()
    fed.replace(person.id, "telephoneNumber", "0274 77")
    poll(fed.installation)
    assert fed.row(person.id).phone == "0274 77"


def test_a_picture_is_told_by_its_fingerprint(fed: Fed) -> None:
    person = fed.someone_known()
    picture = base64.b64encode(b"\xff\xd8\xff" + bytes(range(256)) * 20).decode()
    fed.ldapmodify(
        f"dn: {fed.dn(person.id)}\nchangetype: modify\nadd: jpegPhoto\njpegPhoto:: {picture}\n"
    )
    poll(fed.installation)
    ((_, after),) = fed.reports(person.id)
    assert after["jpegPhoto"][0].startswith("(5123 bytes, SHA-256 ")


def test_a_consumer_killed_before_its_commit_reads_again(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = fed.someone_known()
    fed.replace(person.id, "telephoneNumber", "0274 31")
    with monkeypatch.context() as patch:
        patch.setattr(polling, "save_state", crash)
        with pytest.raises(Crash):
            poll(fed.installation)
    assert fed.reports(person.id) == []
    assert fed.row(person.id).phone == ""
    poll(fed.installation)
    assert len(fed.reports(person.id)) == 1
    assert fed.row(person.id).phone == "0274 31"


def test_a_long_list_is_written_in_parts_and_told_once(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_AT_ONCE", 2)
    people = [fed.someone_known() for _ in range(5)]
    for person in people:
        fed.replace(person.id, "telephoneNumber", "0274 32")
    with monkeypatch.context() as patch:
        patch.setattr(polling, "save_state", crash)
        with pytest.raises(Crash):
            poll(fed.installation)
    poll(fed.installation)
    assert [len(fed.reports(person.id)) for person in people] == [1] * 5
    assert [len(fed.changes(person.id)) for person in people] == [2] * 5


def test_nothing_is_lost_when_slapd_is_killed_between_change_and_poll(fed: Fed) -> None:
    changed = [fed.someone_known() for _ in range(3)]
    deleted = [fed.someone_known() for _ in range(3)]
    for round_, (stays, goes) in enumerate(zip(changed, deleted, strict=True)):
        fed.replace(stays.id, "telephoneNumber", f"0274 {round_}")
        fed.delete(goes.id)
        fed.running.kill_slapd()
        with pytest.raises(Unavailable):
            poll(fed.installation)
        fed.running.start_slapd()
        poll_when_up(fed)
    for round_, (stays, goes) in enumerate(zip(changed, deleted, strict=True)):
        assert fed.row(stays.id).phone == f"0274 {round_}"
        assert len(fed.reports(stays.id)) == 1
        assert fed.row(goes.id).status == "left"
        assert len(fed.audit("catalogue.vanished", goes.id)) == 1
    with fed.installation.database.read() as tx:
        restarts = [
            event
            for event in list_events(tx, kind="feed.swept")
            if event.fields["reason"] == "slapd_restarted"
        ]
    assert len(restarts) >= 3


def poll_when_up(fed: Fed) -> None:
    """The breaker leaves a dead server alone for a moment."""
    deadline = clock.now_ms() + 10_000
    while True:
        try:
            poll(fed.installation)
        except Unavailable:
            if clock.now_ms() > deadline:
                raise
        else:
            return


def test_a_refused_cookie_leads_to_a_look_at_everything(fed: Fed) -> None:
    person = fed.someone_known()
    fed.replace(person.id, "telephoneNumber", "0274 41")
    gone = fed.someone_known()
    fed.delete(gone.id)
    with fed.installation.database.write() as tx:
        future = b"rid=000,csn=20991122094507.506239Z#000000#000#000000"
        save_state(tx, cookie=future)
    poll(fed.installation)
    assert fed.row(person.id).phone == "0274 41"
    assert fed.row(gone.id).status == "left"
    with fed.installation.database.read() as tx:
        assert list_events(tx, kind="feed.swept")[0].fields["reason"] == "cookie_refused"
    poll(fed.installation)
    assert len(fed.reports(person.id)) == 1


def test_an_old_cookie_makes_slapd_name_who_is_present(fed: Fed) -> None:
    """A cookie from before the session log: deletions are what is not named (RFC 4533 §3.3)."""
    stays, goes = fed.someone_known(), fed.someone_known()
    with fed.installation.database.write() as tx:
        save_state(tx, cookie=b"rid=000,csn=20101122094507.506239Z#000000#000#000000")
    fed.delete(goes.id)
    poll(fed.installation)
    assert fed.row(goes.id).status == "left"
    assert fed.row(stays.id).status == "active"


def test_a_catalogue_that_looks_empty_is_not_believed(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [fed.someone_known() for _ in range(4)]
    monkeypatch.setattr(brake, "_FEWEST", 1)
    for person in people:
        fed.delete(person.id)
    with pytest.raises(Conflict, match=r"feed\.mass_deletion"):
        poll(fed.installation)
    assert {fed.row(person.id).status for person in people} == {"active"}
    monkeypatch.setattr(brake, "_FEWEST", 1000)
    poll(fed.installation)
    assert {fed.row(person.id).status for person in people} == {"left"}


def test_of_two_feeds_only_one_writes(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is paused with its answer in hand; another takes over; the first finds the door shut."""
    other = open_installation(fed.installation.settings, "catalogue")
    person = fed.someone_known()
    real, now = reading.changes_since, clock.now_ms()

    def paused(*args: Any) -> Refresh:
        answer = real(*args)
        monkeypatch.setattr(reading, "changes_since", real)
        monkeypatch.setattr(clock, "now_ms", lambda: now + 60_000)
        poll(other, holder="second")
        return answer

    release(fed)
    poll(fed.installation, holder="first")
    fed.replace(person.id, "telephoneNumber", "0274 51")
    monkeypatch.setattr(reading, "changes_since", paused)
    with pytest.raises(LeaseLost):
        poll(fed.installation, holder="first")
    assert len(fed.reports(person.id)) == 1
    assert fed.changes(person.id) == ["changed", "changed"]
    before = events_in_all(fed)
    poll(fed.installation, holder="first")  # not its turn: nothing happens
    assert events_in_all(fed) == before
    release(fed)
    other.close_connections()


def release(fed: Fed) -> None:
    with fed.installation.database.write() as tx:
        tx.execute(lease.delete().where(lease.c.name == polling.LEASE))


def test_an_idle_poll_writes_nothing(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    poll(fed.installation)
    poll(fed.installation)

    def refuse(*_args: Any) -> None:
        raise AssertionError("an idle poll wrote")

    monkeypatch.setattr(type(fed.installation.database), "write", refuse)
    poll(fed.installation)


def test_a_failure_of_sql_is_not_the_end(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    person = fed.someone_known()
    fed.replace(person.id, "telephoneNumber", "0274 61")

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise Unavailable(DATABASE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(judging, "try_to_apply", fail)
        with pytest.raises(AppError):
            poll(fed.installation)
    poll(fed.installation)
    assert fed.row(person.id).phone == "0274 61"
