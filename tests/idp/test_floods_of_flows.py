"""Nobody pushes out of our stores what others need: a flood of sign-ins, a loop of sessions."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from directory import clock
from idp.flows import store as flows
from idp.flows.tables import flows as table
from idp.lifetimes import FLOW_MS
from idp.sessions import store as sessions
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time
from tests.support.relying_party import authorization_request


def flood(idp: IdpApp, address: str, number: int) -> None:
    """Sign-ins begun and left, each by a browser of its own."""
    for _ in range(number):
        stranger = idp.browser(address)
        assert stranger.get("/authorize", **authorization_request(idp.documents)).is_redirect


def copy_of(text: str) -> str:
    found = re.search(r'name="flow" value="([^"]+)"', text)
    assert found
    return found[1]


@pytest.fixture
def small_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "MAX_FLOWS", 60)


@pytest.mark.usefixtures("small_store")
@pytest.mark.parametrize("address", ["10.200.0.1", "10.201.7.7"], ids=["same network", "another"])
def test_a_flood_does_not_reach_who_types_for_five_minutes(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    browser, person = idp_app.browser("10.200.0.1"), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.one_stop))
    with at_time(monkeypatch, 5 * clock.MINUTE):
        flood(idp_app, address, 130)
        with idp_app.installation.database.read() as tx:
            # Those in which somebody is signed in stay, whoever else came meanwhile.
            begun = select(func.count()).select_from(table)
            begun = begun.where(table.c.person_id == "", table.c.stage != flows.AUTHENTICATED)
            assert tx.execute(begun).scalar_one() <= 60
        assert browser.get(page.url).status_code == 410, "the store itself has forgotten"
        form = {"flow": copy_of(page.text)}
        wrong = browser.answer(page, person.username, "sai-mật-khẩu", **form)
        assert 'name="password"' in browser.follow(wrong).text
        done = browser.answer(page, person.username, PASSWORD, **form)
        back = next_url(browser.follow(done))
    assert back.startswith(idp_app.one_stop.redirect_uri) and "code=" in back


@pytest.mark.both_engines
@pytest.mark.usefixtures("small_store")
def test_a_right_answer_is_never_pushed_out(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.one_stop))
    done = browser.answer(page, person.username, PASSWORD)
    flood(idp_app, "10.202.0.1", 130)
    assert "code=" in next_url(browser.follow(done))


def test_a_copy_is_of_its_browser_its_flow_and_its_time(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring, secret = idp_app.installation.keyring, "r" * 43
    with idp_app.installation.database.write() as tx:
        flow_id = flows.create(tx, {"scope": "openid"}, "van-ban", secret)
        flow = flows.load(tx, flow_id, secret)
        assert flow is not None
        sealed = flows.seal(keyring, flow, secret)
        other_id = flows.create(tx, {"scope": "openid"}, "van-ban", secret)
        flows.finish(tx, flow_id)
        flows.restore(tx, keyring, flow_id, secret, sealed)
        assert flows.load(tx, flow_id, secret) is None, "what is known is not brought back"
        tx.execute(table.delete().where(table.c.client_id == "van-ban"))
        for wrong in (
            (flow_id, "s" * 43, sealed),
            (other_id, secret, sealed),
            (flow_id, secret, sealed[:-2]),
            (flow_id, secret, ""),
            (flow_id, secret, "ộ"),
            (flow_id, secret, "A" * 30_000),
        ):
            flows.restore(tx, keyring, *wrong)
            assert flows.load(tx, wrong[0], wrong[1]) is None
    with at_time(monkeypatch, FLOW_MS), idp_app.installation.database.write() as tx:
        flows.restore(tx, keyring, flow_id, secret, sealed)
        assert flows.find_past(tx, flow_id, secret) is None
    with idp_app.installation.database.write() as tx:
        flows.restore(tx, keyring, flow_id, secret, sealed)
        again = flows.load(tx, flow_id, secret)
    assert again == flow


@pytest.mark.both_engines
def test_a_person_has_so_many_sessions_and_the_one_used_least_goes(idp_app: IdpApp) -> None:
    person = idp_app.person()
    first: list[Browser] = []
    for _ in range(sessions.MOST_PER_PERSON):
        browser = idp_app.browser()
        browser.sign_in(person)
        first.append(browser)
    newest = idp_app.browser()
    newest.sign_in(person)
    assert newest.is_signed_in() and first[-1].is_signed_in()
    assert not first[0].is_signed_in()
    event = idp_app.events("session.ended", subject=f"person:{person.id}")[0]
    assert event.fields["reason"] == "too_many"


def test_signing_in_again_in_one_browser_is_one_session(idp_app: IdpApp) -> None:
    person, browser, other = idp_app.person(), idp_app.browser(), idp_app.browser()
    other.sign_in(person)
    for _ in range(sessions.MOST_PER_PERSON + 2):
        asked = authorization_request(idp_app.one_stop, prompt="login")
        page = browser.follow(browser.get("/authorize", **asked))
        assert csrf_token(page)
        browser.follow(browser.answer(page, person.username, PASSWORD))
    assert other.is_signed_in()
