"""What a person's telephone would do: the codes of an authenticator application."""

from __future__ import annotations

import re

import pytest
import requests

from directory import clock
from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.installation import Installation
from idp.factors.totp import codes, store
from idp.journeys.events import SIGNIN_SUCCEEDED
from idp.levels import TWO_FACTORS
from idp.sessions import store as sessions
from tests.support.browser import PASSWORD, Browser, Named, csrf_token


def give_totp(installation: Installation, person_id: str, name: str = "Điện thoại") -> str:
    """An authenticator application for a person, no code of which was used; gives its secret."""
    with installation.database.write() as tx:
        return store.add(tx, installation.keyring, person_id, name)[1]


@pytest.fixture(autouse=True)
def whole_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test begins with a step of the clock: no code goes out of date under its hands."""
    lag = clock.now_s() % codes.STEP_S
    monkeypatch.setattr(codes, "present_step", lambda: (clock.now_s() - lag) // codes.STEP_S)


def code_now(secret: str, steps_ahead: int = 0) -> str:
    """What the application shows, or showed, or will show."""
    return codes.code_of(secret, codes.present_step() + steps_ahead)


def wrong_code(secret: str) -> str:
    """A code that the application shows at no moment near this one."""
    near = {code_now(secret, away) for away in range(-12, 13)}
    return next(code for code in map("{:06d}".format, range(30)) if code not in near)


def key_on(page: requests.Response) -> str:
    """The key that a page of enrolment shows for typing."""
    found = re.search(r'copied-code">([A-Z2-7 ]+)<', page.text)
    assert found, page.text
    return found[1].replace(" ", "")


def sign_in_surely(installation: Installation, browser: Browser, person_id: str) -> None:
    """A session of two factors at the issuer, as a sign-in leaves it behind, without its pages."""
    with installation.database.write() as tx:
        session, cookie = sessions.open_session(
            tx,
            person_id,
            amr=("pwd", "otp"),
            acr=TWO_FACTORS,
            address="",
            user_agent="",
            shared_computer=False,
        )
        record(
            tx,
            SIGNIN_SUCCEEDED,
            Actor("person", person_id),
            subject=person_tag(person_id),
            session=session.sid,
            methods=" ".join(session.amr),
            shared_computer=False,
            renewed=False,
            new_device=False,
            application="",
        )
    browser.http.cookies.set("dm_session", cookie, domain="localhost.local", path="/")


def give_password(browser: Browser, person: Named, **asked: str) -> requests.Response:
    """Sign in as far as the page that follows the password."""
    page = browser.open_sign_in(**asked)
    return browser.follow(browser.answer(page, person.username, PASSWORD))


def give_code(browser: Browser, page: requests.Response, code: str) -> requests.Response:
    """Answer the page that asks for a code; the answer as it comes."""
    data = {"csrf_token": csrf_token(page), "buoc": "totp", "code": code}
    return browser.post(page.url, data)


def sign_in(browser: Browser, person: Named, secret: str, ahead: int = 0) -> requests.Response:
    """Password and code; gives the answer to the code."""
    return give_code(browser, give_password(browser, person), code_now(secret, ahead))
