"""Signing out: here, and in every application that was entered (RP-Initiated and Back-Channel)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from directory import clock
from directory.actor import system
from directory.catalogue.person import Person
from directory.outbox.tables import outbox
from directory.people.service import suspend
from idp.keys.jose import read_unverified, sign
from idp.keys.store import signer, verify_own
from idp.logout.backchannel import LOGOUT_EVENT, deliver
from idp.logout.dead_sessions import end_dead
from idp.logout.ending import end_session
from idp.sessions import store as sessions
from tests.support.browser import Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.relying_party import Receiver, RelyingParty


@pytest.fixture(autouse=True)
def quiet_receivers(idp_app: IdpApp) -> Iterator[None]:
    """Every test begins with applications that answer at once, and with nothing left to deliver."""
    for app in idp_app.apps:
        if app.receiver:
            app.receiver.status, app.receiver.delay_s = 200, 0
    end_dead(idp_app.installation)  # what other tests left behind
    with idp_app.installation.database.write() as tx:
        tx.execute(outbox.delete())
    for app in idp_app.apps:
        if app.receiver:
            app.receiver.tokens.clear()
    yield


def receiver_of(app: RelyingParty) -> Receiver:
    assert app.receiver is not None
    return app.receiver


def signed_in(idp: IdpApp, *apps: RelyingParty) -> tuple[Browser, Person, dict[str, Any]]:
    """A browser signed in and inside `apps`; gives the tokens of the first."""
    browser, person = idp.browser(), idp.person()
    tokens = [app.tokens(browser, person) for app in apps]
    if not apps:
        browser.sign_in(person)
    return browser, person, tokens[0] if tokens else {}


def is_question(page: requests.Response) -> bool:
    return page.status_code == 200 and 'name="confirm"' in page.text


def claims_of(tokens: dict[str, Any]) -> dict[str, Any]:
    return read_unverified(tokens["id_token"])[1]


def forged_from(idp: IdpApp, tokens: dict[str, Any], **changes: object) -> str:
    """An ID token with other claims, signed with our own key: the checks of claims are what is
    tested; `forged` signatures are a case of their own."""
    return sign(signer(idp.installation, "ES256"), claims_of(tokens) | changes, "JWT")


@pytest.mark.both_engines
def test_an_application_that_proves_itself_signs_out_without_a_question(idp_app: IdpApp) -> None:
    app = idp_app.documents
    browser, person, tokens = signed_in(idp_app, app, idp_app.one_stop)
    old_cookie = browser.cookie
    answer = browser.get(
        "/logout",
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=app.after_logout_uri,
        state="a&b=ộ",
    )
    assert answer.status_code == 303
    target = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(app.after_logout_uri + "?")
    assert parse_qs(target.query) == {"state": ["a&b=ộ"]}
    assert not browser.cookie
    browser.http.cookies.set("dm_session", old_cookie, domain="localhost.local", path="/")
    assert not browser.is_signed_in()
    for one in (idp_app.documents, idp_app.one_stop):
        (received,) = receiver_of(one).claims()
        assert (received["aud"], received["sub"]) == (one.client_id, person.id)
        assert received["sid"] == claims_of(tokens)["sid"]
    kinds = [event.kind for event in idp_app.events(limit=6)]
    assert kinds.count("logout.notified") == 2
    assert "session.ended" in kinds


def test_a_logout_token_is_what_the_specification_says(idp_app: IdpApp) -> None:
    """OpenID Connect Back-Channel Logout 1.0 section 2.4"""
    browser, person, tokens = signed_in(idp_app, idp_app.documents)
    browser.get("/logout", id_token_hint=tokens["id_token"])
    (token,) = receiver_of(idp_app.documents).tokens
    header, _ = read_unverified(token)
    assert header["typ"] == "logout+jwt" and header["alg"] == "ES256"
    claims = verify_own(idp_app.installation, token, "logout+jwt").claims
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sid", "sub"}
    assert claims["iss"] == idp_app.url
    assert claims["events"] == {LOGOUT_EVENT: {}}
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["sub"] == person.id
    assert "nonce" not in claims


def test_tokens_of_the_session_are_dead_after_signing_out(idp_app: IdpApp) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{idp_app.url}/userinfo", headers=bearer, timeout=10).status_code == 200
    browser.get("/logout", id_token_hint=tokens["id_token"])
    assert requests.get(f"{idp_app.url}/userinfo", headers=bearer, timeout=10).status_code == 401
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = requests.post(
        f"{idp_app.url}/token", data=body, auth=(app.client_id, app.secret), timeout=10
    )
    assert refreshed.status_code == 400
    assert refreshed.json()["error"] == "invalid_grant"


def test_an_expired_hint_of_the_living_session_is_good(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RP-Initiated Logout section 2: it is a hint, not a credential."""
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    past = claims_of(tokens)["iat"] - 7200
    old = forged_from(idp_app, tokens, iat=past, exp=past + 600)
    answer = browser.get(
        "/logout", id_token_hint=old, post_logout_redirect_uri=app.after_logout_uri
    )
    assert answer.headers["Location"] == app.after_logout_uri


HOSTILE_HINTS = [
    "absent",
    "garbage",
    "forged signature",
    "another issuer",
    "another session",
    "another person",
    "access token",
    "another client",
]


def hostile_hint(idp: IdpApp, tokens: dict[str, Any], kind: str) -> dict[str, str]:
    good = str(tokens["id_token"])
    if kind == "absent":
        return {}
    if kind == "another client":
        return {"id_token_hint": good, "client_id": idp.one_stop.client_id}
    hints = {
        "garbage": "a.b.c",
        "forged signature": good[:-8] + ("A" * 8 if good[-8:] != "A" * 8 else "B" * 8),
        "another issuer": forged_from(idp, tokens, iss="https://evil.example"),
        "another session": forged_from(idp, tokens, sid="x" * 22),
        "another person": forged_from(idp, tokens, sub=idp.person().id),
        "access token": str(tokens["access_token"]),
    }
    return {"id_token_hint": hints[kind]}


@pytest.mark.parametrize("kind", HOSTILE_HINTS)
def test_without_proof_there_is_a_question_and_no_redirect(idp_app: IdpApp, kind: str) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    values = hostile_hint(idp_app, tokens, kind)
    for method in ("get", "post"):
        values_now = {"post_logout_redirect_uri": app.after_logout_uri} | values
        if method == "get":
            answer = browser.get("/logout", **values_now)
        else:
            answer = browser.post("/logout", values_now, Origin="https://evil.example")
        assert is_question(answer), answer.text
        assert browser.is_signed_in()
    confirmed = browser.post(
        browser.get("/logout", **values_now).url,
        {"csrf_token": csrf_token(browser.get("/logout", **values_now)), "confirm": "yes"},
    )
    # Ours, though of somebody else or of another time: it leads back once the question is answered.
    is_genuine = kind in ("another session", "another person")
    expected = app.after_logout_uri if is_genuine else f"{idp_app.url}/dang-xuat?flow="
    assert next_url(confirmed).startswith(expected)
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "http://127.0.0.2:9/van-ban",
        "http://127.0.0.2:9/van-ban/?x=1",
        "http://127.0.0.2:9/van-ban/#f",
        "http://127.0.0.2:10/van-ban/",
        "HTTP://127.0.0.2:9/van-ban/",
        "//evil.example",
        "/dang-xuat",
        "javascript:alert(1)",
    ],
)
def test_an_unregistered_address_is_never_gone_to(idp_app: IdpApp, target: str) -> None:
    browser, _person, tokens = signed_in(idp_app, idp_app.documents)
    answer = browser.get(
        "/logout", id_token_hint=tokens["id_token"], post_logout_redirect_uri=target
    )
    assert is_question(answer)
    assert browser.is_signed_in()
    browser.http.cookies.clear()
    gone = browser.get("/logout", id_token_hint=tokens["id_token"], post_logout_redirect_uri=target)
    assert gone.status_code == 200 and "Location" not in gone.headers
    assert "Hiện không có ai đăng nhập" in gone.text


HINTS = ("own", "earlier session", "another person", "none")
RETURNS = ("registered", "slash", "none")


def _hint(
    idp: IdpApp, app: RelyingParty, kind: str, person: Person, own: dict[str, Any]
) -> dict[str, str]:
    if kind == "none":
        return {"client_id": app.client_id}
    if kind == "own":
        return {"id_token_hint": own["id_token"]}
    who = person if kind == "earlier session" else idp.person()
    return {"id_token_hint": app.tokens(idp.browser(), who)["id_token"]}


@pytest.mark.parametrize("back", RETURNS)
@pytest.mark.parametrize("hint", HINTS)
def test_a_sign_out_leads_back_wherever_hint_and_address_suffice(
    idp_app: IdpApp, hint: str, back: str
) -> None:
    """RP-Initiated Logout 1.0 sections 2 and 3: after the logout has been done, question or not."""
    app = idp_app.documents
    browser, person, own = signed_in(idp_app, app)
    wanted = {"registered": app.after_logout_uri, "slash": app.after_logout_uri[:-1], "none": ""}
    values = _hint(idp_app, app, hint, person, own) | {"state": "a&b=ộ", "ui_locales": "vi"}
    if wanted[back]:
        values["post_logout_redirect_uri"] = wanted[back]
    kind = f"client:{app.client_id}"
    before = len(idp_app.events("logout.return_refused", kind))
    answer = browser.get("/logout", **values)
    is_refused = back == "slash" or (back == "registered" and hint == "none")
    is_silent = hint == "own" and not is_refused
    assert is_question(answer) is not is_silent
    assert browser.is_signed_in() is not is_silent
    if is_refused:
        assert "post_logout_redirect_uri" in answer.text and wanted[back] in answer.text
        # What is registered is told to the application's own token, to nobody else.
        assert (f"<code>{app.after_logout_uri}</code>" in answer.text) is (hint != "none")
        event = idp_app.events("logout.return_refused", kind)[0]
        assert event.fields["received"] == wanted[back]
    assert len(idp_app.events("logout.return_refused", kind)) - before == int(is_refused)
    if not is_silent:
        assert "Dành cho người phát triển" not in answer.text or is_refused
        form = {"csrf_token": csrf_token(answer), "confirm": "yes"}
        answer = browser.post(answer.url, form)
        assert not browser.is_signed_in()
        assert not next_url(answer).startswith(app.after_logout_uri) or not answer.is_redirect
    if back == "registered" and hint != "none":
        assert next_url(answer) == f"{app.after_logout_uri}?state=a%26b%3D%E1%BB%99"
    else:
        page = browser.follow(answer)
        assert page.status_code == 200 and app.name in page.text
        assert next_url(page) == ""


def test_who_was_not_told_is_named_before_the_way_back(idp_app: IdpApp) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app, idp_app.one_stop, idp_app.calendar)
    receiver_of(idp_app.one_stop).status = 500
    values = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": app.after_logout_uri,
        "state": "s",
    }
    page = browser.follow(browser.get("/logout", **values))
    told, waiting, silent = page.text.split("notice--warning")
    assert app.name in told
    assert "Một cửa điện tử" in waiting and "Lịch họp" in silent
    assert f'href="{app.after_logout_uri}?state=s"' in page.text
    receiver_of(idp_app.one_stop).status = 200
    make_due(idp_app)
    deliver(idp_app.installation)
    later = browser.get(page.url).text
    assert "Một cửa điện tử" in later.partition("notice--warning")[0]


def test_the_application_that_asked_is_not_told_and_knows(idp_app: IdpApp) -> None:
    app = idp_app.calendar  # it has no address to be told at
    browser, _person, tokens = signed_in(idp_app, app)
    values = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": app.after_logout_uri,
    }
    assert browser.get("/logout", **values).headers["Location"] == app.after_logout_uri


def test_a_page_that_knows_nothing_claims_nothing(idp_app: IdpApp) -> None:
    for address in ("/dang-xuat", "/dang-xuat?flow=" + "A" * 43):
        page = idp_app.browser().get(address).text
        assert "Không có ứng dụng" not in page and "Hiện không có ai đăng nhập" in page


def test_an_image_or_a_frame_signs_nobody_out(idp_app: IdpApp) -> None:
    browser, _person, tokens = signed_in(idp_app, idp_app.documents)
    for destination in ("image", "iframe", "empty"):
        browser.http.get(
            f"{idp_app.url}/logout",
            params={"id_token_hint": tokens["id_token"]},
            headers={"Sec-Fetch-Dest": destination, "Sec-Fetch-Site": "cross-site"},
            allow_redirects=False,
            timeout=10,
        )
        assert browser.is_signed_in()


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Origin": "null"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
@pytest.mark.parametrize("path", ["/logout", "/dang-xuat"])
def test_the_answer_to_the_question_is_a_form_of_ours(
    idp_app: IdpApp, headers: dict[str, str], is_ours: bool, path: str
) -> None:
    browser, _person, _tokens = signed_in(idp_app)
    form = {"csrf_token": csrf_token(browser.get("/logout")), "confirm": "yes"}
    browser.post(path, form | {"csrf_token": "x" * 43}, **headers)
    assert browser.is_signed_in()
    browser.post(path, form, **headers)
    assert browser.is_signed_in() is not is_ours


def test_a_doubled_parameter_is_refused(idp_app: IdpApp) -> None:
    browser, _person, tokens = signed_in(idp_app, idp_app.documents)
    hint = tokens["id_token"]
    answer = browser.get(f"/logout?id_token_hint={hint}&id_token_hint={hint}")
    assert answer.status_code == 400
    assert browser.is_signed_in()


def test_a_post_from_another_site_is_looked_at_again_as_a_get(idp_app: IdpApp) -> None:
    """SameSite=Lax: the cookie is not there until the browser itself opens the page."""
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    values = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": app.after_logout_uri,
        "state": "s",
    }
    without_cookie = requests.post(
        f"{idp_app.url}/logout", data=values, allow_redirects=False, timeout=10
    )
    assert without_cookie.status_code == 303
    assert without_cookie.headers["Location"].startswith("/logout?")
    answer = browser.get(without_cookie.headers["Location"])
    assert answer.headers["Location"] == f"{app.after_logout_uri}?state=s"


def test_signing_out_twice_still_leads_back_to_the_application(idp_app: IdpApp) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    for _ in range(2):
        answer = browser.get(
            "/logout",
            id_token_hint=tokens["id_token"],
            post_logout_redirect_uri=app.after_logout_uri,
        )
        assert answer.headers["Location"] == app.after_logout_uri
    assert len(receiver_of(app).tokens) == 1


def test_the_signed_out_page_names_who_knows_and_who_does_not(idp_app: IdpApp) -> None:
    browser, _person, _tokens = signed_in(
        idp_app, idp_app.documents, idp_app.one_stop, idp_app.calendar
    )
    receiver_of(idp_app.one_stop).status = 500
    token = csrf_token(browser.get("/"))
    page = browser.follow(browser.post("/dang-xuat", {"csrf_token": token}))
    assert page.status_code == 200
    told, _, not_told = page.text.partition("notice--warning")
    assert "Quản lý văn bản" in told
    assert "Một cửa điện tử" in not_told and "Lịch họp" in not_told
    assert "Quản lý văn bản" not in not_told
    # The page may be reloaded, and tells what is true by then.
    receiver_of(idp_app.one_stop).status = 200
    make_due(idp_app)
    deliver(idp_app.installation)
    later = browser.get(page.url).text.partition("notice--warning")
    assert "Một cửa điện tử" in later[0]
    assert "Lịch họp" in later[2]
    # Nobody else can look.
    other = idp_app.browser().get(page.url)
    assert "Quản lý văn bản" not in other.text


def make_due(idp: IdpApp) -> None:
    with idp.installation.database.write() as tx:
        tx.execute(outbox.update().values(due_at=0))


def waiting(idp: IdpApp) -> int:
    with idp.installation.database.read() as tx:
        return len(tx.execute(outbox.select()).all())


def test_a_slow_application_holds_nobody_for_longer_than_two_seconds(idp_app: IdpApp) -> None:
    browser, _person, tokens = signed_in(idp_app, idp_app.documents, idp_app.one_stop)
    receiver_of(idp_app.one_stop).delay_s = 6
    began = time.monotonic()
    answer = browser.get("/logout", id_token_hint=tokens["id_token"])
    took = time.monotonic() - began
    assert answer.status_code == 303
    assert took < 5.5
    assert len(receiver_of(idp_app.documents).tokens) == 1
    assert waiting(idp_app) == 1
    events = idp_app.events("logout.not_notified", subject="client:mot-cua")
    assert events[0].fields["reason"] in ("timeout", "outbound.timeout")


@pytest.mark.both_engines
def test_the_worker_tries_again_until_the_application_knows(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    receiver_of(app).status = 503
    browser.get("/logout", id_token_hint=tokens["id_token"])
    assert waiting(idp_app) == 1
    make_due(idp_app)
    deliver(idp_app.installation)
    assert waiting(idp_app) == 1
    receiver_of(app).status = 200
    deliver(idp_app.installation)
    assert waiting(idp_app) == 1  # not due again yet
    make_due(idp_app)
    deliver(idp_app.installation)
    assert waiting(idp_app) == 0
    tried = receiver_of(app).claims()
    assert len({claims["jti"] for claims in tried}) == len(tried) == 3
    assert idp_app.events("logout.notified", subject="client:van-ban")[0].actor == "system:worker"


def test_the_worker_gives_up_when_nothing_can_be_left_there(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = idp_app.documents
    browser, _person, tokens = signed_in(idp_app, app)
    receiver_of(app).status = 503
    browser.get("/logout", id_token_hint=tokens["id_token"])
    make_due(idp_app)
    with at_time(monkeypatch, 13 * clock.HOUR):
        deliver(idp_app.installation)
    assert waiting(idp_app) == 0
    event = idp_app.events("logout.not_notified", subject="client:van-ban")[0]
    assert event.actor == "system:worker" and event.fields["reason"] == "http_503"


@pytest.mark.both_engines
def test_the_note_is_in_the_transaction_of_the_sign_out(idp_app: IdpApp) -> None:
    """If the process dies before it has told anyone, the worker does."""
    browser, person, tokens = signed_in(idp_app, idp_app.documents)
    sid = claims_of(tokens)["sid"]
    with idp_app.installation.database.write() as tx:
        end_session(tx, idp_app.installation, sid, person.id, system("test"), "signed_out")
    assert not browser.is_signed_in()
    deliver(idp_app.installation)
    assert [claims["sid"] for claims in receiver_of(idp_app.documents).claims()] == [sid]


def test_a_suspended_person_is_signed_out_of_their_applications(idp_app: IdpApp) -> None:
    browser, person, tokens = signed_in(idp_app, idp_app.documents, idp_app.one_stop)
    suspend(idp_app.installation, OPERATOR, person.id, "kiểm tra")
    assert not browser.is_signed_in()  # at once, before any job ran
    end_dead(idp_app.installation)
    deliver(idp_app.installation)
    for app in (idp_app.documents, idp_app.one_stop):
        assert [c["sid"] for c in receiver_of(app).claims()] == [claims_of(tokens)["sid"]]
    ended = idp_app.events("session.ended", subject=f"person:{person.id}")
    assert [event.fields["reason"] for event in ended] == ["invalidated"]
    end_dead(idp_app.installation)
    deliver(idp_app.installation)
    assert len(receiver_of(idp_app.documents).tokens) == 1


@pytest.mark.both_engines
def test_sessions_that_died_of_age_are_written_down(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    _browser, person, _tokens = signed_in(idp_app, idp_app.documents)
    with at_time(monkeypatch, 61 * clock.MINUTE):
        end_dead(idp_app.installation)
    ended = idp_app.events("session.ended", subject=f"person:{person.id}")
    assert [event.fields["reason"] for event in ended] == ["idle"]
    deliver(idp_app.installation)
    assert receiver_of(idp_app.documents).tokens == []  # nobody is thrown out of their work


@pytest.mark.both_engines
def test_long_ended_sessions_are_forgotten(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _person, tokens = signed_in(idp_app, idp_app.documents)
    sid = claims_of(tokens)["sid"]
    browser.get("/logout", id_token_hint=tokens["id_token"])
    with at_time(monkeypatch, 31 * clock.DAY), idp_app.installation.database.write() as tx:
        sessions.purge(tx)
    with idp_app.installation.database.read() as tx:
        assert sessions.clients_of(tx, sid) == []


def test_signing_out_from_the_front_page_needs_a_form_of_ours(idp_app: IdpApp) -> None:
    browser, _person, _tokens = signed_in(idp_app)
    assert browser.post("/dang-xuat", {}).status_code == 403
    assert is_question(browser.get("/dang-xuat"))
    assert browser.is_signed_in()
    token = csrf_token(browser.get("/"))
    page = browser.follow(browser.post("/dang-xuat", {"csrf_token": token}))
    assert page.status_code == 200
    assert "<h1>Đã đăng xuất</h1>" in page.text
    assert not browser.is_signed_in()
    assert browser.get("/dang-xuat").status_code == 200
