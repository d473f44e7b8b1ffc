"""Setting a connector up and changing what it sends: nothing counts before it was seen."""

from __future__ import annotations

import re
from html import unescape

import requests

from directory.authz.applications import find as find_application
from sync.engine import connectors, editing
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

_EDIT = "/ket-noi/con-a/dinh-nghia/sua"


def _form(page: requests.Response) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    main = page.text.partition("<main")[2]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name, value = (re.search(rf' {its}="([^"]*)"', tag) for its in ("name", "value"))
        is_off = ('type="radio"' in tag or 'type="checkbox"' in tag) and "checked" not in tag
        if name and not is_off and name[1] != "csrf_token":
            fields[name[1]] = unescape(value[1]) if value else ""
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', main, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        first = re.search(r'value="([^"]*)"', inner)
        found = chosen or first
        fields[name] = found[1] if found else ""
    for name, inner in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', main, re.S
    ):
        fields[name] = unescape(inner)
    return fields


def _send(world: World, browser: Browser, path: str, form: dict[str, str]) -> requests.Response:
    answer = browser.post(path, {**form, "csrf_token": world.token_of(browser)})
    assert answer.status_code == 303, told(answer)
    return browser.get(answer.headers["Location"])


def _source(world: World, name: str = "con-a") -> str:
    with world.installation.database.read() as tx:
        return connectors.get(tx, name).source


def test_it_is_tried_on_a_real_person_and_shown_before_it_counts(world: World) -> None:
    browser = world.browser("admin_a")
    form = _form(browser.get(_EDIT))
    assert form["a-userName"] == "username"
    assert "a-emails" in form, "what it is not sent yet can be"
    form |= {"a-title": 'upper("<b>") + full_name', "a-displayName": "full_nam", "whom": "ánh"}
    page = _send(world, browser, f"{_EDIT}?xem=1", form)
    assert "Anh/Chị muốn chọn ai?" in told(page), "two are called so"
    form = _form(page) | {"person": world.people["a1"]}
    page = _send(world, browser, f"{_EDIT}?xem=1", form)
    assert "→ <B>Đặng Thị Ánh" in told(page)
    assert "<B>" not in page.text
    assert "không có dữ liệu nào của người dùng tên 'full_nam' (ở ký tự thứ 1)" in told(page)
    page = _send(world, browser, _EDIT, _form(page))
    assert "Chưa lưu" in page.text.partition("<title>")[2][:20]
    form = _form(page) | {"a-displayName": "full_name + username"}
    before = _source(world)
    page = _send(world, browser, _EDIT, form)
    assert "Trước khi áp dụng" in told(page)
    assert _source(world) == before
    page_url = page.url.partition("localhost:")[2].partition("/")[2]
    page = _send(world, browser, f"/{page_url}", {})
    assert "Mọi người được so sánh lại" in told(page)
    assert "displayName: full_name + username" in _source(world)


def test_nobody_previews_whom_they_do_not_see(world: World) -> None:
    browser = world.browser("admin_a")
    form = _form(browser.get(_EDIT))
    for whom, person in (("quach", ""), ("", world.people["b1"])):
        page = _send(
            world,
            browser,
            f"{_EDIT}?xem=1",
            {**form, "whom": whom, "seen_whom": whom, "person": person},
        )
        assert "Quách" not in page.text
        assert "→" not in told(page)


def test_whoever_was_first_is_not_written_over(world: World) -> None:
    browser = world.browser("admin_a")
    form = _form(browser.get(_EDIT)) | {"a-title": "post.title"}
    source = _source(world).replace("accounts:\n", "accounts:\n  nickName: given_name\n")
    connectors.put(world.installation, OPERATOR, source, replaces=True)
    page = _send(world, browser, _EDIT, form)
    assert "Người khác vừa đổi định nghĩa này" in told(page)
    assert _form(page)["a-title"] == "post.title", "what was typed is kept"
    assert _form(page)["a-nickName"] == "given_name", "what was not touched follows"
    assert "title: post.title" not in _source(world)


def test_a_token_is_on_no_page_and_goes_to_no_other_host(world: World) -> None:
    browser = world.browser("admin_a")
    form = _form(browser.get(_EDIT)) | {"token": "rat-bi-mat", "whom": "a1"}
    page = _send(world, browser, f"{_EDIT}?xem=1", form)
    assert "rat-bi-mat" not in page.text
    form = _form(page) | {"url": "https://127.0.0.9/scim"}
    page = _send(world, browser, _EDIT, form)
    page_url = page.url.partition("localhost:")[2].partition("/")[2]
    page = _send(world, browser, f"/{page_url}", {})
    assert "phải nhập lại mã truy cập" in told(page)
    assert "127.0.0.9" not in _source(world)
    page = _send(world, browser, _EDIT, _form(page) | {"token": "rat-bi-mat"})
    assert "rat-bi-mat" not in page.text
    page_url = page.url.partition("localhost:")[2].partition("/")[2]
    assert "rat-bi-mat" not in _send(world, browser, f"/{page_url}", {}).text
    assert "127.0.0.9" in _source(world)


def test_one_is_set_up_for_ones_own_applications_alone(world: World) -> None:
    world.applications["own"] = world.register("own", "A")
    browser = world.browser("admin_a")
    page = browser.get("/ket-noi/dang-ky")
    assert "Sổ Bí Mật" not in page.text
    assert "Thư điện tử" not in page.text
    typed = _form(page) | {"url": "https://127.0.0.1:1/scim"}
    for name in ("of_b", "shared", "no_app"):
        refused = _send(
            world, browser, "/ket-noi/dang-ky", typed | {"application": world.applications[name]}
        )
        assert "Chưa lưu" in refused.text.partition("<title>")[2][:20]
    typed["application"] = world.applications["own"]
    page = _send(world, browser, "/ket-noi/dang-ky", typed)
    form = _form(page)
    assert form["a-userName"] == "username", "what it commonly wants is proposed"
    page = _send(world, browser, "/ket-noi/dang-ky/du-lieu", form)
    assert "đang tạm dừng" in told(page)
    with world.installation.database.read() as tx:
        found = connectors.get(tx, "own")
        assert found.paused_at is not None
        app = find_application(tx, found.definition.application_id)
        assert app is not None
        assert editing.free_name(tx, app.name) == "own-2"


def test_a_file_is_what_its_form_says(world: World) -> None:
    source = """\
connector: mot
application: app
target: {kind: scim, url: "https://a.vn/scim", profile: put}
accounts: {userName: lower(username), title: 'lookup("t", post.title, "không")'}
scope: {agencies: [A, B]}
roles: {x: "Văn thư: 1"}
leavers: delete
reconcile: report
limits: {at_once: 2, losses: 0}
tables: {t: {"có": "yes"}}
"""
    written = editing.source_of(editing.draft_of(source), source)
    assert connectors.read(written) == connectors.read(written)
    one, other = connectors.read(source), connectors.read(written)
    assert {p: e.source for p, e in one.attributes.items()} == {
        p: e.source for p, e in other.attributes.items()
    }
    assert (one.target, one.roles, one.agencies, one.leavers, one.reconciles, one.limits) == (
        other.target,
        other.roles,
        other.agencies,
        other.leavers,
        other.reconciles,
        other.limits,
    )
    assert one.tables == other.tables
