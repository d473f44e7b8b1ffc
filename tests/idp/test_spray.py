"""Guessing of passwords over many accounts raises an alarm; the beginning of a working day none."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from directory import clock
from directory.component import NotWell
from idp.sessions import store as sessions
from idp.spray import alarms, checks
from idp.spray.signs import RISE, SAME_PASSWORD, Suspicion, judge
from idp.spray.tables import spray_alarm
from idp.spray.watching import QUIET_MS, watch
from idp.throttle import misses
from idp.throttle.misses import Misses
from idp.throttle.tables import signin_miss
from tests.support.idp_app import IdpApp, at_time

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def _quiet(idp_app: IdpApp) -> Iterator[None]:
    _forget(idp_app)  # what other tests guessed there
    yield
    _forget(idp_app)


def _forget(idp: IdpApp) -> None:
    with idp.installation.database.write() as tx:
        for table in (signin_miss, spray_alarm):
            tx.execute(delete(table))


def guess(idp: IdpApp, name: str, password: str, address: str = "") -> None:
    browser = idp.browser(address)
    page = browser.answer(browser.open("/"), name, password)
    assert not browser.cookie and page.status_code in (200, 401, 403, 429)


def standing(idp: IdpApp) -> list[tuple[str, str, int]]:
    with idp.installation.database.read() as tx:
        return [(each.sign, each.network, each.names) for each in alarms.list_standing(tx)]


def test_one_password_on_many_accounts_from_everywhere(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = f"Tinh@2026 {secrets.token_hex(4)}"
    people = [idp_app.person().username for _ in range(3)]
    names = [*people, *(f"khong.co.{n}.{secrets.token_hex(3)}" for n in range(SAME_PASSWORD - 3))]
    for name in names[:-1]:
        guess(idp_app, name, password)
    watch(idp_app.installation)
    assert standing(idp_app) == []
    guess(idp_app, names[0], password)  # again: it is no further account
    watch(idp_app.installation)
    assert standing(idp_app) == []
    guess(idp_app, names[-1], password)
    watch(idp_app.installation)
    watch(idp_app.installation)
    assert standing(idp_app) == [("password", "", SAME_PASSWORD)]
    (event,) = idp_app.events("spray.suspected")[:1]
    assert event.fields["count"] == SAME_PASSWORD
    with pytest.raises(NotWell, match="one wrong password"):
        checks.none_stands(idp_app.installation)
    with idp_app.installation.database.read() as tx:
        kept = str(tx.execute(signin_miss.select()).all())
    assert password not in kept and all(name not in kept for name in names)
    with at_time(monkeypatch, misses.WINDOW_MS + clock.SECOND):
        watch(idp_app.installation)
        assert standing(idp_app), "the pause of somebody who goes on is not its end"
        with idp_app.installation.database.write() as tx:
            misses.forget(tx)
            assert tx.execute(signin_miss.select()).all() == []
    with at_time(monkeypatch, QUIET_MS + clock.SECOND):
        watch(idp_app.installation)
        assert standing(idp_app) == []
    assert len(idp_app.events("spray.over")) == 1
    assert checks.none_stands(idp_app.installation)


def test_a_shift_begins_behind_one_address(idp_app: IdpApp) -> None:
    """300 people, 5 in 100 of whom type something wrong, each in their own way."""
    address = "10.200.1.1"
    with idp_app.installation.database.write() as tx:
        for _ in range(285):
            sessions.open_session(
                tx, secrets.token_hex(8), amr=("pwd",), acr="1", address=address,
                user_agent="", shared_computer=False,
            )  # fmt: skip
    for number in range(15):
        guess(idp_app, f"nguoi.{number}", f"gõ nhầm {number}", address)
    watch(idp_app.installation)
    assert standing(idp_app) == []


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("found", "arrived_there", "arrived", "expected"),
    [
        (Misses(SAME_PASSWORD - 1, {}, 9), 0, 0, ()),
        (Misses(SAME_PASSWORD, {}, 12), 0, 500, ("password",)),
        (Misses(1, {"10.1.1.1": 24}, 24), 0, 0, ()),
        (Misses(1, {"10.1.1.1": 25}, 25), 0, 0, ("network",)),
        # A large agency on the day of a new password: half as many are wrong as come in.
        (Misses(1, {"10.1.1.1": 40}, 40), 80, 80, ()),
        (Misses(2, {"10.1.1.1": 3, "10.1.1.2": 4}, RISE), 0, RISE - 1, ("province",)),
        (Misses(2, {}, RISE), 0, RISE, ()),
        (Misses(2, {}, RISE - 1), 0, 0, ()),
    ],
)
def test_the_signs(
    found: Misses, arrived_there: int, arrived: int, expected: tuple[str, ...]
) -> None:
    suspected = judge(found, {"10.1.1.1": arrived_there}, arrived)
    assert tuple(each.sign for each in suspected) == expected
    assert all(isinstance(each, Suspicion) for each in suspected)


def test_who_types_wrong_on_a_known_device_is_no_guesser(idp_app: IdpApp) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    browser.sign_in(person)
    browser.http.cookies.set("dm_session", "", domain="localhost.local", path="/")
    browser.answer(browser.open("/"), person.username, "sai rồi nhé bạn ơi")
    with idp_app.installation.database.read() as tx:
        assert misses.read(tx) == Misses(0, {}, 0)
