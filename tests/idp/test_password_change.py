"""Somebody who is signed in changes their password: what is asked, what ends, and what stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from directory.catalogue.person import Person
from directory.ldap.bind import BindResult
from directory.people import credentials
from idp.factors.password import trying
from idp.factors.recovery_codes import store as recovery_codes
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.support.browser import PASSWORD, Browser, csrf_token, read_forms
from tests.support.idp_app import IdpApp
from tests.support.relying_party import authorization_request
from tests.support.second_factor import code_now, give_code, give_totp, whole_step

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]

PATH = "/bao-mat/mat-khau"
NEW = "ba con vịt qua cầu"
OTHER = "bốn cây cau trước ngõ"


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


def signed_in(idp_app: IdpApp, person: Person) -> Browser:
    browser = idp_app.browser()
    browser.sign_in(person)
    return browser


def give(
    browser: Browser, current: str = PASSWORD, new: str = NEW, again: str = ""
) -> requests.Response:
    page = browser.get(PATH)
    assert page.status_code == 200, page.text
    data = {"csrf_token": csrf_token(page), "current": current, "password": new}
    return browser.post(PATH, data | {"again": again or new})


def is_right(idp_app: IdpApp, person: Person, password: str) -> bool:
    result = credentials.check_password(idp_app.installation, person.id, password)
    return result is BindResult.ACCEPTED


def test_it_is_reached_from_home_and_where_programs_look(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    found = browser.get("/.well-known/change-password")
    assert (found.status_code, found.headers["Location"]) == (303, PATH)
    # Whoever is not signed in signs in, and comes to the page.
    page = browser.open("/.well-known/change-password")
    page = browser.follow(browser.answer(page, person.username, PASSWORD))
    assert page.url.endswith(PATH) and "Mật khẩu đang dùng" in page.text
    for path in ("/", "/bao-mat"):
        assert f'href="{PATH}"' in browser.get(path).text, path
    # What is wanted stands there before anything is typed.
    assert "Ít nhất 15 ký tự" in page.text and "không hết hạn" in page.text
    names = [
        f["name"] for form in read_forms(page.text) for f in form.fields if f["type"] == "password"
    ]
    assert names == ["current", "password", "again"]
    english = browser.get(PATH, lang="en")
    assert "Present password" in english.text and "At least 15" in english.text


def test_everything_else_ends_and_this_browser_stays(idp_app: IdpApp, person: Person) -> None:
    here, there = signed_in(idp_app, person), signed_in(idp_app, person)
    tokens = idp_app.documents.tokens(there, person)
    before = here.cookie
    page = give(here)
    assert page.status_code == 200 and "Đã đổi mật khẩu" in page.text
    assert "1 nơi khác đã bị đăng xuất" in page.text and "18 ký tự" in page.text
    assert here.is_signed_in() and here.cookie != before and not there.is_signed_in()
    assert is_right(idp_app, person, NEW) and not is_right(idp_app, person, PASSWORD)
    refused = idp_app.documents.refresh(tokens["refresh_token"])
    assert refused.status_code == 400
    # Applications get in from here without a question.
    asked = authorization_request(idp_app.documents)
    answer = here.follow(here.get("/authorize", **asked), idp_app.documents.redirect_uri)
    assert 'name="password"' not in answer.text
    subject = f"person:{person.id}"
    (event, *_) = idp_app.events("person.password.set", subject)
    assert event.fields["by_self"] is True
    told = str([each.fields for each in idp_app.events(limit=200)])
    assert NEW not in told and PASSWORD not in told


def test_what_was_typed_is_looked_at_before_anything_is_counted(
    idp_app: IdpApp, person: Person
) -> None:
    browser = signed_in(idp_app, person)
    binds = idp_app.count_binds(person.id)
    cases = {
        "ngắn quá": ("ít nhất 15 ký tự", {}),
        PASSWORD: ("Đây là mật khẩu đang dùng", {}),
        NEW: ("Hai mật khẩu chưa giống nhau", {"again": NEW + "x"}),
    }
    for new, (said, more) in cases.items():
        page = give(browser, new=new, **more)
        assert page.status_code == 400 and said in page.text, (new, page.text)
    page = give(browser, current=" ")
    assert page.status_code == 400 and "Nhập mật khẩu đang dùng" in page.text
    assert idp_app.count_binds(person.id) == binds and is_right(idp_app, person, PASSWORD)


def test_guessing_the_present_one_pauses_as_at_the_sign_in(idp_app: IdpApp, person: Person) -> None:
    browser = signed_in(idp_app, person)
    first = give(browser, current="không phải mật khẩu này")
    assert first.status_code == 403 and "chưa đúng" in first.text
    subject = f"person:{person.id}"
    (event, *_) = idp_app.events("signin.refused", subject)
    assert event.fields["reason"] == "wrong_password"
    statuses = {give(browser, current="không phải").status_code for _ in range(TRIES_BEFORE_PAUSE)}
    assert 429 in statuses
    # It is one counter: the right one is not looked at in this browser, nor at its sign-in.
    assert give(browser).status_code == 429 and is_right(idp_app, person, PASSWORD)


def test_a_second_factor_is_proved_first(idp_app: IdpApp, person: Person) -> None:
    browser = signed_in(idp_app, person)
    secret = give_totp(idp_app.installation, person.id)
    with idp_app.installation.database.write() as tx:
        recovery_codes.make(tx, person.id)
    page = browser.open(PATH)
    assert 'name="password"' in page.text and 'name="current"' not in page.text
    page = browser.follow(browser.answer(page, person.username, PASSWORD))
    page = browser.follow(give_code(browser, page, code_now(secret)))
    assert page.url.endswith(PATH)
    assert give(browser).status_code == 200 and browser.is_signed_in()


def test_of_two_at_once_one_is_made(idp_app: IdpApp, person: Person) -> None:
    one, two = signed_in(idp_app, person), signed_in(idp_app, person)
    forms = [(one, NEW, csrf_token(one.get(PATH))), (two, OTHER, csrf_token(two.get(PATH)))]

    def send(form: tuple[Browser, str, str]) -> int:
        browser, new, token = form
        data = {"csrf_token": token, "current": PASSWORD, "password": new, "again": new}
        return browser.post(PATH, data).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(send, forms))
    assert statuses.count(200) == 1, statuses
    (won,) = [form for form, status in zip(forms, statuses, strict=True) if status == 200]
    (lost,) = [form for form in forms if form is not won]
    assert is_right(idp_app, person, won[1]) and not is_right(idp_app, person, lost[1])
    assert won[0].is_signed_in() and not lost[0].is_signed_in()
    subject = f"person:{person.id}"
    set_by_self = [e for e in idp_app.events("person.password.set", subject) if e.fields["by_self"]]
    assert len(set_by_self) == 1


def test_what_was_changed_since_the_present_one_was_looked_at_stands(
    idp_app: IdpApp, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick, true = signed_in(idp_app, person), signed_in(idp_app, person), trying.ask

    def ask(*args: object) -> BindResult:
        found = true(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(trying, "ask", true)
        assert give(quick, new=OTHER).status_code == 200
        return found

    page = slow.get(PATH)
    monkeypatch.setattr(trying, "ask", ask)
    data = {"csrf_token": csrf_token(page), "current": PASSWORD, "password": NEW, "again": NEW}
    late = slow.post(PATH, data)
    assert late.status_code == 409 and "đã được đổi ở nơi khác" in late.text
    assert is_right(idp_app, person, OTHER) and quick.is_signed_in() and not slow.is_signed_in()
