"""A forgotten password, and a link to the work e-mail: once, for a quarter of an hour, for those
whose account hangs on nothing else, and nobody learns who they are."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests
from sqlalchemy import Connection, delete, func, select, update

from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.grants import put_role
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.clock import MINUTE, now_ms
from directory.messages import queue
from directory.messages.tables import message
from directory.people import credentials
from directory.people import service as people
from idp import printed_codes
from idp.recovery import links
from idp.recovery.sending import send_links, url_of
from idp.recovery.tables import link_wanted, recovery_link
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.idp.test_activation import NEW, give_answer, go_on, set_password
from tests.idp.test_recovery import open_way, plain
from tests.support import province
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

NAME, CODE = "recover_by_link", "link_code"
OUTSIDE = "mail.example.vn"


@pytest.fixture
def idp(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> IdpApp:
    """The application where mailboxes of `OUTSIDE` get links, by a mail server that nobody asks."""
    for held in (idp_app.installation, idp_app.served):
        settings = replace(
            held.settings, smtp_url="smtp://127.0.0.1:9", recovery_mail_domains=(OUTSIDE,)
        )
        monkeypatch.setitem(held.__dict__, "settings", settings)
    with idp_app.installation.database.write() as tx:
        applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
        put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, "help_desk", "Hỗ trợ", ""))
        for table in (message, link_wanted, recovery_link):
            tx.execute(delete(table))
    return idp_app


def outsider(idp: IdpApp) -> Person:
    """Somebody whose mailbox is elsewhere."""
    person = idp.person()
    mail = {"mail": f"{person.username}@{OUTSIDE}"}
    return people.change_person(idp.installation, OPERATOR, person.id, mail)


def ask(browser: Browser, login: str) -> requests.Response:
    return go_on(browser, open_way(browser, NAME), login=login)


def sent(idp: IdpApp) -> list[queue.Content]:
    """What the worker sends of it."""
    send_links(idp.installation)
    with idp.installation.database.read() as tx:
        rows = [queue._message(row) for row in tx.execute(select(message))]
    found = [each for each in rows if each.kind == "recovery_link"]
    return [queue.opened(idp.installation.keyring, each) for each in found]


def code_for(idp: IdpApp, person: Person) -> str:
    with idp.installation.database.write() as tx:
        return links.add(tx, idp.installation.keyring, person.id)


def test_a_link_sets_a_password_once_in_whatever_browser(
    idp: IdpApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = outsider(idp)
    before = idp.browser()
    before.sign_in(person)
    page = ask(idp.browser(), person.mail.upper())
    assert "Mời Anh/Chị xem hộp thư" in page.text
    (content,) = sent(idp)
    assert content.mail == person.mail
    link, code = str(content.values["link"]), str(content.values["code"])
    assert link == url_of(idp.served.settings, code) and "#" + code in link
    other = idp.browser()
    for _ in range(3):  # programs that open links beforehand: no browser sends what is behind the #
        form = other.follow(other.get(link.partition("#")[0].removeprefix(idp.url)))
        assert 'value="link_code"' in form.text and "trên trình duyệt này" in form.text
    page = go_on(other, form, code=code.lower())
    assert 'name="again"' in page.text, page.text
    late = go_on(idp.browser(), idp.browser().open(f"/quen-mat-khau?buoc={CODE}"), code=code)
    assert late.status_code in (400, 403) or "đã được dùng" in late.text
    assert "Đã đặt mật khẩu mới" in set_password(other, page).text
    assert not before.is_signed_in() and not other.cookie
    idp.browser().sign_in(person, password=NEW)
    (told,) = idp.events("recovery.proved", f"person:{person.id}")
    assert told.fields["way"] == "link"
    assert len(idp.events("recovery.link_sent", f"person:{person.id}")) == 1
    plain_code = code.replace("-", "")
    assert not any(
        each in repr([vars(record) for record in caplog.records]) for each in (code, plain_code)
    )
    with idp.installation.database.read() as tx:
        stored = repr([*tx.execute(select(recovery_link)), *tx.execute(select(message))])
    assert code not in stored and plain_code not in stored


def test_nobody_learns_who_gets_one_and_those_with_power_get_none(idp: IdpApp) -> None:
    person, suspended, admin, inside = outsider(idp), outsider(idp), outsider(idp), idp.person()
    people.suspend(idp.installation, OPERATOR, suspended.id, "thử")
    province.give(idp.installation, "help_desk", admin.id, idp.agency.id)
    names = (person, suspended, admin, inside)
    answers = [plain(ask(idp.browser(), each.username)) for each in names]
    answers.append(plain(ask(idp.browser(), "khong.co.ai.ca")))
    assert all(each == answers[0] for each in answers)
    with idp.installation.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(link_wanted)).scalar_one() == 5
    assert [each.mail for each in sent(idp)] == [person.mail]
    # Whoever gains power meanwhile keeps the password they have.
    code = code_for(idp, person)
    province.give(idp.installation, "help_desk", person.id, idp.agency.id)
    browser = idp.browser()
    page = go_on(browser, browser.open(f"/quen-mat-khau?buoc={CODE}"), code=code)
    assert page.status_code == 403 and "tài khoản đã thay đổi" in page.text


def test_it_is_not_sent_without_end(idp: IdpApp) -> None:
    person = outsider(idp)
    for _ in range(TRIES_BEFORE_PAUSE + 3):
        assert "Mời Anh/Chị xem hộp thư" in ask(idp.browser(), person.username).text
    with idp.installation.database.read() as tx:
        asked = tx.execute(select(func.count()).select_from(link_wanted)).scalar_one()
    assert asked <= TRIES_BEFORE_PAUSE
    for _ in range(TRIES_BEFORE_PAUSE + 3):  # by whatever names
        with idp.installation.database.write() as tx:
            links.want(tx, person.id)
    assert len(sent(idp)) <= TRIES_BEFORE_PAUSE


@pytest.mark.parametrize("why", ["expired", "ahead", "suspended", "password"])
def test_what_is_too_old_or_ended_counts_no_more(idp: IdpApp, why: str) -> None:
    person = outsider(idp)
    code = code_for(idp, person)
    if why == "suspended":
        people.suspend(idp.installation, OPERATOR, person.id, "thử")
    elif why == "password":
        new = "mười hai con giáp ngồi bên bếp"
        credentials.set_password(idp.installation, OPERATOR, person.id, new)
    else:
        at = now_ms() + (-1 if why == "expired" else 60 * MINUTE)
        with idp.installation.database.write() as tx:
            here = recovery_link.c.person_id == person.id
            tx.execute(update(recovery_link).where(here).values(expires_at=at))
    browser = idp.browser()
    page = go_on(browser, browser.open(f"/quen-mat-khau?buoc={CODE}"), code=code)
    assert page.status_code == 403 and 'name="again"' not in page.text
    told = idp.events("recovery.link_refused", f"person:{person.id}")[0].fields["reason"]
    assert told == ("revoked" if why in ("suspended", "password") else "expired")


def test_a_wrong_code_counts_and_without_mailboxes_there_is_no_such_way(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = idp.browser()
    page = browser.open(f"/quen-mat-khau?buoc={CODE}")
    wrong = go_on(browser, page, code=printed_codes.new_code())
    assert wrong.status_code == 403 and "không phải mã" in wrong.text
    assert go_on(browser, page, code="abc").status_code == 400
    settings = replace(idp.served.settings, recovery_mail_domains=())
    monkeypatch.setitem(idp.served.__dict__, "settings", settings)
    ways = idp.browser().open("/quen-mat-khau")
    assert NAME not in ways.text and "help_wanted" in ways.text
    assert 'value="link_code"' not in idp.browser().open(f"/quen-mat-khau?buoc={CODE}").text


def race(idp: IdpApp, width: int) -> list[int]:
    """So many browsers with one code at once."""
    person = outsider(idp)
    code = code_for(idp, person)
    forms = [
        (browser := idp.browser(), browser.open(f"/quen-mat-khau?buoc={CODE}"))
        for _ in range(width)
    ]
    with ThreadPoolExecutor(width) as pool:
        return list(
            pool.map(lambda each: give_answer(each[0], each[1], code=code).status_code, forms)
        )


def test_of_ten_with_one_code_one_goes_on(idp: IdpApp) -> None:
    answers = race(idp, 10)
    assert answers.count(303) == 1 and set(answers) <= {303, 403, 429}, answers


@pytest.mark.deep
def test_of_fifty_with_one_code_one_goes_on_a_hundred_times(idp: IdpApp) -> None:
    person = outsider(idp)
    winners = []
    for _ in range(100):
        code = code_for(idp, person)

        def use(_number: int, code: str = code) -> bool:
            def once(tx: Connection) -> bool:
                found = links.find_by_code(tx, idp.installation.keyring, code)
                return found is not None and links.use(tx, found)

            return bool(idp.installation.database.retrying(once))

        with ThreadPoolExecutor(50) as pool:
            winners.append(sum(pool.map(use, range(50))))
    assert winners == [1] * 100
    answers = race(idp, 50)
    assert answers.count(303) == 1 and set(answers) <= {303, 403, 429}, answers
