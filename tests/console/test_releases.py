"""What applications learn, in the console: looked at, made less, asked for more."""

from __future__ import annotations

from html import unescape

import requests

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications
from directory.release import service as release
from directory.release.register import find_release, list_versions
from directory.release.service import COMMON_BASIS, change, proposed
from directory.requests import service
from directory.requests.handles import RequestsFor
from directory.requests.register import RequestQuestion
from idp.applications.opening import describe
from tests.console.test_applications import fields, id_of, send
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

# Four of them say who is here.
MOST_STATEMENTS = 14


def begun(world: World, *names: str) -> str:
    """The application of A, learning these; gives its id."""
    app_id = world.applications["of_a"]
    with world.installation.database.write() as tx:
        app = applications.find(tx, app_id)
        assert app is not None
        found = find_release(tx, app_id)
        wanted = proposed(names)
        if found is None:
            release.begin(tx, OPERATOR, app, wanted)
        elif dict(found.attributes) != dict(wanted):
            if set(wanted.items()) <= set(found.attributes.items()):
                change(tx, OPERATOR, app_id, wanted)
            else:
                asked = change(tx, OPERATOR, app_id, wanted, "thử").request_id
                service.approve(tx, Actor("os", "hai"), REQUEST_KINDS, asked)
    return app_id


def learned(world: World, app_id: str) -> set[str]:
    with world.installation.database.read() as tx:
        found = find_release(tx, app_id)
    return set(found.attributes) if found else set()


def save(browser: Browser, app_id: str, **typed: str | list[str]) -> requests.Response:
    path = f"/ung-dung/{app_id}/du-lieu/sua"
    return send(browser, browser.get(path), path, **typed)


def test_less_counts_at_once_and_is_told_on_the_page(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles", "mail"), world.browser("admin_a")
    page = browser.get(f"/ung-dung/{app_id}").text
    assert f"/ung-dung/{app_id}/du-lieu" in page
    answer = save(browser, app_id, attributes=["full_name", "roles"])
    assert answer.url.endswith(f"/ung-dung/{app_id}/du-lieu")
    assert learned(world, app_id) == {"full_name", "roles"}
    shown = told(browser.get(f"/ung-dung/{app_id}/du-lieu"))
    assert "Họ và tên" in shown
    assert "Phiên bản" in shown


def test_more_is_asked_for_and_nothing_typed_is_lost(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    more = ["full_name", "roles", "unit"]
    answer = save(browser, app_id, attributes=more, purpose="", reason="cần")
    page = unescape(answer.text)
    assert 'id="error-summary"' in page
    assert 'value="cần"' in page
    answer = save(browser, app_id, attributes=more, purpose="Phân <b>việc</b>", reason="cần")
    assert learned(world, app_id) == {"full_name", "roles"}
    assert "người thứ hai" in told(answer)
    asker = Actor("person", world.people["admin_a"])
    own = RequestsFor(world.installation, asker, VOCABULARY, REQUEST_KINDS).own(RequestQuestion())
    (asked,) = [one.request for one in own.requests if one.request.kind == "release"]
    with world.installation.database.write() as tx:
        service.approve(tx, OPERATOR, REQUEST_KINDS, asked.id)
    page = browser.get(f"/ung-dung/{app_id}/du-lieu").text
    assert "Phân &lt;b&gt;việc&lt;/b&gt;" in page
    assert learned(world, app_id) == set(more)


def test_a_form_that_is_older_than_another_version_is_not_saved(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    path = f"/ung-dung/{app_id}/du-lieu/sua"
    opened = browser.get(path)
    with world.installation.database.write() as tx:
        change(tx, OPERATOR, app_id, proposed(["roles"]))
    answer = send(browser, opened, path, attributes=["full_name"])
    assert "vừa sửa ứng dụng này" in unescape(answer.text)
    assert learned(world, app_id) == {"roles"}


def test_the_page_costs_little(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    for path in (f"/ung-dung/{app_id}/du-lieu", f"/ung-dung/{app_id}/du-lieu/sua"):
        with world.counting() as count:
            assert browser.get(path).status_code == 200
        assert len(count.sql) <= MOST_STATEMENTS, count.sql


def test_what_nobody_offered_is_refused(world: World) -> None:
    app_id, browser = begun(world, "full_name", "roles"), world.browser("admin_a")
    with world.installation.database.read() as tx:
        before = len(list_versions(tx, app_id))
    answer = save(browser, app_id, attributes=["full_name", "salary"], purpose="x", reason="y")
    assert 'id="error-summary"' in answer.text
    with world.installation.database.read() as tx:
        assert len(list_versions(tx, app_id)) == before


def test_what_it_learns_is_chosen_at_its_registration(world: World) -> None:
    browser, path = world.browser("admin_a"), "/ung-dung/dang-ky/web"
    first = browser.get(path)
    second = send(browser, first, path, name="Chọn ít", contact="0274 1")
    assert set(fields(second)["attributes"]) == {
        "full_name",
        "username",
        "agency",
        "agency_code",
        "roles",
    }, "little to begin with"
    address = f"{path}/dia-chi"
    wrong = send(browser, second, address, redirect_uris="http://", attributes=["mail"])
    assert fields(wrong)["attributes"] == ["mail"], "nothing chosen is lost"
    last = send(
        browser,
        wrong,
        address,
        redirect_uris="https://it.vn/callback",
        attributes=["mail", "full_name"],
        purpose="Gửi giấy mời họp",
    )
    with world.installation.database.read() as tx:
        found = find_release(tx, id_of(last).partition("?")[0])
    assert found is not None and set(found.attributes) == {"mail", "full_name"}
    assert {each.purpose for each in found.attributes.values()} == {"Gửi giấy mời họp"}
    assert all(each.basis == COMMON_BASIS for each in found.attributes.values())


def test_it_may_learn_nothing_from_its_registration_on(world: World) -> None:
    browser, path = world.browser("admin_a"), "/ung-dung/dang-ky/web"
    second = send(browser, browser.get(path), path, name="Không biết gì")
    last = send(browser, second, f"{path}/dia-chi", redirect_uris="https://k.vn/cb", attributes=[])
    assert learned(world, id_of(last).partition("?")[0]) == set()


def test_what_there_is_none_of_is_not_learned(world: World) -> None:
    browser, path = world.browser("admin_a"), "/ung-dung/dang-ky/web"
    second = send(browser, browser.get(path), path, name="Bịa ra")
    sent = fields(second) | {"redirect_uris": ["https://b.vn/cb"], "attributes": ["can_cuoc"]}
    pairs = [(name, value) for name, values in sent.items() for value in values]
    answer = browser.post(f"{path}/dia-chi", pairs)
    page = browser.get(answer.headers["Location"])
    assert "/dang-ky/web/dia-chi?" in page.url and "error-summary" in page.text


def test_the_register_tells_all_of_ones_applications_and_leaves_as_a_file(world: World) -> None:
    begun(world, "full_name", "mail")
    browser, path = world.browser("admin_a"), "/ung-dung/thong-tin-cung-cap"
    assert f'href="{path}"' in browser.get("/ung-dung").text
    with world.counting() as count:
        page = browser.get(path)
    assert len(count.sql) <= 12, count.sql
    for words in ("Lịch của A", "Thư công vụ", "Gửi thông báo công việc", COMMON_BASIS):
        assert words in unescape(page.text), words
    assert "Sổ Bí Mật" not in page.text and "print-only" in page.text
    found = browser.get(path, tim="khong-co-ung-dung-nay")
    assert "Không tìm thấy" in found.text or "Không có ứng dụng nào" in found.text
    sent = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    file = browser.post(f"{path}/xuat", sent)
    text = file.content.decode("utf-8-sig")
    assert "Lịch của A" in text and "thư công vụ" in text and "Sổ Bí Mật" not in text
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="list.exported", limit=1)[0]
    assert event.fields["list"] == "releases"
    english = browser.get(f"{path}?lang=en").text
    assert "What applications learn" in english and "Work e-mail" in english


def test_whoever_opens_it_to_others_reads_what_it_learns(world: World) -> None:
    app_id = begun(world, "full_name", "mail")
    with world.installation.database.read() as tx:
        payload = {"application_id": app_id, "access": "everyone", "agencies": []}
        told = describe(tx, [payload, {**payload, "application_id": "khong-co"}])
    assert told[0].vi.endswith("họ và tên, thư công vụ") and "full name, work e-mail" in told[0].en
    assert told[1].vi.endswith("không có gì ngoài mã định danh")
