"""A page of the sign-in shown or sent late, twice, from another tab, or after a sign-in elsewhere:
the next page makes sense every time, and no way ends without a way on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from directory import clock
from directory.catalogue.person import Person
from idp.lifetimes import FLOW_MS, KEPT_AFTER_EXPIRY_MS
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time
from tests.support.relying_party import RelyingParty, authorization_request

pytestmark = pytest.mark.only_on_sqlite("which page comes is no question of the store")

LATE_MS = FLOW_MS + clock.MINUTE


def ask(browser: Browser, app: RelyingParty, **more: str) -> requests.Response:
    """The page an application's request leads to, or the answer that leads back to it."""
    return browser.follow(browser.get("/authorize", **authorization_request(app, **more)))


def where(browser: Browser, response: requests.Response, app: RelyingParty) -> str:
    """What the person sees in the end, in one word."""
    response = browser.follow(response)
    onward = next_url(response)
    if onward:
        assert onward.startswith(app.redirect_uri), onward
        return "inside" if "code=" in onward else "told"
    if 'name="password"' in response.text:
        return "form"
    if 'value="continue"' in response.text:
        return "choice"
    if response.status_code == 200 and "Ứng dụng của tôi" in response.text:
        return "home"
    assert response.status_code in (403, 410), response.text
    assert re.search(r'<a class="button[^>]*href="[^"]+"', response.text), "no way on"
    return "again" if "/dang-nhap/lai?" in response.text else "done"


def again_url(page: requests.Response) -> str:
    found = re.search(r'href="(/dang-nhap/lai\?[^"]+)"', page.text)
    assert found, page.text
    return found[1]


Before = Callable[[IdpApp, Browser, Person, Person], None]


def nothing(*_: object) -> None:
    return


def same_person_elsewhere(_idp: IdpApp, browser: Browser, person: Person, _other: Person) -> None:
    browser.sign_in(person)


def other_person_elsewhere(_idp: IdpApp, browser: Browser, _person: Person, other: Person) -> None:
    browser.sign_in(other)


def in_and_out_elsewhere(_idp: IdpApp, browser: Browser, person: Person, _other: Person) -> None:
    browser.sign_in(person)
    browser.post("/dang-xuat", {"csrf_token": csrf_token(browser.get("/"))})
    assert not browser.is_signed_in()


# the request, what happens meanwhile, the page looked at again, its form sent with a right password
TABLE: list[tuple[dict[str, str], Before, str, str]] = [
    ({}, nothing, "form", "inside"),
    ({}, same_person_elsewhere, "inside", "inside"),
    ({}, other_person_elsewhere, "inside", "inside"),
    ({}, in_and_out_elsewhere, "form", "inside"),
    ({"prompt": "login"}, same_person_elsewhere, "form", "inside"),
    ({"max_age": "0"}, same_person_elsewhere, "form", "inside"),
    ({"max_age": "600"}, same_person_elsewhere, "inside", "inside"),
    ({"prompt": "select_account"}, nothing, "form", "inside"),
    ({"prompt": "select_account"}, same_person_elsewhere, "choice", "inside"),
    ({"prompt": "select_account"}, other_person_elsewhere, "choice", "inside"),
    ({"prompt": "login select_account"}, same_person_elsewhere, "form", "inside"),
]


@pytest.mark.parametrize(("asked", "meanwhile", "looked_at", "sent"), TABLE)
def test_a_living_session_is_asked_first(
    idp_app: IdpApp, asked: dict[str, str], meanwhile: Before, looked_at: str, sent: str
) -> None:
    app = idp_app.one_stop
    for action, expected in (("look", looked_at), ("send", sent)):
        browser, person, other = idp_app.browser(), idp_app.person(), idp_app.person()
        page = ask(browser, app, **asked)
        assert where(browser, page, app) == "form"
        meanwhile(idp_app, browser, person, other)
        if action == "look":
            answer = browser.get(page.url)
        else:
            answer = browser.answer(page, person.username, PASSWORD)
        assert where(browser, answer, app) == expected, action
        if expected == "inside":
            # Once more, from the back button or another tab: told, with a way on.
            assert where(browser, browser.get(page.url), app) == "done"
            assert where(browser, browser.answer(page, person.username, PASSWORD), app) == "done"


@pytest.mark.parametrize("meanwhile", [nothing, same_person_elsewhere, in_and_out_elsewhere])
@pytest.mark.parametrize("asked", [{}, {"prompt": "login"}, {"prompt": "select_account"}])
def test_a_page_that_is_too_old_begins_again(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], meanwhile: Before
) -> None:
    app = idp_app.one_stop
    browser, person, other = idp_app.browser(), idp_app.person(), idp_app.person()
    page = ask(browser, app, **asked)
    with at_time(monkeypatch, LATE_MS):
        meanwhile(idp_app, browser, person, other)
        looked = browser.get(page.url)
        typed = browser.answer(page, person.username, PASSWORD)
        for answer in (looked, typed, browser.get("/authorize/continue" + page.url[-49:])):
            assert answer.status_code == 410
        for answer in (looked, typed):
            assert where(browser, answer, app) == "again"
            assert app.name in answer.text
        fresh = browser.follow(browser.get(again_url(looked)))
        kind = where(browser, fresh, app)
        if meanwhile is same_person_elsewhere:
            assert (
                kind
                == {"": "inside", "login": "form", "select_account": "choice"}[
                    asked.get("prompt", "")
                ]
            )
        else:
            assert kind == "form"
            done = browser.answer(fresh, person.username, PASSWORD)
            assert where(browser, done, app) == "inside"
    with at_time(monkeypatch, LATE_MS + KEPT_AFTER_EXPIRY_MS):
        assert where(browser, idp_app.browser().get(again_url(looked)), app) == "form"


def test_a_plain_sign_in_that_is_too_old_begins_again(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in()
    with at_time(monkeypatch, LATE_MS):
        fresh = browser.follow(browser.get(again_url(browser.get(page.url))))
        assert where(
            browser, browser.answer(fresh, person.username, PASSWORD), idp_app.one_stop
        ) == ("home")
        assert where(browser, browser.get(fresh.url), idp_app.one_stop) == "home"


def test_nobody_begins_the_sign_in_of_another_browser_again(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = idp_app.browser()
    page = ask(browser, idp_app.one_stop)
    with at_time(monkeypatch, LATE_MS):
        late = browser.get(page.url)
        stranger = idp_app.browser()
        fresh = stranger.follow(stranger.get(again_url(late)))
    assert idp_app.one_stop.name not in fresh.text, "a plain sign-in instead"


def choose(browser: Browser, page: requests.Response) -> requests.Response:
    return browser.post(page.url, {"csrf_token": csrf_token(page), "choice": "continue"})


def test_select_account_goes_on_with_who_is_there_or_with_somebody_else(idp_app: IdpApp) -> None:
    """OIDC Core section 3.1.2.1"""
    app, browser = idp_app.one_stop, idp_app.browser()
    person, other = idp_app.person(full_name="Trần Thị Bích Ngọc"), idp_app.person()
    browser.sign_in(person)
    page = ask(browser, app, prompt="select_account")
    assert where(browser, page, app) == "choice"
    assert "Tiếp tục với Trần Thị Bích Ngọc" in page.text and person.username in page.text
    assert where(browser, choose(browser, page), app) == "inside"
    assert where(browser, choose(browser, page), app) == "done"

    page = ask(browser, app, prompt="select_account")
    link = re.search(r'href="(/dang-nhap\?[^"]+)"[^>]*>Dùng tài khoản khác', page.text)
    assert link
    form = browser.get(link[1].replace("&amp;", "&"))
    assert where(browser, form, app) == "form"
    assert person.username not in form.text, "another account is wanted: nothing is filled in"
    assert browser.is_signed_in(), "who only looks is still signed in"
    assert where(browser, browser.get(page.url), app) == "choice", "the way back"
    assert where(browser, browser.answer(form, other.username, PASSWORD), app) == "inside"


def test_a_choice_does_not_stand_in_for_a_password(idp_app: IdpApp) -> None:
    app, browser, person = idp_app.one_stop, idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    for asked in ("login", "login select_account"):
        page = ask(browser, app, prompt=asked)
        assert where(browser, page, app) == "form"
        assert where(browser, choose(browser, page), app) == "form"
    page = ask(browser, app, prompt="select_account", max_age="0")
    assert where(browser, choose(browser, page), app) == "form"
    assert where(browser, browser.answer(page, person.username, PASSWORD), app) == "inside"


def test_a_choice_is_of_the_session_it_was_made_in(idp_app: IdpApp) -> None:
    app, browser = idp_app.one_stop, idp_app.browser()
    person, other = idp_app.person(), idp_app.person()
    browser.sign_in(person)
    page = ask(browser, app, prompt="select_account")
    browser.post("/dang-xuat", {"csrf_token": csrf_token(browser.get("/"))})
    assert where(browser, choose(browser, page), app) == "form", "they signed out meanwhile"
    browser.sign_in(other)
    assert where(browser, browser.get(page.url), app) == "choice"
