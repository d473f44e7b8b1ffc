"""The account for emergencies: sealed, opened with an alarm, closed after an hour, sealed again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.console_application import put_console_application
from directory import clock
from directory.actor import Actor
from directory.authz.decisions import decide
from directory.authz.objects import InPlace
from directory.catalogue.person import Person
from directory.component import NotWell
from directory.errors import Forbidden, Invalid
from directory.messages.tables import message
from directory.notices.permissions import NoticePermission
from directory.notices.service import list_standing
from directory.people.service import suspend
from directory.projection import queries
from idp.break_glass import checks, sealing, store
from idp.break_glass.closing import close_due
from idp.break_glass.sealing import Sealed
from idp.factors.held import factors_of
from idp.sessions import store as sessions
from tests.idp.test_activation import NEW, give_answer, go_on, set_password, until_password
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.province import give
from tests.support.second_factor import code_now, key_on, whole_step

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]


@pytest.fixture(scope="module", autouse=True)
def _jobs(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        put_console_application(tx, OPERATOR)


@pytest.fixture
def holders(idp_app: IdpApp) -> tuple[Person, Person]:
    return idp_app.person(), idp_app.person()


def make(idp: IdpApp, holders: tuple[Person, Person]) -> str:
    name = f"kc.{holders[0].id[:8]}"
    made = sealing.create(idp.installation, OPERATOR, name, holders[0].id, holders[1].id)
    return made.id


def seal(idp: IdpApp, account: str) -> Sealed:
    return sealing.seal(idp.installation, OPERATOR, factors_of(COMPONENTS), account)


def open_it(idp: IdpApp, sealed: Sealed) -> Browser:
    """As on the slip: both halves, a password, a second factor, recovery codes."""
    browser = idp.browser()
    page = set_password(browser, until_password(browser, "-".join(sealed.halves)))
    page = go_on(browser, page, code=code_now(key_on(page)), name="Máy trực")
    assert give_answer(browser, page).status_code == 303
    return browser


def operates(idp: IdpApp, account: str) -> bool:
    with idp.installation.database.read() as tx:
        actor = Actor("person", account)
        return decide(tx, actor, NoticePermission.WRITE, InPlace("")).allowed


def alarms(idp: IdpApp) -> list[str]:
    with idp.installation.database.read() as tx:
        return [n.terms.text_vi for n in list_standing(tx) if "BÁO ĐỘNG" in n.terms.text_vi]


def test_it_is_opened_loudly_closed_after_an_hour_and_sealed_again(
    idp_app: IdpApp, holders: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = idp_app.person(administrator_of=idp_app.person().id, mail="")
    with idp_app.installation.database.read() as tx:
        tops = [place.id for place in queries.list_agencies(tx, parent_id="")]
    for top in tops:
        give(idp_app.installation, "security_officer", watching.id, top)
    object.__setattr__(idp_app.served.settings, "smtp_url", "smtp://127.0.0.1:1")
    account = make(idp_app, holders)
    sealed = seal(idp_app, account)
    assert [each.id for each in sealed.holders] == [each.id for each in holders]
    assert "sealed" in checks.are_sealed(idp_app.installation)
    assert alarms(idp_app) == []
    browser = open_it(idp_app, sealed)
    object.__setattr__(idp_app.served.settings, "smtp_url", "")
    assert browser.is_signed_in() and operates(idp_app, account)
    with idp_app.installation.database.read() as tx:
        session, opened = sessions.find(tx, browser.cookie), store.find(tx, account)
    assert session is not None and opened is not None
    assert session.expires_at == opened.ends_at, "used or not, for an hour"
    (event,) = idp_app.events("break_glass.opened", f"person:{account}")
    assert event.address
    assert len(alarms(idp_app)) == 1
    with idp_app.installation.database.read() as tx:
        told = {(row.kind, row.person_id) for row in tx.execute(message.select())}
    assert ("break_glass_used", watching.id) in told
    with pytest.raises(NotWell, match="was opened"):
        checks.are_sealed(idp_app.installation)
    told_all = str([event.fields for event in idp_app.events(limit=500)])
    assert not any(half in told_all for half in sealed.halves)
    close_due(idp_app.installation)
    assert browser.is_signed_in(), "an hour is not over"
    with at_time(monkeypatch, store.OPEN_MS + clock.SECOND):
        assert not browser.is_signed_in()
        close_due(idp_app.installation)
    assert idp_app.events("break_glass.closed", f"person:{account}")
    # Neither the code nor the password counts any more.
    stranger = idp_app.browser()
    page = stranger.open("/kich-hoat")
    assert go_on(stranger, page, code="-".join(sealed.halves)).status_code == 410
    assert "Mật khẩu" in stranger.answer(stranger.open("/"), sealed.account.username, NEW).text
    assert not stranger.is_signed_in()
    again = seal(idp_app, account)
    assert again.halves != sealed.halves and alarms(idp_app) == []
    assert "sealed" in checks.are_sealed(idp_app.installation)
    assert open_it(idp_app, again).is_signed_in()
    assert len(idp_app.events("break_glass.opened", f"person:{account}")) == 2
    seal(idp_app, account)


def test_a_new_seal_ends_the_code_before_it_and_half_is_nothing(
    idp_app: IdpApp, holders: tuple[Person, Person]
) -> None:
    account = make(idp_app, holders)
    first, second = seal(idp_app, account), seal(idp_app, account)
    browser = idp_app.browser()
    old = go_on(browser, browser.open("/kich-hoat"), code="-".join(first.halves))
    assert old.status_code == 410
    browser = idp_app.browser()
    half = give_answer(browser, browser.open("/kich-hoat"), code=second.halves[0])
    assert half.status_code == 400


def test_who_may_make_and_seal_it(idp_app: IdpApp, holders: tuple[Person, Person]) -> None:
    person = Actor("person", idp_app.person().id)
    with pytest.raises(Forbidden):
        sealing.create(idp_app.installation, person, "kc", holders[0].id, holders[1].id)
    with pytest.raises(Invalid):
        sealing.create(idp_app.installation, OPERATOR, "kc", holders[0].id, holders[0].id)
    account = make(idp_app, holders)
    with pytest.raises(NotWell, match="no code"):
        checks.are_sealed(idp_app.installation)
    seal(idp_app, account)
    suspend(idp_app.installation, OPERATOR, holders[1].id, "nghỉ")
    with pytest.raises(NotWell, match="holder"):
        checks.are_sealed(idp_app.installation)


def test_of_two_who_have_both_halves_one_gets_in(
    idp_app: IdpApp, holders: tuple[Person, Person]
) -> None:
    sealed = seal(idp_app, make(idp_app, holders))
    browsers = [idp_app.browser() for _ in range(2)]
    pages = [until_password(each, "-".join(sealed.halves)) for each in browsers]

    def go(number: int) -> int:
        new = f"ba con vịt qua cầu {number}"
        return give_answer(browsers[number], pages[number], password=new, again=new).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) in ([303, 303], [303, 410])
    used = idp_app.events("slip.used", f"person:{sealed.account.id}")
    assert len(used) == 1
