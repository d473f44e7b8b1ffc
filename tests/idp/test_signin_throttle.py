"""Too many wrong passwords: counted before slapd is asked, in SQL, for names nobody has as well."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from admin_ui.components import COMPONENTS
from admin_ui.entries.worker import forget_expired
from directory import clock
from directory.actor import Actor
from directory.errors import Conflict, Forbidden, NotFound
from directory.people.credentials import set_password
from directory.people.service import retire
from idp.app import create_app
from idp.throttle import pauses
from idp.throttle import store as throttle
from idp.throttle.store import Counter, Failure, Reservation, Wait
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from web.forwarded import Sender

WRONG = "mật khẩu này sai hoàn toàn"


def counters(idp: IdpApp, who: str, address: str = "192.0.2.1") -> tuple[Counter, ...]:
    return throttle.elsewhere(idp.installation.keyring, who, None, Sender(address, is_proxy=False))


def reserve(idp: IdpApp, who: str, address: str = "192.0.2.1") -> Reservation | Wait | None:
    with idp.installation.database.write() as tx:
        return throttle.reserve(tx, counters(idp, who, address))


def try_wrong(idp: IdpApp, who: str, address: str = "192.0.2.1") -> Failure | Wait:
    """One wrong try, or why none was possible."""
    with idp.installation.database.write() as tx:
        got = throttle.reserve(tx, counters(idp, who, address))
        assert got is not None
        return got if isinstance(got, Wait) else throttle.fail(tx, got)


def use_up(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, who: str, tries: int, ahead: int) -> int:
    """Make `tries` wrong tries, waiting out every delay; gives the time it took, in ms."""
    for _ in range(tries):
        while True:
            with at_time(monkeypatch, ahead):
                got = try_wrong(idp, who, f"192.0.2.{ahead % 250}")
                if isinstance(got, Failure):
                    break
                ahead += got.until - clock.now_ms() + 1
    return ahead


@pytest.mark.both_engines
def test_five_free_tries_then_growing_delays_then_a_pause(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = throttle.typed_name("tăng.dần")
    delays = []
    ahead = 0
    for number in range(1, 11):
        with at_time(monkeypatch, ahead):
            got = try_wrong(idp_app, who)
            assert isinstance(got, Failure)
            then = reserve(idp_app, who)
            if got.wait is not None:
                # What the answer says is what the next try meets.
                assert then == got.wait
                delays.append((number, (got.wait.until - clock.now_ms()) // 1000))
                assert got.wait.is_pause == bool(got.paused) == (number == 10)
                ahead += got.wait.until - clock.now_ms() + 1
            else:
                assert isinstance(then, Reservation)
                with idp_app.installation.database.write() as tx:
                    throttle.give_back(tx, then)
    assert delays == [(5, 2), (6, 4), (7, 8), (8, 16), (9, 32), (10, 900)]


def test_never_more_than_ten_tries_in_a_quarter_of_an_hour(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = throttle.typed_name("chậm.mà.chắc")
    taken: list[int] = []
    ahead = 0
    for _ in range(60):
        with at_time(monkeypatch, ahead):
            got = try_wrong(idp_app, who, f"198.51.100.{len(taken) % 250}")
            if isinstance(got, Failure):
                taken.append(clock.now_ms())
                ahead += 1
            else:
                ahead += got.until - clock.now_ms() + 1
    assert len(taken) > 20
    for start in taken:
        window = [instant for instant in taken if start <= instant < start + 15 * clock.MINUTE]
        assert len(window) <= 10


def test_a_hundred_failures_in_a_row_pause_for_half_a_day_and_fade(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NIST SP 800-63B-4 section 3.2.2; and a counter that only a success sets back would pause for
    half a day after each single wrong password, for ever."""
    who = throttle.typed_name("kiên.trì")
    ahead, tries = 0, 0
    while True:
        with at_time(monkeypatch, ahead):
            got = try_wrong(idp_app, who, f"192.0.2.{tries % 250}")
            if isinstance(got, Failure):
                tries += 1
                length = got.wait.until - clock.now_ms() if got.wait else 0
                if length > clock.HOUR:
                    break
            else:
                ahead += got.until - clock.now_ms() + 1
        assert tries < 200
    assert tries >= 100
    # Said at once, and told in the log.
    assert length == 12 * clock.HOUR
    assert [counter.kind for counter, _until in got.paused] == ["name"]
    ahead += 12 * clock.HOUR + 1
    with at_time(monkeypatch, ahead):
        again = try_wrong(idp_app, who)
        assert isinstance(again, Failure) and again.wait is None
    # A day later nothing is left of it.
    later = use_up(idp_app, monkeypatch, who, 9, ahead + clock.DAY)
    with at_time(monkeypatch, later):
        last = try_wrong(idp_app, who)
        assert isinstance(last, Wait) and not last.is_pause


def test_a_try_that_could_not_be_checked_does_not_count(idp_app: IdpApp) -> None:
    who = throttle.typed_name("máy.chủ.bận")
    for _ in range(30):
        got = reserve(idp_app, who)
        assert isinstance(got, Reservation)
        with idp_app.installation.database.write() as tx:
            throttle.give_back(tx, got)
    last = try_wrong(idp_app, who)
    assert isinstance(last, Failure) and last.wait is None


@pytest.mark.both_engines
def test_who_dies_while_checking_holds_no_place_for_long(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = throttle.typed_name("tắt.máy")
    for _ in range(10):
        assert isinstance(reserve(idp_app, who), Reservation)
    assert reserve(idp_app, who) is None
    with at_time(monkeypatch, 2 * clock.MINUTE):
        assert isinstance(reserve(idp_app, who), Reservation)


def test_one_address_has_fifty_wrong_tries_whatever_the_names(idp_app: IdpApp) -> None:
    """In small: one password tried on very many people."""
    address = "203.0.113.77"
    got = [try_wrong(idp_app, throttle.typed_name(f"người.{n}"), address) for n in range(60)]
    failures = [one for one in got if isinstance(one, Failure)]
    assert len(failures) == 50
    assert [one.sprayed for one in failures if one.sprayed] == [throttle.SPRAYED_NAMES]
    assert [c.kind for one in failures for c, _until in one.paused] == ["address"]
    assert failures[-1].wait is not None and failures[-1].wait.kind == "address"
    assert isinstance(try_wrong(idp_app, throttle.typed_name("khác"), "203.0.113.78"), Failure)


def test_an_address_that_many_share_is_counted_and_never_paused(idp_app: IdpApp) -> None:
    """A proxy that was not declared: never everybody's counter, but a spray is seen."""
    shared = Sender("203.0.113.90", is_proxy=True, undeclared_proxy="203.0.113.90")
    sprayed = []
    for number in range(120):
        with idp_app.installation.database.write() as tx:
            who = throttle.typed_name(f"chung.{number}")
            meant = throttle.elsewhere(idp_app.installation.keyring, who, None, shared)
            got = throttle.reserve(tx, meant)
            assert isinstance(got, Reservation)
            failure = throttle.fail(tx, got)
        assert failure.wait is None and not failure.paused
        sprayed.append(failure.sprayed)
    assert sum(map(bool, sprayed)) == 1
    # Nor does it seem to be, in the list or once the proxy is known as a sender of its own.
    networks = [one.network for one in pauses.list_pauses(idp_app.installation, OPERATOR)]
    assert shared.address not in networks
    assert isinstance(reserve(idp_app, throttle.typed_name("nay"), shared.address), Reservation)


def test_right_passwords_use_up_no_address(idp_app: IdpApp) -> None:
    """An agency behind one address signs in in the morning."""
    address = "203.0.113.99"
    for number in range(120):
        got = reserve(idp_app, throttle.typed_name(f"đúng.{number}"), address)
        assert isinstance(got, Reservation)
        with idp_app.installation.database.write() as tx:
            throttle.succeed(tx, got)


def test_a_whole_ipv6_network_is_one_address(idp_app: IdpApp) -> None:
    for number in range(50):
        address = f"2001:db8:1:2::{number:x}"
        assert isinstance(try_wrong(idp_app, throttle.typed_name(f"v6.{number}"), address), Failure)
    assert isinstance(reserve(idp_app, throttle.typed_name("v6"), "2001:db8:1:2:ffff::1"), Wait)
    assert isinstance(reserve(idp_app, throttle.typed_name("v6"), "2001:db8:1:3::1"), Reservation)


def guess(browser: Browser, login: str, password: str = WRONG) -> requests.Response:
    return browser.answer(browser.open_sign_in(), login, password)


@pytest.mark.both_engines
def test_fifty_parallel_guesses_never_exceed_the_limit(idp_app: IdpApp) -> None:
    """Bounded: from fifty addresses at once, at most five binds before the first delay."""
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
    person = idp_app.person()
    paused = pause(idp_app, monkeypatch, person.username)
    assert paused.status_code == 429
    binds = idp_app.count_binds(person.id)
    right = guess(idp_app.browser(), person.username, PASSWORD)
    assert right.status_code == 429
    assert "dm_session" not in right.headers.get("Set-Cookie", "")
    assert "chưa được kiểm tra" in right.text
    assert "chưa được kiểm tra" not in paused.text  # the wrong one was, and began the pause
    # Until when, and who helps.
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", right.text)
    assert idp_app.installation.settings.operator_phone in right.text
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
    cleaned = [re.sub(r"(flow|da-nhap)=[A-Za-z0-9_-]+", "", text) for text in cleaned]
    assert cleaned[0] == cleaned[1]


@pytest.mark.both_engines
def test_the_pause_survives_a_restart_and_ends_by_itself(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    pause(idp_app, monkeypatch, person.username)
    restarted = create_app(idp_app.served, COMPONENTS).test_client()
    where = {"base_url": idp_app.url}
    page = restarted.get("/dang-nhap", follow_redirects=True, **where)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    body = {"csrf_token": token, "login": person.username, "password": PASSWORD}
    assert restarted.post(page.request.full_path, data=body, **where).status_code == 429
    with at_time(monkeypatch, 17 * clock.MINUTE):
        assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303


def test_someone_who_may_ends_the_pause(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    person = idp_app.person()
    assert not pauses.unlock_person(idp_app.installation, OPERATOR, person.id)
    assert idp_app.events("person.unlocked", subject=f"person:{person.id}") == []
    pause(idp_app, monkeypatch, person.username)
    for _ in range(3):
        assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 429
    shown = [one for one in pauses.list_pauses(idp_app.installation, OPERATOR) if one.person]
    found = next(one for one in shown if one.person and one.person.id == person.id)
    assert (found.kind, found.failures, found.turned_away) == ("name", 10, 3)
    assert pauses.unlock_person(idp_app.installation, OPERATOR, person.id)
    assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303
    assert len(idp_app.events("person.unlocked", subject=f"person:{person.id}")) == 1
    told = idp_app.events("signin.turned_away", subject=f"person:{person.id}")
    assert [event.fields["count"] for event in told] == [3]


def test_who_may_not_sign_in_is_not_unlocked(idp_app: IdpApp) -> None:
    person = idp_app.person()
    retire(idp_app.installation, OPERATOR, person.id, "thử")
    with pytest.raises(Conflict):
        pauses.unlock_person(idp_app.installation, OPERATOR, person.id)
    with pytest.raises(NotFound):
        pauses.unlock_person(idp_app.installation, OPERATOR, "khong-ai")
    nobody = Actor("person", person.id)
    for refused in (
        lambda: pauses.unlock_person(idp_app.installation, nobody, idp_app.person().id),
        lambda: pauses.unpause_network(idp_app.installation, nobody, "192.0.2.1"),
        lambda: pauses.list_pauses(idp_app.installation, nobody),
        lambda: pauses.lift_all(idp_app.installation, nobody),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_a_pause_of_an_address_says_so_is_told_and_can_be_lifted(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "198.18.0.77"
    person = idp_app.person()
    known = idp_app.browser(address)
    known.sign_in(person)
    guesser = idp_app.browser(address)
    with at_time(monkeypatch, 0):
        for number in range(throttle.TRIES_PER_ADDRESS):
            last = guess(guesser, f"mot.{number}")
        assert last.status_code == 429 and address in last.text
        for _ in range(4):
            colleague = guess(idp_app.browser(address), person.username, PASSWORD)
            assert colleague.status_code == 429
            assert colleague.headers["Retry-After"] == "900"
            assert address in colleague.text and "bằng tên này" not in colleague.text
            assert "chưa được kiểm tra" in colleague.text
            assert "Thử lại" in colleague.text
    # Whoever signed in on this browser before is not stopped by what others do beside them.
    known.http.cookies.pop("dm_session")
    known.sign_in(person)
    events = idp_app.events("signin.address_paused")
    assert [e.fields["network"] for e in events if e.address == address] == [address]
    found = [p for p in pauses.list_pauses(idp_app.installation, OPERATOR) if p.network == address]
    assert [(one.kind, one.turned_away) for one in found] == [("address", 4)]
    assert pauses.unpause_network(idp_app.installation, OPERATOR, address)
    assert not pauses.unpause_network(idp_app.installation, OPERATOR, address)
    told = idp_app.events("signin.address_turned_away")
    assert [e.fields["count"] for e in told if e.fields["network"] == address] == [4]
    assert guess(idp_app.browser(address), person.username, PASSWORD).status_code == 303


def test_what_a_pause_turned_away_is_told_once_it_is_over(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = idp_app.person()
    pause(idp_app, monkeypatch, person.username)
    for _ in range(2):
        assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 429
    subject = f"person:{person.id}"
    forget_expired(idp_app.installation)
    assert idp_app.events("signin.turned_away", subject=subject) == []
    with at_time(monkeypatch, 20 * clock.MINUTE):
        forget_expired(idp_app.installation)
        forget_expired(idp_app.installation)
    told = idp_app.events("signin.turned_away", subject=subject)
    assert [event.fields["count"] for event in told] == [2]


def test_who_signs_in_stays_where_they_were_counted(idp_app: IdpApp) -> None:
    """A success elsewhere sets nothing back: whoever guesses the name would see it."""
    person = idp_app.person()
    for _ in range(4):
        assert guess(idp_app.browser(), person.username).status_code == 403
    assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303
    fifth = guess(idp_app.browser(), person.username)
    assert (fifth.status_code, fifth.headers["Retry-After"]) == (403, "2")


@pytest.mark.both_engines
def test_simultaneous_right_sign_ins_never_wait(idp_app: IdpApp) -> None:
    person = idp_app.person()
    browsers = [idp_app.browser() for _ in range(12)]
    pages = [browser.open_sign_in() for browser in browsers]

    def answer(number: int) -> int:
        return browsers[number].answer(pages[number], person.username, PASSWORD).status_code

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(answer, range(12))) == [303] * 12


def test_a_spoofed_forwarding_header_changes_no_bucket(idp_app: IdpApp) -> None:
    """Only what our own proxy wrote counts, however many hops are invented before it."""
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


@pytest.mark.parametrize("length", [1_017, 5_000, 200_000])
def test_a_login_far_too_long_costs_nothing_and_is_shown_cut(idp_app: IdpApp, length: int) -> None:
    before = idp_app.count_binds()
    page = guess(idp_app.browser(), "x" * length)
    assert page.status_code == 403
    assert idp_app.count_binds() == before
    assert "x" * 256 in page.text and "x" * 257 not in page.text
    # Each is a name of its own, counted like any other.
    waits = [guess(idp_app.browser(), "y" * length).headers.get("Retry-After") for _ in range(5)]
    assert waits == [None] * 4 + ["2"]


def test_a_proxy_nobody_declared_is_told_in_the_log_once(idp_app: IdpApp) -> None:
    client = idp_app.app.test_client()
    where = {"base_url": idp_app.url, "environ_overrides": {"REMOTE_ADDR": "192.0.2.88"}}
    forwarded = {"X-Forwarded-For": "198.51.100.9"}
    for number in range(2):
        page = client.get("/dang-nhap", follow_redirects=True, **where)
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
        body = {"csrf_token": token, "login": f"qua.may.{number}", "password": WRONG}
        client.post(page.request.full_path, data=body, headers=forwarded, **where)
    told = [e for e in idp_app.events("proxy.undeclared") if e.fields["peer"] == "192.0.2.88"]
    assert len(told) == 1


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
        back = idp_app.documents.enter(signed_in, person)
        assert "code=" in next_url(back)
    finally:
        idp_app.restart_slapd()
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD)  # the catalogue answers again
    assert guess(idp_app.browser(), person.username, PASSWORD).status_code == 303
    assert idp_app.events("signin.refused", subject=f"person:{person.id}") == []
