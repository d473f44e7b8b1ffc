"""Looking as a job would see it: what it sees, never more than oneself, and nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import ColumnElement, select

from admin_ui.console import policy, sessions, viewing
from admin_ui.console.app import SCREENS
from admin_ui.console.tables import console_viewing
from directory.actor import Actor, Held
from directory.audit.event import Event
from directory.audit.reading import list_events
from directory.authz.decisions import decide
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import ADMIN_ROLES, Permission
from directory.authz.scopes import scope_of
from directory.ids import digest, new_id
from directory.people.permissions import PeoplePermission
from tests.console.test_policy import fields_of
from tests.console.world import World, names_in, told
from tests.support.browser import Browser

pytestmark = pytest.mark.both_engines

PATH, END = "/xem-nhu", "/xem-nhu/thoi"


@pytest.fixture(scope="module", autouse=True)
def _lookers(world: World) -> Iterator[None]:
    """An operator and an auditor of the province, an auditor of A."""
    own = world.add_person("op_own", "Vũ Vận Hành", world.post("A"))
    world.add_person("op", "Vũ Vận Hành", world.post("A"), administrator_of=own.id)
    world.grant("op", "province_operator", "P")
    for name, place in (("auditor", "P"), ("auditor_a", "A")):
        world.add_person(name, f"Hồ {name.title()}", world.post("A"))
        world.grant(name, "auditor", place)
    yield


def look(world: World, who: str, job: str, place: str) -> Browser:
    """A browser in which they look as that job."""
    browser = world.browser(who)
    where = world.places.get(place, place)
    form = {"csrf_token": world.token_of(browser), "job": job, "place": where}
    answer = browser.post(PATH, form | {"seen_job": "", "seen_place": ""})
    assert answer.status_code == 303, told(answer)
    return browser


def stop(world: World, browser: Browser) -> None:
    assert browser.post(END, {"csrf_token": world.token_of(browser)}).status_code == 303


def events(world: World, who: str) -> list[Event]:
    with world.installation.database.read() as tx:
        tag = f"person:{world.people[who]}"
        return list(list_events(tx, kind="viewing.", actor=tag, newest_first=False))


@pytest.mark.parametrize("path", ["/nguoi-dung", "/quyen", "/ung-dung", "/hom-nay", "/nhat-ky"])
@pytest.mark.parametrize("job", ["agency_admin", "hr_officer", "inspector"])
def test_one_sees_what_the_job_sees(world: World, path: str, job: str) -> None:
    """The same answer, the same menu and the same people as whoever holds it."""
    holder = {"agency_admin": "admin_a", "hr_officer": "hr_officer", "inspector": "inspector"}[job]
    as_it, theirs = look(world, "op", job, "A").get(path), world.browser(holder).get(path)
    assert as_it.status_code == theirs.status_code
    assert names_in(as_it) == names_in(theirs)
    menu = r'<a class="menu__link" href="(/[^"]*)"'
    assert re.findall(menu, as_it.text) == re.findall(menu, theirs.text)
    if as_it.status_code == 200 and path != "/nhat-ky":  # which has the event of just now
        assert _words(as_it) == _words(theirs)


def _words(page: requests.Response) -> str:
    """The text of a page without what says who looks."""
    main = page.text.partition('<main class="main"')[2]
    banner = r'<div class="viewing".*?</div>|<p class="print-only.*?</p>'
    return re.sub(r"<[^>]+>|\s+", " ", re.sub(banner, "", main, flags=re.DOTALL))


def test_every_page_says_so_and_how_to_stop(world: World) -> None:
    browser = look(world, "op", "agency_admin", "A")
    for path in ("/nguoi-dung", "/hom-nay", "/khong-co", f"/nguoi-dung/{world.people['b1']}"):
        page = browser.get(path)
        assert "Đang xem như: Quản trị đơn vị" in told(page), path
        assert f'action="{END}"' in page.text, path
        assert "Nơi A" in told(page), path
    english = told(browser.get("/nguoi-dung?lang=en"))
    assert "You look as: Agency administrator" in english
    stop(world, browser)
    assert "Đang xem như" not in told(browser.get("/nguoi-dung"))
    assert "Quách Bí Mật" in names_in(browser.get("/nguoi-dung"))


def test_nothing_is_changed_while_one_looks(world: World) -> None:
    """Every address that takes what is sent, but leaving."""
    browser = look(world, "op", "province_operator", "toan-tinh")
    token = world.token_of(browser)
    ids = {"person_id": world.people["a1"], "application_id": world.applications["of_a"]}
    ids |= {"kind_path": "web", "name": "xem", "grant_id": world.grants["held_a"], "form": "csv"}
    ids |= {"position_id": world.positions["pos_a"], "request_id": new_id()}
    tried = 0
    for rule in world.app.url_map.iter_rules():
        public = policy.policy_of(SCREENS)[rule.endpoint] == "public"
        if "POST" not in (rule.methods or ()) or public:
            continue
        if rule.endpoint in ("viewing.begin", "viewing.end", "signin.leave"):
            continue
        path = re.sub(
            r"<(?:any\('(.*?)'.*?\):)?(\w+)>", lambda m: m[1] or ids.get(m[2], "x"), rule.rule
        )
        answer = browser.post(path, {"csrf_token": token, **fields_of(path)})
        assert answer.status_code == 403, rule
        assert "không thay đổi được gì" in told(answer), rule
        tried += 1
    assert tried > 20


def test_begun_twice_is_begun_once(world: World) -> None:
    before = len(events(world, "op"))
    browser = look(world, "op", "agency_admin", "A")
    form = {"csrf_token": world.token_of(browser), "job": "inspector", "place": world.places["B"]}
    again = browser.post(PATH, form | {"seen_job": "", "seen_place": ""})
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert browser.get(PATH).headers["Location"] == "/"
    assert "Đang xem như: Quản trị đơn vị" in told(browser.get("/nguoi-dung"))
    assert len(events(world, "op")) == before + 1


def test_a_service_gives_nothing_to_whoever_looks(world: World) -> None:
    """Also past the pages: an act reads what they hold, and that is nothing."""
    with world.installation.database.read() as tx:
        tops = frozenset({world.places["P"]})
    own = {"province_operator": tops}
    actor = Actor("person", world.people["op"], held=Held(own, tops, own=own))
    about = InPlace(world.places["A"])
    with world.installation.database.read() as tx:
        assert decide(tx, actor, PeoplePermission.READ, about).allowed
    with world.installation.database.write() as tx:
        assert not decide(tx, actor, PeoplePermission.READ, about).allowed
        assert not decide(tx, actor, PeoplePermission.WRITE, OfPerson(world.people["a1"])).allowed


@pytest.mark.parametrize("job", list(ADMIN_ROLES))
@pytest.mark.parametrize("who", ["auditor", "auditor_a"])
def test_nobody_sees_more_than_their_own(world: World, who: str, job: str) -> None:
    """Whatever the job may: each permission that there is, in each place."""
    tops = frozenset({world.places["P"]})
    own = {"auditor": tops if who == "auditor" else frozenset({world.places["A"]})}
    themselves = Actor("person", world.people[who], held=Held(own, tops))
    for place in ("P", "A", "B"):
        viewed = {job: frozenset({world.places[place]})}
        actor = Actor("person", world.people[who], held=Held(viewed, tops, own=own))
        with world.installation.database.read() as tx:
            for action in _permissions():
                seen, mine = scope_of(tx, actor, action), scope_of(tx, themselves, action)
                assert mine.everywhere or not seen.everywhere
                for name in ("P", "A", "A.u", "B"):
                    about = InPlace(world.places[name])
                    if decide(tx, actor, action, about).allowed:
                        assert decide(tx, themselves, action, about).allowed, (action, name)


def _permissions() -> list[Permission]:
    return [member for each in Permission.__subclasses__() for member in each]


def test_an_auditor_who_looks_as_an_administrator_sees_no_more_pages(world: World) -> None:
    browser = look(world, "auditor", "province_operator", "toan-tinh")
    for path in ("/quyen/cap", "/ung-dung/dang-ky", f"/nguoi-dung/{world.people['a1']}/sua"):
        assert browser.get(path).status_code == 403, path
    assert browser.get("/quyen").status_code == 200


@pytest.mark.parametrize("who", ["admin_a", "inspector", "hr_officer", "plain"])
def test_others_cannot_look_as_anybody(world: World, who: str) -> None:
    browser = world.browser(who)
    assert browser.get(PATH).status_code == 403
    form = {"csrf_token": world.token_of(browser), "job": "inspector", "place": world.places["A"]}
    assert browser.post(PATH, form | {"seen_job": "", "seen_place": ""}).status_code == 403
    assert f'href="{PATH}"' not in browser.get("/nguoi-dung").text


def test_a_branch_of_others_is_a_missing_one(world: World) -> None:
    browser = world.browser("auditor_a")
    token = world.token_of(browser)
    found = []
    for place in (world.places["B"], world.places["P"], new_id()):
        form = {"csrf_token": token, "job": "inspector", "place": place}
        answer = browser.post(PATH, form | {"seen_job": "", "seen_place": ""})
        found.append((answer.status_code, told(answer)[:200]))
    assert len({status for status, _ in found}) == 1
    assert found[0][0] == 404
    form = {"csrf_token": token, "job": "inspector", "place": "toan-tinh"}
    answer = browser.post(PATH, form | {"seen_job": "", "seen_place": ""})
    assert answer.status_code == 403
    page = browser.get(PATH).text
    assert world.places["B"] not in page
    assert "toan-tinh" not in page
    assert not events(world, "auditor_a")


def test_what_is_not_chosen_is_said(world: World) -> None:
    browser = world.browser("op")
    token = world.token_of(browser)
    for job, place, said in (
        ("", world.places["A"], "Hãy chọn vai trò"),
        ("vua", world.places["A"], "Hãy chọn vai trò"),
        ("inspector", "", "Hãy chọn nơi"),
    ):
        form = {"csrf_token": token, "job": job, "place": place, "seen_job": "", "seen_place": ""}
        answer = browser.post(PATH, form)
        assert said in told(browser.get(answer.headers["Location"]))


def test_the_log_has_when_it_began_and_ended(world: World) -> None:
    before = len(events(world, "auditor"))
    browser = look(world, "auditor", "inspector", "A")
    look_again = {"csrf_token": world.token_of(browser)}
    stop(world, browser)
    browser.post(END, look_again)  # twice is once
    began, ended = events(world, "auditor")[before:]
    assert (began.kind, began.fields["job"]) == ("viewing.began", "inspector")
    assert began.agency == world.places["A"]
    assert (ended.kind, ended.fields["reason"]) == ("viewing.ended", "left")
    log = told(world.browser("op").get("/nhat-ky"))
    assert "bắt đầu xem trang quản trị như vai trò Thanh tra, kiểm tra tại Nơi A" in log


def test_it_ends_with_the_session(world: World) -> None:
    browser = look(world, "auditor", "inspector", "A")
    cookie = digest(browser.http.cookies["dmc_session"])
    with world.installation.database.write() as tx:
        viewing.forget_over(tx)
        assert tx.execute(select(console_viewing.c.job).where(_mine(cookie))).scalar()
        sessions.end(tx, cookie)
        viewing.forget_over(tx)
        assert tx.execute(select(console_viewing.c.job).where(_mine(cookie))).scalar() is None
    assert events(world, "auditor")[-1].fields["reason"] == "session_over"


def _mine(cookie: str) -> ColumnElement[bool]:
    return console_viewing.c.cookie_hash == cookie


def test_whoever_may_no_longer_look_is_themselves(world: World) -> None:
    name = "former"
    world.add_person(name, "Hồ Cũ", world.post("A"))
    given = world.grant(name, "auditor", "P")
    world.grant(name, "inspector", "A")
    browser = look(world, name, "agency_admin", "B")
    assert "Quách Bí Mật" in names_in(browser.get("/nguoi-dung"))
    world.revoke(given)
    page = browser.get("/nguoi-dung")
    assert "Quách Bí Mật" not in names_in(page)
    assert "Đang xem như" not in told(page)


def test_who_is_here_costs_what_it_did(world: World) -> None:
    browser = look(world, "op", "agency_admin", "A")
    with world.counting() as count:
        assert browser.get("/").status_code == 303
    assert len(count.sql) <= 4, count.sql
    with world.counting() as count:
        assert world.browser("op").get(PATH).status_code == 200
    assert len(count.sql) <= 12


def test_what_was_typed_meanwhile_is_sent_as_oneself(world: World) -> None:
    browser = look(world, "op", "agency_admin", "A")
    path = f"/nguoi-dung/{world.people['a1']}/sua"
    form = {"csrf_token": world.token_of(browser), **fields_of(path), "phone": "0274 <7>"}
    refused = browser.post(path, form)
    assert refused.status_code == 403
    assert "Nội dung vừa nhập còn nguyên" in told(refused)
    assert '<input type="hidden" name="phone" value="0274 &lt;7&gt;">' in refused.text
    (send,) = re.findall(r'form card" method="post" action="([^"]+)"', refused.text)
    answer = browser.post(unescape(send), form)
    # The same method and content, to the page it was for.
    assert (answer.status_code, answer.headers["Location"]) == (307, path)
    page = browser.post(path, form)
    assert page.status_code == 303
    assert "0274 &lt;7&gt;" in browser.get(page.headers["Location"]).text
    assert "Đang xem như" not in told(browser.get("/nguoi-dung"))


@pytest.mark.parametrize("then", ["https://evil.vn/", "//evil.vn", "/\\evil.vn", "khac", ""])
def test_nobody_is_led_elsewhere_by_it(world: World, then: str) -> None:
    browser = look(world, "op", "agency_admin", "A")
    answer = browser.post(
        f"{END}?{urlencode({'tiep': then})}", {"csrf_token": world.token_of(browser)}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
