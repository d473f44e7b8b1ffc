"""Flows: bound to a browser, short-lived, bounded in number, never skipped."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from directory import clock
from directory.errors import Invalid
from directory.people.credentials import check_password
from idp.flows import store as flows
from idp.flows.tables import flows as table
from idp.journeys import situation
from idp.throttle.tables import throttle_counter
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp, at_time
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.both_engines

BROWSER, OTHER = "a" * 43, "b" * 43


def test_a_flow_answers_only_to_its_browser(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        flow_id = flows.create(tx, {"scope": "openid", "state": "ễ"}, "van-ban", BROWSER)
        flow = flows.load(tx, flow_id, BROWSER)
        assert flow is not None
        assert (flow.client_id, flow.request["state"], flow.stage) == ("van-ban", "ễ", "identify")
        assert flows.load(tx, flow_id, OTHER) is None
        assert flows.load(tx, flow_id[:-1], BROWSER) is None
        assert flows.exists(tx, flow_id)


def test_a_flow_expires_after_three_quarters_of_an_hour(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with idp_app.installation.database.write() as tx:
        flow_id = flows.create(tx, {}, "", BROWSER)
    with at_time(monkeypatch, 46 * clock.MINUTE), idp_app.installation.database.write() as tx:
        assert flows.load(tx, flow_id, BROWSER) is None
        assert not flows.exists(tx, flow_id)
    with at_time(monkeypatch, 13 * clock.HOUR), idp_app.installation.database.write() as tx:
        flows.trim(tx)
    with idp_app.installation.database.read() as tx:
        assert not flows.exists(tx, flow_id)


def test_a_finished_flow_is_gone(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        flow_id = flows.create(tx, {}, "", BROWSER)
        flows.finish(tx, flow_id)
        assert flows.load(tx, flow_id, BROWSER) is None
        assert not flows.exists(tx, flow_id)


def test_the_number_of_flows_is_bounded(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """In small: strangers cannot fill the store, and the newest flow always works."""
    monkeypatch.setattr(flows, "MAX_FLOWS", 120)
    for _ in range(12):
        with idp_app.installation.database.write() as tx:
            made = [flows.create(tx, {"state": "x" * 8000}, "", BROWSER) for _ in range(50)]
            assert flows.load(tx, made[-1], BROWSER) is not None
    with idp_app.installation.database.read() as tx:
        assert (tx.execute(select(func.count()).select_from(table)).scalar() or 0) <= 180


def test_an_oversized_request_is_refused(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx, pytest.raises(Invalid):
        flows.create(tx, {"state": "x" * 20_000}, "", BROWSER)


def test_another_browser_cannot_take_a_flow_over(idp_app: IdpApp) -> None:
    victim, thief = idp_app.browser(), idp_app.browser()
    page = victim.open_sign_in(**authorization_request(idp_app.documents))
    assert page.status_code == 200
    stolen = thief.get(page.url)
    assert stolen.status_code == 403
    assert "trình duyệt" in stolen.text
    person = idp_app.person()
    token_page = thief.open_sign_in()
    thief_token = token_page.text.split('csrf_token" value="')[1].split('"')[0]
    forced = thief.post(
        page.url, {"csrf_token": thief_token, "login": person.username, "password": PASSWORD}
    )
    assert forced.status_code == 403
    assert not thief.cookie


def test_the_flow_cannot_be_continued_before_anyone_signed_in(idp_app: IdpApp) -> None:
    """Asking for a later step, or for the end, leads back to the open one."""
    browser = idp_app.browser()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    flow = page.url.split("flow=")[1]
    back = browser.get("/authorize/continue", flow=flow)
    assert back.is_redirect and back.headers["Location"].startswith("/dang-nhap?")
    assert browser.get("/").headers["Location"] == "/dang-nhap"
    assert browser.post("/dang-xuat", {}).status_code == 403


def test_an_expired_flow_says_so(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    with at_time(monkeypatch, 46 * clock.MINUTE):
        late = browser.get(page.url)
        answer = browser.answer(page, "ai-do", PASSWORD)
    for response in (late, answer):
        assert response.status_code == 410
        assert "hết hạn" in response.text
        # … and keeps where they were going.
        assert f'href="{idp_app.documents.after_logout_uri}"' in response.text


def test_the_back_button_after_signing_in_leads_on(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in()
    assert browser.answer(page, person.username, PASSWORD).status_code == 303
    again = browser.get(page.url)
    assert again.is_redirect and again.headers["Location"] == "/"


def tries_being_checked(idp: IdpApp) -> int:
    with idp.installation.database.read() as tx:
        found = tx.execute(select(func.sum(throttle_counter.c.pending))).scalar_one()
    return int(found or 0)


@pytest.mark.parametrize("shared", ["", "1"], ids=["own computer", "shared computer"])
def test_who_clicks_twice_is_let_in_by_either_answer(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, shared: str
) -> None:
    """A browser shows the answer to the second click, whichever of them was first with us."""
    person, browser, twin = idp_app.person(), idp_app.browser(), idp_app.browser()
    page = browser.open_sign_in()
    twin.http.cookies.update(browser.http.cookies)
    before, together = tries_being_checked(idp_app), threading.Barrier(2)

    def check_both(*asked: Any) -> Any:
        result = check_password(*asked)
        together.wait(10)
        return result

    monkeypatch.setattr("idp.factors.password.trying.check_password", check_both)
    more = {"shared": shared} if shared else {}
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda b: b.answer(page, person.username, PASSWORD, **more), (browser, twin))
        )
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [(303, "/")] * 2
    assert browser.is_signed_in() and twin.is_signed_in()
    assert tries_being_checked(idp_app) == before


def test_a_right_answer_to_a_flow_that_is_gone_is_no_try_under_way(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    page = browser.open_sign_in()
    before = tries_being_checked(idp_app)

    def check_and_forget(*asked: Any) -> Any:
        with idp_app.installation.database.write() as tx:
            tx.execute(delete(table))
        return check_password(*asked)

    monkeypatch.setattr("idp.factors.password.trying.check_password", check_and_forget)
    answer = browser.answer(page, person.username, PASSWORD)
    assert answer.status_code == 303 and not browser.is_signed_in()
    assert tries_being_checked(idp_app) == before


def test_the_request_is_not_checked_anew_for_a_step_that_does_not_ask(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(situation, "read_demand", lambda *_: 1 / 0)
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    assert browser.answer(page, person.username, "sai-mật-khẩu").status_code == 403
