"""Sessions in SQL: opened, found, renewed, dead by every cause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory import clock
from directory.actor import Actor, system
from directory.catalogue.person import Person
from directory.people.credentials import set_password
from directory.people.service import resume, retire, suspend
from idp.flows import store as flows
from idp.sessions import store
from idp.sessions.assurance import acr_of
from idp.sessions.liveness import is_touch_due
from idp.sessions.store import Session
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.sessions import end_all

pytestmark = pytest.mark.both_engines

MINUTE, HOUR = clock.MINUTE, clock.HOUR


def open_one(idp: IdpApp, person: Person, *, shared: bool = False) -> tuple[Session, str]:
    with idp.installation.database.write() as tx:
        return store.open_session(
            tx,
            person.id,
            amr=("pwd",),
            acr="1",
            address="10.0.0.1",
            user_agent="Mozilla/5.0 " + "x" * 500,
            shared_computer=shared,
        )


def is_alive(idp: IdpApp, session: Session, cookie: str) -> bool:
    """Alive by cookie and by sid, which must agree."""
    with idp.installation.database.read() as tx:
        by_cookie, by_sid = store.find(tx, cookie), store.by_sid(tx, session.sid)
    assert by_cookie == by_sid
    return by_sid is not None


def test_a_session_is_found_by_its_cookie_and_by_its_sid(idp_app: IdpApp) -> None:
    person = idp_app.person()
    session, cookie = open_one(idp_app, person)
    with idp_app.installation.database.read() as tx:
        assert store.find(tx, cookie) == store.by_sid(tx, session.sid) == session
    assert session.auth_time == session.created_at // 1000
    assert (session.amr, session.acr, session.post_id) == (("pwd",), "1", None)


def test_no_other_random_value_is_a_session(idp_app: IdpApp) -> None:
    """An id of one kind never counts as another."""
    session, cookie = open_one(idp_app, idp_app.person())
    assert len(cookie) == 43
    with idp_app.installation.database.write() as tx:
        flow_id = flows.create(tx, {}, "", "b" * 43)
        for value in (session.sid, flow_id, cookie[:-1], cookie + "A", "", session.person_id):
            assert store.find(tx, value) is None
        assert store.by_sid(tx, cookie) is None


def test_the_store_holds_no_cookie_value(idp_app: IdpApp) -> None:
    _session, cookie = open_one(idp_app, idp_app.person())
    with idp_app.installation.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT * FROM sessions").all()
    assert rows
    assert not any(cookie in str(value) for row in rows for value in row)


@pytest.mark.parametrize(
    ("shared", "alive_after", "dead_after"),
    [(False, 59 * MINUTE, 60 * MINUTE), (True, 14 * MINUTE, 15 * MINUTE)],
)
def test_idle_sessions_die(
    idp_app: IdpApp,
    monkeypatch: pytest.MonkeyPatch,
    shared: bool,
    alive_after: int,
    dead_after: int,
) -> None:
    session, cookie = open_one(idp_app, idp_app.person(), shared=shared)
    with at_time(monkeypatch, alive_after):
        assert is_alive(idp_app, session, cookie)
    with at_time(monkeypatch, dead_after + 1000):
        assert not is_alive(idp_app, session, cookie)


def test_used_sessions_live_on_until_twelve_hours_are_over(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, cookie = open_one(idp_app, idp_app.person())
    for half_hours in range(1, 24):
        with at_time(monkeypatch, half_hours * 30 * MINUTE):
            with idp_app.installation.database.read() as tx:
                found = store.find(tx, cookie)
            assert found is not None and is_touch_due(found.last_seen_at)
            with idp_app.installation.database.write() as tx:
                store.touch(tx, session.sid)
    with at_time(monkeypatch, 12 * HOUR + 1000):
        assert not is_alive(idp_app, session, cookie)


def test_a_use_is_written_down_once_a_minute(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, cookie = open_one(idp_app, idp_app.person())
    with at_time(monkeypatch, 50_000), idp_app.installation.database.write() as tx:
        store.touch(tx, session.sid)
        found = store.find(tx, cookie)
        assert found is not None and not is_touch_due(found.last_seen_at)
        assert found.last_seen_at == session.last_seen_at


def change_password(idp: IdpApp, person: Person) -> None:
    set_password(idp.installation, OPERATOR, person.id, "một mật khẩu khác hẳn")


def suspend_person(idp: IdpApp, person: Person) -> None:
    suspend(idp.installation, OPERATOR, person.id, "kiểm tra")


def suspend_and_resume(idp: IdpApp, person: Person) -> None:
    suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
    resume(idp.installation, OPERATOR, person.id, "xong")


def retire_person(idp: IdpApp, person: Person) -> None:
    retire(idp.installation, OPERATOR, person.id, "nghỉ hưu")


@pytest.mark.parametrize(
    "cause", [change_password, suspend_person, suspend_and_resume, retire_person]
)
def test_every_cause_that_stops_a_person_ends_their_sessions(
    idp_app: IdpApp, cause: Callable[[IdpApp, Person], None]
) -> None:
    person, bystander = idp_app.person(), idp_app.person()
    session, cookie = open_one(idp_app, person)
    other, other_cookie = open_one(idp_app, bystander)
    cause(idp_app, person)
    assert not is_alive(idp_app, session, cookie)
    assert is_alive(idp_app, other, other_cookie)


def test_renewing_keeps_the_sid_and_kills_the_old_cookie(idp_app: IdpApp) -> None:
    session, old_cookie = open_one(idp_app, idp_app.person())
    with idp_app.installation.database.write() as tx:
        renewed = store.renew(tx, session.sid, amr=("pwd", "otp"), acr="2", shared_computer=False)
    assert renewed is not None
    fresh, new_cookie = renewed
    assert fresh.sid == session.sid and fresh.amr == ("pwd", "otp")
    with idp_app.installation.database.read() as tx:
        assert store.find(tx, old_cookie) is None
        assert store.find(tx, new_cookie) == fresh


def test_a_dead_session_cannot_be_renewed(idp_app: IdpApp) -> None:
    person = idp_app.person()
    session, _cookie = open_one(idp_app, person)
    suspend(idp_app.installation, OPERATOR, person.id, "kiểm tra")
    with idp_app.installation.database.write() as tx:
        assert store.renew(tx, session.sid, amr=("pwd",), acr="1", shared_computer=False) is None


def test_a_session_ends_once_and_the_end_is_audited(idp_app: IdpApp) -> None:
    person = idp_app.person()
    session, cookie = open_one(idp_app, person)
    with idp_app.installation.database.write() as tx:
        assert store.end(tx, session.sid, Actor("person", person.id), "signed_out")
        assert not store.end(tx, session.sid, Actor("person", person.id), "signed_out")
    assert not is_alive(idp_app, session, cookie)
    events = idp_app.events("session.ended", subject=f"person:{person.id}")
    assert [event.fields for event in events] == [{"session": session.sid, "reason": "signed_out"}]


def test_all_sessions_of_a_person_end_together(idp_app: IdpApp) -> None:
    person = idp_app.person()
    mine = [open_one(idp_app, person) for _ in range(3)]
    other, other_cookie = open_one(idp_app, idp_app.person())
    with idp_app.installation.database.write() as tx:
        ended = end_all(tx, person.id, system("test"), "invalidated")
    assert set(ended) == {session.sid for session, _ in mine}
    assert not any(is_alive(idp_app, *one) for one in mine)
    assert is_alive(idp_app, other, other_cookie)


def test_applications_of_a_session_are_remembered_once_in_order(idp_app: IdpApp) -> None:
    session, _cookie = open_one(idp_app, idp_app.person())
    with idp_app.installation.database.write() as tx:
        for client_id in ("mot-cua", "van-ban", "mot-cua"):
            store.note_client(tx, session.sid, client_id)
        assert sorted(store.clients_of(tx, session.sid)) == ["mot-cua", "van-ban"]


@pytest.mark.parametrize(
    ("amr", "acr"),
    [
        ((), "1"),
        (("pwd",), "1"),
        (("otp",), "1"),
        (("pwd", "otp"), "2"),
        (("pin", "hwk"), "2"),
        (("pwd", "pin"), "1"),
        (("hwk", "mfa"), "2"),
        (("pwd", "sms"), "1"),
        (("pwd", "neu"), "1"),
    ],
)
def test_acr_is_two_only_for_two_different_factors(amr: tuple[str, ...], acr: str) -> None:
    assert acr_of(amr) == acr
