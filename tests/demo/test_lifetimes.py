"""What waits lives longer than what it waits for: one table, held against what really counts."""

from __future__ import annotations

import pytest
from authlib.integrations.base_client.framework_integration import FrameworkIntegration

from admin_ui.console.signin import attempt
from directory import clock
from directory.sealed import KeyRing
from idp import lifetimes
from idp.sessions import liveness
from idp.throttle import store as throttle
from relying_party.sessions import SCHEMA, SIGNING_IN_LASTS, SessionTable
from relying_party.store import Store
from tests.support.browser import PASSWORD, next_url
from tests.support.idp_app import IdpApp, at_time, idp_app
from tests.support.relying_party import authorization_request
from tests.web.application import make_application

__all__ = ["idp_app"]

WITHOUT_END = 10**15
LIVES_MS = {
    "code": lifetimes.CODE_MS,
    "posted request": lifetimes.POSTED_REQUEST_MS,
    "pause": throttle.PAUSE_MS,
    "flow": lifetimes.FLOW_MS,
    "flow and code": lifetimes.FLOW_MS + lifetimes.CODE_MS,
    "flow kept": lifetimes.FLOW_MS + lifetimes.KEPT_AFTER_EXPIRY_MS,
    "console attempt": lifetimes.ATTEMPT_MS,
    "demo attempt": SIGNING_IN_LASTS * 1000,
    "demo state": FrameworkIntegration.expires_in * 1000,
    "token": lifetimes.LONGEST_TOKEN_MS,
    "keys kept by an application": lifetimes.KEYS_CACHED_MS,
    "retired key": lifetimes.RETIRED_KEY_MS,
    "session": liveness.ABSOLUTE_MS,
    "browser cookie": WITHOUT_END,  # both are looked at below
    "form token": WITHOUT_END,
}


@pytest.mark.parametrize(("outer", "inner"), lifetimes.OUTLIVES)
def test_what_waits_outlives_what_it_waits_for(outer: str, inner: str) -> None:
    assert LIVES_MS[outer] > LIVES_MS[inner]


def test_a_page_may_stand_open_for_half_an_hour() -> None:
    assert lifetimes.FLOW_MS > 30 * clock.MINUTE


def test_the_cookie_of_the_browser_and_its_form_token_have_no_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = make_application().test_client()
    page = client.get("/pages/sign-in")
    (cookie,) = page.headers.getlist("Set-Cookie")
    assert "Max-Age" not in cookie and "Expires" not in cookie
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    with at_time(monkeypatch, clock.DAY):
        assert client.post("/echo", data={"csrf_token": token}).status_code == 200


LAST_MOMENT_MS = lifetimes.FLOW_MS - clock.SECOND


def test_the_form_counts_until_its_last_moment(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    with at_time(monkeypatch, LAST_MOMENT_MS):
        back = next_url(browser.follow(browser.answer(page, person.username, PASSWORD)))
    assert back.startswith(idp_app.documents.redirect_uri) and "code=" in back


def test_the_console_still_knows_who_it_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = KeyRing(b"k" * 32)
    begun = attempt.begin("/nguoi-dung")
    state = attempt.seal(keyring, "browser", begun)
    later = clock.now_ms() + LAST_MOMENT_MS + lifetimes.CODE_MS
    monkeypatch.setattr("admin_ui.console.signin.attempt.now_ms", lambda: later)
    assert attempt.unseal(keyring, "browser", state) == begun


def test_a_demo_application_still_knows_who_it_sent(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the browser's cookie is of an attempt begun long before, and others come and go."""
    moment = 1_800_000_000
    later_s = (LAST_MOMENT_MS + lifetimes.CODE_MS) // 1000

    def stand_at(second: int) -> None:
        monkeypatch.setattr("relying_party.sessions.now", lambda: second)

    stand_at(moment)
    table = SessionTable(Store(tmp_path_factory.mktemp("demo") / "demo.db", SCHEMA))
    session_id = table.open_anonymous({"first": 1})
    stand_at(moment + SIGNING_IN_LASTS - 1)
    assert table.save(session_id, {"first": 1, "second": 1})
    stand_at(moment + SIGNING_IN_LASTS - 1 + later_s)
    table.open_anonymous({"of": "another browser"})
    assert table.find(session_id) == {"first": 1, "second": 1}
