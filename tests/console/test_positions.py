"""Positions in the console: listed, looked at, added, renamed, closed."""

from __future__ import annotations

import re

import pytest

from directory.authz.positions import find_position
from directory.ids import new_id
from directory.people import service as people
from tests.console.test_applications import fields, send
from tests.console.test_giving import add_position
from tests.console.test_roles import faults
from tests.console.world import World, told
from tests.support.installation import OPERATOR

# Eight of them say who is here.
MOST_STATEMENTS = 20


def test_a_position_is_added_renamed_and_closed_with_what_it_brings(world: World) -> None:
    browser = world.browser("admin_a")
    page = browser.get("/vi-tri/them")
    options = re.findall(r'<option value="([^"]*)"', page.text)
    assert world.places["A.u"] in options and world.places["B"] not in options
    shown = send(browser, page, "/vi-tri/them", place=world.places["A.u"], name="Văn  thư")
    assert "Đã thêm" in shown.text and "Nơi A.u, Nơi A" in told(shown)
    found = re.search(r"/vi-tri/([0-9a-f-]{36})/sua", shown.text)
    assert found
    path = f"/vi-tri/{found[1]}"
    again = send(browser, page, "/vi-tri/them", place=world.places["A.u"], name="Văn thư")
    assert "đã có vị trí việc làm tên là “Văn thư”" in faults(again)
    renamed = send(browser, browser.get(f"{path}/sua"), f"{path}/sua", name="Thủ quỹ")
    assert "Đã lưu" in renamed.text and "Thủ quỹ" in renamed.text
    app = world.applications["of_a"]
    world.grant("a1", "xem", "A", application_id=app, holder_kind="position", holder_id=found[1])
    assert "Xem – Lịch của A" in told(browser.get(path))
    closing = browser.get(f"{path}/dong")
    assert "Xem (Lịch của A)" in told(closing)
    assert "Hãy nhập lý do" in faults(send(browser, closing, f"{path}/dong"))
    closed = send(browser, closing, f"{path}/dong", reason="Bỏ vị trí")
    assert "Đã đóng" in closed.text and "/quyen/cap" not in closed.text
    assert "Không có gì" in send(browser, closing, f"{path}/dong", reason="Lần nữa").text
    listed = browser.get("/vi-tri", tim="thu quy")
    assert "Không tìm thấy vị trí" in listed.text
    assert found[1] in browser.get("/vi-tri", tim="thu quy", dong="1").text


def test_nobody_renames_what_they_have_not_seen(world: World) -> None:
    browser = world.browser("admin_a")
    path = f"/vi-tri/{add_position(world, 'Kế toán')}"
    opened = browser.get(f"{path}/sua")
    send(browser, browser.get(f"{path}/sua"), f"{path}/sua", name="Kế toán trưởng")
    late = send(browser, opened, f"{path}/sua", name="Kế toán viên")
    assert "vừa đổi tên vị trí việc làm này thành “Kế toán trưởng”" in faults(late)
    assert fields(late)["name"] == ["Kế toán viên"]
    assert "Đã lưu" in send(browser, late, f"{path}/sua").text


def test_one_that_is_held_is_not_closed(world: World) -> None:
    browser = world.browser("admin_a")
    position = add_position(world, "Giữ chỗ")
    post = world.post("A", kind="concurrent")
    people.add_post(world.installation, OPERATOR, world.people["a2"], post, position_id=position)
    path = f"/vi-tri/{position}"
    assert "Dang Van Anh" in told(browser.get(path))
    assert "Còn 1 người giữ" in told(browser.get(f"{path}/dong"))
    form = {"csrf_token": world.token_of(browser), "reason": "x", "seen_reason": ""}
    refused = browser.post(f"{path}/dong", form)
    assert refused.status_code == 303
    with world.installation.database.read() as tx:
        found = find_position(tx, position)
    assert found is not None and found.closed_at is None


def test_the_list_is_that_of_ones_branch_and_narrowed_by_its_address(world: World) -> None:
    mine, theirs = add_position(world, "Chánh Thanh tra", "A.u"), add_position(world, "Bí mật", "B")
    browser = world.browser("admin_a")
    for asked, found in (
        ({}, True),
        ({"tim": "chanh thanh tra"}, True),
        ({"tim": "Thanh Tra"}, True),
        ({"noi": world.places["A.u"]}, True),
        ({"tim": "bi mat"}, False),
    ):
        page = browser.get("/vi-tri", **asked)
        assert (mine in page.text) == found, asked
        assert theirs not in page.text and "Bí mật" not in page.text
    assert browser.get("/vi-tri", noi=world.places["B"]).status_code == 404
    assert browser.get("/vi-tri", noi=new_id()).status_code == 404


@pytest.mark.parametrize("page", ["", "/sua", "/dong"])
def test_of_another_agency_they_answer_as_missing_ones(world: World, page: str) -> None:
    browser = world.browser("admin_a")
    token = world.token_of(browser)
    for method in ("GET", "POST"):
        answers, counts = [], []
        for one in (add_position(world, f"Lạ {new_id()}", "B"), new_id()):
            path = f"/vi-tri/{one}{page}"
            with world.counting() as count:
                if method == "GET":
                    answer = browser.get(path)
                else:
                    answer = browser.post(path, {"csrf_token": token, "reason": "x"})
            body = answer.content.replace(one.encode(), b"*")
            answers.append((answer.status_code, re.sub(rb"<code>[^<]*</code>", b"", body)))
            counts.append(count.numbers)
        assert answers[0] == answers[1]
        assert answers[0][0] in (404, 405)
        assert counts[0] == counts[1]


def test_hand_made_places_are_no_way_in(world: World) -> None:
    browser = world.browser("admin_a")
    page = browser.get("/vi-tri/them")
    form = {name: values[0] for name, values in fields(page).items()}
    for place in (world.places["B"], world.places["P"], new_id(), "x"):
        answer = browser.post("/vi-tri/them", {**form, "place": place, "name": "Lấn sang"})
        assert answer.status_code == 404
    evil = "<img src=x onerror=alert(1)>"
    shown = send(browser, page, "/vi-tri/them", place=world.places["A"], name=evil)
    assert evil not in shown.text and evil not in browser.get("/vi-tri").text


def test_pages_cost_few_statements(world: World) -> None:
    browser, path = world.browser("admin_a"), f"/vi-tri/{add_position(world, 'Giá')}"
    browser.get(path)
    for each in ("/vi-tri", "/vi-tri?tim=gia", "/vi-tri/them", path, f"{path}/sua"):
        with world.counting() as count:
            assert browser.get(each).status_code == 200
        asked = [each for each in count.sql if each != "BEGIN"]
        print(each, len(asked))
        assert len(asked) <= MOST_STATEMENTS, asked
        assert not count.ldap
