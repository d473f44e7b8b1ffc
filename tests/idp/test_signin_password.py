"""Signing in with a name and a password, through HTTP and a real slapd."""

from __future__ import annotations

import re
import time
import unicodedata
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import delete, inspect

from directory.people.service import suspend
from idp.throttle.tables import throttle_counter
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.only_on_sqlite("the counters are tried on either in test_signin_throttle")

WRONG = "mật khẩu này sai hoàn toàn"


def without_ids(page: requests.Response) -> str:
    """A page without what differs between two browsers for good reasons."""
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", page.text)
    text = re.sub(r"flow=[A-Za-z0-9_-]+", "", text)
    # What is sealed differs in every byte, and must not differ in length.
    return re.sub(r'(name="flow" value="|da-nhap=)([A-Za-z0-9_-]+)', _length_of, text)


def _length_of(found: re.Match[str]) -> str:
    return f"{found[1]}{len(found[2])}"


def try_in(browser: Browser, login: str, password: str) -> requests.Response:
    return browser.answer(browser.open_sign_in(), login, password)


def test_the_right_password_opens_a_session(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    response = try_in(browser, person.username, PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    cookie = response.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"):
        assert attribute in cookie
    assert "Domain" not in cookie
    home = browser.get("/")
    assert home.status_code == 200
    assert "Thuỳ Dung" in home.text
    event = idp_app.events("signin.succeeded", subject=f"person:{person.id}")[0]
    assert event.actor == f"person:{person.id}"
    assert event.agency == idp_app.agency.id
    assert event.address.startswith("10.") and event.request_id
    assert event.fields["methods"] == "pwd"


def test_an_application_gets_its_person_back(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    assert "Quản lý văn bản" in page.text
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    done = browser.answer(page, person.username, PASSWORD)
    assert done.headers["Location"].startswith("/authorize/continue?flow=")
    back = browser.follow(done)
    # Chromium applies form-action to the redirects after the POST: none may leave our origin.
    assert (back.status_code, back.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert next_url(back).startswith(idp_app.documents.redirect_uri + "?")
    assert "code=" in next_url(back)
    # The second application asks for nothing.
    second = browser.follow(browser.get("/authorize", **authorization_request(idp_app.one_stop)))
    assert second.headers["Location"].startswith(idp_app.one_stop.redirect_uri + "?")


def test_a_shared_computer_gets_a_cookie_that_goes_with_the_window(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    response = browser.sign_in(person, shared="1")
    assert "Max-Age" not in response.headers["Set-Cookie"]
    assert "Expires" not in response.headers["Set-Cookie"]
    event = idp_app.events("signin.succeeded", subject=f"person:{person.id}")[0]
    assert event.fields["shared_computer"] is True


def test_every_spelling_of_a_login_is_the_same_person(idp_app: IdpApp) -> None:
    """One counter, one subject, whatever the keyboard made of it."""
    person = idp_app.person(username="le.thi.nguyet")
    name, mail = person.username, person.mail
    spellings = [name.upper(), f" {name}", f"{name}\u00a0", f"\t{name} ", mail, mail.upper()]
    for spelling in spellings[:4]:
        page = try_in(idp_app.browser(), spelling, WRONG)
        assert page.status_code == 403, spelling
        assert "Retry-After" not in page.headers
    fifth = try_in(idp_app.browser(), spellings[4], WRONG)
    assert fifth.headers["Retry-After"] == "2"
    with idp_app.installation.database.write() as tx:
        tx.execute(delete(throttle_counter))
    for spelling in spellings:
        assert try_in(idp_app.browser(), spelling, PASSWORD).status_code == 303, spelling
    subjects = {event.subject for event in idp_app.events("signin.", limit=10)}
    assert subjects == {f"person:{person.id}"}


def test_a_lookalike_letter_is_somebody_else(idp_app: IdpApp) -> None:
    person = idp_app.person(username="alice.tran")
    cyrillic = "\u0430lice.tran"
    assert try_in(idp_app.browser(), cyrillic, PASSWORD).status_code == 403
    fullwidth = person.username.replace("a", "\uff41", 1)
    assert try_in(idp_app.browser(), fullwidth, PASSWORD).status_code == 403


def test_passwords_are_compared_in_normal_form(idp_app: IdpApp) -> None:
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    person = idp_app.person()
    assert try_in(idp_app.browser(), person.username, decomposed).status_code == 303
    assert try_in(idp_app.browser(), person.username, PASSWORD.upper()).status_code == 403


HOSTILE_LOGINS = [
    "*",
    "a*",
    "a)(uid=*",
    "*)(|(objectClass=*",
    "\\2a",
    "\uff0a",
    "x" * 10_000,
    "dmId=x,ou=people",
    "' OR 1=1 --",
    "%s%n",
    "\u202eadmin",
    "{{7*7}}",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("login", HOSTILE_LOGINS)
def test_hostile_logins_fail_like_any_unknown_one(idp_app: IdpApp, login: str) -> None:
    with idp_app.installation.database.write() as tx:
        tx.execute(delete(throttle_counter))  # others have typed these names too
    browser = idp_app.browser()
    page = browser.open_sign_in()
    plain = browser.answer(page, f"khong.ai.{time.monotonic_ns()}", WRONG)
    hostile = browser.answer(page, login, WRONG)
    assert hostile.status_code == plain.status_code == 403
    assert "<script>alert" not in hostile.text
    summary = re.compile(r'id="error-summary".*?</div>', re.S)
    assert summary.findall(hostile.text) == summary.findall(plain.text)


def test_a_login_never_becomes_an_ldap_filter(idp_app: IdpApp) -> None:
    # Not the names of the test above: each has a counter of its own.
    for login in ("**", "b)(uid=*", "b*)(|(objectClass=*"):
        try_in(idp_app.browser(), login, WRONG)
    searches = [
        line
        for line in idp_app.slapd_log.read_text(errors="replace").splitlines()
        if "SRCH" in line and "filter=" in line and "uid=" in line
    ]
    assert searches == []


@pytest.mark.parametrize("password", ["", "   ", "\u00a0", "\t\n"])
def test_an_empty_password_never_reaches_slapd(idp_app: IdpApp, password: str) -> None:
    person = idp_app.person()
    before = idp_app.count_binds()
    page = try_in(idp_app.browser(), person.username, password)
    assert page.status_code == 400
    assert not page.cookies.get("dm_session")
    assert idp_app.count_binds() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "x"},
        {"password": "x"},
        {"login[]": "x", "password[]": "y"},
        {"login": "", "password": ""},
    ],
)
def test_missing_and_odd_fields_are_named_and_bind_nothing(
    idp_app: IdpApp, body: dict[str, str]
) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    before = idp_app.count_binds()
    answer = browser.post(page.url, {"csrf_token": csrf_token(page), **body})
    assert answer.status_code == 400
    assert 'id="error-summary"' in answer.text
    assert idp_app.count_binds() == before


@pytest.mark.parametrize("length", [257, 5000, 200_000])
def test_a_password_longer_than_any_is_wrong_without_being_hashed(
    idp_app: IdpApp, length: int
) -> None:
    person = idp_app.person()
    browser = idp_app.browser()
    page = browser.open_sign_in()
    before = idp_app.count_binds()
    answer = browser.answer(page, person.username, "x" * length)
    assert answer.status_code == 403
    assert idp_app.count_binds() == before


def test_json_and_nul_are_refused(idp_app: IdpApp) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    before = idp_app.count_binds()
    as_json = browser.http.post(
        page.url, json={"login": "x", "password": []}, allow_redirects=False, timeout=20
    )
    assert as_json.status_code == 403  # no form token
    nul = browser.answer(page, "x\0y", "a\0b")
    assert nul.status_code in (400, 403)
    assert idp_app.count_binds() == before


def test_unknown_and_wrong_give_the_same_bytes(idp_app: IdpApp) -> None:
    person = idp_app.person()
    suspended = idp_app.person()
    suspend(idp_app.installation, OPERATOR, suspended.id, "kiểm tra")
    # Every name is as long as the others, so that what was typed makes no difference.
    logins = [person.username, suspended.username, "z" * len(person.username)]
    pages = []
    for login in logins:
        browser = idp_app.browser()
        page = try_in(browser, login, WRONG)
        names = set(page.headers) - {"Date", "X-Request-Id", "Content-Length"}
        text = without_ids(page).replace(login, "LOGIN")
        pages.append((page.status_code, text, tuple(sorted(names))))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 403


def test_what_was_typed_is_stored_nowhere(idp_app: IdpApp) -> None:
    """People type passwords into the username box."""
    secret = "Mat-Khau-Go-Nham-O-Ten-2026"
    assert try_in(idp_app.browser(), secret, WRONG).status_code == 403
    found = idp_app.events("signin.unknown_login")[0]
    assert found.subject == ""
    with idp_app.installation.database.read() as tx:
        for table in inspect(tx).get_table_names():
            for row in tx.exec_driver_sql(f'SELECT * FROM "{table}"').all():
                text = " ".join(
                    value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    for value in row
                ).lower()
                assert secret.lower() not in text, table
                assert WRONG not in text, table


def test_the_cookie_changes_with_every_sign_in(idp_app: IdpApp) -> None:
    """A planted cookie is worth nothing, and the old one dies at re-authentication."""
    person = idp_app.person()
    browser = idp_app.browser()
    planted = "A" * 43
    browser.http.cookies.set("dm_session", planted, domain="localhost.local", path="/")
    browser.sign_in(person)
    first = browser.http.cookies.get("dm_session", domain="localhost.local", path="/")
    assert first and first != planted
    request = authorization_request(idp_app.documents, prompt="login")
    page = browser.open_sign_in(**request)
    assert page.status_code == 200
    assert f'value="{person.username}"' in page.text  # nobody types their name twice
    done = browser.answer(page, person.username, PASSWORD)
    assert next_url(browser.follow(done))
    second = browser.http.cookies.get("dm_session", domain="localhost.local", path="/")
    assert second not in (first, planted)
    thief = idp_app.browser()
    for dead in (planted, first):
        thief.http.cookies.set("dm_session", dead, domain="localhost.local", path="/")
        assert not thief.is_signed_in()
    events = idp_app.events("signin.succeeded", subject=f"person:{person.id}")
    sessions = {event.fields["session"] for event in events}
    assert [event.fields["renewed"] for event in events] == [True, False]
    assert len(sessions) == 1  # the same session for applications


def test_nothing_else_that_we_hand_out_is_a_session(idp_app: IdpApp) -> None:
    """Flows, form tokens, browsers, devices, codes and tokens are as long and as random."""
    person, browser, app = idp_app.person(), idp_app.browser(), idp_app.documents
    page = browser.open_sign_in(**authorization_request(app))
    handed_out = {"flow": page.url.partition("flow=")[2], "csrf": csrf_token(page)}
    back = browser.follow(browser.answer(page, person.username, PASSWORD), app.redirect_uri)
    code = parse_qs(urlsplit(next_url(back)).query)["code"][0]
    handed_out |= {"code": code} | {k: str(v) for k, v in app.redeem(code).json().items()}
    (event,) = idp_app.events("signin.succeeded", subject=f"person:{person.id}")
    handed_out |= {"sid": str(event.fields["session"]), "person": person.id}
    session = browser.cookie
    handed_out |= {k: v for k, v in browser.cookies().items() if v != session}
    assert len(handed_out) > 10 and all(handed_out.values()), handed_out
    for name, value in handed_out.items():
        thief = idp_app.browser()
        thief.http.cookies.set("dm_session", value, domain="localhost.local", path="/")
        assert not thief.is_signed_in(), name
    holder = idp_app.browser()
    holder.http.cookies.set("dm_session", session, domain="localhost.local", path="/")
    assert holder.is_signed_in()


def test_another_person_in_the_same_browser_ends_the_first_session(idp_app: IdpApp) -> None:
    first, second = idp_app.person(), idp_app.person()
    browser = idp_app.browser()
    browser.sign_in(first)
    old_cookie = browser.cookie
    page = browser.open_sign_in(**authorization_request(idp_app.documents, prompt="login"))
    browser.follow(browser.answer(page, second.username, PASSWORD))
    assert browser.cookie != old_cookie
    thief = idp_app.browser()
    thief.http.cookies.set("dm_session", old_cookie, domain="localhost.local", path="/")
    assert not thief.is_signed_in()
    ended = idp_app.events("session.ended", subject=f"person:{first.id}")
    assert [event.fields["reason"] for event in ended] == ["other_person"]


def test_login_hint_fills_the_name_in(idp_app: IdpApp) -> None:
    request = authorization_request(idp_app.documents, login_hint='an"><b>@x')
    page = idp_app.browser().open_sign_in(**request)
    assert 'value="an&#34;&gt;&lt;b&gt;@x"' in page.text


def test_a_post_without_a_form_token_is_refused(idp_app: IdpApp) -> None:
    person = idp_app.person()
    browser = idp_app.browser()
    page = browser.open_sign_in()
    body = {"login": person.username, "password": PASSWORD}
    assert browser.post(page.url, body).status_code == 403
    other = csrf_token(idp_app.browser().open_sign_in())
    assert browser.post(page.url, body | {"csrf_token": other}).status_code == 403
    good = body | {"csrf_token": csrf_token(page)}
    foreign = browser.post(page.url, good, Origin="https://evil.example")
    assert foreign.status_code == 403
    assert not browser.cookie
    assert browser.post(page.url, good).status_code == 303


@pytest.mark.parametrize("target", ["//evil", "/\\evil", "https:evil", "/.evil", "/%09/evil"])
def test_no_parameter_decides_where_a_browser_goes(idp_app: IdpApp, target: str) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.follow(browser.get("/dang-nhap", next=target, return_to=target))
    answer = browser.post(
        page.url + "&next=" + target,
        {
            "csrf_token": csrf_token(page),
            "login": person.username,
            "password": PASSWORD,
            "next": target,
        },
    )
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL"]
)
def test_forwarding_headers_change_no_link(idp_app: IdpApp, header: str) -> None:
    browser = idp_app.browser()
    evil = "host=evil.example;proto=https" if header == "Forwarded" else "evil.example"
    page = browser.http.get(
        f"{idp_app.url}/dang-nhap", headers={header: evil}, allow_redirects=False, timeout=20
    )
    assert "evil" not in page.text + str(page.headers)
    assert page.headers["Location"].startswith("/dang-nhap?flow=")


def test_an_unknown_host_is_refused(idp_app: IdpApp) -> None:
    page = idp_app.browser().http.get(
        f"{idp_app.url}/dang-nhap", headers={"Host": "evil.example"}, timeout=20
    )
    assert page.status_code in (400, 421)


def test_english_is_one_link_away(idp_app: IdpApp) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    english = browser.http.get(page.url + "&lang=en", timeout=20)
    assert '<html lang="en">' in english.text
    assert "Username or work e-mail" in english.text
    by_request = idp_app.browser().open_sign_in(
        **authorization_request(idp_app.documents, ui_locales="en-GB vi")
    )
    assert '<html lang="en">' in by_request.text
