"""Too many wrong passwords: counted before slapd is asked, in SQL, for names nobody has as well."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from directory import clock
from directory.people.credentials import set_password
from idp.app import create_app
from idp.signin import throttle
from idp.signin.throttle import Reservation, Wait
from tests.support.idp_app import PASSWORD, Browser, IdpApp, at_time, csrf_token
from tests.support.installation import OPERATOR
from tests.support.web_agent import next_url

WRONG = "mật khẩu này sai hoàn toàn"


def reserve(idp: IdpApp, who: str, address: str = "192.0.2.1") -> Reservation | Wait:
    with idp.house.database.write() as tx:
        return throttle.reserve(tx, idp.house.keyring, who, address)


def use_up(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, who: str, tries: int, ahead: int) -> int:
    """Make `tries` counted tries, waiting out every delay; gives the time it took, in ms."""
    for _ in range(tries):
        while True:
            with at_time(monkeypatch, ahead):
                got = reserve(idp, who, f"192.0.2.{ahead % 250}")
                if isinstance(got, Reservation):
                    break
                ahead += got.until - clock.now_ms() + 1
    return ahead


def test_five_free_tries_then_growing_delays_then_a_pause(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = throttle.typed_name("tăng.dần")
    delays = []
    ahead = 0
    for number in range(1, 11):
        with at_time(monkeypatch, ahead):
            got = reserve(idp_app, who)
            assert isinstance(got, Reservation)
            assert got.remaining == 10 - number
            then = reserve(idp_app, who)
            if isinstance(then, Wait):
                delays.append((number, (then.until - clock.now_ms()) // 1000, then.is_pause))
                ahead += then.until - clock.now_ms() + 1
            else:
                with idp_app.house.database.write() as tx:
                    throttle.give_back(tx, then)
    assert delays == [
        (5, 2, False),
        (6, 4, False),
        (7, 8, False),
        (8, 16, False),
        (9, 32, False),
        (10, 900, True),
    ]


def test_never_more_than_ten_tries_in_a_quarter_of_an_hour(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = throttle.typed_name("chậm.mà.chắc")
    taken: list[int] = []
    ahead = 0
    for _ in range(60):
        with at_time(monkeypatch, ahead):
            got = reserve(idp_app, who, f"198.51.100.{len(taken) % 250}")
            if isinstance(got, Reservation):
                taken.append(clock.now_ms())
                ahead += 1
            else:
                ahead += got.until - clock.now_ms() + 1
    assert len(taken) > 20
    for start in taken:
        window = [instant for instant in taken if start <= instant < start + 15 * clock.MINUTE]
        assert len(window) <= 10


def test_a_hundred_failures_in_a_row_pause_for_half_a_day(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NIST SP 800-63B-4 section 3.2.2"""
    who = throttle.typed_name("kiên.trì")
    ahead = use_up(idp_app, monkeypatch, who, 100, 0)
    with at_time(monkeypatch, ahead):
        got = reserve(idp_app, who)
        assert isinstance(got, Wait)
        assert got.until - clock.now_ms() > 11 * clock.HOUR


def test_a_try_that_could_not_be_checked_does_not_count(idp_app: IdpApp) -> None:
    who = throttle.typed_name("máy.chủ.bận")
    for _ in range(30):
        got = reserve(idp_app, who)
        assert isinstance(got, Reservation)
        with idp_app.house.database.write() as tx:
            throttle.give_back(tx, got)
    last = reserve(idp_app, who)
    assert isinstance(last, Reservation) and last.remaining == 9


def test_one_address_has_fifty_wrong_tries_whatever_the_names(idp_app: IdpApp) -> None:
    """S-42, in small: one password tried on very many people."""
    address = "203.0.113.77"
    got = [reserve(idp_app, throttle.typed_name(f"người.{n}"), address) for n in range(60)]
    assert sum(isinstance(one, Reservation) for one in got) == 50
    assert isinstance(reserve(idp_app, throttle.typed_name("khác"), "203.0.113.78"), Reservation)


def test_right_passwords_use_up_no_address(idp_app: IdpApp) -> None:
    """An agency behind one address signs in in the morning."""
    address = "203.0.113.99"
    for number in range(120):
        got = reserve(idp_app, throttle.typed_name(f"đúng.{number}"), address)
        assert isinstance(got, Reservation)
        with idp_app.house.database.write() as tx:
            throttle.clear(tx, got)


def test_a_whole_ipv6_network_is_one_address(idp_app: IdpApp) -> None:
    for number in range(50):
        address = f"2001:db8:1:2::{number:x}"
        assert isinstance(
            reserve(idp_app, throttle.typed_name(f"v6.{number}"), address), Reservation
        )
    assert isinstance(reserve(idp_app, throttle.typed_name("v6"), "2001:db8:1:2:ffff::1"), Wait)
    assert isinstance(reserve(idp_app, throttle.typed_name("v6"), "2001:db8:1:3::1"), Reservation)


def guess(browser: Browser, login: str, password: str = WRONG) -> requests.Response:
    return browser.answer(browser.open_sign_in(), login, password)


def test_fifty_parallel_guesses_never_exceed_the_limit(idp_app: IdpApp) -> None:
    """S-41, bounded: from fifty addresses at once, at most five binds before the first delay."""
    person = idp_app.person()
    browsers = [idp_app.browser() for _ in range(50)]
    pages = [browser.open_sign_in() for browser in browsers]
    before = idp_app.count_binds(person.id)

    def answer(number: int) -> int:
        return browsers[number].answer(pages[number], person.username, WRONG).status_code

    with ThreadPoolExecutor(25) as pool:
        statuses = list(pool.map(answer, range(50)))
    binds = idp_app.count_binds(person.id) - before
    assert binds <= 10
    assert statuses.count(403) <= 10
    assert statuses.count(429) >= 40
    assert set(statuses) <= {403, 429, 503}


def pause(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, login: str) -> requests.Response:
    """Guess until sign-in is paused, waiting out the delays."""
    ahead = 0
    for _ in range(40):
        with at_time(monkeypatch, ahead):
            page = guess(idp.browser(), login)
        if "Tạm dừng đăng nhập" in page.text:
            return page
        ahead += 1000 * int(page.headers.get("Retry-After", "0")) + 1
    raise AssertionError("never paused")


def test_after_the_pause_begins_even_the_right_password_waits(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-41"""
    person = idp_app.person()
    paused = pause(idp_app, monkeypatch, person.username)
    assert paused.status_code == 429
    binds = idp_app.count_binds(person.id)
    right = guess(idp_app.browser(), person.username, PASSWORD)
    assert right.status_code == 429
    assert "dm_session" not in right.headers.get("Set-Cookie", "")
    # Until when, and who helps.
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", right.text)
    assert idp_app.house.settings.operator_phone in right.text
    assert idp_app.count_binds(person.id) == binds
    events = idp_app.events("signin.paused", subject=f"person:{person.id}")
    assert len(events) == 1
    assert len(idp_app.events("signin.refused", subject=f"person:{person.id}")) == 10


def test_a_name_nobody_has_is_paused_in_the_same_words(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    stranger = "q" * len(person.username)
    pages = [pause(idp_app, monkeypatch, login) for login in (person.username, stranger)]
    cleaned = [
        re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d", "", re.sub(r"<code>[^<]*</code>", "", page.text))
        for page in pages
    ]
    cleaned = [re.sub(r"flow=[A-Za-z0-9_-]+", "", text) for text in cleaned]
    assert cleaned[0] == cleaned[1]


def test_the_pause_survives_a_restart_and_ends_by_itself(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    pause(idp_app, monkeypatch, person.username)
    restarted = create_app(idp_app.served).test_client()
    where = {"base_url": idp_app.url}
    page = restarted.get("/dang-nhap", follow_redirects=True, **where)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    body = {"csrf_token": token, "login": person.username, "password": PASSWORD}
    assert restarted.post(page.request.full_path, data=body, **where).status_code == 429
    with at_time(monkeypatch, 17 * clock.MINUTE):
        assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303


def test_someone_who_may_ends_the_pause(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    person = idp_app.person()
    pause(idp_app, monkeypatch, person.username)
    with idp_app.house.database.write() as tx:
        throttle.unlock(tx, idp_app.house.keyring, person.id)
    assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303


def test_a_right_password_sets_the_count_back(idp_app: IdpApp) -> None:
    person = idp_app.person()
    for _ in range(2):
        for _ in range(4):
            assert guess(idp_app.browser(), person.username).status_code == 403
        assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303


def test_a_spoofed_forwarding_header_changes_no_bucket(idp_app: IdpApp) -> None:
    """S-86: only what our own proxy wrote counts, however many hops are invented before it."""
    person = idp_app.person()
    browser = idp_app.browser("198.51.100.200")
    for number in range(3):
        page = browser.open_sign_in()
        browser.http.post(
            page.url,
            data={"csrf_token": csrf_token(page), "login": person.username, "password": WRONG},
            headers={"X-Forwarded-For": f"1.2.3.{number}, 198.51.100.200"},
            timeout=20,
        )
    events = idp_app.events("signin.refused", subject=f"person:{person.id}")
    assert {event.address for event in events} == {"198.51.100.200"}


def test_a_stopped_slapd_is_no_wrong_password(idp_app: IdpApp) -> None:
    """503, nothing counted, and live sessions go on."""
    person = idp_app.person()
    signed_in = idp_app.browser()
    signed_in.sign_in(person)
    idp_app.running.kill_slapd()
    try:
        page = guess(idp_app.browser(), person.username, PASSWORD)
        assert page.status_code == 503
        assert int(page.headers["Retry-After"]) > 0
        assert signed_in.is_signed_in()
        back = signed_in.enter(idp_app.documents, person)
        assert "code=" in next_url(back)
    finally:
        idp_app.restart_slapd()
    set_password(idp_app.house, OPERATOR, person.id, PASSWORD)  # the catalogue answers again
    assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303
    assert idp_app.events("signin.refused", subject=f"person:{person.id}") == []
