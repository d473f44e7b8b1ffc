"""Lists that leave as files: what the page shows and no more, noted, neutral, within a quota."""

from __future__ import annotations

import csv
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
import requests

from directory.actor import Actor, system
from directory.audit.event import Event
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.authz import acts_file
from directory.catalogue.person import Person, Post
from directory.clock import DAY, now_ms
from directory.exports import taking as taking_module
from directory.exports.events import LIST_EXPORT_REFUSED
from directory.ids import new_event_id, new_id
from directory.projection.bulk import fill_people
from directory.sheets.reading import SheetRows, Wanted, read_sheet
from directory.text import clean, split_name
from sync.engine.events import CONNECTOR_ACCOUNT
from tests.console.test_out_of_scope import as_sent, without
from tests.console.world import PEOPLE, World, names_in, told
from tests.support.browser import own_form

PATH = "/nguoi-dung/xuat"
_COLUMNS = (
    Wanted("name", ("Họ và tên", "Full name"), is_required=True),
    Wanted("username", ("Tên đăng nhập", "User name"), is_required=True),
    Wanted("phone", ("Điện thoại",), kind="code"),
    Wanted("unit", ("Đơn vị",)),
    Wanted("agency", ("Cơ quan",)),
)


def rows_of(answer: requests.Response) -> SheetRows:
    assert answer.status_code == 200, told(answer)
    return read_sheet(answer.content, _COLUMNS)


def names_of(answer: requests.Response) -> list[str]:
    return [row.values["name"] for row in rows_of(answer).rows]


def take(
    world: World, actor: str = "admin_a", form: str = "csv", reason: str = "", **query: str
) -> requests.Response:
    browser = world.browser(actor)
    fields = {"csrf_token": world.token_of(browser), "dang": form, "ly-do": reason}
    return browser.post(_url(query), fields)


def _url(query: dict[str, str]) -> str:
    return f"{PATH}?{urlencode(query)}" if query else PATH


def events(world: World, kind: str) -> list[Event]:
    with world.installation.database.read() as tx:
        return list(list_events(tx, kind=kind, limit=50))


@pytest.fixture
def fresh(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A day on which nobody has taken anything."""
    since = now_ms()
    monkeypatch.setattr(taking_module, "day_begins", lambda _day: since)
    return world


def fill(world: World, names: list[str], place: str = "A.u") -> None:
    people = []
    for name in names:
        post = Post(new_id(), world.places["A"], world.places[place], "Nhân viên")
        parts = split_name(name)
        username = f"x{new_id()[-8:]}"
        person = Person(new_id(), *parts, username=username, full_name=name, posts=(post,))
        people.append((person, "1"))
    with world.installation.database.write() as tx:
        fill_people(tx, people)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize(
    "query", [{}, {"tim": "dang"}, {"noi": "A.u"}, {"tim": "tran", "noi": "A"}]
)
def test_the_file_holds_the_list_of_the_address(
    fresh: World, form: str, query: dict[str, str]
) -> None:
    query = {**query, **({"noi": fresh.places[query["noi"]]} if "noi" in query else {})}
    listed = names_in(fresh.browser("admin_a").get("/nguoi-dung", **query))
    answer = take(fresh, form=form, **query)
    assert sorted(names_of(answer)) == sorted(listed)
    if "tim" not in query:  # else those spelled as typed come first on the page
        assert names_of(answer) == listed
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="nguoi-dung-')
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_file_says_what_it_is_and_who_took_it(fresh: World) -> None:
    answer = take(fresh, form="xlsx", tim="dang", noi=fresh.places["A"])
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    head = [str(sheet.cell(number, 1).value) for number in range(1, 6)]
    assert head[0] == "Danh sách người dùng"
    assert head[1] == "Cơ quan, đơn vị: Nơi A"
    assert "Người xuất: " in head[2] and head[2].endswith("Số dòng: 2.")
    assert head[3] == "Bộ lọc: “dang”; nơi công tác Nơi A"
    assert head[4] == "STT"
    assert sheet.freeze_panes == "A6"


def test_the_log_keeps_what_was_taken(fresh: World) -> None:
    take(fresh, reason="báo cáo quý", tim="dang", noi=fresh.places["A"])
    event = events(fresh, "list.exported")[0]
    assert event.actor == f"person:{fresh.people['admin_a']}"
    assert {k: v for k, v in event.fields.items() if k != "columns"} == {
        "list": "people",
        "form": "csv",
        "count": 2,
        "filter": "“dang”",
        "place": fresh.places["A"],
        "reason": "báo cáo quý",
        "approved": False,
        "request": "",
    }
    assert "Họ và tên, Tên đăng nhập" in event.fields["columns"]
    log = told(fresh.browser("admin_a").get("/nhat-ky"))
    assert "xuất danh sách người dùng ra tệp CSV: 2 dòng của Nơi A, lọc theo “dang”" in log


@pytest.mark.parametrize("actor", ["inspector", "hr_officer", "admin_b"])
def test_the_file_is_scoped_like_the_list(fresh: World, actor: str) -> None:
    browser = fresh.browser(actor)
    listed = names_in(browser.get("/nguoi-dung"))
    found = names_of(take(fresh, actor))
    assert sorted(found) == sorted(listed)
    theirs = "B" if actor == "admin_b" else "A"
    assert set(found).isdisjoint(name for name, place in PEOPLE.values() if place[0] != theirs)


def test_places_of_others_answer_as_missing_ones(fresh: World) -> None:
    browser, answers = fresh.browser("admin_a"), []
    token = fresh.token_of(browser)
    before = len(events(fresh, "list.exported"))
    for place_id in (fresh.places["B"], new_id(), fresh.places["P"]):
        fields = {"csrf_token": token, "dang": "csv", "ly-do": ""}
        answer = browser.post(_url({"noi": place_id}), fields)
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, place_id)))
        assert answer.status_code == 404
    assert answers[0] == answers[1] == answers[2]
    assert len(events(fresh, "list.exported")) == before


@pytest.mark.parametrize("fields", [{}, {"dang": "pdf"}, {"dang": "csv", "la": "x"}])
def test_what_no_button_of_ours_sends_is_refused(fresh: World, fields: dict[str, str]) -> None:
    browser = fresh.browser("admin_a")
    sent = {"csrf_token": fresh.token_of(browser), "ly-do": "", **fields}
    assert browser.post(PATH, sent).status_code == 422
    assert browser.get(PATH, dang="pdf").status_code == 422


HOSTILE = ["=HYPERLINK(1) An", "+1 Bình", "@SUM Chi", "-2 Dung", "Hà\nEm\tGiang", "An\u202eHuy"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_hostile_names_are_text(fresh: World, form: str) -> None:
    if not names_in(fresh.browser("admin_a").get("/nguoi-dung", tim="hyperlink")):
        fill(fresh, HOSTILE)
    answer = take(fresh, form=form, noi=fresh.places["A.u"])
    found = names_of(answer)
    for name in ("=HYPERLINK(1) An", "+1 Bình", "@SUM Chi", "-2 Dung", "Hà Em Giang", "AnHuy"):
        assert name in found
    if form == "xlsx":
        sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet and b"\xe2\x80\xae" not in sheet
    else:
        lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert not [cell for line in lines for cell in line if cell[:1] in tuple("=+-@\t\r")]


def test_a_telephone_number_is_left_as_people_write_it(fresh: World) -> None:
    if "dialled" not in fresh.people:
        fresh.add_person("dialled", "Võ Thị Gọi", fresh.post("A", "Văn thư"), phone="+84 274 382 0")
    answer = take(fresh, form="csv", tim="goi")
    assert ",+84 274 382 0," in answer.content.decode()
    assert rows_of(answer).rows[0].values["phone"] == "+84 274 382 0"


@pytest.fixture(scope="module")
def crowd(world: World) -> int:
    fill(world, [f"Lò Văn {chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(230)])
    return 230


def test_more_than_200_leave_only_with_a_reason(fresh: World, crowd: int) -> None:
    before = len(events(fresh, "list.exported"))
    asked = take(fresh, form="xlsx", tim="lò")
    assert asked.status_code == 303
    assert asked.headers["Location"] == f"{PATH}?tim=l%C3%B2&dang=xlsx"
    assert len(events(fresh, "list.exported")) == before
    browser = fresh.browser("admin_a")
    page = browser.get(asked.headers["Location"])
    assert "Danh sách có 230 dòng" in told(page)
    form = own_form(page)
    answer = browser.post(form.action, form.values(**{"ly-do": "Rà soát tài khoản 6 tháng"}))
    assert len(names_of(answer)) == crowd
    assert events(fresh, "list.exported")[0].fields["reason"] == "Rà soát tài khoản 6 tháng"
    assert take(fresh, tim="lò", reason=" \u200b ").status_code == 303


@pytest.fixture
def quota(fresh: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    settings = replace(fresh.installation.settings, export_quota=300)
    before = fresh.installation.settings
    object.__setattr__(fresh.installation, "settings", settings)
    yield fresh
    object.__setattr__(fresh.installation, "settings", before)


def test_a_day_has_a_quota_and_the_sentence_says_who_helps(quota: World, crowd: int) -> None:
    assert take(quota, tim="lò", reason="một").status_code == 200
    refused = take(quota, tim="lò", reason="hai")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= DAY // 1000
    assert "Danh sách có 230 dòng" in told(refused)
    assert "không quá 300 dòng" in told(refused) and "đã xuất 230 dòng" in told(refused)
    assert "để người thứ hai phê duyệt" in told(refused)
    assert events(quota, "list.export_refused")[0].fields["count"] == 230
    assert take(quota, tim="dang").status_code == 200  # a short one still fits
    assert take(quota, "admin_b").status_code == 200  # the quota is of each


def test_two_at_once_do_not_share_what_is_left(quota: World, crowd: int) -> None:
    browsers = [quota.browser("admin_a") for _ in range(4)]
    fields = [
        {"csrf_token": quota.token_of(browser), "dang": "csv", "ly-do": "x"} for browser in browsers
    ]
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda b=b, f=f: statuses.append(b.post(_url({"tim": "lò"}), f).status_code)
        )
        for b, f in zip(browsers, fields, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 429, 429, 429]


def test_empty_lists_count_too_so_that_nobody_fills_the_log(
    quota: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(
        quota.installation, "settings", replace(quota.installation.settings, export_quota=3)
    )
    found = [take(quota, tim="khong-co-ai").status_code for _ in range(5)]
    assert found == [200, 200, 200, 429, 429]


def test_a_list_costs_a_few_statements_for_each_piece(fresh: World, crowd: int) -> None:
    browser: Any = fresh.browser("admin_a")
    token = fresh.token_of(browser)
    with fresh.counting() as count:
        browser.post(_url({"tim": "lò"}), {"csrf_token": token, "dang": "csv", "ly-do": "x"})
    assert count.numbers[0] <= 25
    assert count.numbers[1] == 0


# --- the log


LOG = "/nhat-ky/xuat"
_LOG_COLUMNS = (
    Wanted("at", ("Thời điểm", "Time"), is_required=True),
    Wanted("what", ("Sự việc", "What happened"), is_required=True),
    Wanted("result", ("Kết quả", "Result")),
)


def take_log(
    world: World, actor: str = "admin_a", form: str = "csv", reason: str = "x", **query: str
) -> requests.Response:
    browser = world.browser(actor)
    fields = {"csrf_token": world.token_of(browser), "dang": form, "ly-do": reason}
    return browser.post(f"{LOG}?{urlencode(query)}", fields)


def log_of(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, told(answer)
    rows = read_sheet(answer.content, _LOG_COLUMNS).rows
    return [row.values["what"] for row in rows]


def lines_in(page: requests.Response) -> list[str]:
    """The sentences of a page of the log."""
    found = re.findall(r'<div class="timeline__what"><p>(.*?)</p>', page.text, re.DOTALL)
    return [clean(unescape(re.sub(r"<[^>]+>", "", line))) for line in found]


@pytest.fixture(scope="module")
def busy(world: World) -> int:
    """A branch in which very much was refused."""
    actor = Actor("person", world.people["admin_a"], world.places["A"])
    with world.installation.database.write() as tx:
        for number in range(230):
            record(
                tx,
                LIST_EXPORT_REFUSED,
                actor,
                agency=world.places["A"],
                list="people",
                count=number,
                quota=1,
                filter=f"lần {number}",
                place="",
            )
    return 230


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_file_of_the_log_holds_what_the_page_shows(
    fresh: World, busy: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts_file, "_AT_ONCE", 7)
    browser = fresh.browser("admin_a")
    shown = lines_in(browser.get("/nhat-ky", loai="tu-choi", **{"so-dong": "200"}))
    assert len(shown) >= 40  # the budget of one actor counts the others
    taken = log_of(take_log(fresh, form=form, loai="tu-choi"))
    assert taken == shown
    event = events(fresh, "list.exported")[0]
    assert event.fields["list"] == "audit_log"
    assert event.fields["filter"] == "Loại sự việc: Thao tác bị từ chối"
    assert event.fields["count"] == len(shown)
    everything = log_of(take_log(fresh, form=form))
    assert "xuất nhật ký" in everything[0]  # the one before, never itself
    assert everything[0] != everything[1]


def test_the_file_of_the_log_leaves_out_nothing_that_the_page_folds(fresh: World) -> None:
    where = {"subject": f"person:{fresh.people['a1']}", "agency": fresh.places["A"]}
    with fresh.installation.database.write() as tx:
        its = {"connector": "gop-lai", "application": "app", "act": "created"}
        record(tx, CONNECTOR_ACCOUNT, system("connectors"), **where, **its, part_of=new_event_id())
    for query in ({}, {"tung-tai-khoan": "khong"}):
        shown = lines_in(fresh.browser("admin_a").get("/nhat-ky", **query))
        assert not [line for line in shown if "gop-lai" in line]
        assert len([line for line in log_of(take_log(fresh, **query)) if "gop-lai" in line]) == 1


def test_the_log_of_others_is_in_no_file(fresh: World, busy: int) -> None:
    assert not [line for line in log_of(take_log(fresh, "admin_b")) if "lần " in line]
    assert take_log(fresh, "admin_b", ten="Đặng").status_code == 200
    names = {name for name, place in PEOPLE.values() if place != "B"}
    text = take_log(fresh, "admin_b").content.decode()
    assert not [name for name in names if name in text]


def test_a_long_stretch_of_the_log_wants_a_reason(fresh: World, busy: int) -> None:
    actor = Actor("system", "audit")
    with fresh.installation.database.write() as tx:
        for _ in range(205):
            record(tx, LIST_EXPORT_REFUSED, actor, agency=fresh.places["A"], list="people",
                   count=1, quota=1, filter="", place="")  # fmt: skip
    asked = take_log(fresh, reason="", loai="tu-choi")
    assert asked.status_code == 303
    assert asked.headers["Location"] == f"{LOG}?loai=tu-choi&dang=csv"
    browser = fresh.browser("admin_a")
    form = own_form(browser.get(asked.headers["Location"]))
    assert form.action == f"{LOG}?loai=tu-choi"
    answer = browser.post(form.action, form.values(**{"ly-do": "thanh tra"}))
    assert len(log_of(answer)) > 200


# --- how long a page is


def test_the_length_of_a_page_is_kept_for_each_list(fresh: World, crowd: int) -> None:
    browser = fresh.browser("admin_a")
    first = browser.get("/nguoi-dung", tim="lò")
    assert len(names_in(first)) == 50
    assert 'href="/nguoi-dung?tim=l%C3%B2&amp;so-dong=100">100</a>' in first.text
    assert len(names_in(browser.get("/nguoi-dung", tim="lò", **{"so-dong": "100"}))) == 100
    kept = browser.get("/nguoi-dung", tim="lò", trang="3")
    assert len(names_in(kept)) == crowd - 200
    assert "201–230 trong 230" in told(kept)
    assert len(lines_in(browser.get("/nhat-ky"))) <= 50
    for odd in ("51", "-1", "1e9", "", "100000"):
        assert len(names_in(browser.get("/nguoi-dung", tim="lò", **{"so-dong": odd}))) == 100
    assert len(names_in(fresh.browser("admin_a").get("/nguoi-dung", tim="lò"))) == 50


def test_what_is_printed_says_what_whose_by_whom_and_when(fresh: World) -> None:
    for path, title in (("/nguoi-dung", "Người dùng"), ("/nhat-ky", "Nhật ký")):
        page = told(fresh.browser("admin_a").get(path))
        assert "Nơi A" in page and re.search(r"lúc \d\d/\d\d/\d{4} \d\d:\d\d", page), page[:300]
        assert title in page
