"""Many roles at once: ticked in a list, or from a sheet; looked at first, all of it or nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import requests

from directory.access import sheet
from directory.authz.positions import add_position
from directory.clock import today
from directory.ids import new_id
from directory.sheets.reading import read_sheet
from directory.sheets.writing import Column, Listing, written
from tests.console.test_applications import faults, fields, send
from tests.console.test_grants import give, listed
from tests.console.test_grants import roles as roles
from tests.console.test_grants import someone as someone
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

PATH = "/quyen/hang-loat"
HEADINGS = ("Việc cần làm", "Tên đăng nhập", "Ứng dụng", "Vai trò", "Mã cơ quan", "Đến hết ngày")
LATER = (today() + timedelta(days=500)).isoformat()


def upload(world: World, browser: Browser, raw: bytes, pasted: str = "") -> requests.Response:
    """Send a file, or pasted lines; gives the page that the answer leads to."""
    form = {"csrf_token": world.token_of(browser), "pasted": pasted}
    request = requests.Request(
        "POST",
        f"{world.url}{PATH}",
        data=form,
        files={"tep": ("bang.xlsx", raw)},
        headers={"Origin": world.url},
    )
    prepared = browser.http.prepare_request(request)
    answer = browser.http.send(prepared, allow_redirects=False)
    return browser.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def text_of(*rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> str:
    return "\n".join("\t".join(row) for row in (headings, *rows))


def csv_of(*rows: tuple[str, ...]) -> bytes:
    return text_of(*rows).encode()


def confirm(browser: Browser, page: requests.Response, **typed: str) -> requests.Response:
    action = re.search(r'<form class="form card" method="post" action="([^"]+)"', page.text)
    assert action, told(page)
    return send(browser, page, unescape(action[1]), **typed)


def held(world: World, browser: Browser, name: str) -> list[str]:
    return listed(browser.get("/quyen", nguoi=world.people[name]))


def tick(world: World, browser: Browser, act: str, *ids: str) -> requests.Response:
    sent = [("csrf_token", world.token_of(browser)), ("viec", act), *(("id", one) for one in ids)]
    answer = browser.post(f"{PATH}/chon", sent)
    assert answer.status_code == 303
    return browser.follow(answer)


def test_ticked_lines_are_renewed_and_taken_back_as_one(
    world: World, someone: str, roles: str
) -> None:
    browser = world.browser("admin_a")
    first, second = give(world, someone), give(world, "plain")
    page = browser.get("/quyen", **{"ung-dung": roles})
    assert f'action="{PATH}/chon"' in page.text and 'name="viec" value="gia-han"' in page.text
    assert 'type="checkbox"' not in world.browser("inspector").get("/quyen").text
    look = tick(world, browser, "gia-han", first, second)
    assert "2 quyền được gia hạn" in told(look) and someone in told(look)
    assert held(world, browser, someone) == [first], "nothing has happened yet"
    again = confirm(browser, look, end="2020-01-01")
    assert "Hãy chọn ngày cuối chưa qua" in faults(again) and "Hãy nhập lý do" in faults(again)
    done = confirm(browser, again, end=LATER, reason="Kế hoạch 2027")
    assert "Đã gia hạn 2 quyền" in told(done)
    (now,) = held(world, browser, someone)
    assert now != first
    look = tick(world, browser, "thu-hoi", now)
    done = confirm(browser, look, reason="Hết việc")
    assert "Đã thu hồi 1 quyền" in told(done)
    assert held(world, browser, someone) == []
    log = told(browser.get("/nhat-ky", loai="vai-tro"))
    assert "gia hạn 2 vai trò theo danh sách: Kế hoạch 2027" in log
    assert f"cho Lò Thị {someone.title()} tại Nơi A" in log, "each line by itself"


def test_a_double_click_does_nothing_twice(world: World, someone: str) -> None:
    browser = world.browser("admin_a")
    look = tick(world, browser, "thu-hoi", give(world, someone))
    confirm(browser, look, reason="một")
    twice = confirm(browser, look, reason="hai")
    assert "các dòng này đã được thực hiện trước đó" in twice.text
    nothing = tick(world, browser, "thu-hoi")
    assert "chưa chọn dòng nào" in nothing.text


def test_what_changed_meanwhile_is_said_and_nothing_is_done(world: World, someone: str) -> None:
    browser = world.browser("admin_a")
    first, second = give(world, someone), give(world, "a2")
    look = tick(world, browser, "thu-hoi", first, second)
    world.revoke(second)
    page = confirm(browser, look, reason="x")
    assert "1 lỗi trong 2 dòng" in told(page)
    assert "đã được thu hồi hoặc gia hạn trước đó" in told(page)
    assert held(world, browser, someone) == [first]


def test_ids_of_others_are_as_ids_of_nobody(world: World) -> None:
    browser = world.browser("admin_a")
    pages = [
        told(tick(world, browser, act, one)).replace(one, "")
        for act in ("thu-hoi", "gia-han")
        for one in (world.grants["held_b"], new_id())
    ]
    assert pages[0] == pages[1] and pages[2] == pages[3]
    assert "Không có lần cấp vai trò này" in pages[0]
    other = world.browser("admin_b")
    assert world.grants["held_b"] in listed(other.get("/quyen"))


def test_a_sheet_gives_and_takes_back(world: World, someone: str, roles: str) -> None:
    browser = world.browser("admin_a")
    old = give(world, "a2")
    page = upload(
        world,
        browser,
        csv_of(
            ("", someone, "Lịch của A", "Xem lịch", "A", "31/12/2099"),
            ("thu hồi", "a2", "lich cua a", "xem", "A", ""),
        ),
    )
    text = told(page)
    assert "1 quyền được cấp" in text and "1 quyền bị thu hồi" in text
    assert "31/12/2099" in text and held(world, browser, someone) == []
    done = confirm(browser, page, reason="QĐ 9/QĐ-A")
    assert "Đã cấp 1 quyền" in told(done) and "Đã thu hồi 1 quyền" in told(done)
    assert len(held(world, browser, someone)) == 1 and old not in held(world, browser, "a2")
    shown = told(browser.get(f"/quyen/{held(world, browser, someone)[0]}"))
    assert "QĐ 9/QĐ-A" in shown and "31/12/2099" in shown


def test_pasted_lines_come_with_headings_or_without(world: World, someone: str, roles: str) -> None:
    browser = world.browser("admin_a")
    in_order = ("", someone, "", "Lịch của A", "xem", "A")
    for pasted in (
        text_of(("cấp", someone, "Lịch của A", "xem", "A", "")),
        "\t".join(in_order),
    ):
        page = upload(world, browser, b"", pasted)
        assert "1 quyền được cấp" in told(page), told(page)
    confirm(browser, page, reason="x")
    assert len(held(world, browser, someone)) == 1


def test_an_exported_list_can_be_sent_back(world: World, someone: str) -> None:
    browser = world.browser("admin_a")
    given = give(world, someone)
    sent = {"csrf_token": world.token_of(browser), "dang": "xlsx", "ly-do": "x"}
    file = browser.post(f"/quyen/xuat?nguoi={world.people[someone]}", sent)
    page = upload(world, browser, file.content)
    assert "Vai trò này đã được cấp" in told(page)
    world.revoke(given)
    assert "1 quyền được cấp" in told(upload(world, browser, file.content))


def test_every_problem_is_told_in_a_sentence_and_nothing_is_done(
    world: World, someone: str, roles: str
) -> None:
    browser = world.browser("admin_a")
    give(world, "u1")
    before = listed(browser.get("/quyen", **{"so-dong": "200"}))
    rows = (
        ("", someone, "Lịch của A", "xem", "A", ""),  # by itself it could be done
        ("xóa", someone, "Lịch của A", "xem", "A", ""),
        ("", "b1", "Lịch của A", "xem", "A", ""),
        ("", "khongco", "Lịch của A", "xem", "A", ""),
        ("", someone, "Sổ Bí Mật", "xem", "A", ""),
        ("", someone, "Lịch của A", "trùm", "A", ""),
        ("", someone, "Lịch của A", "xem", "B", ""),
        ("", someone, "Lịch của A", "duyệt lịch", "A", ""),
        ("", someone, "Lịch của A", "xem", "A", "31/02/2099"),
        ("", someone, "Lịch của A", "xem", "A", "01/01/2020"),
        ("", "u1", "Lịch của A", "xem", "A", ""),
        ("thu hồi", "a3", "Lịch của A", "xem", "A", ""),
        ("", someone, "Lịch của A", "xem", "A", ""),
        ("", "", "Lịch của A", "xem", "A", ""),
    )
    page = upload(world, browser, csv_of(*rows))
    text = told(page)
    for number, said in {
        3: "chỉ nhận Cấp hoặc Thu hồi",
        4: "Không có người nào tên đăng nhập “b1” trong phạm vi",
        5: "Không có người nào tên đăng nhập “khongco” trong phạm vi",
        6: "Không có ứng dụng “Sổ Bí Mật”",
        7: "Ứng dụng “Lịch của A” không có vai trò “trùm”. Các vai trò: ",
        8: "Không có cơ quan “B” trong phạm vi",
        9: "chỉ được cấp khi có người thứ hai phê duyệt",
        10: "“31/02/2099” không phải là ngày hợp lệ",
        12: "Vai trò này đã được cấp",
        13: "Không có quyền nào như vậy để thu hồi",
        14: "Trùng với dòng 2",
        15: "Thiếu người giữ",
    }.items():
        assert re.search(rf"Dòng {number} [^.]*{re.escape(said)}", text), (number, said, text)
    assert 'action="/quyen/hang-loat/xem' not in page.text, "nothing to confirm"
    assert listed(browser.get("/quyen", **{"so-dong": "200"})) == before


def test_a_position_is_named_by_its_place(world: World, roles: str) -> None:
    browser = world.browser("admin_a")
    with world.installation.database.write() as tx:
        add_position(tx, OPERATOR, world.places["A"], "Thủ quỹ")
    headings = ("Vị trí việc làm", "Ứng dụng", "Vai trò", "Nơi áp dụng")
    page = upload(
        world, browser, b"", text_of(("thủ quỹ", "Lịch của A", "xem", "nơi a"), headings=headings)
    )
    assert "1 quyền được cấp" in told(page) and "Thủ quỹ" in told(page)
    bad = text_of(("Giám đốc", "Lịch của A", "xem", "nơi a"), headings=headings)
    assert "Nơi A không có vị trí việc làm “Giám đốc”" in told(upload(world, browser, b"", bad))


def _bomb() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (64 << 20))
    return raw.getvalue()


def _long() -> bytes:
    return csv_of(*(("", f"x{n}", "Lịch của A", "xem", "A", "") for n in range(201)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"", "Chưa có gì để thực hiện"),
        (lambda: b"xin ch\xe0o", "Không đọc được chữ trong tệp CSV"),
        (lambda: b"a;b\n1;2\n", "Không tìm thấy dòng tiêu đề"),
        (lambda: b"%PDF-1.7", "không phải là bảng tính"),
        (_bomb, "nén quá mức"),
        (_long, "Bảng có 201 dòng; mỗi lần thực hiện không quá 200 dòng"),
        (lambda: b"x" * (2 * 1024 * 1024 + 1), "Tệp quá lớn; hệ thống đọc tệp không quá 2 MB"),
    ],
)
def test_what_cannot_be_read_says_why(world: World, make: Callable[[], bytes], said: str) -> None:
    page = upload(world, world.browser("admin_a"), make())
    assert page.status_code == 200 and said in faults(page), told(page)


def test_only_this_page_takes_more_than_a_form(world: World) -> None:
    browser = world.browser("admin_a")
    large = b"x" * (4 * 1024 * 1024)
    assert upload(world, browser, large).status_code == 413
    form = {"csrf_token": world.token_of(browser), "reason": "x" * (300 * 1024)}
    assert browser.post(f"/quyen/{world.grants['held_a']}/thu-hoi", form).status_code == 413
    assert browser.post(f"{PATH}/chon", form).status_code == 413


def test_both_a_file_and_pasted_lines_are_one_too_many(world: World) -> None:
    page = upload(world, world.browser("admin_a"), b"a,b", "x\ty")
    assert "Có cả tệp và các dòng dán vào" in faults(page) and "x\ty" in unescape(page.text)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_template_has_the_headings_that_are_read(world: World, form: str) -> None:
    answer = world.browser("admin_a").get(f"{PATH}/mau.{form}")
    assert answer.status_code == 200
    listing = sheet.template("vi")
    assert [column.heading for column in listing.columns] == [c.words[0] for c in sheet.COLUMNS]
    filled = Listing(
        listing.title,
        listing.notes,
        [Column(column.heading, 10) for column in listing.columns],
        [["", "a1", "", "Lịch của A", "xem", "A", *[""] * 7]],
        1,
    )
    rows = read_sheet(b"".join(written(filled, "xlsx" if form == "xlsx" else "csv")), sheet.COLUMNS)
    assert rows.rows[0].values["role"] == "xem" and not rows.missing and not rows.unknown


def test_formulas_and_markup_are_text(world: World, someone: str, roles: str) -> None:
    browser = world.browser("admin_a")
    headings = (*HEADINGS, "Lý do")
    row = ("", someone, "Lịch của A", "xem", "A", "", "=1+1 <script>")
    page = upload(world, browser, b"", text_of(row, headings=headings))
    confirm(browser, page, reason="x")
    shown = browser.get(f"/quyen/{held(world, browser, someone)[0]}")
    assert "=1+1 <script>" in unescape(shown.text) and "<script>" not in shown.text.partition(
        "<main"
    )[2].partition("</main>")[0].replace("<script type=", "")
    odd = text_of(("", "<b>x</b>", "Lịch của A", "xem", "A", ""))
    assert "<b>x</b>" not in upload(world, browser, b"", odd).text


def test_what_waits_is_of_this_session_alone(world: World, someone: str) -> None:
    mine, other = world.browser("admin_a"), world.browser("admin_b")
    given = give(world, someone)
    look = tick(world, mine, "thu-hoi", given)
    assert "chờ quá lâu" in other.follow(other.get(look.url)).text
    form = {"csrf_token": world.token_of(other), **{k: v[0] for k, v in fields(look).items()}}
    form |= {"csrf_token": world.token_of(other), "reason": "x"}
    assert "chờ quá lâu" in other.follow(other.post(look.url, form)).text
    assert held(world, mine, someone) == [given]
