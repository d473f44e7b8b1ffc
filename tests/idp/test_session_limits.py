"""How long sessions last, by whose they are, and what the stricter profile changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from admin_ui.console_application import put_console_application
from directory import clock
from directory.catalogue.person import Person
from directory.clock import HOUR, MINUTE
from idp.sessions import store as sessions
from idp.sessions.limits import ANYBODY, Limits, limits_of
from tests.support.browser import PASSWORD, Browser
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.province import give
from tests.support.second_factor import code_now, give_code, give_password, give_totp, whole_step

__all__ = ["whole_step"]


@pytest.fixture(scope="module", autouse=True)
def _jobs(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        put_console_application(tx, OPERATOR)


@contextmanager
def profile(idp: IdpApp, name: str) -> Iterator[None]:
    settings = idp.served.settings
    before = settings.password_profile
    object.__setattr__(settings, "password_profile", name)
    try:
        yield
    finally:
        object.__setattr__(settings, "password_profile", before)


def an_administrator(idp: IdpApp) -> tuple[Person, Browser]:
    person, browser = idp.person(), idp.browser()
    give(idp.installation, "help_desk", person.id, idp.agency.id)
    secret = give_totp(idp.installation, person.id)
    browser.follow(give_code(browser, give_password(browser, person), code_now(secret)))
    return person, browser


def test_the_limits(idp_app: IdpApp) -> None:
    settings = idp_app.served.settings
    assert limits_of(settings, administers=False) == ANYBODY == Limits(HOUR, 12 * HOUR)
    assert limits_of(settings, administers=True) == Limits(15 * MINUTE, 8 * HOUR)
    with profile(idp_app, "tcvn14423"):
        assert limits_of(settings, administers=False) == Limits(15 * MINUTE, 12 * HOUR)
        assert limits_of(settings, administers=True) == Limits(5 * MINUTE, 8 * HOUR)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("name", "administers", "minutes"),
    [("default", False, 60), ("default", True, 15), ("tcvn14423", False, 15),
     ("tcvn14423", True, 5)],
)  # fmt: skip
def test_who_is_idle_for_too_long_signs_in_again(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, name: str, administers: bool, minutes: int
) -> None:
    person, secret, browser = idp_app.person(), "", idp_app.browser()
    if administers:
        give(idp_app.installation, "help_desk", person.id, idp_app.agency.id)
        secret = give_totp(idp_app.installation, person.id)
    with profile(idp_app, name):
        if administers:
            page = give_password(browser, person)
            browser.follow(give_code(browser, page, code_now(secret)))
        else:
            browser.sign_in(person)
    with at_time(monkeypatch, minutes * MINUTE - 2 * clock.SECOND):
        assert idp_app_session(idp_app, browser)
    with at_time(monkeypatch, minutes * MINUTE + clock.SECOND):
        assert not idp_app_session(idp_app, browser)


def idp_app_session(idp: IdpApp, browser: Browser) -> bool:
    """Whether it lives, without a use of it."""
    with idp.installation.database.read() as tx:
        return sessions.find(tx, browser.cookie) is not None


def test_an_administrator_is_out_after_eight_hours(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, browser = an_administrator(idp_app)
    with idp_app.installation.database.read() as tx:
        session = sessions.find(tx, browser.cookie)
    assert session is not None and session.expires_at <= clock.now_ms() + 8 * HOUR


def test_the_stricter_profile_pauses_after_five_but_not_where_one_is_known(
    idp_app: IdpApp,
) -> None:
    person, known = idp_app.person(), idp_app.browser()
    known.sign_in(person)
    stranger = idp_app.browser()
    with profile(idp_app, "tcvn14423"):
        for _ in range(5):
            page = stranger.answer(stranger.open("/"), person.username, "sai mất rồi nhé")
        paused = idp_app.events("signin.paused", f"person:{person.id}")
        assert len(paused) == 1, page.text
        assert paused[0].fields["until"] > clock.now_ms() + 14 * MINUTE
        right = stranger.answer(stranger.open("/"), person.username, PASSWORD)
        assert not stranger.cookie, right.text
        known.http.cookies.set("dm_session", "", domain="localhost.local", path="/")
        known.sign_in(person, PASSWORD)
        assert known.is_signed_in(), "guesses of strangers keep nobody out of their own browser"
