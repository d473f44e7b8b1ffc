"""From the page that refuses to a request, and from there into the application."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.access.entering import MOST_A_DAY, ask_to_enter
from directory.actor import Actor
from directory.authz import grants
from directory.authz.decisions import decide
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.errors import Conflict, Invalid, TooMany
from directory.ids import new_id
from directory.requests.handles import RequestsFor
from directory.requests.register import Request, RequestQuestion
from idp.clients.service import Entry
from tests.idp.test_every_page_is_reached import an_application, asking
from tests.support.browser import Browser, read_forms
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")


def shut(idp_app: IdpApp, **role: str) -> RelyingParty:
    app = an_application(idp_app, f"Kín {new_id()[:13]}", entry=Entry(access="roles"))
    with idp_app.installation.database.write() as tx:
        declared = Role(app.client_id, "doc", "Người đọc", "Reader", **role)  # type: ignore[arg-type]
        grants.put_role(tx, OPERATOR, declared)
    return app


def signed_in(idp_app: IdpApp) -> tuple[Browser, Person]:
    browser, person = idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    return browser, person


def link_on(page: str) -> str:
    found = re.search(r'href="(/xin-vao\?[^"]+)"', page)
    return unescape(found[1]) if found else ""


def give_reason(browser: Browser, page: requests.Response, reason: str) -> requests.Response:
    form = next(form for form in read_forms(page.text) if form.action.startswith("/xin-vao"))
    return browser.submit(page, form, reason=reason)


def register(idp_app: IdpApp) -> RequestsFor:
    return RequestsFor(idp_app.installation, OPERATOR, VOCABULARY, REQUEST_KINDS)


def asked_by(idp_app: IdpApp, person: Person) -> list[Request]:
    page = register(idp_app).page(RequestQuestion(state=""))
    tag = f"person:{person.id}"
    return [each.request for each in page.requests if each.request.asked_by == tag]


def test_the_page_that_refuses_leads_to_a_request_and_approval_leads_in(idp_app: IdpApp) -> None:
    app, (browser, person) = shut(idp_app), signed_in(idp_app)
    link = link_on(browser.follow(browser.get("/authorize", **asking(app))).text)
    form = browser.get(link)
    assert app.name in form.text and "doc" not in unescape(link)
    empty = give_reason(browser, form, " ")
    assert empty.status_code == 422 and "Hãy nhập lý do" in unescape(empty.text)
    home = give_reason(browser, form, "tiếp nhận hồ sơ")
    assert "Chờ phê duyệt" in home.text and app.name in home.text
    assert "đang chờ giải quyết" in unescape(browser.get(link).text), "asked once"
    give_reason(browser, form, "lần nữa")
    (asked,) = asked_by(idp_app, person)
    assert asked.agency_id == idp_app.agency.id
    with pytest.raises(Invalid, match=r"entry\.role"):
        register(idp_app).approve(asked.id)
    opened = register(idp_app).open(asked.id)
    assert opened.prospect and list(opened.prospect.choices) == ["doc"]
    assert opened.prospect.problem is None
    register(idp_app).approve(asked.id, "đúng việc", "doc")
    page = browser.get("/")
    assert "Đã phê duyệt" in page.text and "đúng việc" in page.text
    assert link_on(browser.get("/authorize", **asking(app)).text) == ""
    with pytest.raises(Conflict), idp_app.installation.database.write() as tx:
        ask_to_enter(tx, Actor("person", person.id), app.client_id, "đã vào được")


def test_a_link_is_for_one_person(idp_app: IdpApp) -> None:
    app, (browser, _), (other, _) = shut(idp_app), signed_in(idp_app), signed_in(idp_app)
    link = link_on(browser.follow(browser.get("/authorize", **asking(app))).text)
    answers = [other.get(link), browser.get("/xin-vao", yc=app.client_id), browser.get("/xin-vao")]
    answers.append(browser.get("/xin-vao", yc="é" * 10))
    assert [each.status_code for each in answers] == [409] * 4
    assert not [each for each in answers if app.name in each.text]
    assert idp_app.browser().get(link).status_code == 303


def test_an_application_of_agencies_is_opened_by_the_province(idp_app: IdpApp) -> None:
    elsewhere = new_id()
    app = an_application(idp_app, "Của nơi khác", entry=Entry("agencies", (elsewhere,)))
    browser, person = signed_in(idp_app)
    assert link_on(browser.follow(browser.get("/authorize", **asking(app))).text)
    actor = Actor("person", person.id)
    with idp_app.installation.database.write() as tx:
        asked = ask_to_enter(tx, actor, app.client_id, "phối hợp")
    assert asked.agency_id == ""
    assert idp_app.agency.name in register(idp_app).open(asked.id).shown.sentence.vi
    register(idp_app).approve(asked.id)
    about = OfApplication(app.client_id)  # the issuer looks again within 5 s
    with idp_app.installation.database.read() as tx:
        assert decide(tx, actor, ApplicationPermission.ENTER, about).allowed


def test_who_gives_its_roles_decides(idp_app: IdpApp) -> None:
    for given_by, place in (("agency", idp_app.agency.id), ("province", "")):
        app, (_, person) = shut(idp_app, given_by=given_by), signed_in(idp_app)
        with idp_app.installation.database.write() as tx:
            asked = ask_to_enter(tx, Actor("person", person.id), app.client_id, "x")
        assert asked.agency_id == place


def test_nobody_asks_without_end(idp_app: IdpApp) -> None:
    """Also who takes each back; and nobody asks for what does not exist."""
    app, (_, person) = shut(idp_app), signed_in(idp_app)
    actor = Actor("person", person.id)
    own = RequestsFor(idp_app.installation, actor, VOCABULARY, REQUEST_KINDS)
    for _ in range(MOST_A_DAY):
        with idp_app.installation.database.write() as tx:
            asked = ask_to_enter(tx, actor, app.client_id, "x")
        own.withdraw(asked.id)
    with pytest.raises(TooMany), idp_app.installation.database.write() as tx:
        ask_to_enter(tx, actor, app.client_id, "x")
    with pytest.raises(Conflict), idp_app.installation.database.write() as tx:
        ask_to_enter(tx, actor, "khong-co", "x")


def test_one_waits_at_a_time_also_when_others_decide_by_now(idp_app: IdpApp) -> None:
    app, (_, person) = shut(idp_app), signed_in(idp_app)
    actor = Actor("person", person.id)
    with idp_app.installation.database.write() as tx:
        asked = ask_to_enter(tx, actor, app.client_id, "x")
        grants.put_role(tx, OPERATOR, Role(app.client_id, "doc", "Đọc", "Read", "province"))
    refused = pytest.raises(Conflict, match="open_already")
    with refused, idp_app.installation.database.write() as tx:
        ask_to_enter(tx, actor, app.client_id, "x")
    with pytest.raises(Conflict, match=r"entry\.not_missing"):
        register(idp_app).approve(asked.id, "", "doc")
