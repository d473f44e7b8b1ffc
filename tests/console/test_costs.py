"""What a page of the console may cost: few statements, whoever asks, wherever they are."""

from __future__ import annotations

import pytest

from directory.actor import Actor, Held
from directory.authz.decisions import decide
from directory.authz.objects import InPlace
from directory.people.permissions import PeoplePermission
from tests.console.world import World

pytestmark = pytest.mark.both_engines

MOST_OF_RECOGNISING = 4


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
    assert len(count.sql) <= 12, count.sql


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
