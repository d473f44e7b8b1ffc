"""What people are told of their own ways to sign in, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from admin_ui.components import COMPONENTS
from directory.catalogue.person import Person
from directory.messages import queue
from directory.messages.queue import Content
from directory.messages.tables import message
from idp.devices.messages import browser_words
from idp.factors.held import factors_of
from idp.factors.passkey import service as passkeys
from idp.factors.service import reset
from idp.factors.totp.service import give
from tests.idp.test_passkeys import sign_in as sign_in_with_passkey
from tests.support.authenticator import give_passkey
from tests.support.browser import csrf_token
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.second_factor import code_now, give_totp, key_on
from tests.support.second_factor import sign_in as sign_in_with_code

ENROL, CODES = "/bao-mat/ung-dung-xac-thuc", "/bao-mat/ma-khoi-phuc"
NOWHERE = "smtp://127.0.0.1:9"


@pytest.fixture
def idp(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> IdpApp:
    """The application where a mail server is set, which nobody asks."""
    for held in (idp_app.installation, idp_app.served):
        settings = replace(held.settings, smtp_url=NOWHERE)
        monkeypatch.setitem(held.__dict__, "settings", settings)
    return idp_app


def told(idp: IdpApp, person: Person) -> list[tuple[str, Content]]:
    """What the person is told since this was last asked."""
    with idp.installation.database.write() as tx:
        rows = tx.execute(
            select(message).where(message.c.person_id == person.id).order_by(message.c.id)
        )
        found = [queue._message(row) for row in rows]
        for each in found:
            queue.done(tx, each)
    keyring = idp.installation.keyring
    return [(each.kind, queue.opened(keyring, each)) for each in found]


def test_a_sign_in_on_a_browser_nobody_knows_is_told(idp: IdpApp) -> None:
    person = idp.person()
    told(idp, person)
    browser = idp.browser()
    browser.http.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0"
    browser.sign_in(person)
    ((kind, content),) = told(idp, person)
    assert (kind, content.mail, content.language) == ("new_device", person.mail, "vi")
    assert content.values["browser"] == ("Firefox trên Windows", "Firefox on Windows")
    assert str(content.values["address"]).startswith("10.")
    browser.http.cookies.pop("dm_session")
    browser.sign_in(person)
    assert told(idp, person) == []


def test_whoever_says_that_the_computer_is_shared_is_told_of_no_less(idp: IdpApp) -> None:
    person = idp.person()
    told(idp, person)
    browser = idp.browser()
    browser.sign_in(person, shared="1")
    assert [kind for kind, _ in told(idp, person)] == ["new_device"]


def test_a_factor_that_is_added_removed_or_taken_away_is_told(idp: IdpApp) -> None:
    person = idp.person()
    browser = idp.browser()
    browser.sign_in(person)
    told(idp, person)
    page = browser.get(ENROL, lang="en")
    secret = key_on(page)
    data = {"csrf_token": csrf_token(page), "code": code_now(secret), "name": "Máy Nokia"}
    assert browser.post(f"{ENROL}?lang=en", data).status_code == 303
    ((kind, content),) = told(idp, person)
    assert kind == "factor_added"
    assert content.values["factor"] == "Máy Nokia"
    assert content.language == "vi"  # of the record, whatever the page is in
    assert secret not in repr(content)
    give(idp.installation, OPERATOR, person.id, "Điện thoại")
    assert [kind for kind, _ in told(idp, person)] == ["factor_added"]
    reset(idp.installation, OPERATOR, factors_of(COMPONENTS), person.id, "mất máy")
    assert [kind for kind, _ in told(idp, person)] == ["factors_taken"]


def test_new_codes_a_copied_passkey_and_one_that_others_remove_are_told(idp: IdpApp) -> None:
    person = idp.person()
    device = give_passkey(idp.installation, person.id, count=7)
    secret = give_totp(idp.installation, person.id)
    told(idp, person)
    browser = idp.browser()
    sign_in_with_code(browser, person, secret)
    page = browser.get(CODES)
    browser.post(CODES, {"csrf_token": csrf_token(page)})
    assert "recovery_codes_new" in [kind for kind, _ in told(idp, person)]
    device.count = 3
    assert sign_in_with_passkey(idp.browser(), device).status_code == 403
    ((kind, content),) = told(idp, person)
    assert kind == "passkey_stopped" and content.values["factor"] == "Máy tính"
    passkeys.remove(idp.installation, OPERATOR, factors_of(COMPONENTS), person.id, "Máy tính")
    assert [kind for kind, _ in told(idp, person)] == ["factor_removed"]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/141.0 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iOS"),
        ("curl/8.5", "not known"),
        ("<script>alert(1)</script>\r\nBcc: a@b", "not known"),
        ("", "not known"),
    ],
)
@pytest.mark.without_sql
def test_a_browser_is_called_as_people_know_it(user_agent: str, words: str) -> None:
    assert browser_words(user_agent)[1] == words
