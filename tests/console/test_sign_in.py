"""Signing in to the console at the real sign-in application, over real HTTP."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from sqlalchemy import update

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console import sessions
from admin_ui.console.app import create_app
from admin_ui.console.signin import tokens
from admin_ui.console.tables import console_session
from admin_ui.console_application import (
    put_console_application,
    register_console,
    secret_file,
)
from directory import clock
from directory.authz.permissions import ADMIN_APPLICATION
from directory.catalogue.person import Person
from directory.people import service
from idp.clients import service as clients
from idp.keys.jose import Refused, sign
from idp.keys.store import signer
from idp.logout.backchannel import LOGOUT_EVENT, logout_token
from idp.sessions.tables import sessions as issuer_sessions
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time, running_idp
from tests.support.installation import OPERATOR, opened, serving
from tests.support.ports import find_free_block
from tests.support.province import give
from tests.support.second_factor import code_now, give_code, give_totp, sign_in_surely
from tests.support.sessions import end_all
from tests.support.waiting import wait_until
from web.health.checks import ready_checks


@dataclass
class Console:
    """The console beside its issuer."""

    idp: IdpApp
    url: str

    def administrator(self, role: str = "agency_admin") -> Person:
        person = self.idp.person()
        give(self.idp.installation, role, person.id, self.idp.agency.id)
        return person

    def person_sessions(self, person: Person) -> int:
        with self.idp.installation.database.read() as tx:
            rows = tx.execute(
                console_session.select().where(console_session.c.person_id == person.id)
            )
            return len(rows.all())

    def browser(self, address: str) -> Browser:
        """A browser that goes to both: one host, two ports, so that it sends both all cookies."""
        return Browser(self.url, address=address)

    def callback_of(self, browser: Browser, person: Person, path: str = "/nguoi-dung") -> str:
        """The address of the answer to a sign-in, not yet opened."""
        back = f"{self.url}/callback"
        if not browser.cookie:
            sign_in_surely(self.idp.installation, browser, person.id)
        response = browser.follow(browser.get(path), back)
        assert next_url(response).startswith(back), response.text
        return next_url(response)

    def sign_in(
        self, browser: Browser, person: Person, path: str = "/nguoi-dung"
    ) -> requests.Response:
        return browser.open(self.callback_of(browser, person, path))


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("tests.support.idp_app.free_port", find_free_block)  # the console is next
        idp = stack.enter_context(running_idp())
        with idp.installation.database.write() as tx:
            put_console_application(tx, OPERATOR)
        register_console(idp.installation, OPERATOR, REGISTRATION)
        served = stack.enter_context(opened(idp.running.settings))
        url = idp.running.settings.console_url
        stack.enter_context(
            serving(
                create_app(
                    served,
                    VOCABULARY,
                    REGISTRATION,
                    REQUEST_KINDS,
                    ready_checks(COMPONENTS),
                    expiries=(),
                ),
                int(url.rpartition(":")[2]),
            )
        )
        yield Console(idp, url)


_addresses = iter(range(1, 250))


@pytest.fixture
def browser(console: Console) -> Browser:
    return console.browser(f"10.77.0.{next(_addresses)}")


def with_query(url: str, **changed: str | None) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **changed}
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(kept)).geturl()


def test_sign_in_leads_back_to_the_page_that_was_wanted(console: Console, browser: Browser) -> None:
    person = console.administrator()
    page = console.sign_in(browser, person, "/nguoi-dung?tim=dung")
    assert page.status_code == 200
    assert page.url == f"{console.url}/nguoi-dung?tim=dung"
    assert person.full_name in page.text
    cookie = next(c for c in browser.http.cookies if c.name == "dmc_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    with console.idp.installation.database.read() as tx:
        row = tx.execute(console_session.select()).first()
    assert row is not None and cookie.value not in (row.cookie_hash, row.sid)


def test_the_request_has_pkce_state_and_nonce(console: Console, browser: Browser) -> None:
    location = browser.get("/dang-nhap?ve=/nhat-ky").headers["Location"]
    assert location.startswith(console.idp.url + "/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert asked["client_id"] == ADMIN_APPLICATION
    assert asked["redirect_uri"] == f"{console.url}/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) == 43 and len(asked["code_challenge"]) == 43
    again = parse_qs(urlsplit(browser.get("/dang-nhap").headers["Location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert again[name][0] != asked[name]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_no_open_redirect(console: Console, browser: Browser, target: str) -> None:
    person = console.administrator()
    page = console.sign_in(browser, person, "/dang-nhap?" + urlencode({"ve": target}))
    assert page.url == f"{console.url}/hom-nay"


def test_people_without_a_role_are_refused_by_the_issuer(
    console: Console, browser: Browser
) -> None:
    page = browser.enter("/nguoi-dung", console.idp.person())
    assert page.url.startswith(console.idp.url)
    assert "chưa có quyền" in page.text or "chưa được" in page.text, page.text[:500]
    assert "dmc_session" not in browser.http.cookies


@pytest.mark.parametrize(
    "changed",
    [
        {"state": None},
        {"state": "x"},
        {"iss": None},
        {"iss": "http://evil.example"},
        {"code": None},
        {"code": "x"},
        {"error": "access_denied"},
        {"error": "access_denied", "code": None},
    ],
    ids=str,
)
def test_answers_nobody_asked_for_open_nothing(
    console: Console, browser: Browser, changed: dict[str, str | None]
) -> None:
    callback = console.callback_of(browser, console.administrator())
    answer = browser.get(with_query(callback, **changed))
    assert answer.status_code == 400
    assert "Chưa đăng nhập được" in answer.text
    assert "dmc_session" not in browser.http.cookies
    assert browser.get("/nguoi-dung").status_code == 303


def test_a_doubled_parameter_opens_nothing(console: Console, browser: Browser) -> None:
    callback = console.callback_of(browser, console.administrator())
    assert browser.get(callback + "&code=x").status_code == 400


def test_the_answer_is_for_the_browser_that_asked(console: Console, browser: Browser) -> None:
    """Login CSRF: an answer made for another browser opens nothing in this one."""
    callback = console.callback_of(browser, console.administrator())
    other = console.browser("10.77.1.1")
    other.get("/dang-nhap")
    assert other.get(callback).status_code == 400
    assert "dmc_session" not in other.http.cookies


def test_an_answer_counts_once(console: Console, browser: Browser) -> None:
    callback = console.callback_of(browser, console.administrator())
    assert browser.get(callback).status_code == 303
    browser.http.cookies.pop("dmc_session")
    assert browser.get(callback).status_code == 400
    assert "dmc_session" not in browser.http.cookies


def test_a_planted_session_cookie_is_worth_nothing(console: Console, browser: Browser) -> None:
    """The id after signing in is new."""
    browser.http.cookies.set("dmc_session", "planted", domain="localhost.local", path="/")
    console.sign_in(browser, console.administrator())
    values = [c.value for c in browser.http.cookies if c.name == "dmc_session"]
    assert any(value != "planted" for value in values)


def test_what_ends_the_sign_in_ends_the_console(console: Console, browser: Browser) -> None:
    person = console.administrator()
    assert console.sign_in(browser, person).status_code == 200
    with console.idp.installation.database.write() as tx:
        end_all(tx, person.id, OPERATOR, "invalidated")
    assert browser.get("/nguoi-dung").status_code == 303


def test_a_suspended_administrator_is_out_at_once(console: Console, browser: Browser) -> None:
    person = console.administrator()
    assert console.sign_in(browser, person).status_code == 200
    service.suspend(console.idp.installation, OPERATOR, person.id, "đình chỉ")
    assert browser.get("/nguoi-dung").status_code == 303
    assert browser.get(f"/nguoi-dung/{person.id}").status_code == 303


@pytest.mark.parametrize(
    ("ahead_ms", "status"),
    [
        (sessions.IDLE_MS - clock.MINUTE, 200),
        (sessions.IDLE_MS, 303),
        (sessions.ABSOLUTE_MS, 303),
    ],
)
def test_a_session_ends_idle_and_in_any_case(
    console: Console,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    ahead_ms: int,
    status: int,
) -> None:
    console.sign_in(browser, console.administrator())
    with at_time(monkeypatch, ahead_ms):
        assert browser.get("/nguoi-dung").status_code == status


def test_signing_out_ends_both_and_says_so(console: Console, browser: Browser) -> None:
    person = console.administrator()
    page = console.sign_in(browser, person)
    token = csrf_token(page)
    answer = browser.follow(browser.post("/dang-xuat", {"csrf_token": token}))
    assert answer.url.startswith(f"{console.idp.url}/dang-xuat?flow=")
    assert "Đã đăng xuất" in answer.text
    assert f'href="{console.url}/"' in answer.text, "the way back"
    assert console.person_sessions(person) == 0
    assert browser.get("/nguoi-dung").status_code == 303
    assert browser.get(console.idp.url + "/").status_code == 303, "still signed in at the issuer"
    events = console.idp.events("logout.")
    assert events[0].kind == "logout.notified", "the console was told by logout token"


def test_signing_out_at_the_issuer_reaches_the_console(console: Console, browser: Browser) -> None:
    person = console.administrator()
    console.sign_in(browser, person)
    home = browser.get(console.idp.url + "/")
    token = csrf_token(home)
    browser.follow(browser.post(console.idp.url + "/dang-xuat", {"csrf_token": token}))
    assert console.person_sessions(person) == 0


def test_logout_tokens_are_checked(console: Console, browser: Browser) -> None:
    person = console.administrator()
    console.sign_in(browser, person)
    installation = console.idp.installation
    with installation.database.read() as tx:
        row = tx.execute(
            console_session.select().where(console_session.c.person_id == person.id)
        ).one()
        client = clients.show_client(tx, ADMIN_APPLICATION)
    now = clock.now_s()
    good = {
        "iss": installation.settings.issuer,
        "aud": ADMIN_APPLICATION,
        "iat": now,
        "exp": now + 60,
        "jti": "j-1",
        "events": {LOGOUT_EVENT: {}},
        "sid": row.sid,
    }
    bad = {
        "another audience": good | {"aud": "quan-ly-van-ban"},
        "two audiences": good | {"aud": [ADMIN_APPLICATION, "quan-ly-van-ban"]},
        "another issuer": good | {"iss": "http://evil.example"},
        "expired": good | {"exp": now - 1},
        "a nonce": good | {"nonce": "n"},
        "no event": good | {"events": {}},
        "no sid": {name: value for name, value in good.items() if name != "sid"},
        "no jti": {name: value for name, value in good.items() if name != "jti"},
    }
    key = signer(installation, "ES256")
    sent = {name: sign(key, claims, "logout+jwt") for name, claims in bad.items()}
    sent["another typ"] = sign(key, good, "JWT")
    stored = SimpleNamespace(id_token=row.id_token, cookie_hash=row.cookie_hash)
    sent["the ID token"] = sessions.open_id_token(installation.keyring, stored)  # type: ignore[arg-type]
    assert sent["the ID token"].count(".") == 2
    sent["nonsense"] = "a.b.c"
    for name, token in sent.items():
        answer = browser.post("/backchannel-logout", {"logout_token": token})
        assert answer.status_code == 400, name
    assert browser.get("/nguoi-dung").status_code == 200, "no bad token ended the session"
    token = logout_token(installation, client, row.sid, person.id)
    assert browser.post("/backchannel-logout", {"logout_token": token}).status_code == 200
    assert browser.post("/backchannel-logout", {"logout_token": token}).status_code == 400
    assert browser.get("/nguoi-dung").status_code == 303


def test_the_id_token_of_a_session_is_sealed_and_bound_to_it(
    console: Console, browser: Browser
) -> None:
    """Whoever reads the store learns neither name nor session, and moves no token elsewhere."""
    person = console.administrator()
    console.sign_in(browser, person)
    installation = console.idp.installation
    mine = console_session.c.person_id == person.id
    with installation.database.read() as tx:
        stored = tx.execute(console_session.select().where(mine)).one()
    raw = base64.b64decode(stored.id_token)
    for secret in (person.id, stored.sid, person.username):
        assert secret.encode() not in raw
        assert secret not in stored.id_token
    for changes in ({"cookie_hash": "x" * 64}, {"id_token": "a.b.c"}, {"id_token": ""}):
        other = SimpleNamespace(**{**stored._mapping, **changes})
        assert sessions.open_id_token(installation.keyring, other) == ""  # type: ignore[arg-type]
    # One that does not open costs the person a question at most.
    with installation.database.write() as tx:
        tx.execute(console_session.update().where(mine).values(id_token="a.b.c"))
    page = browser.get("/nguoi-dung")
    token = csrf_token(page)
    answer = browser.post("/dang-xuat", {"csrf_token": token})
    assert answer.status_code in (200, 303)
    assert browser.get("/nguoi-dung").status_code == 303


def test_id_tokens_are_checked(console: Console) -> None:
    installation, now = console.idp.installation, clock.now_s()
    access = "an-access-token"
    from idp.keys.jose import half_hash

    good = {
        "iss": installation.settings.issuer,
        "sub": "p",
        "aud": ADMIN_APPLICATION,
        "iat": now,
        "exp": now + 60,
        "nonce": "n",
        "sid": "s",
        "acr": "2",
        "at_hash": half_hash(access),
    }
    key = signer(installation, "ES256")
    proof = tokens.check_id_token(installation, sign(key, good, "JWT"), access, "n")
    assert (proof.person_id, proof.sid) == ("p", "s")
    bad = {
        "nonce": good | {"nonce": "other"},
        "no nonce": {k: v for k, v in good.items() if k != "nonce"},
        "aud": good | {"aud": "quan-ly-van-ban"},
        "azp": good | {"azp": "quan-ly-van-ban"},
        "iss": good | {"iss": "http://evil.example"},
        "exp": good | {"exp": now - 1},
        "future": good | {"iat": now + 600},
        "at_hash": good | {"at_hash": half_hash("another")},
        "no sid": {k: v for k, v in good.items() if k != "sid"},
        "no sub": good | {"sub": ""},
        "one factor": good | {"acr": "1"},
        "no level": {k: v for k, v in good.items() if k != "acr"},
    }
    for name, claims in bad.items():
        with pytest.raises(Refused):
            tokens.check_id_token(installation, sign(key, claims, "JWT"), access, "n")
            pytest.fail(name)
    with pytest.raises(Refused):
        tokens.check_id_token(installation, sign(key, good, "logout+jwt"), access, "n")


def test_registration_follows_the_address_and_replaces_a_lost_secret(console: Console) -> None:
    installation = console.idp.installation
    file = secret_file(installation.settings)
    before = file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    register_console(installation, OPERATOR, REGISTRATION)
    assert file.read_text() == before, "nothing to do, nothing done"
    with installation.database.read() as tx:
        client = clients.show_client(tx, ADMIN_APPLICATION)
    assert client.redirect_uris == (f"{console.url}/callback",)
    assert client.backchannel_logout_uri == f"{console.url}/backchannel-logout"
    clients.update_client(
        installation,
        OPERATOR,
        REGISTRATION,
        ADMIN_APPLICATION,
        {"redirect_uris": ["http://localhost:1/callback"]},
    )
    file.unlink()
    register_console(installation, OPERATOR, REGISTRATION)
    assert file.read_text() != before
    with installation.database.read() as tx:
        again = clients.show_client(tx, ADMIN_APPLICATION)
    assert again.redirect_uris == client.redirect_uris
    person, numbers = console.administrator(), iter(range(1, 100))

    def signs_in() -> bool:
        browser = console.browser(f"10.77.2.{next(numbers)}")
        return console.sign_in(browser, person).status_code == 200

    wait_until(signs_in, 8)  # the old secret is forgotten everywhere within 5 s


def test_what_waits_for_a_new_factor_is_there_after_it(console: Console, browser: Browser) -> None:
    """The session of the console is another then; somebody else's sign-in does not get it."""
    person, other = console.administrator(), console.administrator()
    secret = give_totp(console.idp.installation, person.id)
    page = console.sign_in(browser, person)
    with console.idp.installation.database.write() as tx:
        long_ago = clock.now_s() - 6 * 60
        mine = issuer_sessions.c.person_id == person.id
        tx.execute(update(issuer_sessions).where(mine).values(auth_time=long_ago))
    before = browser.http.cookies["dmc_session"]
    data = {"csrf_token": csrf_token(page), "reason": "x", "seen_reason": "", "end": ""}
    asked = browser.follow(browser.post("/quyen/hang-loat/xem?nhap=x", data | {"seen_end": ""}))
    assert "Xác nhận lại là Anh/Chị" in asked.text, asked.text
    waiting = asked.url
    (anew,) = re.findall(r'href="(/dang-nhap\?[^"]+lai=1[^"]*)"', asked.text)
    page = browser.open(unescape(anew))
    page = browser.follow(browser.answer(page, person.username, PASSWORD))
    ready = browser.follow(give_code(browser, page, code_now(secret)))
    assert ready.url == waiting
    assert "Sẵn sàng thực hiện" in ready.text
    assert browser.http.cookies["dmc_session"] != before
    browser.http.cookies.clear()
    console.sign_in(browser, other)
    assert browser.get(waiting).headers["Location"] == "/"
