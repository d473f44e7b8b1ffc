"""Requests in the console: asked by one, decided by another, and never by oneself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from admin_ui.components import REQUEST_KINDS
from directory.access.asking import ask_for_grant
from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.grants import Grant, list_grants
from directory.authz.roles import Role
from directory.ids import new_id
from directory.requests import service
from directory.requests.register import Request, find_request
from tests.console.test_out_of_scope import as_sent, without
from tests.console.world import World, told
from tests.support.installation import OPERATOR

MOST_STATEMENTS = 12
REASON = "=1+1 <b>tiếp nhận</b> hồ sơ"


@pytest.fixture(scope="module", autouse=True)
def _roles(world: World) -> Iterator[None]:
    with world.installation.database.write() as tx:
        app = applications.find(tx, world.applications["shared"])
        assert app is not None
        grants.put_role(tx, OPERATOR, Role(app.id, "doc", "Đọc thư", "Read mail"))
        two = Role(app.id, "hai", "Trực hai người", "By two", needs_approval=True)
        grants.put_role(tx, OPERATOR, two)
    world.add_person("admin_a2", "Phạm Hai", world.post("A"))
    world.grant("admin_a2", "agency_admin", "A")
    yield


def ask(world: World, who: str, holder: str = "", role: str = "doc", place: str = "A") -> Request:
    """Asked by `who` for a newcomer, or for `holder`."""
    if not holder:
        holder = f"n{new_id()[:12]}"
        world.add_person(holder, "Lê Văn Mới", world.post(place))
    grant = Grant(
        world.applications["shared"],
        role,
        "person",
        world.people[holder],
        world.places[place],
        end="2099-12-31",
        reason=REASON,
    )
    with world.installation.database.write() as tx:
        return ask_for_grant(tx, Actor("person", world.people[who]), grant)


def state(world: World, asked: Request) -> str:
    with world.installation.database.read() as tx:
        found = find_request(tx, asked.id)
    assert found is not None
    return found.state


def decide(
    world: World, who: str, asked: Request, how: str, typed: str = "", choice: str = ""
) -> str:
    """Send one of the forms of its page; gives what the page after it says."""
    name = {"phe-duyet": "note", "tu-choi": "refusal"}.get(how)
    browser = world.browser(who)
    form = {"csrf_token": world.token_of(browser)}
    if name:
        form |= {name: typed, f"seen_{name}": ""}
    if how == "phe-duyet":
        form |= {"choice": choice, "seen_choice": ""}
    answer = browser.post(f"/yeu-cau/{asked.id}/{how}", form)
    if answer.status_code != 303:
        return str(answer.status_code)
    return told(browser.get(answer.headers["Location"]))


def test_it_waits_for_whoever_may_decide_and_is_done_when_they_approve(world: World) -> None:
    asked = ask(world, "hr_officer")
    link = f'href="/yeu-cau/{asked.id}"'
    assert link in world.browser("admin_a").get("/yeu-cau").text
    assert link not in world.browser("admin_b").get("/yeu-cau").text
    assert link not in world.browser("hr_officer").get("/yeu-cau").text
    assert link in world.browser("hr_officer").get("/yeu-cau/cua-toi").text
    page = told(world.browser("admin_a").get(f"/yeu-cau/{asked.id}"))
    for words in ("Cấp vai trò “Đọc thư”", REASON, "Phạm Hr Officer", "kiểm tra lại"):
        assert words in page
    assert "Đã phê duyệt." in decide(world, "admin_a", asked, "phe-duyet", "đồng ý")
    assert state(world, asked) == "approved"
    with world.installation.database.read() as tx:
        assert list_grants(tx, holder_id=asked.subject.partition(":")[2])
    assert "đồng ý" in told(world.browser("hr_officer").get(f"/yeu-cau/{asked.id}"))
    assert "đã được giải quyết" in decide(world, "admin_a2", asked, "tu-choi", "muộn")
    assert state(world, asked) == "approved"


def test_a_refusal_says_why(world: World) -> None:
    asked = ask(world, "hr_officer")
    assert "Hãy nhập lý do" in decide(world, "admin_a", asked, "tu-choi", " ")
    assert state(world, asked) == "open"
    assert "Đã từ chối." in decide(world, "admin_a", asked, "tu-choi", "chưa cần")
    assert "chưa cần" in told(world.browser("hr_officer").get(f"/yeu-cau/{asked.id}"))


@pytest.mark.parametrize(("who", "holder"), [("admin_a", ""), ("hr_officer", "admin_a")])
def test_nobody_decides_their_own(world: World, who: str, holder: str) -> None:
    asked = ask(world, who, holder)
    browser = world.browser("admin_a")
    page = browser.get(f"/yeu-cau/{asked.id}")
    assert "/phe-duyet" not in page.text and "/tu-choi" not in page.text
    assert "người khác sẽ quyết định" in told(page)
    for how in ("phe-duyet", "tu-choi"):
        assert "Không ai tự phê duyệt" in decide(world, "admin_a", asked, how, "tự")
    assert state(world, asked) == "open"
    with world.installation.database.write() as tx:
        actor = Actor("person", world.people["admin_a2"])
        service.refuse(tx, actor, REQUEST_KINDS, asked.id, "thử xong")


def test_only_who_asked_takes_it_back(world: World) -> None:
    asked = ask(world, "hr_officer")
    assert decide(world, "admin_a", asked, "rut") == "404"
    assert "Đã rút yêu cầu." in decide(world, "hr_officer", asked, "rut")
    assert state(world, asked) == "withdrawn"


def test_what_cannot_be_done_any_more_is_said_before(world: World) -> None:
    asked = ask(world, "hr_officer")
    person = asked.subject.partition(":")[2]
    with world.installation.database.write() as tx:
        given = Grant(world.applications["shared"], "doc", "person", person, world.places["A"],
                      end="2099-12-31", reason="đã cấp")  # fmt: skip
        grants.add_grant(tx, OPERATOR, given)
    page = world.browser("admin_a").get(f"/yeu-cau/{asked.id}")
    assert "Hiện không thể phê duyệt" in told(page) and "/phe-duyet" not in page.text
    decide(world, "admin_a", asked, "phe-duyet")
    assert state(world, asked) == "open"
    decide(world, "admin_a", asked, "tu-choi", "đã có")


def test_a_role_of_two_goes_on_to_a_second(world: World) -> None:
    asked = ask(world, "hr_officer", role="hai")
    assert "cần hai người" in told(world.browser("admin_a").get(f"/yeu-cau/{asked.id}"))
    decide(world, "admin_a", asked, "phe-duyet")
    waiting = world.browser("admin_a2").get("/yeu-cau")
    assert "Trực hai người" in told(waiting)
    assert "Trực hai người" not in told(world.browser("admin_a").get("/yeu-cau"))


def test_the_register_is_filtered_and_leaves_as_a_file(world: World) -> None:
    asked = ask(world, "hr_officer")
    decide(world, "admin_a", asked, "tu-choi", "=1+1")
    browser, link = world.browser("admin_a"), f'href="/yeu-cau/{asked.id}"'
    for query, is_there in (
        ("", True),
        ("?trang-thai=tu-choi", True),
        ("?trang-thai=da-duyet", False),
        ("?loai=grant", True),
        ("?loai=open_application", False),
        (f"?noi={world.places['A']}", True),
        (f"?noi={world.places['A.u']}", False),
    ):
        page = browser.get(f"/yeu-cau/so{query}")
        assert (page.status_code, link in page.text) == (200, is_there), query
    form = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    file = browser.post("/yeu-cau/so/xuat?trang-thai=tu-choi", form)
    assert file.status_code == 200
    text = file.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))
    cells = [cell for row in rows for cell in row]
    assert any("Đọc thư" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith("=")]


def test_reasons_are_words_and_no_markup(world: World) -> None:
    asked = ask(world, "hr_officer")
    for path in ("/yeu-cau", f"/yeu-cau/{asked.id}", "/yeu-cau/so"):
        assert "<b>tiếp nhận" not in world.browser("admin_a").get(path).text
    decide(world, "hr_officer", asked, "rut")


@pytest.mark.parametrize(
    ("method", "page"),
    [("GET", ""), ("POST", "/phe-duyet"), ("POST", "/tu-choi"), ("POST", "/rut")],
)
def test_requests_of_others_answer_as_missing_ones(world: World, method: str, page: str) -> None:
    theirs, nobodys = ask(world, "hr_officer").id, new_id()
    browser, answers, counts = world.browser("admin_b"), [], []
    token = world.token_of(browser)
    name = {"/phe-duyet": "note", "/tu-choi": "refusal"}.get(page)
    form = {"csrf_token": token} | ({name: "x", f"seen_{name}": ""} if name else {})
    form |= {"choice": "", "seen_choice": ""} if page == "/phe-duyet" else {}
    for one in (theirs, nobodys):
        with world.counting() as count:
            path = f"/yeu-cau/{one}{page}"
            answer = browser.get(path) if method == "GET" else browser.post(path, form)
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, theirs, nobodys)))
        counts.append(count.numbers)
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_pages_cost_few_statements(world: World) -> None:
    asked = ask(world, "hr_officer")
    browser = world.browser("admin_a")
    costs = {}
    for path in ("/yeu-cau", "/yeu-cau/cua-toi", "/yeu-cau/so", f"/yeu-cau/{asked.id}"):
        with world.counting() as count:
            browser.get(path)
        costs[path] = len(count.sql)
        assert not count.ldap

    assert max(costs.values()) <= MOST_STATEMENTS, costs
