"""Signing people out by force: whose sessions end, and that applications learn of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from admin_ui.console_application import put_console_application
from directory.actor import Actor
from directory.catalogue.person import Person
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.outbox.tables import outbox
from directory.projection import queries
from idp.logout.backchannel import deliver
from idp.logout.dead_sessions import end_dead
from idp.logout.handles import SignOutsFor, Target
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.province import a_department, give
from tests.support.relying_party import RelyingParty


@pytest.fixture(autouse=True)
def _nobody_is_there(idp_app: IdpApp) -> Iterator[None]:
    with idp_app.installation.database.write() as tx:
        put_console_application(tx, OPERATOR)
        tx.exec_driver_sql("UPDATE sessions SET ended_at = 1 WHERE ended_at IS NULL")
        tx.execute(outbox.delete())
    for app in idp_app.apps:
        if app.receiver:
            app.receiver.tokens.clear()
    yield


def signed_in(idp: IdpApp, *apps: RelyingParty) -> tuple[Browser, Person]:
    browser, person = idp.browser(), idp.person()
    browser.sign_in(person)
    for app in apps:
        app.tokens(browser, person)
    return browser, person


def admin(idp: IdpApp, agency: str = "") -> SignOutsFor:
    person = idp.person()
    give(idp.installation, "agency_admin", person.id, agency or idp.agency.id)
    return SignOutsFor(idp.installation, Actor("person", person.id))


def operator(idp: IdpApp) -> SignOutsFor:
    return SignOutsFor(idp.installation, OPERATOR)


def test_whoever_is_in_an_application_is_signed_out_of_all(idp_app: IdpApp) -> None:
    inside, person = signed_in(idp_app, idp_app.documents, idp_app.calendar)
    elsewhere, _ = signed_in(idp_app, idp_app.one_stop)
    target = Target("application", idp_app.documents.client_id)
    foreseen = operator(idp_app).foresee(target)
    assert (foreseen.people, foreseen.sessions, foreseen.spared) == (1, 1, 0)
    assert (foreseen.told, foreseen.untold) == (["Quản lý văn bản"], ["Lịch họp"])
    with pytest.raises(Invalid):
        operator(idp_app).end(target, " ")
    assert inside.is_signed_in()
    assert operator(idp_app).end(target, "ứng dụng bị xâm nhập") == (1, 1)
    assert not inside.is_signed_in() and elsewhere.is_signed_in()
    end_dead(idp_app.installation)
    deliver(idp_app.installation)
    receiver = idp_app.documents.receiver
    assert receiver is not None and len(receiver.tokens) == 1
    (event,) = idp_app.events("sessions.forced")[:1]
    assert event.fields["reason"] == "ứng dụng bị xâm nhập"
    assert idp_app.events("session.ended", f"person:{person.id}")
    with pytest.raises(Conflict):
        operator(idp_app).end(target, "lần nữa")
    # Nothing is taken for good.
    again = idp_app.browser()
    again.sign_in(person)
    assert again.is_signed_in()


def test_an_administrator_reaches_their_own_branch_and_nobody_above(idp_app: IdpApp) -> None:
    other = a_department(idp_app.installation, f"S{new_id()[:6].upper()}")
    ours, person = signed_in(idp_app)
    boss_browser, boss = signed_in(idp_app)
    give(idp_app.installation, "agency_admin", boss.id, idp_app.agency.id)
    theirs = admin(idp_app)
    here = theirs.foresee(Target("agency", idp_app.agency.id))
    assert (here.people, here.spared) == (1, 1)
    assert theirs.end(Target("agency", idp_app.agency.id), "mất máy") == (1, 1)
    assert not ours.is_signed_in() and boss_browser.is_signed_in()
    with pytest.raises(Forbidden):
        theirs.end(Target("person", boss.id), "không được")
    stranger = admin(idp_app, other.id)
    for target in (
        Target("person", person.id), Target("person", new_id()),
        Target("agency", idp_app.agency.id), Target("agency", new_id()),
        Target("application", new_id()),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            stranger.foresee(target)
    shared = stranger.foresee(Target("application", idp_app.documents.client_id))
    assert shared.people == 0, "of the branch alone"


def test_officers_sign_out_administrators_but_not_themselves(idp_app: IdpApp) -> None:
    account = idp_app.person(administrator_of=idp_app.person().id, mail="")
    with idp_app.installation.database.read() as tx:
        tops = [place.id for place in queries.list_agencies(tx, parent_id="")]
    for top in tops:
        give(idp_app.installation, "security_officer", account.id, top)
    boss_browser, boss = signed_in(idp_app)
    give(idp_app.installation, "agency_admin", boss.id, idp_app.agency.id)
    officer = SignOutsFor(idp_app.installation, Actor("person", account.id))
    with pytest.raises(AppError) as own:
        officer.end(Target("person", account.id), "chính mình")
    assert own.value.params["reason"] == "own_record"
    assert officer.end(Target("person", boss.id), "tài khoản bị lộ") == (1, 1)
    assert not boss_browser.is_signed_in()


@pytest.mark.both_engines
def test_everybody_of_an_agency_at_once(idp_app: IdpApp) -> None:
    """Two who end the same at once, and many: one statement for all of them."""
    browsers = [signed_in(idp_app)[0] for _ in range(6)]
    target = Target("agency", idp_app.agency.id)

    def end(_: int) -> tuple[int, int] | str:
        try:
            return operator(idp_app).end(target, "diễn tập")
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(end, range(2)))
    assert (6, 6) in done
    assert not any(browser.is_signed_in() for browser in browsers)
