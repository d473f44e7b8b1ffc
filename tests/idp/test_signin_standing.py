"""Whoever may not sign in reads why after the right password, and nothing after a wrong one."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from admin_ui.components import VOCABULARY
from directory.agencies.service import add_agency
from directory.audit.acts import ActQuestion, events_of, list_acts
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.ids import new_id
from directory.ldap.bind import BindResult
from directory.ldap.entries import Change
from directory.people import service
from directory.people.credentials import set_password
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from directory.projection.apply import apply_entry
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.only_on_sqlite("which page comes is no question of the store")

WRONG = "mật khẩu này sai hoàn toàn"
_WORDS = {
    "active": "",
    "suspended": "Tài khoản đang tạm khóa",
    "left": "Tài khoản này đã đóng",
    "pending": "Tài khoản chưa được kích hoạt",
}


@pytest.fixture(scope="module")
def health(idp_app: IdpApp) -> Agency:
    """An agency that can be rung."""
    agency = Agency(id=new_id(), name="Sở Y tế", code="SYT", phone="0274 382 2825")
    return add_agency(idp_app.installation, OPERATOR, agency)


def in_standing(idp_app: IdpApp, agency: Agency, status: str) -> Person:
    name = f"{status}.{new_id()[:8]}"
    person = add_person(
        idp_app.installation,
        OPERATOR,
        NewPerson(username=name, full_name="Nguyễn Văn An", agency_id=agency.id),
    )
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD)
    if status == "suspended":
        service.suspend(idp_app.installation, OPERATOR, person.id, "kiểm tra")
    elif status == "left":
        service.retire(idp_app.installation, OPERATOR, person.id, "kiểm tra")
    elif status == "pending":  # a password set by another tool
        past_us(idp_app, person, "pending")
    return person


def past_us(idp_app: IdpApp, person: Person, status: str) -> None:
    not_followed(idp_app, person, status)
    installation = idp_app.installation
    entry = installation.ldap.read(
        person_dn(person.id, installation.settings.suffix), ["*", "entryCSN"]
    )
    assert entry is not None
    with installation.database.write() as tx:
        apply_entry(tx, entry)


def not_followed(idp_app: IdpApp, person: Person, status: str) -> None:
    """In the catalogue alone: the feed did not come by yet, or its brake is on."""
    installation = idp_app.installation
    dn = person_dn(person.id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("replace", "dmStatus", (status,))])


def told(idp_app: IdpApp, person: Person) -> list[str]:
    events = idp_app.events("signin.", subject=f"person:{person.id}")
    return [str(event.fields.get("reason", event.kind)) for event in events]


def attempt(idp_app: IdpApp, person: Person, password: str) -> requests.Response:
    browser = idp_app.browser()
    return browser.answer(browser.open_sign_in(), person.username, password)


@pytest.mark.parametrize("status", sorted(_WORDS))
def test_the_right_password_tells_why_and_a_wrong_one_nothing(
    idp_app: IdpApp, health: Agency, status: str
) -> None:
    person = in_standing(idp_app, health, status)
    wrong = attempt(idp_app, person, WRONG)
    assert wrong.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong.text
    assert told(idp_app, person) == ["wrong_password"]
    right = attempt(idp_app, person, PASSWORD)
    if status == "active":
        assert right.status_code == 303
        return
    assert right.status_code == 403
    assert not right.cookies.get("dm_session")
    assert _WORDS[status] in right.text
    assert "Sở Y tế" in right.text and "0274 382 2825" in right.text  # who helps
    assert "không đúng" not in right.text
    assert told(idp_app, person) == [f"person_{status}", "wrong_password"]
    others = set(_WORDS.values()) - {_WORDS[status], ""}
    assert not any(words in right.text or words in wrong.text for words in others)


@pytest.mark.parametrize("status", ["suspended", "left", "pending"])
def test_a_withdrawal_that_nobody_followed_yet_counts_at_sign_in(
    idp_app: IdpApp, health: Agency, status: str
) -> None:
    """While the feed's brake is on, too: it is there for what is lost together with everybody."""
    person = in_standing(idp_app, health, "active")
    not_followed(idp_app, person, status)
    wrong = attempt(idp_app, person, WRONG)
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong.text
    right = attempt(idp_app, person, PASSWORD)
    assert right.status_code == 403
    assert _WORDS[status] in right.text
    assert told(idp_app, person) == [f"person_{status}", "wrong_password"]
    not_followed(idp_app, person, "active")
    assert attempt(idp_app, person, PASSWORD).status_code == 303


@pytest.mark.parametrize("status", ["suspended", "left", "pending"])
def test_right_passwords_never_count_and_the_page_leads_on(
    idp_app: IdpApp, health: Agency, status: str
) -> None:
    """Nobody burns their tries about a password that is right; once helped they go on from here,
    into the application they came for."""
    person, browser = in_standing(idp_app, health, status), idp_app.browser()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    for _ in range(12):
        refused = browser.answer(page, person.username, PASSWORD)
        assert refused.status_code == 403
        assert _WORDS[status] in refused.text
    if status == "left":
        return
    service.resume(idp_app.installation, OPERATOR, person.id, "đã xong")
    again = re.search(r'href="(/dang-nhap[^"]*)">Thử lại</a>', refused.text)
    assert again is not None
    form = browser.get(unescape(again[1]))
    entered = browser.follow(browser.answer(form, person.username, PASSWORD))
    assert idp_app.documents.redirect_uri in (entered.headers.get("Location") or entered.text)


def test_a_person_is_pending_until_a_password_is_set(idp_app: IdpApp) -> None:
    new = NewPerson(
        username=f"moi.{new_id()[:8]}", full_name="Lê Thị Mới", agency_id=idp_app.agency.id
    )
    person = add_person(idp_app.installation, OPERATOR, new)
    assert person.status == "pending"
    with idp_app.installation.database.read() as tx:
        row = queries.person(tx, person.id)
    assert row is not None and row.status == "pending"
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD)
    assert attempt(idp_app, person, PASSWORD).status_code == 303
    kinds = [e.kind for e in idp_app.events("person.", subject=f"person:{person.id}")]
    assert kinds.count("person.activated") == 1
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD + " mới")
    kinds = [e.kind for e in idp_app.events("person.", subject=f"person:{person.id}")]
    assert kinds.count("person.activated") == 1


def test_a_first_password_is_one_line_of_the_log(idp_app: IdpApp, health: Agency) -> None:
    person = add_person(
        idp_app.installation,
        OPERATOR,
        NewPerson(username="mot.dong", full_name="Lê Một Dòng", agency_id=health.id),
    )
    with idp_app.installation.database.read() as tx:
        before = list_acts(tx, VOCABULARY, ActQuestion(who=(f"person:{person.id}",)), limit=20)
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD)
    with idp_app.installation.database.read() as tx:
        after = list_acts(tx, VOCABULARY, ActQuestion(who=(f"person:{person.id}",)), limit=20)
    assert len(after) == len(before) + 1
    kinds = {event.kind for event in events_of(after[:1])}
    assert kinds >= {"person.password.change_requested", "person.password.set", "person.activated"}


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_a_new_password_lets_nobody_in_who_was_stopped(
    idp_app: IdpApp, health: Agency, status: str
) -> None:
    person = in_standing(idp_app, health, status)
    set_password(idp_app.installation, OPERATOR, person.id, PASSWORD)
    assert _WORDS[status] in attempt(idp_app, person, PASSWORD).text


def test_without_a_listener_of_our_own_the_log_tells_of_the_standing(
    idp_app: IdpApp, health: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There slapd refuses before it looks at the password: people read the general sentence."""
    person = in_standing(idp_app, health, "suspended")
    monkeypatch.setattr(
        "idp.factors.password.trying.check_password", lambda *_: BindResult.REJECTED
    )
    monkeypatch.setattr("idp.factors.password.step.knows_standing", lambda _: False)
    refused = attempt(idp_app, person, PASSWORD)
    assert "không đúng" in refused.text
    assert told(idp_app, person) == ["person_suspended"]
