"""The screens of connectors: who sees which, and what is done from them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from admin_ui.console.views.requests import ApprovalForm
from directory.actor import Actor
from directory.audit.tables import audit_event as event
from directory.authz import applications
from directory.errors import Conflict
from directory.ids import new_id
from directory.requests.handles import RequestsFor
from sync.engine import accounts, connectors, matching, runs
from sync.engine.tables import connector, connector_account, connector_finding
from tests.console.test_out_of_scope import as_sent, without
from tests.console.world import World, told
from tests.support.installation import OPERATOR


def _one(world: World, name: str) -> connectors.Connector:
    with world.installation.database.read() as tx:
        return connectors.get(tx, name)


def _stuck(world: World, name: str, person_id: str, **more: object) -> None:
    row = {
        "connector": name,
        "person_id": person_id,
        "state": "quarantined",
        "is_leaving": False,
        "due_at": 0,
        "tries": 5,
        "failed_code": "refused",
        "failed_detail": "HTTP 400: <b>emails</b> is wrong",
        **more,
    }
    with world.installation.database.write() as tx:
        tx.execute(connector_account.insert().values(row))


@pytest.mark.both_engines
def test_the_list_has_those_of_ones_own_internal_applications(world: World) -> None:
    page = told(world.browser("admin_a").get("/ket-noi"))
    assert "Lịch của A" in page
    assert "Sổ Bí Mật" not in page
    assert "Thư điện tử" not in page, "shared ones are the province's"
    page = told(world.browser("admin_a").get("/ket-noi", **{"tinh-trang": "dang-chay"}))
    assert "Không tìm thấy kết nối nào" in page
    page = told(world.browser("admin_a").get("/ket-noi", **{"tinh-trang": "can-xu-ly"}))
    assert "Không có gì vướng" in page


@pytest.mark.both_engines
def test_what_is_stuck_is_told_today_to_whoever_looks_after_it(world: World) -> None:
    def told_today(name: str) -> bool:
        return "/ket-noi?tinh-trang=can-xu-ly" in world.browser(name).get("/hom-nay").text

    world.add_operator("op")
    assert not told_today("admin_a") and not told_today("op")
    _stuck(world, "con-b", world.people["plain"])
    assert told_today("op") and not told_today("admin_a")
    _stuck(world, "con-a", world.people["plain"])
    assert told_today("admin_a")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "page",
    [
        "",
        "/thu",
        "/tam-dung",
        "/chay",
        "/thu-lai",
        "/tai-khoan",
        "/chay-thu",
        "/doi-chieu",
        "/doc-lai",
    ],
)
def test_connectors_of_others_answer_as_missing_ones(world: World, method: str, page: str) -> None:
    browser = world.browser("admin_a")
    token = world.token_of(browser)
    answers, counts = [], []
    for name in ("con-b", "xyz-b"):
        path = f"/ket-noi/{name}{page}"
        form = {"csrf_token": token} | ({"sua": ""} if page == "/doc-lai" else {})
        with world.counting() as count:
            answer = browser.get(path) if method == "GET" else browser.post(path, form)
        status, headers, body = as_sent(answer)
        # The minute of printing may end between the two.
        body = re.sub(rb"\d\d:\d\d", b"", body.replace(name.encode(), b"-"))
        answers.append((status, headers, body))
        counts.append(count.numbers)
    assert answers[0] == answers[1]
    assert answers[0][0] in (404, 405)
    assert counts[0] == counts[1]


def test_people_of_others_answer_as_missing_ones(world: World) -> None:
    browser, answers = world.browser("admin_a"), []
    world.token_of(browser)
    theirs, nobody = world.people["b1"], new_id()
    for person_id in (theirs, nobody):
        with world.counting() as count:
            answer = browser.get(f"/ket-noi/con-a/nguoi/{person_id}")
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, theirs, nobody), count.numbers))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_a_run_tells_first_who_did_not_get_there_and_what_to_do(world: World) -> None:
    person, other = world.people["a1"], world.people["b1"]
    with world.installation.database.write() as tx:
        tx.execute(connector_account.delete())
        runs.begin(tx, "con-a", "full", Actor("person", world.people["admin_a"]), to_look_at=900)
        runs.look(tx, "con-a", ("full",), 300, is_over=False)
        found = runs.find_open(tx, "con-a")
        assert found is not None
    for each in (person, other):
        _stuck(world, "con-a", each, failed_in=found.id)
    browser = world.browser("admin_a")
    page = told(browser.get("/ket-noi/con-a/lan-chay"))
    assert "So lại mọi người" in page
    assert "Đang chờ" in page, "the connector is paused"
    shown = browser.get(f"/ket-noi/con-a/lan-chay/{found.id}")
    text = told(shown)
    assert "<b>emails" not in shown.text
    assert text.index("HTTP 400: <b>emails</b> is wrong") < text.index("Việc đã làm")
    assert "rồi thử lại" in text
    assert "Quách" not in text, "people of other places are counted alone"
    assert "Còn 1 tài khoản" in text
    assert "Đã so 300 trong 900 người" in text
    with world.counting() as count:
        browser.get(f"/ket-noi/con-a/lan-chay/{found.id}")
    assert len(count.sql) <= 12
    assert world.browser("admin_b").get(f"/ket-noi/con-b/lan-chay/{found.id}").status_code == 404
    with world.installation.database.write() as tx:
        runs.end(tx, "con-a")
        tx.execute(connector_account.delete())
    text = told(browser.get(f"/ket-noi/con-a/lan-chay/{found.id}"))
    assert "2 tài khoản đã được ở lần sau" in text


def test_it_is_paused_and_goes_on_once(world: World) -> None:
    browser = world.browser("admin_a")
    form = {"csrf_token": world.token_of(browser)}
    assert _one(world, "con-a").paused_at is not None
    assert "Chưa có" not in told(browser.get("/ket-noi/con-a/chay"))
    for said in ("chạy tiếp", "Không có gì thay đổi"):
        answer = browser.post("/ket-noi/con-a/chay", form)
        assert answer.status_code == 303
        assert said in told(browser.get("/ket-noi/con-a"))
    assert _one(world, "con-a").paused_at is None
    for said in ("Đã tạm dừng", "Không có gì thay đổi"):
        browser.post("/ket-noi/con-a/tam-dung", form)
        assert said in told(browser.get("/ket-noi/con-a"))


def test_a_test_of_the_connection_tells_what_to_do(world: World) -> None:
    browser = world.browser("admin_a")
    answer = browser.post("/ket-noi/con-a/thu", {"csrf_token": world.token_of(browser)})
    page = told(browser.get(answer.headers["Location"]))
    assert "DANHMUC_OUTBOUND_ALLOW" in page
    assert "thử kết nối con-a" in page, "it stands in the history"
    assert "DANHMUC_OUTBOUND_ALLOW" not in told(browser.get(answer.headers["Location"]))


def test_the_page_of_a_person_tells_their_accounts(world: World) -> None:
    person = world.people["a1"]
    for name in ("con-a", "con-shared", "con-b"):
        _stuck(world, name, person)
    browser = world.browser("admin_a")
    page = browser.get(f"/nguoi-dung/{person}")
    assert "<b>emails" not in page.text
    text = told(page).partition("Tài khoản ở các ứng dụng")[2]
    assert "Lịch của A" in text
    assert "HTTP 400: <b>emails</b> is wrong" in text
    assert "Thư điện tử" in text, "that somebody cannot work in a shared one is told at home"
    assert text.count("HTTP 400") == 1, "what it said is for those who look after it"
    assert "Sổ Bí Mật" not in text, "an internal application of others is not known"
    path = f"/ket-noi/con-a/nguoi/{person}"
    assert "Ứng dụng từ chối tài khoản này" in told(browser.get(path))
    browser.post(f"{path}/thu-lai", {"csrf_token": world.token_of(browser)})
    assert "Đang thử lại ngay" in told(browser.get(path))
    history = told(browser.get(f"/nguoi-dung/{person}"))
    assert "thử lại ngay 1 tài khoản trong Lịch của A của Đặng Thị Ánh" in history
    assert "thử lại" not in told(world.browser("admin_b").get("/nhat-ky"))


def test_whoever_reads_the_log_looks_and_changes_nothing(world: World) -> None:
    world.add_person("executive", "Phạm Lãnh Đạo", world.post("A"))
    world.grant("executive", "it_executive", "A")
    browser = world.browser("executive")
    page = browser.get("/ket-noi/con-a")
    assert page.status_code == 200
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    form = {"csrf_token": world.token_of(browser)}
    assert browser.post("/ket-noi/con-a/tam-dung", form).status_code == 403


def test_a_token_is_shown_to_no_other_host(world: World) -> None:
    source = _one(world, "con-a").source.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(Exception) as refused:
        connectors.put(world.installation, OPERATOR, source, replaces=True)
    assert getattr(refused.value, "code", "") == "connector.token_anew"


@pytest.fixture
def leavers(world: World) -> Iterator[list[str]]:
    """The brake stopped the connector of A: five people would go, one of them of B."""
    names = ["a1", "a2", "a3", "u1", "b1"]
    with world.installation.database.write() as tx:
        tx.execute(connector_account.delete())
        tx.execute(
            update(connector)
            .where(connector.c.name == "con-a")
            .values(stopped_at=1, losses_found=5, paused_at=None)
        )
    for name in names:
        held = '{"attributes":{"userName":"cu","displayName":"Tên <i>cũ"},"groups":[]}'
        its = {"state": "due", "is_leaving": True, "tries": 0, "failed_code": None}
        _stuck(world, "con-a", world.people[name], held=held, remote_id=name, **its)
    yield names
    with world.installation.database.write() as tx:
        tx.execute(connector_account.delete())
        tx.execute(update(connector).values(stopped_at=None, losses_allowed=None, paused_at=1))


def test_what_the_brake_stopped_goes_on_by_a_second_person(
    world: World, leavers: list[str]
) -> None:
    browser = world.browser("admin_a")
    page = told(browser.get("/ket-noi/con-a/chay"))
    assert "5 tài khoản sẽ bị khóa" in page
    assert "Đặng Thị Ánh" in page
    assert "Quách" not in page
    assert "Còn 1 tài khoản của người thuộc đơn vị khác" in page
    form = {"csrf_token": world.token_of(browser), "reason": "", "seen_reason": ""}
    answer = browser.post("/ket-noi/con-a/de-nghi", form)
    assert "Hãy nhập lý do" in told(browser.get(answer.headers["Location"]))
    form["reason"] = "Phòng giải thể"
    address = browser.post("/ket-noi/con-a/de-nghi", form).headers["Location"]
    assert browser.post("/ket-noi/con-a/de-nghi", form).headers["Location"] == address, "asked once"
    assert "khóa 5 tài khoản cùng lúc" in told(browser.get(address))
    decision = {"csrf_token": form["csrf_token"]}
    for field in ApprovalForm({}, {}):
        decision |= {field.name: "", f"seen_{field.name}": ""}
    browser.post(f"{address}/phe-duyet", decision)
    assert _one(world, "con-a").stopped_at is not None, "nobody approves what they asked for"
    other = world.browser("admin_b")
    decision["csrf_token"] = world.token_of(other)
    assert other.post(f"{address}/phe-duyet", decision).status_code == 404
    world.add_person("second", "Phạm Người Thứ Hai", world.post("A"))
    world.grant("second", "agency_admin", "A")
    second = world.browser("second")
    decision["csrf_token"] = world.token_of(second)
    assert second.post(f"{address}/phe-duyet", decision).status_code == 303
    found = _one(world, "con-a")
    assert (found.stopped_at, found.losses_allowed) == (None, 5)


def test_no_more_go_than_were_approved(world: World, leavers: list[str]) -> None:
    browser = world.browser("admin_a")
    form = {"csrf_token": world.token_of(browser), "reason": "Giải thể", "seen_reason": ""}
    address = browser.post("/ket-noi/con-a/de-nghi", form).headers["Location"]
    its = {"state": "due", "is_leaving": True, "held": "{}", "tries": 0}
    _stuck(world, "con-a", world.people["plain"], **its)
    operator = RequestsFor(world.installation, OPERATOR, VOCABULARY, REQUEST_KINDS)
    with pytest.raises(Conflict) as refused:
        operator.approve(address.rpartition("/")[2])
    assert refused.value.code == "connector.more_losses"
    assert _one(world, "con-a").stopped_at is not None


def test_the_dry_run_tells_before_and_after_and_leaves_as_a_file(
    world: World, leavers: list[str]
) -> None:
    browser = world.browser("admin_a")
    with world.installation.database.write() as tx:
        its = connector_account.c.person_id == world.people["a1"]
        tx.execute(update(connector_account).where(its).values(is_leaving=False))
    page = browser.get("/ket-noi/con-a/chay-thu", viec="cap-nhat")
    assert "<i>cũ" not in page.text
    assert "displayName Tên <i>cũ → Đặng Thị Ánh" in told(page)
    form = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    taken = browser.post("/ket-noi/con-a/xuat-chay-thu?viec=cap-nhat", form)
    assert "displayName: Đặng Thị Ánh" in taken.content.decode("utf-8-sig")
    text = told(browser.get("/ket-noi/con-a/chay-thu", viec="khoa"))
    assert "Đặng Thị Ánh" not in text
    assert "Quách" not in text


def test_a_list_of_accounts_knows_nobody_of_other_places(world: World, leavers: list[str]) -> None:
    browser = world.browser("admin_a")
    text = told(browser.get("/ket-noi/con-a/tai-khoan"))
    assert "4 tài khoản" in text
    assert "Còn 1 tài khoản của người thuộc đơn vị khác" in text
    for typed, hits in (("anh", 2), ("quach", 0), ("%", 0)):
        page = browser.get("/ket-noi/con-a/tai-khoan", tim=typed)
        assert page.text.count('scope="row"') == hits, typed
        assert "đơn vị khác" not in told(page), "nor whether they are called so"


def test_reading_begins_and_what_was_found_is_told(world: World) -> None:
    browser = world.browser("admin_a")
    form = {"csrf_token": world.token_of(browser), "sua": ""}
    assert browser.post("/ket-noi/con-a/doc-lai", form).status_code == 303
    found = _one(world, "con-a")
    assert (found.reconcile_place, found.reconcile_repairs) == ("", False)
    with world.installation.database.write() as tx:
        for login, kind, whose in (("la", "unknown", None), ("=1+1", "differs", "b1")):
            row = {"connector": "con-a", "remote_id": login, "kind": kind, "login": login}
            person = world.people[whose] if whose else None
            tx.execute(
                connector_finding.insert().values(
                    **row, person_id=person, detail="<b>x", found_in=found.reconcile_round
                )
            )
    page = browser.get("/ket-noi/con-a/doi-chieu")
    assert "<b>x" not in page.text
    assert "người của đơn vị khác" in told(page)
    assert "Quách" not in told(page)
    text = told(browser.get("/ket-noi/con-a/doi-chieu", thay="vo-chu"))
    assert "Chưa biết của ai" in text
    assert "=1+1" not in text
    form = {"csrf_token": form["csrf_token"], "dang": "csv", "ly-do": ""}
    taken = browser.post("/ket-noi/con-a/xuat-doi-chieu", form).content.decode("utf-8-sig")
    assert "'=1+1" in taken, "a formula is neutralised"


def test_an_account_that_was_there_is_somebodys_by_somebodys_word(world: World) -> None:
    browser, person = world.browser("admin_a"), world.people["a2"]
    with world.installation.database.write() as tx:
        tx.execute(connector_finding.delete())
        tx.execute(update(connector).values(reconcile_round=7))
        for account, login in (("r1", "a2"), ("r2", "b1"), ("r3", "<b>la")):
            tx.execute(
                connector_finding.insert().values(
                    connector="con-a", remote_id=account, kind="unknown", login=login, found_in=7
                )
            )
    page = browser.get("/ket-noi/con-a/ghep")
    assert "<b>la" not in page.text
    assert "Dang Van Anh" in told(page)
    assert "Quách" not in told(page), "nobody of other places is proposed"
    form = {"csrf_token": world.token_of(browser), "account": "r2", "person": world.people["b1"]}
    assert browser.post("/ket-noi/con-a/ghep", form).status_code == 404
    assert browser.post("/ket-noi/con-a/ghep/rut-lai", form).status_code == 404
    why = {"csrf_token": form["csrf_token"], "reason": "x", "seen_reason": ""}
    ask = "/ket-noi/con-a/ghep/khong-phai?nguoi={}&tai-khoan={}".format
    assert browser.post(ask(world.people["b1"], "r1"), why).status_code == 404
    assert browser.post(ask(person, "khac"), why).status_code == 404
    form |= {"account": "r1", "person": person}
    assert "Dang Van Anh" in told(browser.get(ask(person, "r1")))
    answer = browser.post(ask(person, "r1"), why | {"reason": " "})
    assert "Hãy nêu lý do" in told(browser.get(answer.headers["Location"]))
    browser.post(ask(person, "r1"), why | {"reason": "của <b>người</b> cùng tên"})
    page = browser.get("/ket-noi/con-a/ghep")
    proposed, _, refused = told(page).partition("không phải của ai")
    assert "Dang Van Anh" not in proposed
    assert "Dang Van Anh" in refused
    assert "của <b>người</b> cùng tên" in refused
    assert browser.post("/ket-noi/con-a/ghep", form).status_code == 303
    assert "Không có gì thay đổi" in told(browser.get("/ket-noi/con-a/ghep"))
    browser.post("/ket-noi/con-a/ghep/rut-lai", form)
    assert browser.post("/ket-noi/con-a/ghep", form).status_code == 303
    assert "Dang Van Anh" not in told(browser.get("/ket-noi/con-a/ghep"))
    assert browser.post("/ket-noi/con-a/ghep", form).status_code == 404, "it is nobody's no longer"


@pytest.mark.both_engines
def test_those_that_are_certain_are_confirmed_at_once_and_no_others(world: World) -> None:
    people, app, place = {}, world.applications["of_a"], world.places["A"]
    for name, where in (("c1", "A"), ("c2", "A"), ("c3", "A"), ("c4", "A"), ("c5", "B")):
        mail = f"{name}@binhduong.gov.vn"
        people[name] = world.add_person(name, "Lê Chắc Chắn", world.post(where), mail=mail).id
    tags = {name: f"person:{id_}" for name, id_ in people.items()}
    finding = {"connector": "con-a", "kind": "unknown", "found_in": 7}
    told_of = {
        "tk1": ("c1", "c1"),
        "tk2": ("c2", "c2"),
        "TK2": ("C2", "C2"),  # the same person's once more
        "tk3": ("c3", "c4"),  # two people's
        "tk4": ("c4", "c4"),  # refused
        "tk5": ("c5", "c5"),  # of another place
        "tk6": ("c4", "c4"),  # somebody else's meanwhile
    }
    with world.installation.database.write() as tx:
        # Whoever is seen by nobody here may enter too.
        applications.describe(tx, OPERATOR, app, access="everyone", agencies=())
        tx.execute(connector_finding.delete())
        tx.execute(update(connector).values(reconcile_round=7))
        for account, (login, mail) in told_of.items():
            its = {"remote_id": account, "login": login, "detail": f"{mail}@binhduong.gov.vn"}
            tx.execute(connector_finding.insert().values(finding | its))
        accounts.link(tx, "con-a", world.people["a1"], "tk6", None, is_leaving=False)
    matching.refuse_pair(world.installation, OPERATOR, "con-a", people["c4"], "tk4", "x")
    browser = world.browser("admin_a")
    form = {"csrf_token": world.token_of(browser)}
    assert browser.post("/ket-noi/con-a/ghep/chac-chan", form).status_code == 303
    with world.installation.database.write() as tx:
        applications.describe(tx, OPERATOR, app, access="agencies", agencies=(place,))
        states = accounts.find_states(tx, "con-a", [*people.values(), world.people["a1"]])
        left = tx.execute(select(connector_finding.c.remote_id)).scalars().all()
        matched = (event.c.kind == "connector.matched", event.c.subject.in_(tags.values()))
        events = tx.execute(select(event.c.subject, event.c.agency).where(*matched)).all()
    linked = {each.remote_id: each.person_id for each in states if each.remote_id}
    of_c2 = "TK2" if "TK2" in linked else "tk2"
    assert linked == {"tk1": people["c1"], of_c2: people["c2"], "tk6": world.people["a1"]}
    assert {*left} == {*told_of} - {"tk1", of_c2}
    assert sorted(map(tuple, events)) == sorted((tags[name], place) for name in ("c1", "c2"))
