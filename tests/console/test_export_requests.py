"""More than the quota leaves only when a second person agreed: this list, so much of it, once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.clock import DAY, HOUR, now_ms
from directory.errors import AppError, Conflict, Forbidden
from directory.exports import approvals
from directory.exports import taking as taking_module
from directory.requests import service
from directory.requests.register import find_request
from tests.console.test_exports import names_of
from tests.console.world import World, told
from tests.support import province

pytestmark = pytest.mark.both_engines

LIST = "/nguoi-dung/xuat"


@pytest.fixture(scope="module")
def staffed(world: World) -> World:
    """Who may approve: another administrator of A, its IT executive, an operator."""
    for name, role in (("second", "agency_admin"), ("executive", "it_executive")):
        world.add_person(name, f"Phạm {name.title()}", world.post("A"))
        world.grant(name, role, "A")
    boss = world.people["a1"]
    account = world.add_person("van_hanh", "Lê Vận Hành", world.post("P"), administrator_of=boss)
    province.give(world.installation, "province_operator", account.id, world.places["P"])
    return world


@pytest.fixture
def quota(staffed: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A day on which two lines may leave, and nobody has taken any."""
    since, before = now_ms(), staffed.installation.settings
    monkeypatch.setattr(taking_module, "day_begins", lambda _day: since)
    object.__setattr__(staffed.installation, "settings", replace(before, export_quota=2))
    yield staffed
    object.__setattr__(staffed.installation, "settings", before)
    with staffed.installation.database.write() as tx:
        approvals.forget_all(tx)


def take(world: World, actor: str = "admin_a", url: str = LIST, **more: str) -> requests.Response:
    browser = world.browser(actor)
    token = world.token_of(browser)
    return browser.post(url, {"csrf_token": token, "dang": "csv", "ly-do": "báo cáo quý", **more})


def ask(world: World, actor: str = "admin_a", url: str = LIST, **more: str) -> str:
    """Ask for what is too much; gives the id of the request."""
    answer = take(world, actor, url, xin="1", **more)
    assert answer.status_code == 303, told(answer)
    return answer.headers["Location"].removeprefix("/yeu-cau/")


def approve(world: World, request_id: str, actor: str = "second") -> None:
    world.installation.database.retrying(
        lambda tx: service.approve(
            tx, Actor("person", world.people[actor]), REQUEST_KINDS, request_id
        )
    )


def test_what_is_too_much_leads_to_a_second_person(quota: World) -> None:
    refused = take(quota)
    assert refused.status_code == 429
    assert "vượt hạn mức" in told(refused).lower()
    assert 'value="báo cáo quý"' in refused.text
    request_id = ask(quota)
    page = told(quota.browser("second").get(f"/yeu-cau/{request_id}"))
    assert "Xuất danh sách người dùng" in page
    assert "báo cáo quý" in page
    assert "Họ và tên, Tên đăng nhập" in page
    approve(quota, request_id)
    mine = quota.browser("admin_a").get(f"/yeu-cau/{request_id}")
    found = re.search(r'href="(/nguoi-dung/xuat\?dang=csv)"', mine.text)
    assert found
    assert quota.browser("admin_a").get(found[1]).status_code == 200
    assert "Đặng Thị Ánh" in names_of(take(quota))
    # Once.
    assert take(quota).status_code == 429
    assert "Tải danh sách" not in told(quota.browser("admin_a").get(f"/yeu-cau/{request_id}"))
    with quota.installation.database.read() as tx:
        (event,) = list_events(tx, kind="list.exported", limit=1)
    assert event.fields["request"] == request_id
    assert "được phê duyệt vượt hạn mức, lý do: báo cáo quý" in sentence(event, VOCABULARY, {})


def test_what_was_approved_is_no_part_of_the_quota(quota: World) -> None:
    approve(quota, ask(quota))
    assert take(quota).status_code == 200
    assert take(quota, url=f"{LIST}?tim=dang").status_code == 200


def test_it_is_this_filter_and_this_person_alone(quota: World) -> None:
    approve(quota, ask(quota))
    narrowed = f"{LIST}?noi={quota.places['A']}"
    assert take(quota, url=narrowed).status_code == 429
    assert take(quota, "executive").status_code == 429
    assert take(quota, url="/nhat-ky/xuat").status_code == 429
    # How it is looked at makes no difference.
    assert take(quota, url=f"{LIST}?lang=en&trang=1").status_code == 200


def test_it_is_so_many_lines_and_no_more(quota: World) -> None:
    approve(quota, ask(quota))
    name = f"moi{now_ms()}"
    quota.add_person(name, "Người Mới Thêm", quota.post("A"))
    assert take(quota).status_code == 429


def test_it_ends_after_a_day(quota: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approve(quota, ask(quota))
    later = now_ms() + approvals.APPROVED_HOURS * HOUR
    monkeypatch.setattr(approvals, "now_ms", lambda: later)
    assert take(quota).status_code == 429
    with quota.installation.database.write() as tx:
        approvals.forget_expired(tx)
    monkeypatch.undo()


def test_an_approval_of_a_clock_that_stood_ahead_is_none(
    quota: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = now_ms() + 10 * DAY
    monkeypatch.setattr(approvals, "now_ms", lambda: ahead)
    approve(quota, ask(quota))
    monkeypatch.setattr(approvals, "now_ms", now_ms)
    assert take(quota).status_code == 429


@pytest.mark.parametrize("actor", ["admin_a", "admin_b", "inspector", "hr_officer", "plain"])
def test_who_may_not_approve(quota: World, actor: str) -> None:
    request_id = ask(quota)
    with pytest.raises(Forbidden):
        approve(quota, request_id, actor)
    assert take(quota).status_code == 429


@pytest.mark.parametrize("actor", ["second", "executive", "van_hanh"])
def test_who_may(quota: World, actor: str) -> None:
    approve(quota, ask(quota), actor)
    assert take(quota).status_code == 200


def test_the_same_asked_twice_is_one_request(quota: World) -> None:
    first = ask(quota)
    assert ask(quota) == first
    approve(quota, first)
    with pytest.raises(Conflict):
        approve(quota, first)


def test_it_is_not_asked_without_a_reason(quota: World) -> None:
    answer = take(quota, xin="1", **{"ly-do": " \u200b "})
    assert answer.status_code == 422
    assert 'href="#ly-do"' in answer.text


def test_two_fetches_at_once_get_one_file(quota: World) -> None:
    approve(quota, ask(quota))
    browsers = [quota.browser("admin_a") for _ in range(3)]
    fields = [{"csrf_token": quota.token_of(b), "dang": "csv", "ly-do": "x"} for b in browsers]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda b=b, f=f: statuses.append(b.post(LIST, f).status_code))
        for b, f in zip(browsers, fields, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 429, 429]


def test_whoever_lost_the_role_meanwhile_takes_nothing(quota: World) -> None:
    name = f"tam{now_ms()}"
    quota.add_person(name, "Phạm Tạm", quota.post("A"))
    grant_id = quota.grant(name, "agency_admin", "A")
    browser = quota.browser(name)
    token = quota.token_of(browser)
    fields = {"csrf_token": token, "dang": "csv", "ly-do": "x"}
    asked = browser.post(LIST, {**fields, "xin": "1"})
    approve(quota, asked.headers["Location"].removeprefix("/yeu-cau/"))
    quota.revoke(grant_id)
    assert browser.post(LIST, fields).status_code == 403


def test_the_register_keeps_what_was_asked(quota: World) -> None:
    request_id = ask(quota, url=f"{LIST}?noi={quota.places['A']}")
    with quota.installation.database.read() as tx:
        asked = find_request(tx, request_id)
    assert asked is not None
    assert asked.payload["address"] == f"{LIST}?noi={quota.places['A']}"
    assert asked.agency_id == quota.places["A"]
    page = told(quota.browser("second").get(f"/yeu-cau/{request_id}"))
    assert "của Nơi A" in page
    english = told(quota.browser("second").get(f"/yeu-cau/{request_id}?lang=en"))
    assert "once, within 24 hours of the approval" in english


def test_a_refusal_of_the_request_is_no_file(quota: World) -> None:
    request_id = ask(quota)
    with quota.installation.database.write() as tx:
        second = Actor("person", quota.people["second"])
        service.refuse(tx, second, REQUEST_KINDS, request_id, "không cần")
    assert take(quota).status_code == 429
    with pytest.raises(AppError):
        approve(quota, request_id)
