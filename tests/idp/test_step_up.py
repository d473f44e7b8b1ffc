"""An application that asks for a level gets it, or is told that it cannot be had."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from admin_ui.components import REGISTRATION
from directory.catalogue.person import Person
from idp.clients.service import add_client
from idp.factors.totp import store
from idp.keys.jose import read_unverified
from tests.support.browser import Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import NOWHERE, RelyingParty, authorization_request
from tests.support.second_factor import (
    code_now,
    give_code,
    give_password,
    give_totp,
    key_on,
    sign_in,
    whole_step,
    wrong_code,
)

__all__ = ["whole_step"]


TWO = {"acr_values": "2"}


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture(scope="module")
def strict(idp_app: IdpApp) -> Iterator[RelyingParty]:
    """An application that has registered the level it wants at least."""
    app = RelyingParty(
        idp_app.url,
        "muc-hai",
        name="Hồ sơ mật",
        redirect_uri=f"{NOWHERE}/muc-hai/callback",
        after_logout_uri=f"{NOWHERE}/muc-hai/",
    )
    asked = app.metadata(default_acr_values=["2"])
    add_client(idp_app.installation, OPERATOR, REGISTRATION, asked)
    yield app


def is_asked(browser: Browser, app: RelyingParty, **more: str) -> str:
    """What stands between the session that is there and the application: '' for nothing."""
    page = browser.follow(browser.get("/authorize", **authorization_request(app, **more)))
    if next_url(page).startswith(app.redirect_uri):
        return ""
    names = re.findall(r'name="(password|code|name)"', page.text)
    return " ".join(names)


@pytest.mark.both_engines
def test_a_session_of_one_factor_signs_in_anew_and_goes_on(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    secret = give_totp(idp_app.installation, person.id)
    app = idp_app.documents
    before = browser.cookie
    for content in ({}, {"acr_values": "1"}, {"acr_values": "2 1"}, {"acr_values": "urn:x silver"}):
        assert is_asked(browser, app, **content) == "", content
    for wanting in (TWO, {"acr_values": "urn:x 2"}):
        assert is_asked(browser, app, **wanting) == "password", wanting
    page = give_password(browser, person, **authorization_request(app, **TWO))
    browser.follow(give_code(browser, page, code_now(secret)), app.redirect_uri)
    assert browser.cookie != before
    claims = read_unverified(app.tokens(browser, person, **TWO)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pwd", "otp"])
    assert is_asked(browser, app, **TWO) == ""


def test_without_pages_it_is_refused(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    asked = authorization_request(idp_app.documents, prompt="none", **TWO)
    assert "error=login_required" in next_url(browser.get("/authorize", **asked))


def test_what_the_application_has_registered_no_browser_makes_less(
    idp_app: IdpApp, strict: RelyingParty, person: Person
) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    give_totp(idp_app.installation, person.id)
    for less in ({}, {"acr_values": "1"}, {"acr_values": "x" * 150}):
        assert is_asked(browser, strict, **less) == "password", less


def test_who_has_none_sets_one_up_on_the_way(
    idp_app: IdpApp, strict: RelyingParty, person: Person
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(strict))
    assert "Hồ sơ mật" in page.text and "xác thực hai lớp" in page.text
    secret = key_on(page)
    data = {"csrf_token": csrf_token(page), "buoc": "totp_enrolment", "name": "Máy"}
    wrong = browser.post(page.url, data | {"code": wrong_code(secret)})
    assert wrong.status_code == 403 and key_on(wrong) == secret and not browser.cookie
    done = browser.follow(
        browser.post(page.url, data | {"code": code_now(secret)}), strict.redirect_uri
    )
    assert next_url(done).startswith(strict.redirect_uri)
    claims = read_unverified(strict.tokens(browser, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pwd", "otp"])
    (event,) = idp_app.events("totp.added", subject=f"person:{person.id}")
    assert event.fields["name"] == "Máy"
    # From now on it is asked for everywhere, and the code that proved it is used.
    other = idp_app.browser()
    page = give_password(other, person)
    assert give_code(other, page, code_now(secret)).status_code == 403


def test_setting_it_up_cannot_be_skipped_or_mixed(
    idp_app: IdpApp, strict: RelyingParty, person: Person
) -> None:
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(strict))
    flow = page.url.split("flow=")[1]
    for path in ("/", "/bao-mat", "/bao-mat/ung-dung-xac-thuc"):
        seen = browser.open(path)
        assert 'name="password"' in seen.text
    for path in (f"/authorize/continue?flow={flow}", f"/dang-nhap?flow={flow}&buoc=totp"):
        assert key_on(browser.open(path)) == key_on(page)
    # The secret of this flow is no secret of another one, nor of another person's.
    thief, victim = idp_app.browser(), idp_app.person()
    theirs = give_password(thief, victim, **authorization_request(strict))
    assert key_on(theirs) != key_on(page)
    data = {"csrf_token": csrf_token(theirs), "buoc": "totp_enrolment", "name": "x"}
    assert thief.post(theirs.url, data | {"code": code_now(key_on(page))}).status_code == 403
    assert browser.post(theirs.url, data | {"code": code_now(key_on(theirs))}).status_code == 403
    with idp_app.installation.database.read() as tx:
        assert not store.is_enrolled(tx, person.id) and not store.is_enrolled(tx, victim.id)
    assert not browser.cookie and not thief.cookie


def test_set_up_elsewhere_meanwhile_it_is_asked_for_and_not_set_up_twice(
    idp_app: IdpApp, strict: RelyingParty, person: Person
) -> None:
    """Two sign-ins at once, of a thief with the password and of the person: who comes second finds
    the first one's application, and needs its code."""
    first, second = idp_app.browser(), idp_app.browser()
    pages = [give_password(b, person, **authorization_request(strict)) for b in (first, second)]
    forms = [
        {"csrf_token": csrf_token(page), "buoc": "totp_enrolment", "name": "x"} for page in pages
    ]
    first.post(pages[0].url, forms[0] | {"code": code_now(key_on(pages[0]))})
    late = second.follow(second.post(pages[1].url, forms[1] | {"code": code_now(key_on(pages[1]))}))
    assert "ung-dung" not in late.url and "copied-code" not in late.text
    assert first.cookie and not second.cookie
    with idp_app.installation.database.read() as tx:
        assert len(store.held_by(tx, person.id)) == 1


def test_what_cannot_be_had_is_told_to_the_application(
    idp_app: IdpApp, strict: RelyingParty, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should no step be there that could reach the level: no circle, and no code."""
    from dataclasses import replace

    from idp.journeys.sign_in import SIGN_IN, STEPS

    only = {SIGN_IN.name: replace(SIGN_IN, steps=STEPS[:1])}
    monkeypatch.setitem(idp_app.app.extensions, "danhmuc.journeys", only)
    browser = idp_app.browser()
    page = browser.open_sign_in(**authorization_request(strict))
    answer = browser.answer(page, person.username, "chín con trâu trắng")
    back = next_url(browser.follow(answer, strict.redirect_uri))
    assert "error=unmet_authentication_requirements" in back and "code=" not in back


def test_asked_for_fewer_there_is_no_step_more(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    secret = give_totp(idp_app.installation, person.id)
    sign_in(browser, person, secret)
    assert is_asked(browser, idp_app.documents, **TWO) == ""
    assert is_asked(browser, idp_app.documents, prompt="login", **TWO) == "password"


@pytest.mark.parametrize("levels", [["3"], ["2", "gold"], "2", [2], [None]])
def test_a_level_nobody_knows_is_not_registered(idp_app: IdpApp, levels: object) -> None:
    from directory.errors import Invalid

    app = RelyingParty(idp_app.url, "sai-muc", name="Sai")
    with pytest.raises(Invalid) as refused:
        add_client(
            idp_app.installation,
            OPERATOR,
            REGISTRATION,
            app.metadata(default_acr_values=levels),
        )
    assert refused.value.params["field"] == "default_acr_values"
