"""Today: what waits, by the visitor's job and places; and the agencies that lack somebody."""

from __future__ import annotations

import re

import pytest

from directory.people import service as people
from directory.projection import queries
from tests.console.world import World, told
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

SHORT = "/hom-nay/don-vi-thieu-nguoi"


def _tiles(world: World, actor: str) -> dict[str, str]:
    """Where each tile leads, with its number."""
    page = world.browser(actor).get("/hom-nay").text
    found = re.findall(
        r'class="waiting__link" href="([^"]+)">\s*<span class="waiting__number">([^<]+)<', page
    )
    return dict(found)


def test_each_tile_has_its_number_and_leads_to_its_list(world: World) -> None:
    assert _tiles(world, "admin_a") == {SHORT: "1"}
    page = told(world.browser("admin_a").get(SHORT))
    assert "1 đơn vị" in page
    assert "Một người quản trị, chưa có dự phòng" in page


def test_only_the_visitors_places_are_counted_and_listed(world: World) -> None:
    with world.installation.database.read() as tx:
        places = queries.agencies_by_id(tx, [world.places["A"], world.places["B"]])
    for actor, own, other in (("admin_a", "A", "B"), ("admin_b", "B", "A")):
        page = told(world.browser(actor).get(SHORT))
        assert places[world.places[own]].name in page
        assert places[world.places[other]].name not in page


def test_who_has_nothing_waiting_reads_so(world: World) -> None:
    assert _tiles(world, "hr_officer") == {}
    assert "Không có việc nào đang chờ" in told(world.browser("hr_officer").get("/hom-nay"))


def test_an_agency_with_all_of_them_lacks_nobody(world: World) -> None:
    for name, role in (("deputy", "agency_admin"), ("executive", "it_executive")):
        world.add_person(name, f"Phạm {name.title()}", world.post("A"))
        world.grant(name, role, "A")
    assert _tiles(world, "admin_a") == {}
    assert "Không đơn vị nào thiếu người" in told(world.browser("admin_a").get(SHORT))
    # Whoever is suspended looks after nothing.
    people.suspend(world.installation, OPERATOR, world.people["deputy"], "đình chỉ")
    assert _tiles(world, "admin_a") == {SHORT: "1"}
