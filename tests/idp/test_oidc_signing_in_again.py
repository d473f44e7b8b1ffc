"""When an application asks for a new sign-in: through the real pages, with a real password."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from directory.people.service import suspend
from idp.keys.jose import read_unverified
from tests.support.browser import PASSWORD, Browser, next_url
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")


def is_sign_in_page(response: requests.Response) -> bool:
    return response.status_code == 200 and 'name="password"' in response.text


def error_of(response: requests.Response) -> str:
    return parse_qs(urlsplit(next_url(response)).query)["error"][0]


def forget_session(browser: Browser) -> None:
    jar = browser.http.cookies
    for cookie in [c for c in jar if c.name == "dm_session"]:
        jar.clear(cookie.domain, cookie.path, cookie.name)


def ask(browser: Browser, idp: IdpApp, **parameters: str) -> requests.Response:
    wanted = authorization_request(idp.documents, **parameters)
    return browser.follow(browser.get("/authorize", **wanted))


def test_max_age_zero_and_prompt_login_force_a_new_auth_time_in_the_same_session(
    idp_app: IdpApp,
) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    first = read_unverified(idp_app.documents.tokens(browser, person)["id_token"])[1]
    for parameters in ({"max_age": "0"}, {"prompt": "login"}):
        time.sleep(1.1)
        assert is_sign_in_page(ask(browser, idp_app, **parameters))
        again = idp_app.documents.tokens(browser, person, **parameters)
        claims = read_unverified(again["id_token"])[1]
        assert claims["auth_time"] > first["auth_time"]
        assert claims["sid"] == first["sid"]
        assert claims["nonce"] == "n-1"
        first = claims


def test_a_sign_in_elsewhere_does_not_answer_prompt_login(idp_app: IdpApp) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    page = ask(browser, idp_app, prompt="login")
    flow = urlsplit(page.url).query
    browser.sign_in(person)  # a plain sign-in in another tab
    back = browser.follow(browser.get(f"/authorize/continue?{flow}"))
    assert is_sign_in_page(back)


def test_a_flow_answered_by_one_person_is_not_continued_with_the_session_of_another(
    idp_app: IdpApp,
) -> None:
    person, other, browser = idp_app.person(), idp_app.person(), idp_app.browser()
    page = ask(browser, idp_app, prompt="login")
    answered = browser.answer(page, person.username, PASSWORD)
    forget_session(browser)
    browser.sign_in(other)
    assert is_sign_in_page(browser.follow(browser.get(answered.headers["Location"])))


def test_another_person_than_hinted_signs_in_and_the_application_is_told(
    idp_app: IdpApp,
) -> None:
    expected, other = idp_app.person(), idp_app.person()
    hint = idp_app.documents.tokens(idp_app.browser(), expected)["id_token"]
    browser = idp_app.browser()
    page = ask(browser, idp_app, id_token_hint=hint)
    answer = browser.follow(browser.answer(page, other.username, PASSWORD))
    assert error_of(answer) == "login_required"


def test_a_browser_that_keeps_no_cookie_is_asked_again_and_not_sent_in_circles(
    idp_app: IdpApp,
) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    page = ask(browser, idp_app)
    answer = browser.answer(page, person.username, PASSWORD)
    for _ in range(6):
        if not answer.is_redirect:
            break
        forget_session(browser)
        answer = browser.get(answer.headers["Location"])
    assert is_sign_in_page(answer)


def test_a_suspension_through_the_catalogue_kills_tokens_codes_and_session_at_once(
    idp_app: IdpApp,
) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    tokens = idp_app.documents.tokens(browser, person)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    url = f"{idp_app.url}/userinfo"
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    suspend(idp_app.installation, OPERATOR, person.id, "nghỉ việc")
    assert requests.get(url, headers=headers, timeout=10).status_code == 401
    assert is_sign_in_page(ask(browser, idp_app))


def test_the_story_is_in_the_audit(idp_app: IdpApp) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    idp_app.documents.tokens(browser, person)
    mine = f"person:{person.id}"
    granted = idp_app.events("token.granted", subject=mine)[0]
    assert granted.actor == f"client:{idp_app.documents.client_id}"
    assert granted.agency == idp_app.agency.id
    entered = [e for e in idp_app.events("application.entered") if e.actor == mine]
    assert entered[0].subject == f"client:{idp_app.documents.client_id}"
    assert entered[0].agency == idp_app.agency.id
