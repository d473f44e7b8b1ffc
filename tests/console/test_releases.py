"""What applications learn, in the console: looked at, made less, asked for more."""

from __future__ import annotations

from html import unescape

import requests

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.actor import Actor
from directory.authz import applications
from directory.release import service as release
from directory.release.register import find_release, list_versions
from directory.release.service import change, proposed
from directory.requests import service
from directory.requests.handles import RequestsFor
from directory.requests.register import RequestQuestion
from tests.console.test_applications import send
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

# Four of them say who is here.
MOST_STATEMENTS = 14


def begun(world: World, *names: str) -> str:
    """The application of A, learning these; gives its id."""
    app_id = world.applications["of_a"]
    with world.installation.database.write() as tx:
        app = applications.find(tx, app_id)
        assert app is not None
        found = find_release(tx, app_id)
        wanted = proposed(names)
        if found is None:
            release.begin(tx, OPERATOR, app, wanted)
        elif dict(found.attributes) != dict(wanted):
            if set(wanted.items()) <= set(found.attributes.items()):
                change(tx, OPERATOR, app_id, wanted)
            else:
                asked = change(tx, OPERATOR, app_id, wanted, "thử").request_id
                service.approve(tx, Actor("os", "hai"), REQUEST_KINDS, asked)
    return app_id


def learned(world: World, app_id: str) -> set[str]:
    with world.installation.database.read() as tx:
        found = find_release(tx, app_id)
    return set(found.attributes) if found else set()


def save(browser: Browser, app_id: str, **typed: str | list[str]) -> requests.Response:
    path = f"/ung-dung/{app_id}/du-lieu/sua"
    return send(browser, browser.get(path), path, **typed)


def test_less_counts_at_once_and_is_told_on_the_page(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles", "mail"), world.browser("admin_a")
    page = browser.get(f"/ung-dung/{app_id}").text
    assert f"/ung-dung/{app_id}/du-lieu" in page
    answer = save(browser, app_id, attributes=["full_name", "roles"])
    assert answer.url.endswith(f"/ung-dung/{app_id}/du-lieu")
    assert learned(world, app_id) == {"full_name", "roles"}
    shown = told(browser.get(f"/ung-dung/{app_id}/du-lieu"))
    assert "Họ và tên" in shown
    assert "Phiên bản" in shown


def test_more_is_asked_for_and_nothing_typed_is_lost(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    more = ["full_name", "roles", "unit"]
    answer = save(browser, app_id, attributes=more, purpose="", reason="cần")
    page = unescape(answer.text)
    assert 'id="error-summary"' in page
    assert 'value="cần"' in page
    answer = save(browser, app_id, attributes=more, purpose="Phân <b>việc</b>", reason="cần")
    assert learned(world, app_id) == {"full_name", "roles"}
    assert "người thứ hai" in told(answer)
    asker = Actor("person", world.people["admin_a"])
    own = RequestsFor(world.installation, asker, VOCABULARY, REQUEST_KINDS).own(RequestQuestion())
    (asked,) = [one.request for one in own.requests if one.request.kind == "release"]
    with world.installation.database.write() as tx:
        service.approve(tx, OPERATOR, REQUEST_KINDS, asked.id)
    page = browser.get(f"/ung-dung/{app_id}/du-lieu").text
    assert "Phân &lt;b&gt;việc&lt;/b&gt;" in page
    assert learned(world, app_id) == set(more)


def test_a_form_that_is_older_than_another_version_is_not_saved(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    path = f"/ung-dung/{app_id}/du-lieu/sua"
    opened = browser.get(path)
    with world.installation.database.write() as tx:
        change(tx, OPERATOR, app_id, proposed(["roles"]))
    answer = send(browser, opened, path, attributes=["full_name"])
    assert "vừa sửa ứng dụng này" in unescape(answer.text)
    assert learned(world, app_id) == {"roles"}


def test_the_page_costs_little(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    for path in (f"/ung-dung/{app_id}/du-lieu", f"/ung-dung/{app_id}/du-lieu/sua"):
        with world.counting() as count:
            assert browser.get(path).status_code == 200
        assert len(count.sql) <= MOST_STATEMENTS, count.sql


def test_what_nobody_offered_is_refused(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    with world.installation.database.read() as tx:
        before = len(list_versions(tx, app_id))
    answer = save(browser, app_id, attributes=["full_name", "salary"], purpose="x", reason="y")
    assert 'id="error-summary"' in answer.text
    with world.installation.database.read() as tx:
        assert len(list_versions(tx, app_id)) == before
