"""Roles of applications in the console: declared, changed, retired."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from directory.access.handles import RolesFor
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import grants
from directory.authz.roles import Role, find_role
from directory.clock import today
from directory.errors import Conflict
from tests.console.test_applications import fields, send
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

# Eight of them say who is here.
MOST_STATEMENTS = 22


def faults(page: requests.Response) -> str:
    return unescape(" ".join(re.findall(r'id="error-summary".*?</div>', page.text, re.S)))


def declared(world: World, app: str, name: str, **more: object) -> str:
    """Declare a role past the console; gives where it is shown."""
    application = world.applications[app]
    role = Role(application, name, more.pop("title_vi", name.title()), "", **more)  # type: ignore[arg-type]
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, role)
    return f"/ung-dung/{application}/vai-tro/{name}"


def role_of(world: World, app: str, name: str) -> Role:
    with world.installation.database.read() as tx:
        found = find_role(tx, world.applications[app], name)
    assert found is not None
    return found


def _add(browser: Browser, app: str, **typed: str | list[str]) -> requests.Response:
    path = f"/ung-dung/{app}/khai-bao-vai-tro"
    return send(browser, browser.get(path), path, **typed)


def test_a_role_is_declared_and_its_key_is_made_of_its_name(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    declared(world, "of_a", "duyet", title_vi="Duyệt")
    page = _add(
        browser,
        app,
        title_vi="Văn thư  cơ quan",
        description="Vào sổ, cấp số",
        needs_approval=["1"],
        by_field="must",
        default_days="180",
        excludes=["duyet"],
    )
    text = told(page)
    assert "Đã lưu" in page.text and "Vào sổ, cấp số" in text and "180 ngày" in text
    found = role_of(world, "of_a", "van_thu_co_quan")
    assert (found.title_vi, found.by_field, found.excludes) == (
        "Văn thư cơ quan",
        "must",
        ("duyet",),
    )
    assert found.needs_approval and not found.is_endless and found.given_by == "agency"
    assert role_of(world, "of_a", "duyet").excludes == ("van_thu_co_quan",), "both ways"
    listed = told(browser.get(f"/ung-dung/{app}/vai-tro"))
    assert "Văn thư cơ quan" in listed and "một lĩnh vực (bắt buộc)" in listed
    assert f"/ung-dung/{app}/vai-tro" in browser.get(f"/ung-dung/{app}").text


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    declared(world, "of_a", "co-roi")
    for typed, said in (
        ({"title_vi": ""}, "chỉ gồm chữ thường"),
        ({"title_vi": "Đọc", "name": "Đọc Sổ"}, "chỉ gồm chữ thường"),
        ({"title_vi": "Khác", "name": "co-roi"}, "đã có vai trò mã “co-roi”"),
        ({"title_vi": "Khác", "default_days": "một năm"}, "từ 1 đến 3660 ngày"),
        ({"title_vi": "Khác", "default_days": "99999"}, "từ 1 đến 3660 ngày"),
        ({"title_vi": "Khác", "given_by": "ai-do"}, "định sẵn"),
        ({"title_vi": "Khác", "excludes": ["khong-co"]}, "một vai trò khác"),
        ({"title_vi": "x" * 300}, "tối đa 200"),
    ):
        page = _add(browser, app, description="Giữ lại", **typed)
        assert said in faults(page), typed
        assert fields(page)["description"] == ["Giữ lại"]
    with world.installation.database.read() as tx:
        assert find_role(tx, app, "khac") is None


def test_a_role_that_is_there_is_never_written_over_by_a_new_one(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    path = f"/ung-dung/{app}/khai-bao-vai-tro"
    opened = browser.get(path)
    declared(world, "of_a", "dau_tien", title_vi="Của người khác")
    page = send(browser, opened, path, title_vi="Đầu tiên")
    assert "đã có vai trò mã" in faults(page)
    assert role_of(world, "of_a", "dau_tien").title_vi == "Của người khác"


def test_nobody_writes_over_what_they_have_not_seen(world: World) -> None:
    browser = world.browser("admin_a")
    path = declared(world, "of_a", "chung", title_vi="Chung")
    opened = browser.get(f"{path}/sua")
    assert 'id="name"' not in opened.text, "the key stays"
    declared(world, "of_a", "chung", title_vi="Của người khác")
    page = send(browser, opened, f"{path}/sua", title_vi="Của tôi", description="Mới")
    assert "Có người khác vừa sửa vai trò này" in page.text and "Của người khác" in page.text
    assert fields(page)["title_vi"] == ["Của tôi"]
    assert "Đã lưu" in send(browser, page, f"{path}/sua").text
    assert role_of(world, "of_a", "chung").title_vi == "Của tôi"
    same = send(browser, browser.get(f"{path}/sua"), f"{path}/sua")
    assert "Không có gì" in same.text


def test_a_change_in_the_same_instant_is_found_by_the_service(world: World) -> None:
    handle = RolesFor(world.installation, Actor("person", world.people["admin_a"]))
    declared(world, "of_a", "cung_luc")
    seen = role_of(world, "of_a", "cung_luc")
    declared(world, "of_a", "cung_luc", title_vi="Khác")
    with pytest.raises(Conflict, match=r"role\.changed_meanwhile"):
        handle.change(seen, seen)


def test_a_retired_role_is_kept_by_its_holders_and_given_to_nobody(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    path = declared(world, "of_a", "cu")
    held = world.grant("a1", "cu", "A", application_id=app)
    page = browser.get(f"{path}/trang-thai")
    assert "1 lần cấp đang có hiệu lực (số người đang giữ: 1)" in told(page)
    again = send(browser, page, f"{path}/trang-thai")
    assert "Hãy nhập lý do" in faults(again)
    done = send(browser, again, f"{path}/trang-thai", reason="Bỏ vai trò")
    assert "Đã ngừng cấp" in done.text and "Cấp vai trò này" not in done.text
    twice = send(browser, page, f"{path}/trang-thai", reason="Lần nữa")
    assert "Không có gì" in twice.text
    with pytest.raises(Conflict, match=r"role\.retired"):
        world.grant("a2", "cu", "A", application_id=app)
    with world.installation.database.write() as tx:
        grants.renew_grant(tx, OPERATOR, held, today().isoformat(), "sớm hơn")
        (held,) = [each.id for each in grants.list_standing(tx, "person", world.people["a1"])]
        with pytest.raises(Conflict, match=r"role\.retired"):
            grants.renew_grant(tx, OPERATOR, held, "2099-01-01", "gia hạn")
        events = [event.kind for event in list_events(tx, limit=5)]
    assert "role.retired" in events
    # Said otherwise, it is retired still.
    send(browser, browser.get(f"{path}/sua"), f"{path}/sua", description="Cũ")
    assert role_of(world, "of_a", "cu").retired_at is not None
    back = send(browser, browser.get(f"{path}/trang-thai"), f"{path}/trang-thai", reason="Lại cần")
    assert "Cấp vai trò này" in back.text


def test_holders_are_counted_once_each_and_in_ones_own_branch(world: World) -> None:
    app = world.applications["shared"]
    path = declared(world, "shared", "doc")
    world.grant("a1", "doc", "A", application_id=app)
    world.grant("a1", "doc", "A.u", application_id=app)
    world.grant("b1", "doc", "B", application_id=app)
    counts = {
        who: re.search(r"(\d+) người giữ", told(world.browser(who).get(path)))
        for who in ("admin_a", "admin_b")
    }
    assert {who: found and found[1] for who, found in counts.items()} == {
        "admin_a": "1",
        "admin_b": "1",
    }
    page = world.browser("admin_a").get(path).text
    assert "Quách" not in page and "/sua" not in page, "another's, and not theirs to change"


def test_what_is_typed_is_text_and_nothing_else(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    evil = "<script>alert(1)</script>\"'{{7*7}}"
    page = _add(browser, app, title_vi=evil, name="la", description=evil)
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    assert "{{7*7}}" in page.text
    assert "<script>alert" not in browser.get(f"/ung-dung/{app}/vai-tro").text


def test_roles_of_our_own_application_are_the_programs(world: World) -> None:
    world.add_person("van_hanh", "Lê Vận Hành", world.post("P"))
    world.grant("van_hanh", "agency_admin", "P")
    browser = world.browser("van_hanh")
    page = browser.get("/ung-dung/danh-muc/vai-tro")
    assert page.status_code == 200 and "khai-bao-vai-tro" not in page.text
    assert browser.get("/ung-dung/danh-muc/khai-bao-vai-tro").status_code == 403
    assert browser.get("/ung-dung/danh-muc/vai-tro/help_desk/trang-thai").status_code == 403


def test_pages_cost_few_statements(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    path = declared(world, "of_a", "re")
    browser.get(path)
    for each in (f"/ung-dung/{app}/vai-tro", path, f"{path}/sua", f"{path}/trang-thai"):
        with world.counting() as count:
            assert browser.get(each).status_code == 200
        asked = [each for each in count.sql if each != "BEGIN"]
        assert len(asked) <= MOST_STATEMENTS, asked
        assert not count.ldap
