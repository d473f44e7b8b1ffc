"""What a page of the console may cost: few statements, whoever asks, wherever they are."""

from __future__ import annotations

import pytest

from directory.actor import Actor, Held
from directory.authz.decisions import decide
from directory.authz.objects import InPlace
from directory.people.permissions import PeoplePermission
from tests.console.policy_table import COLUMNS, TABLE
from tests.console.world import World
from tests.support.browser import Browser

pytestmark = pytest.mark.both_engines

MOST_OF_RECOGNISING = 4
MOST_OF_A_PAGE = 12
MOST_WITH_ROLES = 15


def test_who_is_here_is_read_in_four_statements(world: World) -> None:
    browser = world.browser("admin_a")
    with world.counting() as count:
        assert browser.get("/").status_code == 303
    assert len(count.sql) <= MOST_OF_RECOGNISING, count.sql


def test_what_the_page_began_with_is_not_read_again(world: World) -> None:
    browser = world.browser("admin_a")
    with world.counting() as count:
        assert browser.get("/ung-dung").status_code == 200
    assert sum("role_grant" in each for each in count.sql) == 1
    assert len(count.sql) <= MOST_OF_A_PAGE, count.sql


def test_no_page_costs_many_statements(world: World) -> None:
    browser = world.browser("admin_a")
    dear: dict[str, list[str]] = {}
    for path in _paths(world, "GET"):
        # A person's page tells their roles besides.
        is_person = path.startswith("/nguoi-dung/") and path.count("/") == 2
        most = MOST_WITH_ROLES if is_person else MOST_OF_A_PAGE
        # The better of two: some page is that on which it is noted, once in a minute, that the
        # session is in use.
        asked = _asked(world, browser, path)
        if len(asked) > most:
            asked = _asked(world, browser, path)
        if len(asked) > most:
            dear[path] = asked
    assert not dear, {path: len(sql) for path, sql in dear.items()}


def _asked(world: World, browser: Browser, path: str) -> list[str]:
    with world.counting() as count:
        browser.get(path)
    return count.sql


def _paths(world: World, method: str) -> list[str]:
    """The addresses of the table that the administrator of A may open."""
    column, paths = COLUMNS.index("admin_a"), []
    for line in filter(None, TABLE.splitlines()):
        its, path, who, *statuses = line.split()
        if its == method and statuses[column] in ("200", "303"):
            name = "admin_a" if who == "self" else who
            paths.append(path.format(world.people.get(name) or world.applications.get(name, "")))
    return paths


def test_an_act_is_decided_by_what_is_held_at_that_moment(world: World) -> None:
    """What was read when the request began is for looks: an act reads it anew."""
    here = InPlace(world.places["A"])
    stale = Held({"agency_admin": frozenset({here.id})}, frozenset({world.places["P"]}))
    actor = Actor("person", world.people["plain"], held=stale)
    database = world.installation.database
    with database.read() as tx:
        assert decide(tx, actor, PeoplePermission.READ, here).allowed
    with database.write() as tx:
        assert not decide(tx, actor, PeoplePermission.READ, here).allowed
