"""One search over all that has a name: scoped where it is asked, and straight to what is exact."""

from __future__ import annotations

import pytest

from directory.authz import grants
from directory.authz.roles import Role
from directory.ids import support_code
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines


@pytest.fixture(scope="module", autouse=True)
def _roles(world: World) -> None:
    with world.installation.database.write() as tx:
        for name in ("of_a", "of_b"):
            app = world.applications[name]
            grants.put_role(tx, OPERATOR, Role(app, "lich", f"Người giữ lịch {name}", "Keeper"))


def _found(world: World, actor: str, text: str) -> str:
    return _told(world.browser(actor), text)


def _told(browser: Browser, text: str) -> str:
    answer = browser.get("/tim", tim=text)
    assert answer.status_code == 200
    return told(answer)


def _target(world: World, actor: str, text: str) -> str:
    answer = world.browser(actor).get("/tim", tim=text)
    assert answer.status_code == 303, told(answer)
    return answer.headers["Location"]


def test_people_agencies_applications_and_roles_are_found_by_their_names(world: World) -> None:
    assert "Đặng Thị Ánh" in _found(world, "admin_a", "anh")
    page = _found(world, "admin_a", "lich")
    assert "Lịch của A" in page
    assert "Người giữ lịch of_a" in page
    assert "of_b" not in page


def test_what_names_one_thing_exactly_is_opened(world: World) -> None:
    a1, of_a = world.people["a1"], world.applications["of_a"]
    for text in (a1, "a1", "A1"):
        assert _target(world, "admin_a", text) == f"/nguoi-dung/{a1}"
    for text in (of_a, "lịch của a"):
        assert _target(world, "admin_a", text) == f"/ung-dung/{of_a}"
    assert _target(world, "admin_a", world.places["A.u"]).endswith(world.places["A.u"])


def test_a_support_code_leads_to_its_events_for_whoever_may_read_them(world: World) -> None:
    refused = world.browser("admin_a").get(f"/nguoi-dung/{world.people['b1']}")
    code = support_code(refused.headers["X-Request-Id"])
    assert code in refused.text
    assert _target(world, "admin_a", code) == f"/nhat-ky?ma={code}"
    assert _target(world, "admin_a", refused.headers["X-Request-Id"]) == f"/nhat-ky?ma={code}"
    page = world.browser("admin_a").get("/nhat-ky", ma=code).text
    assert "Phạm Admin A" in page
    for other in ("admin_b", "inspector", "hr_officer"):
        assert "Không tìm thấy" in _found(world, other, code)


def test_what_is_out_of_scope_answers_as_nothing_at_the_same_cost(world: World) -> None:
    browser, pages, counts = world.browser("admin_a"), [], []
    for text in (world.people["b1"], world.people["missing"]):
        with world.counting() as count:
            pages.append(_told(browser, text).replace(text, "?"))
        counts.append(len(count.sql))
    for text in ("b1", "zz"):
        pages.append(_found(world, "admin_a", text).replace(text, "?"))
    for text in (world.applications["of_b"], world.places["B"], "Sổ Bí Mật", "Quách"):
        assert "Không tìm thấy" in _found(world, "admin_a", text)
    assert len(set(pages)) == 1
    assert counts[0] == counts[1]
    assert counts[0] <= 12


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "%", "'", "x" * 5000, ""])
def test_whatever_is_typed_is_only_text(world: World, text: str) -> None:
    answer = world.browser("admin_a").get("/tim", tim=text)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
