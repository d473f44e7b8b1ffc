"""Ten codes on paper instead of the telephone: made, shown once, each good once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import delete, select

from directory.catalogue.person import Person
from directory.clock import MINUTE
from directory.database.tables import used
from idp import printed_codes as codes
from idp.factors.recovery_codes import store
from idp.factors.recovery_codes.tables import recovery_code
from idp.keys.jose import read_unverified
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.support.browser import Browser, csrf_token
from tests.support.idp_app import IdpApp, at_time
from tests.support.relying_party import authorization_request
from tests.support.second_factor import (
    code_now,
    give_code,
    give_password,
    give_totp,
    key_on,
    sign_in,
    whole_step,
    wrong_code,
)

PATH = "/bao-mat/ma-khoi-phuc"

__all__ = ["whole_step"]


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture
def secret(idp_app: IdpApp, person: Person) -> str:
    return give_totp(idp_app.installation, person.id)


@pytest.fixture
def given(idp_app: IdpApp, person: Person, secret: str) -> tuple[str, ...]:
    del secret
    with idp_app.installation.database.write() as tx:
        return store.make(tx, person.id)


def codes_on(page: requests.Response) -> list[str]:
    return re.findall(r"<li><code[^>]*>([0-9A-Z-]{19})</code>", page.text)


def open_form(browser: Browser, person: Person, **asked: str) -> requests.Response:
    """The page for a recovery code, by the link below the field for the other code."""
    page = give_password(browser, person, **asked)
    link = re.search(r'href="([^"]+buoc=recovery_code[^"]*)"', page.text)
    assert link, page.text
    return browser.get(link[1].replace("&amp;", "&"))


def give(browser: Browser, page: requests.Response, code: str) -> requests.Response:
    data = {"csrf_token": csrf_token(page), "buoc": "recovery_code", "code": code}
    return browser.post(page.url, data)


def try_one(idp_app: IdpApp, person: Person, code: str) -> tuple[Browser, requests.Response]:
    """In a new browser."""
    browser = idp_app.browser()
    return browser, give(browser, open_form(browser, person), code)


def refusals(idp_app: IdpApp, person: Person) -> list[object]:
    told = idp_app.events("signin.refused", subject=f"person:{person.id}")
    return [event.fields["reason"] for event in told]


def test_they_are_made_after_the_telephone_and_shown_once(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    assert PATH not in browser.get("/bao-mat").text
    assert browser.get(PATH).status_code == 409
    page = browser.get("/bao-mat/ung-dung-xac-thuc")
    before = browser.cookie
    data = {"csrf_token": csrf_token(page), "code": code_now(key_on(page)), "name": "Máy"}
    browser.post(page.url, data)
    assert browser.cookie != before  # what was proved now is another session cookie
    assert "chưa có mã khôi phục" in browser.get("/").text
    question = browser.get(PATH)
    made = browser.post(PATH, {"csrf_token": csrf_token(question)})
    shown = codes_on(made)
    assert len(set(shown)) == 10 and "no-store" in made.headers["Cache-Control"]
    assert "Ctrl+P" in made.text and 'data-url="/bao-mat"' in made.text
    overview = browser.get("/bao-mat").text
    assert "Còn 10 mã" in overview and not codes_on(browser.get(PATH))
    assert "chưa có mã khôi phục" not in browser.get("/").text
    (event,) = idp_app.events("recovery_codes.made", subject=f"person:{person.id}")
    assert event.fields == {"count": 10}
    with idp_app.installation.database.read() as tx:
        rows = tx.execute(select(recovery_code).where(recovery_code.c.person_id == person.id))
        kept = str([tuple(row) for row in rows])
    assert not any(code in kept or code.replace("-", "") in kept for code in shown)


def test_one_lets_in_instead_of_the_telephone_and_is_told(
    idp_app: IdpApp, person: Person, given: tuple[str, ...]
) -> None:
    browser, app = idp_app.browser(), idp_app.documents
    page = open_form(browser, person, **authorization_request(app))
    assert "Quản lý văn bản" in page.text
    done = give(browser, page, codes.shown(given[0]).lower())
    assert done.status_code == 303
    claims = read_unverified(app.tokens(browser, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pwd", "otp"])
    (event,) = idp_app.events("recovery_code.used", subject=f"person:{person.id}")
    assert event.fields == {"left": 9}
    for path in ("/", "/bao-mat"):
        assert "Một mã khôi phục đã được dùng" in browser.get(path).text
    assert "Còn 9 mã" in browser.get("/bao-mat").text


@pytest.mark.both_engines
def test_each_is_good_once(idp_app: IdpApp, person: Person, given: tuple[str, ...]) -> None:
    assert try_one(idp_app, person, given[0])[1].status_code == 303
    browser = idp_app.browser()
    used = give(browser, open_form(browser, person), given[0])
    assert used.status_code == 403 and "đã được dùng" in used.text
    wrong = give(browser, used, "0" * 16)
    assert wrong.status_code == 403 and "không phải mã khôi phục" in wrong.text
    assert refusals(idp_app, person) == ["wrong_recovery_code", "used_recovery_code"]
    assert not browser.cookie
    assert give(browser, wrong, given[1]).status_code == 303


@pytest.mark.both_engines
def test_of_fifty_at_once_one_gets_in(
    idp_app: IdpApp, person: Person, given: tuple[str, ...]
) -> None:
    database = idp_app.installation.database

    def use(_number: int) -> bool:
        def once(tx: Any) -> bool:
            return store.use(tx, person.id, given[3])

        return database.retrying(once)

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(use, range(50))) == 1


def test_a_used_one_stays_used_when_its_mark_is_forgotten(
    idp_app: IdpApp, person: Person, given: tuple[str, ...]
) -> None:
    with idp_app.installation.database.write() as tx:
        assert store.use(tx, person.id, given[0])
        tx.execute(delete(used).where(used.c.kind == store.KIND))
        assert not store.use(tx, person.id, given[0])


@pytest.mark.both_engines
def test_new_ones_replace_the_old(
    idp_app: IdpApp, person: Person, secret: str, given: tuple[str, ...]
) -> None:
    browser = idp_app.browser()
    sign_in(browser, person, secret)
    question = browser.get(PATH)
    assert "10 mã chưa dùng" in question.text
    made = codes_on(browser.post(PATH, {"csrf_token": csrf_token(question)}))
    other = idp_app.browser()
    old = give(other, open_form(other, person), given[0])
    assert old.status_code == 403
    assert give(other, old, made[0]).status_code == 303


def test_those_of_somebody_else_are_none(
    idp_app: IdpApp, person: Person, given: tuple[str, ...]
) -> None:
    other = idp_app.person()
    give_totp(idp_app.installation, other.id)
    with idp_app.installation.database.write() as tx:
        mine = store.make(tx, other.id)
    browser = idp_app.browser()
    page = open_form(browser, person)
    assert give(browser, page, mine[0]).status_code == 403
    assert try_one(idp_app, other, given[0])[1].status_code == 403
    assert not browser.cookie


@pytest.mark.parametrize("typed", ["", "1234", "U" * 16, "A" * 17, "ấ" * 16, "1" * 9999])
def test_what_is_none_is_not_counted(
    idp_app: IdpApp, person: Person, given: tuple[str, ...], typed: str
) -> None:
    browser = idp_app.browser()
    page = open_form(browser, person)
    assert give(browser, page, typed).status_code == 400
    assert refusals(idp_app, person) == []
    del given


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7f3a 9kqm-2c4d x8tr", "7F3A9KQM2C4DX8TR"),
        ("oil0-1111-2222-3333", "0110111122223333"),
        (" 7F3A\u20139KQM\u00a02C4DX8TR ", "7F3A9KQM2C4DX8TR"),
    ],
)
def test_however_it_is_written(typed: str, code: str) -> None:
    assert codes.find_typed(typed) == code


def test_guesses_are_counted_apart_from_those_of_the_telephone(
    idp_app: IdpApp,
    monkeypatch: pytest.MonkeyPatch,
    person: Person,
    secret: str,
    given: tuple[str, ...],
) -> None:
    """Who is paused after wrong codes of the telephone still gets in with one from paper; and as
    many guesses of those are looked at, and no more."""
    for number in range(TRIES_BEFORE_PAUSE):
        with at_time(monkeypatch, number * MINUTE):
            browser = idp_app.browser()
            give_code(browser, give_password(browser, person), wrong_code(secret))
    with at_time(monkeypatch, 10 * MINUTE):
        browser = idp_app.browser()
        page = give_password(browser, person)
        assert "Tạm dừng nhập mã" in give_code(browser, page, code_now(secret)).text
        assert try_one(idp_app, person, given[0])[1].status_code == 303
    for number in range(TRIES_BEFORE_PAUSE):
        with at_time(monkeypatch, (11 + number) * MINUTE):
            try_one(idp_app, person, "0" * 16)
    with at_time(monkeypatch, 22 * MINUTE):
        browser, stopped = try_one(idp_app, person, given[1])
    assert stopped.status_code == 429 and not browser.cookie


def test_making_them_wants_both_factors_of_the_last_minutes(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, secret: str
) -> None:
    thief, late = idp_app.browser(), idp_app.browser()
    with at_time(monkeypatch, -6 * MINUTE):
        sign_in(late, person, secret)
    token = csrf_token(late.get("/bao-mat"))
    for answer in (late.get(PATH), late.post(PATH, {"csrf_token": token})):
        assert answer.headers["Location"].startswith("/dang-nhap?")
    assert give_password(thief, person).status_code == 200
    assert 'name="password"' in thief.open(PATH).text
    assert late.post(PATH, {}).status_code == 403
    with idp_app.installation.database.read() as tx:
        assert store.held_by(tx, person.id) == []


def test_they_go_with_the_last_telephone_and_count_for_nothing_alone(
    idp_app: IdpApp, person: Person, secret: str, given: tuple[str, ...]
) -> None:
    browser = idp_app.browser()
    sign_in(browser, person, secret)
    removal = re.search(r'href="(/bao-mat/[^"]+/xoa)"', browser.get("/bao-mat").text)
    assert removal
    browser.post(removal[1], {"csrf_token": csrf_token(browser.get(removal[1]))})
    with idp_app.installation.database.write() as tx:
        assert store.held_by(tx, person.id) == []
        store.make(tx, person.id)  # should any be left: nobody is asked for them
    other = idp_app.browser()
    other.sign_in(person)
    assert other.is_signed_in()
    del given


def test_few_that_are_left_are_told(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, given: tuple[str, ...]
) -> None:
    with idp_app.installation.database.write() as tx:
        assert all(store.use(tx, person.id, code) for code in given[:7])
    browser = idp_app.browser()
    give(browser, open_form(browser, person), given[7])
    assert "Chỉ còn 2 mã khôi phục" in browser.get("/").text
    with idp_app.installation.database.write() as tx:
        assert all(store.use(tx, person.id, code) for code in given[8:])
    assert "chưa có mã khôi phục" in browser.get("/").text
    page = give_password(idp_app.browser(), person)
    assert "buoc=recovery_code" not in page.text  # nothing is offered that is not there
    del monkeypatch


def test_no_address_leads_past_it(idp_app: IdpApp, person: Person, given: tuple[str, ...]) -> None:
    browser = idp_app.browser()
    page = open_form(browser, person)
    flow = page.url.split("flow=")[1].split("&")[0]
    for path in ("/", PATH, f"/dang-nhap?flow={flow}&buoc=totp_enrolment"):
        seen = browser.open(path)
        assert 'name="code"' in seen.text or 'name="password"' in seen.text
    data = {"csrf_token": csrf_token(page), "buoc": "totp", "code": given[0]}
    assert browser.post(page.url, data).status_code == 400
    assert not browser.cookie
