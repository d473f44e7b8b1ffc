"""Notices: kept by the operators at ``/thong-bao``, read by everybody above the pages."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest
import requests

from admin_ui.components import COMPONENTS
from directory.clock import MINUTE, now_ms
from directory.notices import service, showing
from directory.notices.terms import Terms
from idp.app import create_app as issuer_app
from tests.console.test_applications import send
from tests.console.test_roles import faults
from tests.console.world import World, told
from tests.support import province
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

PATH = "/thong-bao"
XSS = "<script>alert(1)</script> {{7*7}}"


@pytest.fixture(scope="module")
def operators(world: World) -> World:
    boss = world.people["a1"]
    account = world.add_person("van_hanh", "Lê Vận Hành", world.post("P"), administrator_of=boss)
    province.give(world.installation, "province_operator", account.id, world.places["P"])
    return world


@pytest.fixture
def operator(operators: World) -> Iterator[Browser]:
    yield operators.browser("van_hanh")
    with operators.installation.database.write() as tx:
        for each in service.list_standing(tx):
            service.take_down(tx, OPERATOR, each.id)
    showing.forget(operators.installation.database)


def put_up(browser: Browser, **typed: str | list[str]) -> str:
    """The text of the page that answers the form."""
    page = browser.get(f"{PATH}/them")
    return send(browser, page, f"{PATH}/them", **typed).text


def take_down(world: World, browser: Browser, where: str) -> requests.Response:
    token = world.token_of(browser)
    return browser.follow(browser.post(f"{where}/go", {"csrf_token": token}))


def notices_of(text: str) -> str:
    """What stands above a page."""
    return text.partition('<div class="notices"')[2].partition("</div></div>")[0]


def test_it_is_put_up_changed_and_taken_down(operators: World, operator: Browser) -> None:
    assert "Chưa có thông báo nào" in operator.get(PATH).text
    page = put_up(operator, text_vi="Đổi máy chủ thư", places=["console"])
    assert "Đã đăng" in page
    assert "Đổi máy chủ thư" in notices_of(page)
    assert "Lê Vận Hành" in page
    # Everybody reads it.
    assert "Đổi máy chủ thư" in notices_of(operators.browser("admin_a").get("/nguoi-dung").text)
    with operators.installation.database.read() as tx:
        (standing,) = service.list_standing(tx)
    where = f"{PATH}/{standing.id}"
    page = send(operator, operator.get(where), where, text_vi="Đổi xong").text
    assert "Đã lưu" in page
    assert "phiên bản 2" in page
    assert "Đổi xong" in notices_of(page)
    answer = take_down(operators, operator, where)
    assert "Đã gỡ" in answer.text
    assert notices_of(answer.text) == ""
    assert "Đổi xong" in operator.get(f"{PATH}/da-het").text


def test_two_clicks_are_one_notice(operators: World, operator: Browser) -> None:
    page = operator.get(f"{PATH}/them")
    send(operator, page, f"{PATH}/them", text_vi="Một lần")
    assert "Không có gì" in send(operator, page, f"{PATH}/them", text_vi="Một lần").text
    with operators.installation.database.read() as tx:
        assert len(service.list_standing(tx)) == 1


def test_maintenance_is_told_with_its_time_in_both_languages(operator: Browser) -> None:
    page = put_up(
        operator,
        kind="maintenance",
        text_vi="Xin lưu công việc.",
        text_en="Please save your work.",
        work_from="28/11/2199 20:00",
        work_until="28/11/2199 22:00",
    )
    assert "Bảo trì hệ thống từ 20:00 đến 22:00 ngày 28/11/2199." in notices_of(page)
    english = notices_of(operator.get("/nguoi-dung?lang=en").text)
    assert "Maintenance: 28/11/2199, 20:00 to 22:00." in english
    assert "Please save your work." in english
    assert 'lang="vi"' not in english


def test_what_has_no_english_is_marked_as_vietnamese(operator: Browser) -> None:
    put_up(operator, text_vi="Chỉ tiếng Việt")
    assert '<span lang="vi">Chỉ tiếng Việt' in notices_of(operator.get(f"{PATH}?lang=en").text)


def test_nothing_typed_is_lost_and_faults_stand_at_their_fields(operator: Browser) -> None:
    page = operator.get(f"{PATH}/them")
    answer = send(
        operator, page, f"{PATH}/them", kind="maintenance", text_vi="Nhớ lưu", work_from="mai"
    )
    assert "28/11/2026 20:00" in faults(answer)
    assert 'value="Nhớ lưu"' in answer.text
    assert 'value="mai"' in answer.text
    assert 'id="work_from-error"' in answer.text


def test_it_is_text_and_never_markup(operators: World, operator: Browser) -> None:
    page = put_up(operator, text_vi=XSS)
    assert "<script>alert" not in page
    assert XSS in unescape(notices_of(page))


def test_a_stale_form_is_asked_once_more_with_what_was_typed(
    operators: World, operator: Browser
) -> None:
    put_up(operator, text_vi="Đầu tiên")
    with operators.installation.database.read() as tx:
        (standing,) = service.list_standing(tx)
    where = f"{PATH}/{standing.id}"
    stale = operator.get(where)
    send(operator, operator.get(where), where, text_vi="Người khác")
    answer = send(operator, stale, where, text_vi="Của tôi")
    assert "người khác đã sửa" in faults(answer)
    assert 'value="Của tôi"' in answer.text
    assert "Của tôi" in notices_of(send(operator, answer, where).text)


def test_a_form_for_what_has_gone_says_so(operators: World, operator: Browser) -> None:
    put_up(operator, text_vi="Sắp gỡ")
    with operators.installation.database.read() as tx:
        (standing,) = service.list_standing(tx)
    where = f"{PATH}/{standing.id}"
    page = operator.get(where)
    with operators.installation.database.write() as tx:
        service.take_down(tx, OPERATOR, standing.id)
    assert "đã được gỡ trước đó" in send(operator, page, where, text_vi="Muộn").text
    assert "đã được gỡ trước đó" in take_down(operators, operator, where).text
    assert operator.get(where).status_code == 409
    assert operator.get(f"{PATH}/khong-co").status_code == 404


def test_the_sign_in_page_and_my_applications_show_theirs(
    operators: World, operator: Browser
) -> None:
    installation = operators.installation
    terms = Terms("warning", "Chỉ nơi đăng nhập", "", ("sign_in",), now_ms() - MINUTE)
    with installation.database.write() as tx:
        service.put_up(tx, OPERATOR, terms)
    showing.forget(installation.database)
    issuer = Browser(installation.settings.issuer, app=issuer_app(installation, COMPONENTS))
    page = issuer.open("/dang-nhap")
    assert "Chỉ nơi đăng nhập" in notices_of(page.text)
    assert "notice--warning" in page.text
    assert notices_of(operator.get(PATH).text) == ""
    # A page that says something else failed asks nothing of the store.
    with operators.counting() as count:
        showing.forget(installation.database)
        assert issuer.get("/khong-co-trang-nay").status_code == 404
    assert not any("FROM notice" in each for each in count.sql)


def test_a_page_costs_one_statement_more_at_most(operators: World, operator: Browser) -> None:
    with operators.counting() as first:
        showing.forget(operators.installation.database)
        operator.get("/nguoi-dung")
    with operators.counting() as second:
        operator.get("/nguoi-dung")
    assert sum("FROM notice" in each for each in first.sql) == 1
    assert sum("FROM notice" in each for each in second.sql) == 0


def test_the_screens_are_cheap(operators: World, operator: Browser) -> None:
    put_up(operator, text_vi="Một")
    put_up(operator, text_vi="Hai")
    for path in (PATH, f"{PATH}/da-het", f"{PATH}/them"):
        with operators.counting() as count:
            assert told(operator.get(path))
        assert len(count.sql) <= 12, (path, count.sql)
