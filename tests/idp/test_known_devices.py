"""Known devices: guessing elsewhere never stops a browser in which a person signed in before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from sqlalchemy import func, select

from directory import clock
from directory.agencies.service import add_agency
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.ids import digest, new_id
from directory.people.credentials import set_password
from directory.people.service import NewPerson, add_person, resume, retire, suspend
from directory.projection.apply import touch_person
from idp.devices import store as devices
from idp.devices.tables import known_device
from idp.throttle import store as throttle
from tests.support.browser import PASSWORD, Browser
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR

WRONG = "mật khẩu này sai hoàn toàn"
NEW_PASSWORD = "mười hai con giáp ngồi quanh bàn"
COOKIE = "dm_device"


def known_browser(idp: IdpApp, person: Person) -> Browser:
    """A browser in which the person signed in, and that they left."""
    browser = idp.browser()
    browser.sign_in(person)
    leave(browser)
    return browser


def leave(browser: Browser) -> None:
    browser.http.cookies.pop("dm_session", None)


def guess(browser: Browser, person: Person, password: str = WRONG) -> requests.Response:
    return browser.answer(browser.open_sign_in(), person.username, password)


def pause_elsewhere(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person) -> int:
    """Guess from elsewhere until nothing is looked at; gives the time it took, in ms."""
    ahead = 0
    for _ in range(40):
        with at_time(monkeypatch, ahead):
            page = guess(idp.browser(), person)
        if "Tạm dừng đăng nhập" in page.text:
            return ahead
        ahead += 1000 * int(page.headers.get("Retry-After", "0")) + 1
    raise AssertionError("never paused")


def knows(browser: Browser, person: Person, idp: IdpApp) -> bool:
    with idp.installation.database.read() as tx:
        cookie = browser.http.cookies.get(COOKIE) or ""
        return devices.find_counter(tx, cookie, person.id) is not None


def count(idp: IdpApp, person: Person) -> int:
    with idp.installation.database.read() as tx:
        query = select(func.count()).select_from(known_device)
        return tx.execute(query.where(known_device.c.person_id == person.id)).scalar_one()


def test_guessing_from_elsewhere_never_stops_a_known_device(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    known = known_browser(idp_app, person)
    ahead = pause_elsewhere(idp_app, monkeypatch, person)
    with at_time(monkeypatch, ahead):
        assert guess(idp_app.browser(), person, PASSWORD).status_code == 429
        # Tries of their own on that browser are counted apart too.
        for _ in range(4):
            page = guess(known, person)
            assert (page.status_code, page.headers.get("Retry-After")) == (403, None)
        assert guess(known, person, PASSWORD).status_code == 303
        # And it opens no other browser.
        assert guess(idp_app.browser(), person, PASSWORD).status_code == 429


@pytest.mark.both_engines
def test_a_known_device_has_limits_of_its_own(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation, phone = idp_app.installation, "0274 382 2825"
    agency = Agency(id=new_id(), name="Sở Khoa học và Công nghệ", code="SKHCN", phone=phone)
    add_agency(installation, OPERATOR, agency)
    person = add_person(
        installation,
        OPERATOR,
        NewPerson(username="le.khoa", full_name="Lê Khoa", agency_id=agency.id),
    )
    set_password(installation, OPERATOR, person.id, PASSWORD)
    known, ahead, waits = known_browser(idp_app, person), 0, []
    for _ in range(10):
        with at_time(monkeypatch, ahead):
            page = guess(known, person)
        waits.append(int(page.headers.get("Retry-After", "0")))
        ahead += 1000 * waits[-1] + 1
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32, 900]
    assert "trên trình duyệt này" in page.text
    assert agency.name in page.text and phone in page.text  # who helps: there they are known
    subject = f"person:{person.id}"
    assert len(idp_app.events("signin.device_paused", subject=subject)) == 1
    assert idp_app.events("signin.paused", subject=subject) == []
    with at_time(monkeypatch, ahead - 900_000):
        turned_away = guess(known, person, PASSWORD)
        assert turned_away.status_code == 429
        assert "chưa được kiểm tra" in turned_away.text
        # Elsewhere, and on another device of theirs, all is as it was.
        assert guess(idp_app.browser(), person, PASSWORD).status_code == 303


def test_all_known_devices_of_a_person_have_thirty_wrong_tries(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    browsers = [known_browser(idp_app, person) for _ in range(8)]
    with at_time(monkeypatch, 0):
        answers = [guess(browser, person) for browser in browsers for _ in range(4)]
        told = [answer.status_code for answer in answers]
        assert told == [403] * 29 + [429] * 3
        assert answers[29].headers["Retry-After"] == "900"
        assert answers[30].headers["Retry-After"] == "900"
        assert len(idp_app.events("signin.device_paused", subject=f"person:{person.id}")) == 1
        assert guess(browsers[0], person, PASSWORD).status_code == 429
        assert guess(idp_app.browser(), person).status_code == 403
    with at_time(monkeypatch, 15 * clock.MINUTE + 1):
        assert guess(browsers[0], person).status_code == 403


def test_a_right_password_sets_the_device_back(idp_app: IdpApp) -> None:
    person = idp_app.person()
    known = known_browser(idp_app, person)
    for _ in range(3):
        for _ in range(4):
            assert guess(known, person).status_code == 403
        assert guess(known, person, PASSWORD).status_code == 303
        leave(known)


def test_the_cookie_says_nothing_and_the_store_cannot_become_it(idp_app: IdpApp) -> None:
    person = idp_app.person()
    browser = idp_app.browser()
    answer = browser.sign_in(person)
    lines = [v for k, v in answer.raw.headers.items() if k == "Set-Cookie" and COOKIE in v]
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={90 * 86400}"):
        assert attribute in lines[0]
    value = browser.http.cookies[COOKIE]
    assert len(value) == 43
    with idp_app.installation.database.read() as tx:
        rows = tx.execute(select(known_device).where(known_device.c.person_id == person.id)).all()
    assert value not in repr(rows)
    assert rows[0].browser_hash == digest(value)
    succeeded = idp_app.events("signin.succeeded", subject=f"person:{person.id}")
    assert succeeded[0].fields["new_device"] is True
    leave(browser)
    browser.sign_in(person)
    assert browser.http.cookies[COOKIE] == value
    again = idp_app.events("signin.succeeded", subject=f"person:{person.id}")
    assert again[0].fields["new_device"] is False


def test_a_shared_computer_is_nobodys_device(idp_app: IdpApp) -> None:
    person = idp_app.person()
    browser = idp_app.browser()
    browser.sign_in(person, shared="1")
    assert COOKIE not in browser.http.cookies
    assert count(idp_app, person) == 0
    # And it ceases to be one.
    known = known_browser(idp_app, person)
    known.sign_in(person, shared="1")
    assert not knows(known, person, idp_app)


def test_one_browser_knows_eight_people(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [idp_app.person() for _ in range(9)]
    browser = idp_app.browser()
    for number, person in enumerate(people):
        with at_time(monkeypatch, number * 1000):
            browser.sign_in(person)
            leave(browser)
    assert [knows(browser, person, idp_app) for person in people] == [False] + [True] * 8


@pytest.mark.both_engines
def test_one_person_has_twenty_devices(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    person = idp_app.person()
    first = known_browser(idp_app, person)
    for number in range(1, 21):
        with at_time(monkeypatch, number * 1000), idp_app.installation.database.write() as tx:
            devices.remember(tx, "", person.id)
    assert count(idp_app, person) == 20
    assert not knows(first, person, idp_app)


@pytest.mark.both_engines
def test_a_device_is_forgotten_after_ninety_days_unused(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    known = known_browser(idp_app, person)
    with at_time(monkeypatch, 89 * clock.DAY):
        assert knows(known, person, idp_app)
        known.sign_in(person)
        leave(known)
    with at_time(monkeypatch, 178 * clock.DAY):
        assert knows(known, person, idp_app)
    with at_time(monkeypatch, 180 * clock.DAY):
        assert not knows(known, person, idp_app)
        with idp_app.installation.database.write() as tx:
            devices.purge(tx)
    assert count(idp_app, person) == 0


Change = Callable[[IdpApp, Person], None]


def suspend_and_resume(idp: IdpApp, person: Person) -> None:
    suspend(idp.installation, OPERATOR, person.id, "thử")
    resume(idp.installation, OPERATOR, person.id, "thử")


def give_new_password(idp: IdpApp, person: Person) -> None:
    set_password(idp.installation, OPERATOR, person.id, NEW_PASSWORD)


def sign_out_everywhere(idp: IdpApp, person: Person) -> None:
    with idp.installation.database.write() as tx:
        touch_person(tx, person.id, end_sessions=True)


def leave_for_good(idp: IdpApp, person: Person) -> None:
    retire(idp.installation, OPERATOR, person.id, "thử")


@pytest.mark.parametrize(
    "change", [suspend_and_resume, give_new_password, sign_out_everywhere, leave_for_good]
)
def test_what_ends_sessions_makes_every_device_forgotten(idp_app: IdpApp, change: Change) -> None:
    person = idp_app.person()
    known = known_browser(idp_app, person)
    assert knows(known, person, idp_app)
    change(idp_app, person)
    assert not knows(known, person, idp_app)
    with idp_app.installation.database.write() as tx:
        devices.purge(tx)
    assert count(idp_app, person) == 0


@pytest.mark.parametrize("change", [give_new_password, sign_out_everywhere])
def test_after_that_the_browser_is_known_anew_by_its_next_sign_in(
    idp_app: IdpApp, change: Change
) -> None:
    person = idp_app.person()
    known = known_browser(idp_app, person)
    change(idp_app, person)
    right = NEW_PASSWORD if change is give_new_password else PASSWORD
    assert guess(known, person, right).status_code == 303
    assert knows(known, person, idp_app)
    assert count(idp_app, person) == 1


def test_an_id_that_was_put_there_becomes_nobodys_device(idp_app: IdpApp) -> None:
    """Somebody plants the id of a device of their own in another's browser, and keeps a copy."""
    thief, victim = idp_app.person(), idp_app.person()
    planted = known_browser(idp_app, thief).http.cookies[COOKIE]
    browser = idp_app.browser()
    browser.http.cookies.set(COOKIE, planted, domain="localhost.local")
    browser.http.cookies.set(COOKIE, planted)
    browser.sign_in(victim)
    with idp_app.installation.database.read() as tx:
        assert devices.find_counter(tx, planted, victim.id) is None
    for value in ("", "x", "\u00e9", "a" * 4000, "../..", planted[:-1]):
        with idp_app.installation.database.read() as tx:
            assert devices.find_counter(tx, value, victim.id) is None


def test_another_persons_device_is_elsewhere(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, colleague = idp_app.person(), idp_app.person()
    of_colleague = known_browser(idp_app, colleague)
    ahead = pause_elsewhere(idp_app, monkeypatch, person)
    with at_time(monkeypatch, ahead):
        assert guess(of_colleague, person, PASSWORD).status_code == 429


def test_new_ids_do_not_set_the_counter_of_a_device_back(idp_app: IdpApp) -> None:
    """Who signs in as ever new people makes the browser change its id; the tries stay counted."""
    installation, person_id = idp_app.installation, new_id()
    with installation.database.write() as tx:
        browser, _is_new = devices.remember(tx, "", person_id)
    for number in range(5):
        with installation.database.write() as tx:
            counter = devices.find_counter(tx, browser, person_id)
            assert counter is not None
            meant = throttle.on_known_device(installation.keyring, counter, person_id)
            got = throttle.reserve(tx, meant)
            assert isinstance(got, throttle.Reservation)
            failure = throttle.fail(tx, got)
            changed, is_new = devices.remember(tx, browser, new_id())
            assert is_new and changed != browser
            browser = changed
        assert (failure.wait is not None) == (number == 4)
