"""A code of an authenticator application as the second factor: adding, asking, refusing, removing,
and what somebody tries who has the password, or half a sign-in."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from directory.catalogue.person import Person
from directory.clock import MINUTE, SECOND
from directory.installation import Installation
from directory.sealed import SealBroken
from idp.factors.totp import codes, store
from idp.factors.totp.tables import totp_authenticator
from idp.flows import store as flows
from idp.keys.jose import read_unverified
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.support.browser import Browser, csrf_token, next_url
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

SECURITY, ENROL = "/bao-mat", "/bao-mat/ung-dung-xac-thuc"

__all__ = ["whole_step"]


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture
def secret(idp_app: IdpApp, person: Person) -> str:
    return give_totp(idp_app.installation, person.id)


def enrol(browser: Browser, code: str, name: str = "Máy của tôi") -> requests.Response:
    page = browser.get(ENROL)
    data = {"csrf_token": csrf_token(page), "code": code or code_now(key_on(page)), "name": name}
    return browser.post(ENROL, data)


def row_of(installation: Installation, person_id: str) -> Any:
    with installation.database.read() as tx:
        query = select(totp_authenticator).where(totp_authenticator.c.person_id == person_id)
        return tx.execute(query).one()


def refusals(idp_app: IdpApp, person: Person) -> list[object]:
    told = idp_app.events("signin.refused", subject=f"person:{person.id}")
    return [event.fields["reason"] for event in told]


# --- adding one ----------------------------------------------------------------------------------


def test_it_is_added_from_my_applications_and_asked_for_from_then_on(
    idp_app: IdpApp, person: Person
) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    assert f'href="{SECURITY}"' in browser.get("/").text
    overview = browser.get(SECURITY)
    assert "Chưa bật" in overview.text and f'href="{ENROL}"' in overview.text
    page = browser.get(ENROL)
    secret = key_on(page)
    assert "<svg" in page.text and "style=" not in page.text and "otpauth://totp/" in page.text
    again = enrol(browser, wrong_code(secret), "Máy cơ quan")
    assert again.status_code == 403 and key_on(again) == secret
    assert 'value="Máy cơ quan"' in again.text
    code = code_now(secret)
    assert enrol(browser, code, "Máy cơ quan").headers["Location"] == SECURITY
    assert "Máy cơ quan" in browser.get(SECURITY).text
    (event,) = idp_app.events("totp.added", subject=f"person:{person.id}")
    assert (event.fields["name"], event.actor) == ("Máy cơ quan", f"person:{person.id}")
    sealed = row_of(idp_app.installation, person.id).secret_sealed
    assert secret.encode() not in bytes(sealed)
    # The code that proved it signs nobody in.
    other = idp_app.browser()
    used = give_code(other, give_password(other, person), code)
    assert used.status_code == 403 and "đã được dùng" in used.text
    done = give_code(other, used, code_now(secret, 1))
    assert done.status_code == 303 and other.is_signed_in()


@pytest.mark.both_engines
def test_tokens_say_what_was_proved(idp_app: IdpApp, person: Person, secret: str) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    assert "Quản lý văn bản" in page.text and not browser.cookie
    browser.follow(give_code(browser, page, code_now(secret)), idp_app.documents.redirect_uri)
    tokens = idp_app.documents.tokens(browser, person)
    for token in ("id_token", "access_token"):
        assert read_unverified(tokens[token])[1]["acr"] == "2"
    assert read_unverified(tokens["id_token"])[1]["amr"] == ["pwd", "otp"]
    (event,) = idp_app.events("signin.succeeded", subject=f"person:{person.id}")
    assert event.fields["methods"] == "pwd otp"


@pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}", "{}\u00a0{}"])
def test_a_code_may_be_typed_in_groups(
    idp_app: IdpApp, person: Person, secret: str, typed: str
) -> None:
    browser, code = idp_app.browser(), code_now(secret)
    page = give_password(browser, person)
    assert give_code(browser, page, typed.format(code[:3], code[3:])).status_code == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "1" * 5000])
def test_what_is_no_code_is_not_counted(
    idp_app: IdpApp, person: Person, secret: str, typed: str
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person)
    for _ in range(TRIES_BEFORE_PAUSE + 2):
        page = give_code(browser, page, typed)
        assert page.status_code == 400 and "6 chữ số" in page.text
    assert give_code(browser, page, code_now(secret)).status_code == 303
    assert refusals(idp_app, person) == []


@pytest.mark.parametrize(
    ("name", "said"), [("", "Đặt tên"), ("x" * 61, "tối đa 60"), (" \u200b ", "Đặt tên")]
)
def test_a_name_is_asked_for(idp_app: IdpApp, person: Person, name: str, said: str) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    page = enrol(browser, "", name)
    assert page.status_code == 403 and said in page.text
    assert "Chưa bật" in browser.get(SECURITY).text


def test_a_name_is_text_and_nothing_else(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    enrol(browser, "", "<script>alert(1)</script>")
    assert "<script>alert" not in browser.get(SECURITY).text
    assert "&lt;script&gt;" in browser.get(SECURITY).text


def test_nobody_has_more_than_five(idp_app: IdpApp, person: Person) -> None:
    secret = give_totp(idp_app.installation, person.id)
    for number in range(4):
        give_totp(idp_app.installation, person.id, f"Máy {number}")
    browser = idp_app.browser()
    sign_in(browser, person, secret)
    page = browser.get(ENROL)
    assert page.status_code == 409 and "tối đa 5" in page.text


# --- what wants a fresh sign-in ------------------------------------------------------------------


@pytest.fixture
def later(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, secret: str) -> Browser:
    """A browser in which the person signed in six minutes ago."""
    del secret
    browser = idp_app.browser()
    with at_time(monkeypatch, -6 * MINUTE):
        sign_in(browser, person, opened(idp_app, person))
    return browser


def opened(idp_app: IdpApp, person: Person) -> str:
    row = row_of(idp_app.installation, person.id)
    return store._opened(idp_app.installation.keyring, row)


def test_adding_and_removing_want_a_sign_in_of_the_last_minutes(
    idp_app: IdpApp, later: Browser, person: Person, secret: str
) -> None:
    held = row_of(idp_app.installation, person.id)
    removal = f"{ENROL}/{held.id}/xoa"
    token = {"csrf_token": csrf_token(later.get(SECURITY))}
    for answer in (later.get(ENROL), later.get(removal), later.post(removal, token)):
        assert answer.headers["Location"].startswith("/dang-nhap?")
    assert row_of(idp_app.installation, person.id).id == held.id
    page = later.open(removal)
    assert "Đang đăng nhập với tên" in page.text
    page = later.follow(later.answer(page, person.username, "chín con trâu trắng"))
    question = later.follow(give_code(later, page, code_now(secret)))
    assert f"Xóa “{held.name}”?" in question.text and question.url.endswith("/xoa")
    assert later.post(removal, token).headers["Location"] == SECURITY
    assert "Chưa bật" in later.get(SECURITY).text
    (event,) = idp_app.events("totp.removed", subject=f"person:{person.id}")
    assert event.fields["name"] == held.name
    browser = idp_app.browser()
    browser.sign_in(person)
    assert browser.is_signed_in()


def test_a_session_of_before_the_first_one_cannot_take_it_away(
    idp_app: IdpApp, person: Person
) -> None:
    """Whoever had the password alone, and is signed in since, is no match for the telephone."""
    thief = idp_app.browser()
    thief.sign_in(person)
    give_totp(idp_app.installation, person.id)
    removal = f"{ENROL}/{row_of(idp_app.installation, person.id).id}/xoa"
    token = {"csrf_token": csrf_token(thief.get(SECURITY))}
    assert thief.post(removal, token).headers["Location"].startswith("/dang-nhap?")
    assert thief.get(ENROL).headers["Location"].startswith("/dang-nhap?")
    assert thief.post(ENROL, token | {"code": "123456", "name": "x"}).status_code == 303
    assert row_of(idp_app.installation, person.id)


def test_what_is_another_persons_is_not_there(idp_app: IdpApp, person: Person, secret: str) -> None:
    mine = idp_app.browser()
    me = idp_app.person()
    mine.sign_in(me)
    theirs = row_of(idp_app.installation, person.id).id
    token = {"csrf_token": csrf_token(mine.get(SECURITY))}
    for held in (theirs, "khong-co"):
        assert mine.get(f"{ENROL}/{held}/xoa").status_code == 404
        assert mine.post(f"{ENROL}/{held}/xoa", token).status_code == 404
    assert row_of(idp_app.installation, person.id).id == theirs
    del secret


@pytest.mark.parametrize("path", [ENROL, f"{ENROL}/x/xoa"])
def test_another_site_cannot_send_these_forms(idp_app: IdpApp, person: Person, path: str) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    assert browser.post(path, {"code": "123456", "name": "x"}).status_code == 403
    token = csrf_token(browser.get(SECURITY))
    foreign = browser.post(path, {"csrf_token": token}, Origin="https://evil.example")
    assert foreign.status_code == 403


def test_what_one_session_begins_another_cannot_finish(idp_app: IdpApp, person: Person) -> None:
    """Somebody who looks on at one browser, or a thief's session, adds nothing of theirs."""
    mine, thief = idp_app.browser(), idp_app.browser()
    mine.sign_in(person)
    thief.sign_in(person)
    planted = key_on(thief.get(ENROL))
    assert key_on(mine.get(ENROL)) != planted
    assert enrol(mine, code_now(planted)).status_code == 403
    other = idp_app.browser()
    other.sign_in(idp_app.person())
    assert enrol(other, code_now(planted)).status_code == 403


def test_what_was_begun_with_the_password_alone_is_not_finished_beside_a_telephone(
    idp_app: IdpApp, person: Person
) -> None:
    """A thief begins while there is nothing, the person adds their own, the thief goes on."""
    thief = idp_app.browser()
    thief.sign_in(person)
    page = thief.get(ENROL)
    give_totp(idp_app.installation, person.id)
    data = {"csrf_token": csrf_token(page), "code": code_now(key_on(page)), "name": "x"}
    assert thief.post(ENROL, data).headers["Location"].startswith("/dang-nhap?")
    with idp_app.installation.database.read() as tx:
        assert len(store.held_by(tx, person.id)) == 1


def test_what_was_begun_too_long_ago_is_begun_again(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person
) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    page = browser.get(ENROL)
    secret, token = key_on(page), csrf_token(page)
    data = {"csrf_token": token, "name": "x"}
    with at_time(monkeypatch, 30 * MINUTE):  # looking for the telephone may take longer than five
        assert browser.post(ENROL, data | {"code": wrong_code(secret)}).status_code == 403
    with at_time(monkeypatch, 59 * MINUTE + 61 * SECOND):
        late = browser.post(ENROL, data | {"code": code_now(secret)})
    assert late.headers["Location"].startswith("/dang-nhap?")
    assert "Chưa bật" in browser.get(SECURITY).text


def test_a_fresh_sign_in_of_somebody_else_leads_to_what_is_theirs(
    idp_app: IdpApp, later: Browser
) -> None:
    other = idp_app.person()
    page = later.open(ENROL)
    mine = later.follow(later.answer(page, other.username, "chín con trâu trắng"))
    assert mine.url.endswith(ENROL) and other.username in mine.text


# --- a code counts once --------------------------------------------------------------------------


def test_a_code_counts_in_one_browser_only(idp_app: IdpApp, person: Person, secret: str) -> None:
    first, second = idp_app.browser(), idp_app.browser()
    pages = [give_password(browser, person) for browser in (first, second)]
    code = code_now(secret)
    assert give_code(first, pages[0], code).status_code == 303
    refused = give_code(second, pages[1], code)
    assert refused.status_code == 403 and "đã được dùng" in refused.text
    assert first.is_signed_in() and not second.cookie
    assert refusals(idp_app, person) == ["used_code"]


@pytest.mark.both_engines
def test_no_code_counts_after_a_newer_one(idp_app: IdpApp, person: Person, secret: str) -> None:
    sign_in(idp_app.browser(), person, secret, ahead=1)
    browser = idp_app.browser()
    for ahead in (1, 0, -1):
        assert sign_in(browser, person, secret, ahead=ahead).status_code == 403
    assert not browser.cookie


@pytest.mark.both_engines
def test_of_fifty_at_once_one_gets_in(idp_app: IdpApp, person: Person, secret: str) -> None:
    """In the store itself, where the race is."""
    code, installation = code_now(secret), idp_app.installation

    def take(_number: int) -> bool:
        def once(tx: Any) -> bool:
            return store.take(tx, installation.keyring, person.id, code).is_right

        return installation.database.retrying(once)

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(take, range(50))) == 1


@pytest.mark.both_engines
def test_of_ten_browsers_at_once_one_gets_in(idp_app: IdpApp, person: Person, secret: str) -> None:
    browsers = [idp_app.browser() for _ in range(10)]
    pages = [give_password(browser, person) for browser in browsers]
    code = code_now(secret)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda at: give_code(browsers[at], pages[at], code), range(10)))
    assert sum(bool(browser.cookie) for browser in browsers) == 1


def test_a_kill_between_the_code_and_the_session_costs_the_code_only(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, secret: str
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person)
    with monkeypatch.context() as patch:
        patch.setattr(flows, "record_passed", lambda *_: 1 / 0)
        assert give_code(browser, page, code_now(secret)).status_code == 500
    assert not browser.cookie
    assert give_code(browser, page, code_now(secret)).status_code == 403
    assert give_code(browser, page, code_now(secret, 1)).status_code == 303
    assert browser.is_signed_in()


# --- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "status"), [(-1, 303), (0, 303), (1, 303), (-2, 403), (2, 403), (-10, 403), (10, 403)]
)
def test_one_step_either_way(
    idp_app: IdpApp,
    monkeypatch: pytest.MonkeyPatch,
    person: Person,
    secret: str,
    away: int,
    status: int,
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person)
    with at_time(monkeypatch, 0):  # it stands still: no step passes between the two looks
        assert give_code(browser, page, code_now(secret, away)).status_code == status


@pytest.mark.parametrize("jump", [-30 * SECOND, -5 * MINUTE, 30 * SECOND, 5 * MINUTE])
def test_a_clock_that_is_put_right_revives_no_code(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, secret: str, jump: int
) -> None:
    """A code that was taken while the clock was wrong, and again once it is right."""
    browser = idp_app.browser()
    with at_time(monkeypatch, jump):
        code = code_now(secret)
        assert sign_in(browser, person, secret).status_code == 303
    again = idp_app.browser()
    page = give_password(again, person)
    assert give_code(again, page, code).status_code == 403
    with at_time(monkeypatch, jump):
        again = idp_app.browser()
        assert give_code(again, give_password(again, person), code).status_code == 403
    with idp_app.installation.database.write() as tx:
        assert not store.take(tx, idp_app.installation.keyring, person.id, code).is_right


def test_a_clock_that_stood_far_ahead_locks_nobody_out(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    with idp_app.installation.database.write() as tx:
        ahead = codes.present_step() + 100_000
        mine = totp_authenticator.c.person_id == person.id
        tx.execute(update(totp_authenticator).where(mine).values(last_step=ahead))
    assert sign_in(idp_app.browser(), person, secret).status_code == 303


# --- guessing ------------------------------------------------------------------------------------


def test_guesses_over_many_flows_and_addresses_are_counted_together(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person, secret: str
) -> None:
    """Of very many guesses ten are looked at, the right password sets nothing back, and the
    person goes on in a browser of theirs."""
    mine = idp_app.browser()
    sign_in(mine, person, secret, ahead=-1)
    looked_at: list[str] = []
    take = store.take

    def watched(tx: Any, keyring: Any, person_id: str, code: str) -> store.Taken:
        looked_at.append(code)
        return take(tx, keyring, person_id, code)

    monkeypatch.setattr(store, "take", watched)
    for number in range(40):
        with at_time(monkeypatch, number * 40 * SECOND if number < 10 else 400 * SECOND):
            browser = idp_app.browser()
            answer = give_code(browser, give_password(browser, person), wrong_code(secret))
            assert answer.status_code in (403, 429)
    assert len(looked_at) == TRIES_BEFORE_PAUSE
    with at_time(monkeypatch, 400 * SECOND):
        page = give_password(browser := idp_app.browser(), person)
        paused = give_code(browser, page, code_now(secret))
        assert paused.status_code == 429 and "Tạm dừng nhập mã" in paused.text
        assert int(paused.headers["Retry-After"]) > 60
        assert "chưa được kiểm tra" in paused.text and not browser.cookie
        assert len(looked_at) == TRIES_BEFORE_PAUSE
        mine.http.cookies.pop("dm_session")
        assert sign_in(mine, person, secret).status_code == 303
    told = idp_app.events("signin.paused", subject=f"person:{person.id}")
    assert len(told) == 1


def test_the_fifth_wrong_code_makes_the_next_one_wait(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person)
    for _ in range(5):
        page = give_code(browser, page, wrong_code(secret))
        assert page.status_code == 403
    assert "phải đợi" in page.text
    waiting = give_code(browser, page, code_now(secret))
    assert waiting.status_code == 429 and "chưa được kiểm tra" in waiting.text
    assert 0 < int(waiting.headers["Retry-After"]) <= 2


# --- half a sign-in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        SECURITY,
        ENROL,
        "/authorize/continue?flow={flow}",
        "/dang-nhap?flow={flow}&buoc=password",
        "/dang-nhap?flow={flow}&buoc=khong-co",
        "/dang-nhap?flow={flow}&khac=1",
    ],
)
def test_no_address_gets_past_the_code(
    idp_app: IdpApp, person: Person, secret: str, path: str
) -> None:
    del secret
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    flow = re.search(r"flow=([\w-]+)", page.url)
    assert flow
    seen = browser.follow(browser.get(path.format(flow=flow[1])))
    assert 'name="code"' in seen.text or 'name="password"' in seen.text
    silent = browser.get(
        "/authorize", **authorization_request(idp_app.documents, prompt="none", state="s")
    )
    assert "login_required" in next_url(silent)
    assert not browser.cookie


def test_a_code_of_one_flow_is_none_of_another(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    """The password in one flow, the code in another."""
    browser = idp_app.browser()
    give_password(browser, person)
    other = browser.open_sign_in()
    data = {"csrf_token": csrf_token(other), "buoc": "totp", "code": code_now(secret)}
    seen = browser.follow(browser.post(other.url, data))
    assert 'name="password"' in seen.text and not browser.cookie


def test_the_flow_of_somebody_else_takes_no_code_of_mine(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    thief, me = idp_app.browser(), idp_app.person()
    mine = give_totp(idp_app.installation, me.id)
    page = give_password(thief, person)
    assert give_code(thief, page, code_now(mine)).status_code == 403
    owner = idp_app.browser()
    assert give_code(owner, give_password(owner, me), code_now(mine)).status_code == 303
    # And the page of their flow is nobody else's: not even the code of its owner.
    stranger = idp_app.browser()
    data = {"csrf_token": csrf_token(stranger.open_sign_in()), "code": code_now(secret)}
    assert stranger.post(page.url, data).status_code == 403
    assert not stranger.cookie and not thief.cookie


def test_sealed_secrets_are_bound_to_their_person(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    """Rows that somebody swapped in the store open for nobody."""
    del secret
    other = idp_app.person()
    give_totp(idp_app.installation, other.id)
    theirs, mine = (row_of(idp_app.installation, each.id) for each in (person, other))
    keyring, columns = idp_app.installation.keyring, totp_authenticator.c
    for planted in (
        {"secret_sealed": mine.secret_sealed},
        {"id": mine.id, "secret_sealed": mine.secret_sealed},
    ):
        with (
            pytest.raises(SealBroken),
            idp_app.installation.database.write() as tx,
        ):
            if "id" in planted:
                store.remove_all(tx, other.id)
            where = columns.id == theirs.id
            tx.execute(update(totp_authenticator).where(where).values(planted))
            store.take(tx, keyring, person.id, "123456")


def test_both_languages(idp_app: IdpApp, person: Person, secret: str) -> None:
    del secret
    browser = idp_app.browser()
    page = give_password(browser, person)
    english = browser.get(page.url + "&lang=en")
    assert "Open the authenticator application" in english.text


def test_another_account_is_a_link_away(idp_app: IdpApp, person: Person, secret: str) -> None:
    del secret
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    again = browser.follow(browser.get(f"/dang-nhap/lai?{page.url.split('?')[1]}"))
    assert 'name="password"' in again.text and "Quản lý văn bản" in again.text
