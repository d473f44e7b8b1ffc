"""Applications in the console: registered in four pages, looked at, changed, closed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import unquote, urlencode

import pytest
import requests
from sqlalchemy import true, update

from admin_ui.components import COMPONENTS
from directory.actor import Actor
from directory.audit.anonymous import record_anonymous
from directory.audit.log import client_tag
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.roles import Role
from directory.authz.tables import application
from directory.clock import DAY, now_ms
from directory.component import requests_of
from directory.errors import Forbidden
from directory.ids import new_id
from directory.requests.register import RequestQuestion, list_requests
from directory.requests.service import approve
from directory.sheets.reading import Wanted, read_sheet
from idp.applications.opening import describe
from idp.clients.model import check_client_secret
from idp.clients.service import connections
from idp.oidc.events import AUTHZ_REDIRECT_REJECTED
from idp.oidc.trials.link import open_address
from tests.console.world import World, told
from tests.support.browser import Browser, next_url
from tests.support.installation import OPERATOR

# Eight of them say who is here.
MOST_STATEMENTS = 27
ADDRESS = "https://lich.binhduong.gov.vn"


def fields(page: requests.Response) -> dict[str, list[str]]:
    """What the form of a page would send as it stands."""
    form = page.text.partition('<form class="form card"')[2].partition("</form>")[0]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if facts.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        sent.setdefault(facts["name"], []).append(unescape(facts.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', form):
        sent[name] = [unescape(text)]
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.findall(r'value="([^"]*)" selected', options) or [""]
    return sent


def send(
    browser: Browser, page: requests.Response, path: str, **typed: str | list[str]
) -> requests.Response:
    """Send the form of a page with what was typed, and go where the answer leads."""
    form = fields(page) | {k: v if isinstance(v, list) else [v] for k, v in typed.items()}
    answer = browser.post(path, [(name, value) for name, all_ in form.items() for value in all_])
    assert answer.status_code == 303, told(answer)
    return browser.get(answer.headers["Location"])


def faults(page: requests.Response) -> str:
    return unescape(" ".join(re.findall(r'id="error-summary".*?</div>', page.text, re.S)))


def id_of(page: requests.Response) -> str:
    found = re.search(r'href="/ung-dung/([^"/]+)"', page.text)
    assert found
    return found[1]


def registered(world: World, browser: Browser, name: str, **typed: str | list[str]) -> str:
    """Register a web application by the pages; gives its id."""
    path = "/ung-dung/dang-ky/web"
    second = send(browser, browser.get(path), path, name=name, **typed)
    last = send(browser, second, f"{path}/dia-chi", redirect_uris=f"{ADDRESS}/callback")
    return id_of(last)


def test_registering_takes_four_pages_and_no_script(world: World) -> None:
    browser, pages = world.browser("admin_a"), []
    pages.append(browser.get("/ung-dung/dang-ky"))
    assert 'href="/ung-dung/dang-ky/web"' in pages[0].text
    pages.append(browser.get("/ung-dung/dang-ky/web"))
    path = "/ung-dung/dang-ky/web"
    pages.append(send(browser, pages[-1], path, name="Lịch họp", contact="0274 1"))
    assert "Lịch họp ở địa chỉ nào?" in pages[-1].text
    answer = browser.post(
        f"{path}/dia-chi",
        [(n, v) for n, vs in fields(pages[-1]).items() if n != "redirect_uris" for v in vs]
        + [("redirect_uris", f"{ADDRESS}/callback\r\n{ADDRESS}/second")],
    )
    last = browser.get(answer.headers["Location"])
    pages.append(last)
    assert len(pages) <= 4
    secret = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', last.text)
    assert secret
    client_id = id_of(last)
    with world.installation.database.read() as tx:
        client = connections(tx, client_id)[client_id]
        app = applications.find(tx, client_id)
    assert client is not None and app is not None
    assert check_client_secret(client, secret[1])
    assert client.redirect_uris == (f"{ADDRESS}/callback", f"{ADDRESS}/second")
    assert (app.sharing, app.access, app.contact) == ("internal", "agencies", "0274 1")
    assert app.agencies == (world.places["A"],) == (app.owner_agency_id,)
    assert secret[1] in last.text and "no-store" in last.headers["Cache-Control"]
    again = browser.get(answer.headers["Location"])
    assert again.status_code == 200 and secret[1] not in again.text, "shown once"


def test_a_secret_is_shown_to_nobody_else(world: World) -> None:
    mine, other = world.browser("admin_a"), world.browser("admin_b")
    client_id = registered(world, mine, "Riêng")
    page = mine.get(f"/ung-dung/{client_id}/khoa-bi-mat")
    answer = mine.post(f"/ung-dung/{client_id}/khoa-bi-mat", fields(page))
    where = answer.headers["Location"]
    assert other.get(where).status_code == 404
    elsewhere = where.replace(client_id, world.applications["of_a"])
    assert 'class="secret"' not in mine.get(elsewhere).text, "of another page"
    assert 'class="secret"' in mine.get(where).text


def test_two_secrets_are_good_after_a_rotation_and_one_when_asked_so(world: World) -> None:
    browser = world.browser("admin_a")
    client_id, secrets = registered(world, browser, "Hai khóa"), []
    path = f"/ung-dung/{client_id}/khoa-bi-mat"
    for at_once in ("", "1"):
        form = {**fields(browser.get(path)), **({"at_once": "1"} if at_once else {})}
        page = browser.get(browser.post(path, form).headers["Location"])
        found = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', page.text)
        assert found
        secrets.append(found[1])
        if not at_once:
            assert "Khóa cũ còn dùng được đến" in page.text
            assert "Cả hai khóa dùng được đến" in browser.get(f"/ung-dung/{client_id}").text
    with world.installation.database.read() as tx:
        client = connections(tx, client_id)[client_id]
    assert [check_client_secret(client, secret) for secret in secrets] == [False, True]


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World) -> None:
    browser, path = world.browser("admin_a"), "/ung-dung/dang-ky/web"
    page = send(browser, browser.get(path), path, name="", description="Giữ lại")
    assert "Nhập tên ứng dụng" in faults(page)
    assert fields(page)["description"] == ["Giữ lại"]
    second = send(browser, page, path, name="Sai địa chỉ")
    bad = send(
        browser,
        second,
        f"{path}/dia-chi",
        redirect_uris="http://lich.vn/cb",
        backchannel_logout_uri="javascript:alert(1)",
    )
    assert "http://lich.vn/cb: địa chỉ phải bắt đầu bằng https://" in faults(bad)
    assert bad.text.count("field__error") >= 2, "every fault is told"
    assert fields(bad)["redirect_uris"] == ["http://lich.vn/cb"]
    back = browser.post(f"{path}?lui=1", fields(bad))
    first = browser.get(back.headers["Location"])
    assert fields(first)["name"] == ["Sai địa chỉ"]
    assert fields(first)["redirect_uris"] == ["http://lich.vn/cb"], "carried along"


@pytest.mark.parametrize("kind", ["dich-vu", "ldap"])
def test_what_has_no_addresses_is_registered_in_three_pages(world: World, kind: str) -> None:
    browser, path = world.browser("admin_a"), f"/ung-dung/dang-ky/{kind}"
    last = send(browser, browser.get(path), path, name=f"Không địa chỉ {kind}")
    assert 'class="secret"' in last.text
    assert f"Không địa chỉ {kind}" in last.text
    assert ("ou=applications" in told(last)) == (kind == "ldap")


def test_an_ldap_application_is_told_its_account_and_a_new_password_once(world: World) -> None:
    mine, other = world.browser("admin_a"), world.browser("admin_b")
    path = "/ung-dung/dang-ky/ldap"
    page = send(mine, mine.get(path), path, name="Máy in", attributes=["username", "phone"])
    client_id = id_of(page).partition("/")[0]
    assert f"cn={client_id},ou=applications," in told(page)
    assert "(&(objectClass=inetOrgPerson)(uid=%s))" in told(page)
    assert "telephoneNumber" in told(page)
    assert "vai trò" not in told(page).lower()
    first = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', page.text)
    assert first
    here = f"/ung-dung/{client_id}"
    assert 'class="secret"' not in mine.get(f"{here}/ldap").text
    for hidden in ("ldap", "ldap/mat-khau"):
        missing = other.get(f"/ung-dung/{new_id()}/{hidden}")
        seen = other.get(f"{here}/{hidden}")
        assert (seen.status_code, missing.status_code) == (404, 404)
    theirs = fields(other.get(path))
    assert other.post(f"{here}/ldap/mat-khau", theirs).status_code == 404
    assert "Tài khoản LDAP của ứng dụng bị từ chối ngay" in told(mine.get(f"{here}/trang-thai"))
    asked = mine.get(f"{here}/ldap/mat-khau")
    assert "bị từ chối ngay" in told(asked)
    where = mine.post(f"{here}/ldap/mat-khau", fields(asked)).headers["Location"]
    again = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', mine.get(where).text)
    assert again and again[1] != first[1]
    assert mine.get(f"/ung-dung/{world.applications['of_a']}/ldap").status_code == 404


def test_only_ones_own_branch_is_offered_and_taken(world: World) -> None:
    browser, path = world.browser("admin_a"), "/ung-dung/dang-ky/web"
    page = browser.get(path)
    assert world.places["A"] in page.text and world.places["B"] not in page.text
    assert "Mọi người có tài khoản" not in page.text, "the province opens to everyone"
    tampered: Mapping[str, str] = {"owner": world.places["B"]}
    for typed in (tampered, {"agencies": world.places["B"]}, {"access": "everyone"}):
        second = send(browser, page, path, name="Lấn sang", **typed)
        last = send(browser, second, f"{path}/dia-chi", redirect_uris=f"{ADDRESS}/callback")
        assert "Anh/Chị chỉ" in faults(last)
    assert "Lấn sang" not in browser.get("/ung-dung", tim="Lấn sang").text.partition("<table")[2]


def test_one_form_changes_what_is_said_another_who_may_enter(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Sẽ sửa")
    path = f"/ung-dung/{client_id}"
    page = send(browser, browser.get(f"{path}/sua"), f"{path}/sua", name="Đã sửa", contact="x@y.vn")
    assert "Đã lưu" in page.text and "Đã sửa" in told(page) and "x@y.vn" in told(page)
    page = send(browser, browser.get(f"{path}/ai-duoc-vao"), f"{path}/ai-duoc-vao")
    assert "Không có gì" in page.text
    page = send(
        browser,
        browser.get(f"{path}/dia-chi"),
        f"{path}/dia-chi",
        post_logout_redirect_uris=f"{ADDRESS}/bye",
    )
    assert f"{ADDRESS}/bye" in page.text
    assert "đổi" in told(page) or "sửa" in told(page)


def test_nobody_writes_over_what_they_have_not_seen(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Hai người")
    path = f"/ung-dung/{client_id}/sua"
    opened = browser.get(path)
    with world.installation.database.write() as tx:
        applications.describe(tx, OPERATOR, client_id, description="Của người khác")
    page = send(browser, opened, path, description="Của tôi", contact="0274 9")
    assert "Có người khác vừa sửa" in page.text and "Của người khác" in page.text
    assert fields(page)["description"] == ["Của tôi"]
    saved = send(browser, page, path)
    assert "Của tôi" in saved.text


def test_disabling_says_whom_it_meets_and_wants_a_reason(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Sẽ ngừng")
    path = f"/ung-dung/{client_id}/trang-thai"
    page = browser.get(path)
    people = re.search(r"(\d+) người hiện được vào", told(page))
    assert people and int(people[1]) > 0
    assert "Hiện không có ai đang dùng" in told(page)
    again = send(browser, page, path)
    assert "Hãy nhập lý do" in faults(again)
    done = send(browser, again, path, reason="Thay phần mềm")
    assert "Đã ngừng" in done.text and "Thay phần mềm" in told(done)
    listed = browser.get("/ung-dung", **{"trang-thai": "da-ngung"})
    assert "Sẽ ngừng" in listed.text
    # Whoever had the page open, and disables what is disabled, is told that nothing was to be done.
    twice = send(browser, page, path, reason="Lần nữa")
    assert "Không có gì" in twice.text
    back = send(browser, browser.get(path), path, reason="Dùng lại")
    assert "Đã mở lại" in back.text


def test_removing_says_what_goes_waits_thirty_days_and_wants_the_name(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Sổ cũ")
    here = f"/ung-dung/{client_id}"
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(client_id, "dung", "Người dùng", "User"))
    world.grant("a1", "dung", "A", application_id=client_id)
    assert "Hãy ngừng ứng dụng trước" in told(browser.get(f"{here}/xoa"))
    send(browser, browser.get(f"{here}/trang-thai"), f"{here}/trang-thai", reason="Thay")
    assert "Xóa hẳn…" in told(browser.get(here))
    early = told(browser.get(f"{here}/xoa"))
    assert re.search(r"mới ngừng chưa đủ 30 ngày; từ ngày \d\d/\d\d/\d{4} mới xóa hẳn được", early)
    assert "1 lượt cấp vai trò" in early and 'name="reason"' not in early
    pairs = {"name": "Sổ cũ", "reason": "x", "seen_name": "", "seen_reason": ""}
    token = {"csrf_token": world.token_of(browser)}
    refused = browser.post(f"{here}/xoa", list({**pairs, **token}.items()))
    assert "chưa đủ 30 ngày" in told(browser.get(refused.headers["Location"]))
    with world.installation.database.write() as tx:
        its, since = application.c.id == client_id, now_ms() - 30 * DAY
        tx.execute(update(application).where(its).values(disabled_at=since))
    page = browser.get(f"{here}/xoa")
    again = send(browser, page, f"{here}/xoa", name="So cu", reason="Thay phần mềm")
    assert "Hãy gõ đúng tên ứng dụng: Sổ cũ" in faults(again)
    done = send(browser, again, f"{here}/xoa", name="Sổ cũ", reason="Thay phần mềm")
    assert "Đã xóa hẳn" in done.text and "xóa hẳn ứng dụng Sổ cũ" in told(done)
    assert "Sổ cũ (đã xóa)" in told(done) and "Vai trò</a>" not in told(done)
    assert "Sổ cũ" not in browser.get("/ung-dung").text
    assert "Sổ cũ" in browser.get("/ung-dung", **{"trang-thai": "da-xoa"}).text
    assert "Sổ cũ" in browser.get("/ung-dung/thong-tin-cung-cap", **{"trang-thai": "da-xoa"}).text
    assert "Phiên bản 2" in told(browser.get(f"{here}/du-lieu"))
    assert browser.post(f"{here}/xoa", list({**pairs, **token}.items())).status_code == 403
    why = told(browser.get("/vi-sao", nguoi=world.people["a1"], **{"ung-dung": client_id}))
    assert "Ứng dụng đã bị xóa hẳn" in why


def test_a_list_is_narrowed_by_what_its_address_says(world: World) -> None:
    browser = world.browser("admin_a")
    for asked, found in (
        ({}, {"of_a", "shared"}),
        ({"tim": "lich cua a"}, {"of_a"}),
        ({"tim": "khong co dau"}, set()),
        ({"loai": "web", "noi": world.places["A"]}, {"of_a", "shared"}),
        ({"loai": "ldap", "tim": "lich cua"}, set()),
        ({"noi": world.places["B"]}, set()),
        ({"noi": new_id()}, set()),
        ({"trang-thai": "da-ngung", "tim": "lich cua a"}, set()),
    ):
        page = browser.get("/ung-dung", **asked)
        assert page.status_code == 200
        rows = page.text.partition("<tbody")[2]
        shown = {name for name, one in world.applications.items() if one in rows}
        assert shown == found, asked
        if not found:
            assert "Không tìm thấy ứng dụng nào" in page.text


def test_the_list_leaves_as_a_file_as_it_is_filtered(world: World) -> None:
    world.register("lich-b", "B", "shared")
    browser = world.browser("admin_a")
    listed = re.findall(r'rowheader"><a href="[^"]*">([^<]+)<', browser.get("/ung-dung").text)
    for query in ("", f"?{urlencode({'noi': world.places['B'], 'tim': 'lich'})}"):
        answer = _taken(world, browser, query)
        rows = read_sheet(answer.content, (Wanted("name", ("Ứng dụng",), is_required=True),)).rows
        found = [row.values["name"] for row in rows]
        assert found == (["lich-b"] if query else listed)
    assert 'filename="ung-dung-' in answer.headers["Content-Disposition"]
    with world.installation.database.read() as tx:
        narrowed, whole = list_events(tx, kind="list.exported", limit=2)
    assert (whole.fields["list"], whole.fields["count"]) == ("applications", len(listed))
    # Of whose applications it is, that agency's log does not tell.
    assert (narrowed.agency, narrowed.fields["place"]) == (world.places["A"], "")
    assert "Nơi B" in narrowed.fields["filter"]


def _taken(world: World, browser: Browser, query: str) -> requests.Response:
    fields = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    answer = browser.post(f"/ung-dung/xuat{query}", fields)
    assert answer.status_code == 200, told(answer)
    return answer


def test_a_list_has_as_many_lines_as_was_chosen_and_keeps_its_filter(world: World) -> None:
    for number in range(60):
        world.register(f"so-1-{number}", "A")
    browser = world.browser("admin_a")
    first = browser.get("/ung-dung", tim="so-1")
    assert first.text.count('role="rowheader"') == 50
    (following,) = re.findall(r'href="(/ung-dung\?[^"]*trang=2)"', first.text)
    assert "tim=so-1" in following
    assert browser.get(unescape(following)).text.count('role="rowheader"') == 10
    assert browser.get("/ung-dung", tim="so-1", **{"so-dong": "100"}).text.count("rowheader") == 60
    assert browser.get("/ung-dung", tim="so-1").text.count('role="rowheader"') == 60


def test_a_shared_application_of_others_tells_no_address(world: World) -> None:
    shared = world.applications["shared"]
    own, other = (
        world.browser(who).get(f"/ung-dung/{shared}").text for who in ("inspector", "admin_b")
    )
    assert "https://shared.vn/callback" in own and "https://shared.vn/callback" not in other
    assert f"/ung-dung/{shared}/sua" not in own + other
    assert "do quản trị viên cấp tỉnh quản lý" in other


def test_an_id_that_is_an_address_has_a_page(world: World) -> None:
    world.register("cu", "A", client_id="https://cu.vn/app")
    browser = world.browser("admin_a")
    listed = browser.get("/ung-dung", tim="cu")
    found = re.search(r'rowheader"><a href="([^"]+)"', listed.text)
    assert found
    page = browser.get(found[1])
    assert page.status_code == 200 and "https://cu.vn/app" in page.text
    assert browser.get(f"{found[1]}/sua").status_code == 200


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def test_a_logo_is_given_shown_and_taken_away(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Có hình")
    path = f"/ung-dung/{client_id}/doi-bieu-tuong"

    def upload(body: bytes, **more: str) -> requests.Response:
        form = {"csrf_token": world.token_of(browser), **more}
        url = world.url + path
        answer = browser.http.post(
            url, form, files={"logo": ("a.png", body)}, headers={"Origin": world.url}
        )
        return browser.get(answer.headers["Location"]) if "Location" in answer.headers else answer

    assert "Chọn hình PNG" in faults(upload(b"<svg onload=alert(1)>"))
    assert "Chọn hình PNG" in faults(upload(b""))
    assert browser.get(f"/ung-dung/{client_id}/bieu-tuong").status_code == 404
    page = upload(PNG)
    assert "/bieu-tuong?v=" in page.text
    shown = browser.get(f"/ung-dung/{client_id}/bieu-tuong")
    assert (shown.content, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert world.browser("admin_b").get(f"/ung-dung/{client_id}/bieu-tuong").status_code == 404
    assert "/bieu-tuong?v=" not in upload(b"", none="1").text


def test_opening_it_to_others_is_asked_of_the_province(world: World) -> None:
    browser = world.browser("admin_a")
    client_id = registered(world, browser, "Mở rộng")
    path = f"/ung-dung/{client_id}/de-nghi-mo"
    page = send(browser, browser.get(path), path, codes="KHONG-CO", reason="Dùng chung")
    assert "Không có cơ quan mã KHONG-CO" in faults(page)
    page = send(browser, page, path, codes="B", reason="")
    assert "lý do" in faults(page).lower()
    done = send(browser, page, path, reason="Phối hợp liên sở")
    assert "Quản trị viên cấp tỉnh sẽ quyết định" in done.text
    with world.installation.database.write() as tx:
        app = applications.find(tx, client_id)
        assert app is not None and app.agencies == (world.places["A"],), "nothing changes yet"
        (asked,) = [
            each
            for each in list_requests(tx, RequestQuestion(), true(), limit=50)
            if each.subject == f"client:{client_id}"
        ]
        (sentence,) = describe(tx, [asked.payload])
        assert "Mở ứng dụng Mở rộng cho" in sentence.vi
        admin = Actor("person", world.people["admin_b"])
        with pytest.raises(Forbidden):
            approve(tx, admin, requests_of(COMPONENTS), asked.id)
        approve(tx, OPERATOR, requests_of(COMPONENTS), asked.id)
        app = applications.find(tx, client_id)
    assert app is not None and set(app.agencies) == {world.places["A"], world.places["B"]}
    # What the province opened stays so when its own administrator changes who else may enter.
    again = send(
        browser,
        browser.get(f"/ung-dung/{client_id}/sua"),
        f"/ung-dung/{client_id}/sua",
        description="Liên sở",
    )
    assert "Liên sở" in again.text


def test_pages_cost_few_statements(world: World) -> None:
    browser, one = world.browser("admin_a"), world.applications["of_a"]
    for path in ("/ung-dung", f"/ung-dung/{one}", f"/ung-dung/{one}/sua", "/ung-dung/dang-ky/web"):
        with world.counting() as count:
            assert browser.get(path).status_code == 200
        assert len(count.sql) <= MOST_STATEMENTS, (path, count.sql)
        assert not count.ldap


def trial_path(world: World) -> str:
    return f"/ung-dung/{world.applications['of_a']}/thu-dang-nhap"


def test_trying_the_sign_in_leads_to_the_issuer_by_an_address_of_this_session(
    world: World,
) -> None:
    browser, path = world.browser("admin_a"), trial_path(world)
    assert f'href="{path}"' in browser.get(f"/ung-dung/{world.applications['of_a']}").text
    page = browser.get(path)
    with world.counting() as count:
        answer = browser.post(path, fields(page))
    assert len(count.sql) <= 15, count.sql
    where = next_url(answer)
    assert where.startswith(f"{world.installation.settings.issuer}/thu-dang-nhap?thu=")
    trial = open_address(world.installation.keyring, unquote(where.partition("thu=")[2]))
    assert trial is not None and trial.person_id == world.people["admin_a"] and trial.sid
    assert trial.parameters["redirect_uri"] == "https://of-a.vn/callback"
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="application.trial_begun", limit=1)[0]
    assert event.actor == f"person:{world.people['admin_a']}"


def test_a_pasted_address_is_compared_on_the_page(world: World) -> None:
    browser, path = world.browser("admin_a"), trial_path(world)
    issuer = world.installation.settings.issuer
    wrong = urlencode(
        {
            "client_id": world.applications["of_a"],
            "response_type": "code",
            "redirect_uri": "https://of-a.vn/<b>back</b>",
            "scope": "openid",
        }
    )
    page = send(browser, browser.get(path), path, address=f"{issuer}/authorize?{wrong}")
    text = page.text
    assert "&lt;b&gt;back" in text and "<b>back" not in text
    assert "https://of-a.vn/callback" in text and "Thiếu mã kiểm tra PKCE" in text
    assert f"{issuer}/authorize" in fields(page)["address"][0], "what was typed is kept"
    right = send(browser, browser.get(path), f"{path}?da-xem=1", address="")
    assert "Yêu cầu đúng." in right.text


def test_of_another_application_that_is_pasted_nothing_is_told(world: World) -> None:
    browser, path = world.browser("admin_a"), trial_path(world)
    issuer = world.installation.settings.issuer
    theirs = urlencode({"client_id": world.applications["of_b"], "scope": "openid"})
    page = send(browser, browser.get(path), path, address=f"{issuer}/authorize?{theirs}")
    assert "Yêu cầu của một ứng dụng khác" in page.text
    assert "of-b.vn" not in page.text and "Sổ Bí Mật" not in page.text


@pytest.mark.parametrize("kind", ["dich-vu", "ldap"])
def test_what_nobody_signs_in_to_is_not_tried(world: World, kind: str) -> None:
    browser = world.browser("admin_a")
    path = f"/ung-dung/dang-ky/{kind}"
    page = send(browser, browser.get(path), path, name=f"Không ai vào {kind}")
    assert "thu-dang-nhap" not in page.text
    assert (
        browser.get(f"/ung-dung/{id_of(page).partition('?')[0]}/thu-dang-nhap").status_code == 404
    )


def test_errors_are_told_to_whoever_may_change_it_alone(world: World) -> None:
    one = world.applications["of_a"]
    with world.installation.database.write() as tx:
        record_anonymous(
            tx,
            AUTHZ_REDIRECT_REJECTED,
            Actor("anonymous", address="10.9.8.7"),
            subject=client_tag(one),
            reason="The redirect_uri is not registered for this client.",
            parameter="redirect_uri",
            received="https://x.vn/<script>",
        )
    browser = world.browser("admin_a")
    with world.counting() as count:
        page = browser.get(f"/ung-dung/{one}")
    assert len(count.sql) <= 12, count.sql
    assert f'href="/ung-dung/{one}/loi"' in page.text
    errors = browser.get(f"/ung-dung/{one}/loi")
    assert "https://x.vn/&lt;script&gt;" in errors.text and "<script>" not in errors.text
    assert "https://of-a.vn/callback" in errors.text and "10.9.8.7" in errors.text
    shown_to_others = world.browser("inspector").get(f"/ung-dung/{one}")
    assert shown_to_others.status_code == 200 and "/loi" not in shown_to_others.text
    english = browser.get(f"/ung-dung/{one}/loi?lang=en")
    assert "What to do" in english.text and "Cách xử lý" not in english.text
