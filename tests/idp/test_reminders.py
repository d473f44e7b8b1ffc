"""Roles that end soon, told where people come to after they signed in: the list always, the line
once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.access.reminding import list_ending
from directory.authz import grants
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.clock import today
from tests.support import province
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

LINE = "vai trò của Anh/Chị sẽ hết hạn trong 30 ngày tới"


def _day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def _give(idp_app: IdpApp, person: Person, role: str, days: int, **more: str) -> str:
    app = idp_app.apps[0].client_id
    with idp_app.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(app, role, f"Vai trò {role} <b>", ""))
    holder = more.pop("holder_id", person.id)
    return province.give(
        idp_app.installation,
        role,
        holder,
        idp_app.agency.id,
        application_id=app,
        end=_day(days),
        **more,
    )


def _signed_in(idp_app: IdpApp, person: Person) -> Browser:
    browser = idp_app.browser()
    browser.sign_in(person)
    return browser


def test_the_line_comes_once_a_day_and_the_list_stays(idp_app: IdpApp) -> None:
    person = idp_app.person()
    _give(idp_app, person, "soan", 5)
    _give(idp_app, person, "doc", 30)
    browser = _signed_in(idp_app, person)
    first, second = browser.get("/").text, browser.get("/").text
    day = "/".join(reversed(_day(5).split("-")))
    assert f"2 {LINE}, sớm nhất vào ngày {day}" in first
    assert LINE not in second
    for page in (first, second):
        assert page.index("Vai trò soan") < page.index("Vai trò doc")
        assert "còn 5 ngày" in page
        assert "<b>" not in page
    english = browser.get("/?lang=en").text
    assert "5 days left" in english


def test_another_person_at_the_same_browser_is_told_too(idp_app: IdpApp) -> None:
    first, second = idp_app.person(), idp_app.person()
    for person in (first, second):
        _give(idp_app, person, "duyet", 1)
    browser = _signed_in(idp_app, first)
    assert LINE in browser.get("/").text
    (told,) = [each for each in browser.http.cookies if each.name.endswith("reminded")]
    other = _signed_in(idp_app, second)
    other.http.cookies.set_cookie(told)
    assert LINE in other.get("/").text


def test_what_ends_later_or_was_taken_back_is_not_told(idp_app: IdpApp) -> None:
    person = idp_app.person()
    _give(idp_app, person, "xa", 31)
    gone = _give(idp_app, person, "bo", 3)
    with idp_app.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, gone, "thôi")
    page = _signed_in(idp_app, person).get("/").text
    assert LINE not in page
    assert "sap-het-han" not in page


def test_the_last_day_is_told_as_such_and_the_next_is_nothing(idp_app: IdpApp) -> None:
    person = idp_app.person()
    _give(idp_app, person, "nay", 0)
    with idp_app.installation.database.read() as tx:
        (found,) = list_ending(tx, person.id)
    assert found.days_left == 0
    assert "hôm nay là ngày cuối" in _signed_in(idp_app, person).get("/").text


def test_roles_of_others_are_not_told(idp_app: IdpApp) -> None:
    person, other = idp_app.person(), idp_app.person()
    _give(idp_app, other, "nguoi-khac", 3)
    assert LINE not in _signed_in(idp_app, person).get("/").text


def test_a_role_of_a_post_is_told_to_whoever_holds_it(idp_app: IdpApp) -> None:
    person = idp_app.person()
    _give(idp_app, person, "theo-bo-tri", 3, holder_kind="post", holder_id=person.posts[0].id)
    assert f"1 {LINE}" in _signed_in(idp_app, person).get("/").text
