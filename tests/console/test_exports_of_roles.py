"""Positions and roles as files: what their pages show, with the formulas taken out of names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from directory.audit.reading import list_events
from directory.authz.positions import add_position
from directory.sheets.reading import Wanted, read_sheet
from tests.console.test_roles import declared
from tests.console.world import World
from tests.support.installation import OPERATOR

_POSITIONS = (
    Wanted("name", ("Vị trí việc làm", "Position"), is_required=True),
    Wanted("agency", ("Cơ quan", "Agency")),
    Wanted("holders", ("Số người giữ", "Holders")),
    Wanted("state", ("Trạng thái", "State")),
)
_ROLES = (
    Wanted("key", ("Mã vai trò", "Key"), is_required=True, kind="code"),
    Wanted("name", ("Tên vai trò", "Name"), is_required=True),
    Wanted("by", ("Ai được cấp", "Given by")),
    Wanted("approval", ("Cần phê duyệt", "Needs approval")),
)


def take(world: World, url: str, form: str, actor: str = "admin_a") -> requests.Response:
    browser = world.browser(actor)
    fields = {"csrf_token": world.token_of(browser), "dang": form, "ly-do": ""}
    return browser.post(url, fields)


def rows(answer: requests.Response, columns: tuple[Wanted, ...]) -> list[Mapping[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [row.values for row in read_sheet(answer.content, columns).rows]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_positions_of_ones_branch(world: World, form: str) -> None:
    name = f"=1+1 Kế toán {form}"
    with world.installation.database.write() as tx:
        add_position(tx, OPERATOR, world.places["A"], name)
    found = rows(take(world, "/vi-tri/xuat", form), _POSITIONS)
    mine = next(row for row in found if row["name"] == name)
    assert (mine["agency"], mine["holders"], mine["state"]) == ("Nơi A", "0", "Đang dùng")
    assert {row["agency"] for row in found} == {"Nơi A"}
    answer = take(world, "/vi-tri/xuat", "csv")
    assert "\n=1+1" not in answer.text and ",=1+1" not in answer.text and ";=1+1" not in answer.text
    searched = rows(take(world, f"/vi-tri/xuat?tim=ke+toan+{form}", form), _POSITIONS)
    assert [row["name"] for row in searched] == [name]
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="list.exported", limit=1)[0]
    assert (event.fields["list"], event.fields["count"]) == ("positions", 1)
    assert event.fields["filter"] == f"“ke toan {form}”"


def test_a_place_of_others_is_none(world: World) -> None:
    other = take(world, f"/vi-tri/xuat?noi={world.places['B']}", "csv")
    missing = take(world, "/vi-tri/xuat?noi=khong-co", "csv")
    assert other.status_code == missing.status_code == 404


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_roles_of_an_application(world: World, form: str) -> None:
    key = f"xuat.{form}"
    declared(world, "of_a", key, title_vi="=Duyệt", needs_approval=True, given_by="owner")
    url = f"/ung-dung/{world.applications['of_a']}/xuat-vai-tro"
    found = rows(take(world, url, form), _ROLES)
    mine = next(row for row in found if row["key"] == key)
    assert mine["name"] == "=Duyệt"
    assert (mine["by"], mine["approval"]) == ("Đơn vị chủ quản ứng dụng", "Có")
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="list.exported", limit=1)[0]
    assert (event.fields["list"], event.fields["filter"]) == ("roles", "Lịch của A")


def test_the_pages_lead_to_their_files(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    declared(world, "of_a", "mot")
    with world.installation.database.write() as tx:
        add_position(tx, OPERATOR, world.places["A"], "Thủ quỹ")
    assert 'action="/vi-tri/xuat?tim=thu"' in browser.get("/vi-tri?tim=thu").text
    roles = browser.get(f"/ung-dung/{app}/vai-tro").text
    assert f'action="/ung-dung/{app}/xuat-vai-tro"' in roles
