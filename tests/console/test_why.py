"""Why and why not in the console: asked of a person, an application or a grant, and what to do."""

from __future__ import annotations

import pytest

from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.roles import Role
from directory.ids import new_id
from directory.people import service as people
from tests.console.test_out_of_scope import as_sent, without
from tests.console.world import NEXT_YEAR, World, told
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

APP = "so"


def _url(world: World, person: str, app: str = APP) -> str:
    return f"/vi-sao?nguoi={world.people.get(person, person)}&ung-dung={app}"


@pytest.fixture(autouse=True)
def application(world: World) -> None:
    """One that holders of its roles enter."""
    with world.installation.database.write() as tx:
        app = Application(APP, "Sổ <b>công văn</b>", "", "roles", world.places["A"])
        applications.put(tx, OPERATOR, app)
        for name, title in (("xem", "Xem"), ("duyet", "Duyệt")):
            grants.put_role(tx, OPERATOR, Role(APP, name, title, title, excludes=()))


def test_it_is_asked_on_the_pages_of_person_application_and_grant(world: World) -> None:
    browser, person = world.browser("admin_a"), world.people["a3"]
    assert f'href="/vi-sao?nguoi={person}"' in browser.get(f"/nguoi-dung/{person}").text
    app = world.applications["shared"]
    assert f'href="/vi-sao?ung-dung={app}"' in browser.get(f"/ung-dung/{app}").text
    page = browser.get(f"/quyen/{world.grants['held_a']}").text
    assert f'href="/vi-sao?nguoi={person}&amp;ung-dung=danh-muc"' in page


def test_whoever_is_typed_is_found_and_told_of(world: World) -> None:
    browser = world.browser("admin_a")
    answer = browser.get(f"/vi-sao?ten=a1&ung-dung={APP}")
    assert (answer.status_code, answer.headers["Location"]) == (303, _url(world, "a1"))
    answer = browser.get(_url(world, "a1"))
    page = told(answer)
    assert "Không được vào" in page
    assert "hiện không giữ vai trò nào" in page
    assert "Chưa được cấp" in page
    assert "<b>công văn" not in answer.text
    # Nobody of one's branch is nobody.
    for login in ("b1", "khong.co"):
        answer = browser.get(f"/vi-sao?ten={login}&ung-dung={APP}")
        assert "Không có người dùng nào thuộc phạm vi" in told(answer)
    chosen = f"/vi-sao?nguoi={world.people['a1']}&ung-dung="
    assert "Hãy chọn ứng dụng" in told(browser.get(chosen))
    nothing = told(browser.get("/vi-sao?ten=&ung-dung="))
    assert "Hãy nhập tên đăng nhập" in nothing
    assert "Hãy chọn ứng dụng" in nothing


def test_what_is_missing_can_be_given_from_there(world: World) -> None:
    browser, person = world.browser("admin_a"), world.people["a1"]
    link = f'href="/quyen/cap?cho=person%3A{person}&amp;vai-tro={APP}%3Axem"'
    assert link in browser.get(_url(world, "a1")).text
    given = world.grant("a1", "xem", "A", application_id=APP, end=NEXT_YEAR, basis="QĐ 7/QĐ-A")
    answer = browser.get(_url(world, "a1"))
    page = told(answer)
    assert "Được vào" in page
    assert "căn cứ QĐ 7/QĐ-A" in page
    assert f'href="/quyen/{given}"' in answer.text
    assert link not in answer.text
    world.revoke(given)
    page = told(browser.get(_url(world, "a1")))
    assert "Không được vào" in page
    assert "thôi nhiệm vụ" in page


def test_whoever_only_reads_is_offered_nothing_to_give(world: World) -> None:
    page = world.browser("inspector").get(_url(world, "a1")).text
    assert "Chưa được cấp" in page
    assert "/quyen/cap" not in page


def test_a_suspended_person_is_told_so_first(world: World) -> None:
    people.suspend(world.installation, OPERATOR, world.people["a2"], "đình chỉ")
    answer = world.browser("admin_a").get(_url(world, "a2"))
    page = told(answer)
    assert page.index("đang bị tạm ngừng") < page.index("hiện không giữ vai trò nào")
    assert f'href="/nguoi-dung/{world.people["a2"]}"' in answer.text
    people.resume(world.installation, OPERATOR, world.people["a2"], "xong")


@pytest.mark.parametrize("query", ["?nguoi={}", "?nguoi={}&ung-dung=so", "?nguoi={}&ung-dung=x"])
def test_a_person_out_of_scope_is_a_missing_one(world: World, query: str) -> None:
    browser, answers = world.browser("admin_a"), []
    world.token_of(browser)
    elsewhere, nobody = world.people["b1"], new_id()
    for someone in (elsewhere, nobody):
        with world.counting() as count:
            answer = browser.get("/vi-sao" + query.format(someone))
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, elsewhere, nobody), len(count.sql)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_an_application_out_of_scope_is_a_missing_one(world: World) -> None:
    browser, answers = world.browser("admin_a"), []
    world.token_of(browser)
    secret, nothing = world.applications["of_b"], new_id()
    for app in (secret, nothing):
        with world.counting() as count:
            answer = browser.get(_url(world, "a1", app))
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, secret, nothing), len(count.sql)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert secret not in browser.get("/vi-sao").text


@pytest.mark.parametrize("query", ["nguoi={}&ung-dung=%00", "nguoi=%00&ung-dung=so",
                                   "nguoi={0}&nguoi={0}&ung-dung=a&ung-dung=b",
                                   "ten=%27%22%3E&ung-dung=" + "x" * 500])  # fmt: skip
def test_what_cannot_be_meant_breaks_nothing(world: World, query: str) -> None:
    answer = world.browser("admin_a").get("/vi-sao?" + query.format(world.people["a1"]))
    assert answer.status_code in (200, 400, 404)


def test_it_is_told_in_english_too(world: World) -> None:
    page = told(world.browser("admin_a").get(_url(world, "a1") + "&lang=en"))
    assert "May not enter" in page
    assert "this person holds none today" in page
