"""Roles given, in the console: found, looked at, renewed, taken back, taken away as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests

from directory.authz import grants
from directory.authz.grants import Approval, Grant
from directory.authz.positions import add_position
from directory.authz.roles import Role
from directory.clock import now_ms, today
from directory.exports import taking as taking_module
from directory.people import service as people
from directory.sheets.reading import Wanted, read_sheet
from tests.console.test_applications import faults, fields, send
from tests.console.world import NEXT_YEAR, World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR
from tests.support.province import SECOND

pytestmark = pytest.mark.both_engines

# What a page may cost; the two BEGINs and what tells who is here (7) count as well.
MOST_STATEMENTS = 32
SOON = (today() + timedelta(days=20)).isoformat()


@pytest.fixture(scope="module")
def roles(world: World) -> str:
    """An application whose roles are given here."""
    app = world.applications["of_a"]
    with world.installation.database.write() as tx:
        for role in (
            Role(app, "xem", "Xem lịch", "Read", description="Xem lịch họp của cơ quan"),
            Role(app, "duyet", "Duyệt lịch", "Approve", needs_approval=True),
        ):
            grants.put_role(tx, OPERATOR, role)
    return app


def give(world: World, holder: str, role: str = "xem", **more: Any) -> str:
    given = {
        "application_id": world.applications["of_a"],
        "role": role,
        "holder_kind": "person",
        "holder_id": world.people[holder],
        "agency_id": world.places["A"],
        "reason": "kiểm thử",
        "end": NEXT_YEAR,
    }
    with world.installation.database.write() as tx:
        return grants.add_grant(tx, OPERATOR, Grant(**{**given, **more}), Approval(SECOND))


def listed(page: requests.Response) -> list[str]:
    """The ids of the grants of a list page, in order."""
    assert page.status_code == 200, told(page)
    return re.findall(r'rowheader"><a href="/quyen/([^"]+)"', page.text)


@pytest.fixture
def someone(world: World, roles: str) -> Iterator[str]:
    """Somebody of A who holds nothing yet."""
    name = f"x{len(world.people)}"
    world.add_person(name, f"Lò Thị {name.title()}", world.post("A"))
    yield name


def test_a_list_by_each_filter(world: World, roles: str, someone: str) -> None:
    browser = world.browser("admin_a")
    mine = give(world, someone, end=SOON)
    other = give(world, "a1")
    with world.installation.database.write() as tx:
        position = add_position(tx, OPERATOR, world.places["A"], "Văn thư")
        given = Grant(roles, "xem", "position", position.id, world.places["A"], "x", end=NEXT_YEAR)
        by_position = grants.add_grant(tx, OPERATOR, given)
    person = world.people[someone]
    for asked, there, missing in (
        ({}, {mine, other, by_position, world.grants["held_a"]}, set()),
        ({"ung-dung": roles}, {mine, other, by_position}, {world.grants["held_a"]}),
        ({"ung-dung": roles, "vai-tro": "duyet"}, set(), {mine, other}),
        ({"nguoi": person}, {mine}, {other, by_position}),
        ({"tim": f"lo {someone}"}, {mine}, {other, by_position}),
        ({"vi-tri": position.id}, {by_position}, {mine, other}),
        ({"giao-cho": "vi-tri"}, {by_position}, {mine, other}),
        ({"tinh-trang": "sap-het-han"}, {mine}, {other, by_position}),
        ({"noi": world.places["A"]}, {mine, other, by_position}, set()),
        ({"noi": world.places["A.u"]}, set(), {mine, other, by_position}),
        ({"tinh-trang": "nguoi-da-chuyen"}, set(), {mine, other, by_position}),
    ):
        found = set(listed(browser.get("/quyen", **asked)))
        assert there <= found and not missing & found, asked
    for odd in ({"tinh-trang": "x"}, {"giao-cho": "x"}, {"sau": "x|y"}, {"vai-tro": "'"}):
        assert mine in listed(browser.get("/quyen", **odd))


def test_what_ends_soonest_comes_first_and_pages_go_on(world: World, roles: str) -> None:
    browser = world.browser("admin_a")
    with world.installation.database.write() as tx:
        for number in range(60):
            end = (today() + timedelta(days=100 + number % 7)).isoformat()
            post = add_position(tx, OPERATOR, world.places["A"], f"Vị trí {number}").id
            grant = Grant(roles, "xem", "position", post, world.places["A"], "x", end=end)
            grants.add_grant(tx, OPERATOR, grant)
    first = browser.get("/quyen", **{"ung-dung": roles})
    assert len(listed(first)) == 50
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = browser.get(unescape(following[1]))
    assert not set(listed(first)) & set(listed(second)) and listed(second)
    both = first.text.partition("<tbody")[2] + second.text.partition("<tbody")[2]
    days = [day.split("/")[::-1] for day in re.findall(r'nowrap">(\d\d/\d\d/\d{4})<', both)]
    assert days == sorted(days) and len(days) >= 60
    whole = listed(browser.get("/quyen", **{"ung-dung": roles, "so-dong": "200"}))
    assert whole == listed(first) + listed(second)


def test_of_people_who_moved(world: World, roles: str) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    posts = (
        world.post("A", start="2020-01-01", end=yesterday),
        world.post("B", start=today().isoformat()),
    )
    world.add_person("moved", "Hà Đã Chuyển", *posts)
    # Roles of a shared application are given to people from anywhere.
    shared = world.applications["shared"]
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(shared, "doc", "Đọc thư", "Read"))
    grant = give(world, "moved", "doc", application_id=shared)
    browser = world.browser("admin_a")
    assert listed(browser.get("/quyen", **{"tinh-trang": "nguoi-da-chuyen"})) == [grant]
    page = browser.get(f"/quyen/{grant}")
    assert f"/nguoi-dung/{world.people['moved']}" not in page.text, "is no more of here"
    assert page.status_code == 200


def test_the_page_of_a_person_says_what_they_hold(world: World, someone: str) -> None:
    path = f"/nguoi-dung/{world.people[someone]}"
    browser = world.browser("admin_a")
    assert "không giữ vai trò nào" in told(browser.get(path))
    grant = give(world, someone, end=SOON)
    page = browser.get(path)
    assert f'href="/quyen/{grant}"' in page.text and "Xem lịch · Lịch của A" in told(page)
    assert f'href="/quyen?nguoi={world.people[someone]}"' in page.text
    unseen = world.browser("hr_officer").get(path)
    assert unseen.status_code == 200 and grant not in unseen.text


def test_one_grant_in_full(world: World, someone: str) -> None:
    grant = give(world, someone, basis="QĐ 5/QĐ-A", reason="Phụ trách <b>lịch</b>")
    page = world.browser("admin_a").get(f"/quyen/{grant}")
    text = told(page)
    for word in ("Xem lịch", "Xem lịch họp của cơ quan", "Nơi A", "QĐ 5/QĐ-A", "Đơn vị vận hành"):
        assert word in text
    assert "Phụ trách <b>lịch</b>" in unescape(page.text) and "<b>lịch</b>" not in page.text
    assert "cấp vai trò Xem lịch" in text, "what the log says"
    looked = world.browser("inspector").get(f"/quyen/{grant}")
    assert "Anh/Chị được xem quyền này" in told(looked)
    assert "/thu-hoi" not in looked.text and "/gia-han" not in looked.text


def test_who_gave_a_role_is_found_in_the_log_by_kind_and_day(world: World, someone: str) -> None:
    browser, grant = world.browser("admin_a"), give(world, someone)
    link = re.search(r'href="(/nhat-ky\?[^"]+)"', browser.get(f"/quyen/{grant}").text)
    assert link
    now, later = today().isoformat(), (today() + timedelta(days=1)).isoformat()
    address = unescape(link[1])
    assert "cấp vai trò Xem lịch" in told(browser.get(f"{address}&tu={now}&den={now}"))
    assert "cấp vai trò" not in told(browser.get(f"{address}&tu={later}&den={later}"))
    page = browser.get(f"/ung-dung/{world.applications['of_a']}").text
    assert f'href="/quyen?ung-dung={world.applications["of_a"]}"' in page


def test_renewed_in_one_step(world: World, someone: str) -> None:
    browser, grant = world.browser("admin_a"), give(world, someone, end=SOON)
    path = f"/quyen/{grant}/gia-han"
    form = browser.get(path)
    proposed = (today() + timedelta(days=365)).isoformat()
    written = "/".join(reversed(proposed.split("-")))
    assert fields(form)["end"] == [written]
    again = send(browser, form, path, reason="")
    assert "Hãy nhập lý do" in faults(again) and fields(again)["end"] == [written]
    for odd in ("2020-01-01", "01/01/2020", "32/12/2099", "x"):
        assert faults(send(browser, again, path, reason="tiếp tục", end=odd))
    done = send(browser, again, path, reason="Tiếp tục phụ trách")
    assert "Đã gia hạn" in done.text and "Tiếp tục phụ trách" in told(done)
    follower = done.url.rpartition("/")[2]
    assert follower != grant
    # A double click, and whoever has the page still open.
    for sent in (send(browser, again, path, reason="lần nữa"), browser.follow(browser.get(path))):
        assert "đã được thu hồi hoặc gia hạn trước đó" in sent.text
        assert f'href="/quyen/{follower}"' in sent.text, "leads to the term that holds"
    assert listed(browser.get("/quyen", nguoi=world.people[someone])) == [follower]


def test_a_renewal_that_needs_a_second_person_becomes_a_request(world: World, someone: str) -> None:
    browser, grant = world.browser("admin_a"), give(world, someone, "duyet", end=SOON)
    path = f"/quyen/{grant}/gia-han"
    form = browser.get(path)
    assert "sẽ thành một yêu cầu" in told(form)
    sent = send(browser, form, path, reason="Tiếp tục")
    assert "Đã gửi yêu cầu" in sent.text
    assert listed(browser.get("/quyen", nguoi=world.people[someone])) == [grant]
    twice = send(browser, form, path, reason="Tiếp tục")
    assert faults(twice), "the same request stands already"


def test_taken_back_with_a_reason(world: World, someone: str) -> None:
    browser, grant = world.browser("admin_a"), give(world, someone)
    path = f"/quyen/{grant}/thu-hoi"
    form = browser.get(path)
    assert "1 người mất vai trò này trong Lịch của A" in told(form)
    again = send(browser, form, path)
    assert "Hãy nhập lý do" in faults(again)
    done = send(browser, again, path, reason="Chuyển công tác")
    assert "Đã thu hồi" in done.text and "Chuyển công tác" in told(done)
    twice = send(browser, again, path, reason="Lần nữa")
    assert "đã được thu hồi hoặc gia hạn trước đó" in twice.text
    assert "Lần nữa" not in told(twice)
    assert listed(browser.get("/quyen", nguoi=world.people[someone])) == []


def test_how_many_lose_it_is_said_of_a_position(world: World, roles: str) -> None:
    with world.installation.database.write() as tx:
        position = add_position(tx, OPERATOR, world.places["A"], "Lái xe")
        given = Grant(roles, "xem", "position", position.id, world.places["A"], "x", end=NEXT_YEAR)
        grant = grants.add_grant(tx, OPERATOR, given)
    for name in ("l1", "l2"):
        world.add_person(name, f"Lù {name}", world.post("A"))
        post = world.post("A", kind="concurrent")
        people.add_post(
            world.installation, OPERATOR, world.people[name], post, position_id=position.id
        )
    page = told(world.browser("admin_a").get(f"/quyen/{grant}/thu-hoi"))
    assert "2 người mất vai trò này" in page


def test_ones_own_is_anothers_to_change(world: World) -> None:
    browser = world.browser("admin_a")
    grant = listed(browser.get("/quyen", tim="pham admin"))[0]
    page = browser.get(f"/quyen/{grant}")
    assert "quyền của chính Anh/Chị" in told(page)
    assert browser.get(f"/quyen/{grant}/thu-hoi").status_code == 403
    form = {"csrf_token": world.token_of(browser), "reason": "x", "seen_reason": ""}
    refused = browser.follow(browser.post(f"/quyen/{grant}/thu-hoi", form))
    assert refused.status_code in (200, 403) and grant in listed(browser.get("/quyen"))


def test_who_holds_roles_that_exclude_each_other(world: World, someone: str, roles: str) -> None:
    browser = world.browser("admin_a")
    assert "Không có xung đột" in told(browser.get("/quyen/xung-dot"))
    shared = world.applications["shared"]
    for name in ("lap", "ky"):
        with world.installation.database.write() as tx:
            grants.put_role(tx, OPERATOR, Role(shared, name, f"Vai {name}", ""))
    here = give(world, someone, "lap", application_id=shared)
    there = give(world, someone, "ky", application_id=shared, agency_id=world.places["B"])
    with world.installation.database.write() as tx:
        # Declared later than both were given.
        grants.put_role(tx, OPERATOR, Role(shared, "lap", "Vai lap", "", excludes=("ky",)))
    page = browser.get("/quyen/xung-dot")
    assert f"({someone})" in told(page) and "Vai lap" in told(page) and "Vai ky" in told(page)
    assert f'href="/quyen/{here}"' in page.text
    assert there not in page.text and "Nơi B" not in page.text, "of others only the role is told"
    assert f'href="/quyen/{there}"' in world.browser("admin_b").get("/quyen/xung-dot").text
    world.revoke(here)
    assert "Không có xung đột" in told(browser.get("/quyen/xung-dot"))


_COLUMNS = (
    Wanted("holder", ("Người giữ",), is_required=True),
    Wanted("role", ("Vai trò",), is_required=True),
    Wanted("until", ("Đến hết ngày",), kind="day"),
    Wanted("reason", ("Lý do",)),
)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_file_holds_the_list_of_the_address(
    world: World, someone: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = now_ms()
    monkeypatch.setattr(taking_module, "day_begins", lambda _day: since)
    give(world, someone, reason="=HYPERLINK(1)", end=SOON)
    browser = world.browser("admin_a")
    answer = take(world, browser, form, "thanh tra", nguoi=world.people[someone])
    (row,) = read_sheet(answer.content, _COLUMNS).rows
    assert row.values["holder"].endswith(f"({someone})") and row.values["until"] == SOON
    assert row.values["reason"].lstrip("'") == "=HYPERLINK(1)"
    if form == "csv":
        assert b",=HYPERLINK" not in answer.content
    log = told(browser.get("/nhat-ky"))
    assert f"xuất danh sách quyền ra tệp {'Excel' if form == 'xlsx' else 'CSV'}: 1 dòng" in log
    assert "thanh tra" in log


def take(world: World, browser: Browser, form: str, reason: str, **query: str) -> requests.Response:
    sent = {"csrf_token": world.token_of(browser), "dang": form, "ly-do": reason}
    address = "&".join(f"{name}={value}" for name, value in query.items())
    return browser.post(f"/quyen/xuat?{address}", sent)


def test_pages_cost_few_statements(world: World, someone: str) -> None:
    browser, grant = world.browser("admin_a"), give(world, someone)
    for path in (
        "/quyen",
        f"/quyen?ung-dung={world.applications['of_a']}",
        f"/quyen/{grant}",
        f"/quyen/{grant}/gia-han",
        f"/quyen/{grant}/thu-hoi",
    ):
        with world.counting() as count:
            assert browser.get(path).status_code == 200
        assert len(count.sql) <= MOST_STATEMENTS, (path, len(count.sql), count.sql)
        assert not count.ldap
