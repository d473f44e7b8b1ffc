"""A second step plugs into the table, and nothing is given before it is answered (S-51)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import make_response, request
from werkzeug.wrappers import Response

from idp.flows.step import Passed, Step
from idp.flows.store import Flow, Progress
from idp.journeys import dispatch
from idp.sessions import store as sessions
from tests.support.browser import PASSWORD, csrf_token, next_url
from tests.support.idp_app import IdpApp
from tests.support.relying_party import authorization_request
from web.csrf import csrf_field


def show_code(_flow: Flow) -> Response:
    return make_response(f'<form method="post">{csrf_field()}<input name="code"></form>')


def answer_code(flow: Flow) -> Passed | Response:
    if request.form.get("code") != "123456":
        return make_response(show_code(flow), 403)
    return Passed(replace(flow.progress, amr=(*flow.progress.amr, "otp")), lambda _tx: None)


def is_open(progress: Progress) -> bool:
    return "pwd" in progress.amr and "otp" not in progress.amr


@pytest.fixture(autouse=True)
def second_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    steps = (*dispatch.STEPS, Step("code", is_open, show_code, answer_code))
    monkeypatch.setattr(dispatch, "STEPS", steps)
    yield


def test_after_the_password_alone_every_door_leads_back_to_the_second_step(
    idp_app: IdpApp,
) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    answer = browser.answer(page, person.username, PASSWORD)
    assert answer.status_code == 303
    assert not browser.cookie
    second = browser.follow(answer)
    assert 'name="code"' in second.text
    flow = page.url.split("flow=")[1]
    assert (
        browser.get("/authorize/continue", flow=flow).headers["Location"].startswith("/dang-nhap?")
    )
    again = browser.follow(browser.get("/authorize", **authorization_request(idp_app.one_stop)))
    assert 'name="password"' in again.text
    assert browser.get("/").headers["Location"] == "/dang-nhap"
    bearer = {"Authorization": f"Bearer {flow}"}
    assert (
        browser.http.get(f"{idp_app.url}/userinfo", headers=bearer, timeout=10).status_code == 401
    )
    # The password once more, or nothing at all, is no second factor.
    token = csrf_token(second)
    for body in ({"login": person.username, "password": PASSWORD}, {"code": ""}, {}):
        assert browser.post(page.url, {"csrf_token": token} | body).status_code == 403
        assert not browser.cookie
    assert idp_app.events("signin.succeeded", subject=f"person:{person.id}") == []


def test_after_both_steps_the_session_says_so(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    second = browser.follow(browser.answer(page, person.username, PASSWORD, shared="1"))
    done = browser.post(page.url, {"csrf_token": csrf_token(second), "code": "123456"})
    assert done.headers["Location"].startswith("/authorize/continue?")
    assert "Max-Age" not in done.headers["Set-Cookie"]
    assert next_url(browser.follow(done)).startswith(idp_app.documents.redirect_uri)
    with idp_app.installation.database.read() as tx:
        session = sessions.find(tx, browser.cookie)
    assert session is not None
    assert (session.amr, session.acr) == (("pwd", "otp"), "2")
    assert session.shared_computer


def test_a_step_of_one_flow_counts_for_no_other(idp_app: IdpApp) -> None:
    """S-45: a flow that passed its first step is no help in another."""
    browser, person = idp_app.browser(), idp_app.person()
    first = browser.open_sign_in()
    browser.answer(first, person.username, PASSWORD)
    other = browser.open_sign_in()
    answer = browser.post(other.url, {"csrf_token": csrf_token(other), "code": "123456"})
    assert answer.status_code == 400
    assert not browser.cookie
