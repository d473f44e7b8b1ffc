"""What the console may cost: few statements a page and a save, whoever asks, wherever they are, and
no more of them where there are more lines.

A page is every statement it takes; a save is what it takes besides the change itself (rows written,
turns taken). Who is here is part of both. Every route is walked with something on it: a page that
shows nothing costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from directory.access.entering import ask_to_enter
from directory.actor import Actor, Held
from directory.authz import grants
from directory.authz.conflicts import look_again
from directory.authz.decisions import decide
from directory.authz.objects import InPlace
from directory.authz.roles import Role
from directory.authz.tables import application
from directory.clock import DAY, now_ms, today
from directory.notices import service as notices
from directory.people import absences
from directory.people import service as people
from directory.people.permissions import PeoplePermission
from idp.clients.logo import set_logo
from idp.factor_policy.rules import read_policy, rule_ref
from idp.factors.certificate import leaving
from idp.factors.certificate import service as certificates
from idp.sessions.store import note_client
from idp.sessions.tables import sessions
from sync.engine import accounts, connectors
from sync.engine.tables import connector, connector_account, connector_finding
from tests.console.asking import ask_each
from tests.console.test_applications import PNG, fields
from tests.console.test_connector_definition import _form
from tests.console.test_giving import add_position, role_tag
from tests.console.test_roles import declared
from tests.console.walk import Walk, ask, every_job, furnish, routes_of
from tests.console.world import World
from tests.support.installation import OPERATOR
from tests.support.pki import Authority
from web.routes import ROUTES

pytestmark = pytest.mark.both_engines

MOST_OF_RECOGNISING = 2
MOST_OF_A_PAGE = 12
MOST_OF_A_SAVE = 15
# No pages and no saves of somebody who is here: what leads elsewhere, what every application
# answers, and what the issuer sends.
_NO_PAGES = {f"{method} {route.name}" for route in ROUTES for method in route.methods} | {
    "GET home.show",
    "GET signin.start",
    "GET signin.finish",
    "POST signin.receive_logout_token",
}
# Pages that stand behind what was sent, and are come to by the saves before them.
_AFTER = {
    "GET applications.show_logo",
    "GET application_changes.locate",
    "GET code_sheets.look",
    "GET standing.ask_resumption",
    "GET connector_definition.describe",
    "GET connector_definition.look",
    "GET giving.look",
    "GET grant_bulk.look",
    "GET grant_bulk.show_result",
    "GET slips.show_printed",
    "GET step_up.show",
}


@dataclass(frozen=True)
class Costs:
    """What was walked; of each page, what it costs with one line and with five."""

    walk: Walk
    one: Mapping[str, int]
    five: Mapping[str, int]

    @property
    def of_routes(self) -> Mapping[str, int]:
        """The most that each route cost, whoever asked."""
        found: dict[str, int] = {}
        for name, cost in (*self.one.items(), *self.five.items(), *self.walk.costs.items()):
            route = name.partition(" (")[0].lstrip("01 ")
            found[route] = max(cost, found.get(route, 0))
        return found


@pytest.fixture(scope="module")
def costs(world: World) -> Iterator[Costs]:
    _prepare(world)
    here, everywhere = world.browser("admin_a"), every_job(world)
    things = _things(world, furnish(world))
    here.get("/quyen")  # how many grants there are is counted once in ten minutes
    passes = []
    for more in (0, 4):
        for _ in range(more):
            furnish(world)
        look_again(world.installation)  # as the worker does
        seen = [Walk(world, browser) for browser in (here, everywhere)]
        for walk in seen:
            _pages(walk, things)
        passes.append({f"{i} {n}": c for i, w in enumerate(seen) for n, c in w.costs.items()})
    walk = seen[1]
    for browser, scenes in ((here, _OF_AN_AGENCY), (everywhere, _OF_THE_PROVINCE)):
        walk.browser = browser
        for scene in scenes:
            scene(walk)
    yield Costs(walk, *passes)


def _prepare(world: World) -> None:
    with world.installation.database.write() as tx:
        shared = world.applications["shared"]
        grants.put_role(tx, OPERATOR, Role(shared, "doc", "Đọc thư", "Read mail"))
        two = Role(shared, "hai", "Trực hai người", "By two", needs_approval=True)
        grants.put_role(tx, OPERATOR, two)
        for name in ("xem_1", "xem_2"):
            grants.put_role(tx, OPERATOR, Role(world.applications["of_b"], name, "Xem", "Look"))
        definition = connectors.get(tx, "con-a").definition
        assert accounts.look_at(tx, definition, list(world.people.values())) > 3
    world.add_person("admin_a2", "Phạm Hai", world.post("A"))
    world.grant("admin_a2", "agency_admin", "A")
    own = world.add_person("officer_own", "Hồ An Toàn", world.post("A"))
    world.add_person("officer", "Hồ An Toàn", world.post("A"), administrator_of=own.id)
    world.grant("officer", "security_officer", "P")


def _things(world: World, made: Mapping[str, str]) -> Mapping[str, str]:
    """One of each that an address may name: those of which there come to be more lines."""
    root = Authority.root()
    certificates.trust(world.installation, OPERATOR, root.issued.pem, without_crl="x")
    whose, given = world.people["a1"], root.issue().pem
    return {
        **made,
        "certificate_id": certificates.bind(world.installation, OPERATOR, whose, given, "x").id,
        "application_id": world.applications["of_a"],
        "word": "thu-tuc",
        "person_id": world.people["a1"],
        "position_id": world.positions["pos_a"],
        "kind_path": "web",
    }


def _pages(walk: Walk, things: Mapping[str, str]) -> None:
    """Every page that whoever walks may open."""
    world = walk.world
    ldap = next(id_ for name, id_ in world.applications.items() if name.startswith("l"))
    asked = {
        "search.find": {"tim": "anh"},
        "why.explain": {"nguoi": things["person_id"], "ung-dung": things["application_id"]},
        "giving.begin": {"tiep": "1", "tim": "anh", "vai-tro": role_tag(world, "xem")},
    }
    for route, path in routes_of(world.app, "GET").items():
        if route in _NO_PAGES | _AFTER:
            continue
        named = {**things, **({"name": "con-a"} if path.startswith("/ket-noi/") else {})}
        if "/ldap" in path:
            named["application_id"] = ldap
        query = asked.get(route.split()[1], {})
        query |= {"dang": "csv"} if ".ask_why" in route else {}
        if "ask_refusal" in route:
            query = _pairs(world)[0]
        address = path.replace("<", "{").replace(">", "}").format_map(named)
        told = _rule(world) if "describe_removal" in route else urlencode(query)
        address += f"?{told}" if told else ""
        answer = walk.browser.get(address)
        if answer.status_code != 403:
            walk.get(address)


def _pairs(world: World) -> Sequence[dict[str, str]]:
    """Accounts that are nobody's, each with whose it could be."""
    its = connector_finding.c.kind == "unknown"
    with world.installation.database.read() as tx:
        logins = tx.execute(select(connector_finding.c.login).where(its)).scalars().all()
    return [{"nguoi": world.people[login], "tai-khoan": login} for login in logins]


def _narrowed(walk: Walk) -> None:
    """The lists by what narrows them."""
    world = walk.world
    app, place, a1 = world.applications["of_a"], world.places["A"], world.people["a1"]
    for path, narrowed in (
        ("/quyen", {"tim": "anh"}),
        ("/quyen", {"tinh-trang": "nguoi-da-chuyen"}),
        ("/quyen", {"tinh-trang": "sap-het-han"}),
        ("/quyen", {"ung-dung": app}),
        ("/quyen", {"ung-dung": app, "vai-tro": "xem"}),
        ("/quyen", {"noi": place}),
        ("/quyen", {"nguoi": a1}),
        ("/quyen", {"vi-tri": world.positions["pos_a"]}),
        ("/quyen", {"ung-dung": app, "vai-tro": "xem", "noi": place, "nguoi": a1}),
        ("/vi-tri", {"tim": "an"}),
        ("/vi-tri", {"noi": place}),
        ("/nguoi-dung", {"tim": "anh"}),
        ("/hom-nay/don-vi-thieu-nguoi", {"noi": place}),
        ("/ung-dung", {"tim": "may in", "noi": place}),
        ("/vi-sao", {"nguoi": a1}),
        ("/yeu-cau/so", {"noi": place, "loai": "grant"}),
        ("/nhat-ky", {"loai": "vai-tro"}),
        ("/ket-noi/con-a/chay-thu", {"viec": "cap-nhat"}),
        ("/ket-noi/con-a/tai-khoan", {"tim": "ly"}),
    ):
        walk.get(f"{path}?{urlencode(narrowed)}", f"{path} by {', '.join(narrowed)}")
    walk.get(f"/nguoi-dung/{world.people['u1']}", "of a unit")


def _give(walk: Walk) -> None:
    world, path = walk.world, "/quyen/cap"
    declared(world, "of_a", "nhap", title_vi="Nhập")
    declared(world, "of_a", "duyet", title_vi="Duyệt", excludes=("nhap",))
    position, tag = add_position(world, "Văn thư anh"), role_tag(world, "duyet")
    walk.get(f"{path}?{urlencode({'vai-tro': tag})}", "of a role")
    several = {"tiep": "1", "vai-tro": tag, "tim": "anh"}
    walk.get(f"{path}?{urlencode(several)}", "of several found")
    one = f"{path}?{urlencode(several | {'tim': 'dang thi anh'})}"
    look = walk.send(path, "to one found", page=one, reason="x", basis="y")
    walk.get(walk.send(f"{path}/xem", "to one found", page=look))
    of_position = {"tiep": "1", "vai-tro": tag, "cho": f"position:{position}"}
    terms = f"{path}?{urlencode(of_position)}"
    look = walk.send(path, "to a position", page=terms, reason="x", basis="y")
    walk.get(walk.send(f"{path}/xem", "to a position", page=look), "with roles")
    # By two: it is asked for.
    by_two = {"tiep": "1", "vai-tro": "danh-muc:unit_coordinator", "tim": "dang thi anh"}
    look = walk.send(path, "of the console", page=f"{path}?{urlencode(by_two)}", reason="x")
    walk.send(f"{path}/xem", "of the console", page=look)


def _give_many(walk: Walk) -> None:
    """Ticked and pasted; of five lines it takes no more than of one."""
    world, path = walk.world, "/quyen/hang-loat"
    app = world.applications["of_a"]
    held = [
        world.grant(name, "xem", "A", application_id=app, end=_in_a_month())
        for name in ("a2", "a3", "u1", "plain", "hr_officer", "inspector")
    ]
    for number in (1, 5):
        ids, held = held[:number], held[number:]
        ticked = [("viec", "gia-han"), *(("id", each) for each in ids)]
        look = walk.post(f"{path}/chon", ticked, f"{number} ticked")
        shown = walk.send(look, f"{number} ticked", reason="x")
        walk.get(shown, f"{number} ticked")
    walk.get(path)
    headings = "Việc cần làm\tTên đăng nhập\tỨng dụng\tVai trò\tMã cơ quan\tĐến hết ngày"
    newcomers = [name for name in world.people if name.startswith("q")]
    for number in (1, 5):
        names, newcomers = newcomers[:number], newcomers[number:]
        lines = [f"\t{name}\tLịch của A\tXem\tA\t31/12/2099" for name in names]
        look = walk.post(path, [("pasted", "\n".join((headings, *lines)))], f"{number} pasted")
        walk.send(look, f"{number} pasted", reason="x")


def _in_a_month() -> str:
    return (today() + timedelta(days=30)).isoformat()


def _renew_and_withdraw(walk: Walk) -> None:
    world = walk.world
    with world.installation.database.read() as tx:
        standing = grants.list_standing(tx, "person", world.people["a1"])
    grant = next(each.id for each in standing if each.application_id == world.applications["of_a"])
    renewed = walk.send(f"/quyen/{grant}/gia-han", "", reason="y")
    path = f"{renewed}/thu-hoi"
    walk.get(walk.send(path, "", reason="y"), "that is over")


def _keep_roles(walk: Walk) -> None:
    path = f"/ung-dung/{walk.world.applications['of_a']}"
    role = f"{path}/vai-tro/duyet"
    walk.send(f"{role}/sua", "", description="x")
    walk.send(f"{role}/trang-thai", "", reason="x")
    walk.send(f"{path}/khai-bao-vai-tro", "", title_vi="Mới")


def _keep_positions(walk: Walk) -> None:
    place = walk.world.places["A.u"]
    path = walk.send("/vi-tri/them", "", name="Kế toán", place=place)
    walk.send(f"{path}/sua", "", name="Kế toán 2")
    walk.send(f"{path}/dong", "", reason="x")


def _decide(walk: Walk) -> None:
    """Requests of every kind, as their decider sees them; each decided."""
    world = walk.world
    one, two, own = (
        ask(world, who, f"{name}", role)
        for who, name, role in (
            ("admin_a2", "a2", "doc"),
            ("admin_a2", "a3", "doc"),
            ("admin_a", "a2", "hai"),
        )
    )
    walk.get(f"/yeu-cau/{own.id}", "of one's own")
    _decided(walk, one.id, "phe-duyet", "a grant")
    _decided(walk, two.id, "tu-choi", "a grant")
    walk.post(f"/yeu-cau/{own.id}/rut")
    with world.installation.database.write() as tx:
        let_in = ask_to_enter(
            tx, Actor("person", world.people["a3"]), world.applications["of_b"], "x"
        )
    _decided(walk, let_in.id, "phe-duyet", "to be let in", choice="xem_1")


def _decide_each(walk: Walk) -> None:
    """Of every sort one that is approved and one that is refused."""
    for how in ("phe-duyet", "tu-choi"):
        for kind, request_id in ask_each(walk.world).items():
            choice = "xem_1" if kind == "enter" else ""
            _decided(walk, request_id, how, kind, choice=choice)


def _decided(walk: Walk, request_id: str, how: str, called: str, *, choice: str = "") -> None:
    path = f"/yeu-cau/{request_id}"
    walk.get(path, called)
    typed = {"phe-duyet": ("note", "choice"), "tu-choi": ("refusal",)}[how]
    form = [(name, choice if name == "choice" else "x") for name in typed]
    form += [(f"seen_{name}", "") for name in typed]
    where = walk.post(f"{path}/{how}", form, called)
    assert where == path, where


def _connect(walk: Walk) -> None:
    path = "/ket-noi/con-a"
    stuck = connector_account.c.state == "quarantined"
    with walk.world.installation.database.read() as tx:
        query = select(connector_account.c.person_id).where(stuck)
        people = iter(tx.execute(query).scalars().all())
    for end, typed in (
        ("thu-lai", ()),
        ("bo-qua", (("reason", "x"), ("seen_reason", ""))),
        ("gui-lai", ()),
    ):
        walk.post(f"{path}/nguoi/{next(people)}/{end}", typed)
    for end in ("/chay", "/tam-dung", "/thu-lai", "/thu", "/doc-lai"):
        walk.post(f"{path}{end}", [("sua", "")] if end == "/doc-lai" else [])
    _match(walk, f"{path}/ghep")
    _define(walk, path)
    columns = connector.c
    stopped = update(connector).where(columns.name == "con-a")
    with walk.world.installation.database.write() as tx:
        tx.execute(stopped.values(stopped_at=1, losses_found=5, paused_at=None))
    walk.get(f"{path}/chay", "stopped")
    walk.post(f"{path}/de-nghi", [("reason", "x"), ("seen_reason", "")])


def _match(walk: Walk, path: str) -> None:
    pairs = _pairs(walk.world)
    for end in ("", "/rut-lai"):
        if end:
            refused = f"{path}/khong-phai?{urlencode(pairs[1])}"
            walk.send(refused, "", reason="x")
        pair = pairs[1] if end else pairs[0]
        walk.post(f"{path}{end}", [("person", pair["nguoi"]), ("account", pair["tai-khoan"])])
    walk.post(f"{path}/chac-chan")


def _define(walk: Walk, path: str) -> None:
    """Changed, and another set up: looked at before it counts."""
    edit, browser = f"{path}/dinh-nghia/sua", walk.browser
    form = _form(browser.get(edit)) | {"a-title": "post.title"}
    look = walk.post(edit, form.items())
    walk.post(look, _form(walk.get(look)).items())
    form = _form(walk.get("/ket-noi/dang-ky")) | {"url": "https://127.0.0.1:1/scim"}
    form["application"] = walk.world.applications["own"] = walk.world.register("own", "A")
    told = walk.post("/ket-noi/dang-ky", form.items())
    walk.post(told.partition("?")[0], _form(walk.get(told)).items())


def _register(walk: Walk) -> None:
    world = walk.world
    path = f"/ung-dung/{world.applications['of_a']}"
    for end, typed in (
        ("sua", {"description": "x"}),
        ("ai-duoc-vao", {"agencies": world.places["below"]}),
        ("dia-chi", {"redirect_uris": "https://of-a.vn/callback\nhttps://of-a.vn/2"}),
        ("de-nghi-mo", {"access": "everyone", "reason": "x"}),
        ("thu-dang-nhap", {}),
    ):
        walk.send(f"{path}/{end}", "", **typed)
    walk.get(walk.send(f"{path}/khoa-bi-mat", ""), "with its secret")
    walk.post(f"{path}/doi-bieu-tuong", [("none", "1")])
    set_logo(world.installation, OPERATOR, world.applications["of_a"], PNG)
    walk.get(f"{path}/bieu-tuong")
    _learn(walk, f"{path}/du-lieu/sua")
    new = "/ung-dung/dang-ky"
    second = walk.send(f"{new}/web", "a web application", name="Sổ lịch")
    uri = "https://so-lich.vn/callback"
    last = walk.send(f"{new}/web/dia-chi", "a web application", page=second, redirect_uris=uri)
    walk.get(last, "with its secret")
    walk.get(walk.send(f"{new}/ldap", "an LDAP application", name="Máy quét"), "with its password")
    own = next(id_ for name, id_ in world.applications.items() if name.startswith("l"))
    walk.send(f"/ung-dung/{own}/ldap/mat-khau", "")
    for its, called in ((own, "over LDAP"), (world.applications["of_a"], "")):
        for state in ("disabled", "enabled"):
            state_path = f"/ung-dung/{its}/trang-thai"
            walk.send(state_path, f"{called} {state}", reason="x")
    _remove(walk, own, "over LDAP")
    third = walk.send(f"{new}/web", "", name="Sổ bỏ")
    made = walk.send(f"{new}/web/dia-chi", "", page=third, redirect_uris=uri)
    _remove(walk, made.split("/")[2], "")


def _remove(walk: Walk, application_id: str, called: str) -> None:
    world, path = walk.world, f"/ung-dung/{application_id}"
    with world.installation.database.write() as tx:
        its = application.c.id == application_id
        name = tx.execute(select(application.c.name).where(its)).scalar_one()
        grants.put_role(tx, OPERATOR, Role(application_id, "bo", "Bỏ", "Gone"))
    if called:
        world.grant("a1", "bo", "A", application_id=application_id)
    walk.send(f"{path}/trang-thai", called, reason="x")
    with world.installation.database.write() as tx:
        since = now_ms() - 30 * DAY
        tx.execute(update(application).where(its).values(disabled_at=since))
    walk.get(walk.send(f"{path}/xoa", called, name=name, reason="x"), called)


def _learn(walk: Walk, path: str) -> None:
    known = fields(walk.browser.get(path))["attributes"]
    walk.send(path, "less", attributes=known[1:])
    walk.send(path, "more", attributes=[*known, "staff_no"], purpose="x", reason="x")


def _keep_people(walk: Walk) -> None:
    path = f"/nguoi-dung/{walk.world.people['u1']}"
    walk.send(f"{path}/sua", "", phone="0274 100 101")
    walk.get(walk.send(f"{path}/phieu", "", purpose="help", reason="x"))
    walk.post(f"{path}/phieu/thu-hoi")


def _bind(walk: Walk) -> None:
    """A certificate, of somebody who then leaves: its device comes back."""
    world, root = walk.world, Authority.root()
    certificates.trust(world.installation, OPERATOR, root.issued.pem, without_crl="x")
    leaver = world.add_person("nghi", "Phạm Nghỉ", world.post("A"))
    path = f"/nguoi-dung/{leaver.id}/chung-thu"
    for _ in range(2):
        walk.post(path, [("reason", "x")], files={"tep": root.issue("Phạm Nghỉ").pem})
    person = walk.get(f"/nguoi-dung/{leaver.id}", "with certificates")
    removal = re.search(rf'href="({path}/[^"]+/go)"', person.text)
    assert removal
    walk.send(removal[1], "", reason="x")
    people.retire(world.installation, OPERATOR, leaver.id, "x")
    leaving.end(world.installation)
    listed = "/hom-nay/thiet-bi-luu-khoa"
    taken = re.search(rf'action="({listed}/[^"]+/da-nhan)"', walk.get(listed, "of a leaver").text)
    assert taken
    walk.post(taken[1])


def _take_away(walk: Walk) -> None:
    """Every list as a file."""
    named = {"application_id": walk.world.applications["of_a"], "name": "con-a", "word": "ngach"}
    for route, path in routes_of(walk.world.app, "POST").items():
        if ".take_away" not in route:
            continue
        address = path.replace("<", "{").replace(">", "}").format_map(named)
        if walk.browser.get(f"{address}?dang=csv").status_code == 200:
            walk.post(address, [("dang", "csv"), ("ly-do", "x")])


def _announce(walk: Walk) -> None:
    walk.send("/thong-bao/them", "", text_vi="Đổi máy chủ", places="console")
    with walk.world.installation.database.read() as tx:
        notice = notices.list_standing(tx)[0].id
    walk.send(f"/thong-bao/{notice}", "", text_vi="Đổi xong")
    walk.post(f"/thong-bao/{notice}/go")


def _be_away(walk: Walk) -> None:
    path = f"/nguoi-dung/{walk.world.people['a1']}/vang-mat"
    day = (today() + timedelta(days=9)).isoformat()
    walk.send(path, "", kind="study", end=day, basis="QĐ 1")
    with walk.world.installation.database.read() as tx:
        found = absences.list_of(tx, walk.world.people["a1"])[0].id
    walk.post(f"{path}/{found}/ket-thuc")


def _stand(walk: Walk) -> None:
    path = f"/nguoi-dung/{walk.world.people['a1']}"
    walk.send(f"{path}/khoa", "", reason="QĐ 1")
    walk.send(f"{path}/mo-khoa", "", reason="QĐ 2")


def _keep_lists(walk: Walk) -> None:
    path = "/danh-muc/thu-tuc"
    walk.send(f"{path}/them", "", code="1.009", name_vi="Cấp giấy", parent="L1")
    walk.send(f"{path}/ma/1.009/sua", "", name_vi="Cấp giấy phép")
    walk.send(f"{path}/ma/1.009/het-hieu-luc", "", valid_to="2099-12-31")
    walk.send(f"{path}/giao", "", owner=walk.world.places["A"])
    waiting = walk.post(f"{path}/tep", [("pasted", "1.010\tThu phí\n1.011\tTrả kết quả")])
    walk.get(waiting)
    walk.post(waiting)


def _set_rules(walk: Walk) -> None:
    path, app = "/xac-thuc-hai-lop", walk.world.applications["of_a"]
    walk.send(f"{path}/vung-mang", "", name="tsl-cd", networks="10.13.0.0/16", reason="x")
    for kind, target in (("vai-tro", f"{app}:xem"), ("tu-vung-mang", "tsl-cd"), ("thiet-bi", app)):
        walk.send(f"{path}/them/{kind}", "", target=target, days="7", reason="x")
    for kind in ("phien-khong-dung", "phien-toi-da"):
        walk.send(f"{path}/them/{kind}", "", target=f"{app}:xem", days="30", reason="x")
    walk.send(f"{path}/them/moi-nguoi", "", days="7", reason="x")
    walk.send(f"{path}/bo?{_rule(walk.world)}", "", reason="x")
    walk.post(f"{path}/vung-mang/xoa", [("name", "tsl-cd")])


def _rule(world: World) -> str:
    with world.installation.database.read() as tx:
        rule = next(each for each in read_policy(tx).rules if each.kind == "network")
    return urlencode({"quy-dinh": rule_ref(rule.kind, rule.target)})


def _sign_out_of_a_place(walk: Walk) -> None:
    """By whoever has no power over all: each who administers is looked at."""
    world = walk.world
    for number in (1, 5):
        names = [f"{kind}{number}{each}" for kind in ("s", "t") for each in range(number)]
        for name in names:
            world.add_person(name, "Lê Quản Trị", world.post("A"))
            if name.startswith("s"):
                world.grant(name, "agency_admin", "A")
            world.browser(name)
        _enter(world, names)
        path = f"/phien?{urlencode({'noi': world.places['A']})}"
        walk.get(path, f"with {number}")
        walk.post(path, [("reason", "x"), ("seen_reason", "")], f"with {number}")
        walk.browser = world.browser("admin_a")


def _enter(world: World, names: Sequence[str]) -> None:
    """In the session of each an application of their own was entered."""
    people = [world.people[name] for name in names]
    with world.installation.database.write() as tx:
        here = select(sessions.c.sid).where(sessions.c.person_id.in_(people))
        opened = tx.execute(here).scalars().all()
        for sid, app in zip(opened, world.applications.values(), strict=False):
            note_client(tx, sid, app)


def _sign_out(walk: Walk) -> None:
    world = walk.world
    for name in ("plain", "inspector", "admin_a2", "a1"):
        world.browser(name)
    for whose, target in (
        ("nguoi", world.people["plain"]),
        ("ung-dung", world.applications["of_a"]),
        ("noi", world.places["A"]),
    ):
        path = f"/phien?{urlencode({whose: target})}"
        walk.get(path, f"of {whose}")
        walk.post(path, [("reason", "x"), ("seen_reason", "")], f"of {whose}")


def _stand_beside(walk: Walk) -> None:
    """What waits for a factor proved anew; looking as a job would see it; leaving."""
    world = walk.world
    mine = sessions.c.person_id == world.people["op"]
    with world.installation.database.write() as tx:
        before = tx.execute(select(sessions.c.auth_time).where(mine)).scalar_one()
        tx.execute(update(sessions).where(mine).values(auth_time=before - 600))
    path = f"/ung-dung/{world.applications['of_b']}/khoa-bi-mat"
    walk.get(walk.send(path, "that waits"))
    walk.send("/xem-nhu", "", job="agency_admin", place=world.places["A"])
    walk.get("/nguoi-dung", "as a job sees it")
    walk.post("/xem-nhu/thoi")
    walk.post("/dang-xuat")


_OF_AN_AGENCY: Sequence[Callable[[Walk], None]] = (
    _narrowed,
    _give,
    _give_many,
    _renew_and_withdraw,
    _keep_roles,
    _keep_positions,
    _keep_people,
    _bind,
    _decide,
    _connect,
    _register,
    _take_away,
    _sign_out_of_a_place,
)
_OF_THE_PROVINCE: Sequence[Callable[[Walk], None]] = (
    _decide_each,
    _take_away,
    _announce,
    _be_away,
    _stand,
    _keep_lists,
    _set_rules,
    _sign_out,
    _stand_beside,
)


def test_who_is_here_is_read_in_few_statements(world: World) -> None:
    browser = world.browser("admin_a")
    with world.counting() as count:
        assert browser.get("/").status_code == 303
    assert len(count.sql) <= MOST_OF_RECOGNISING, count.sql


def test_what_the_page_began_with_is_not_read_again(world: World) -> None:
    browser = world.browser("admin_a")
    with world.counting() as count:
        assert browser.get("/ung-dung").status_code == 200
    assert sum("role_grant" in each for each in count.sql) == 1
    assert len(count.sql) <= MOST_OF_A_PAGE, count.sql


def test_no_page_and_no_save_costs_many_statements(costs: Costs) -> None:
    over = {n: cost for n, cost in costs.of_routes.items() if cost > _most(n)}
    assert not over, sorted(over.items())


def _most(route: str) -> int:
    return MOST_OF_A_PAGE if route.startswith("GET") else MOST_OF_A_SAVE


def test_no_page_costs_more_where_there_is_more(costs: Costs) -> None:
    grown = {n: (c, costs.five[n]) for n, c in costs.one.items() if costs.five.get(n, c) > c}
    assert not grown, sorted(grown.items())


def test_many_lines_at_once_ask_no_more_than_one(costs: Costs) -> None:
    found = {n: c for n, c in costs.walk.costs.items() if n.partition(" (")[2].startswith("1 ")}
    assert len(found) >= 7
    grown = {n: (c, costs.walk.costs[n.replace("(1 ", "(5 ")]) for n, c in found.items()}
    more = {n: both for n, both in grown.items() if both[1] > both[0]}
    assert not more, more


def test_every_page_and_every_save_is_walked(costs: Costs) -> None:
    app = costs.walk.world.app
    assert {*routes_of(app, "GET"), *routes_of(app, "POST")} - costs.walk.walked == _NO_PAGES


def test_an_act_is_decided_by_what_is_held_at_that_moment(world: World) -> None:
    """What was read when the request began is for looks: an act reads it anew."""
    here = InPlace(world.places["A"])
    stale = Held({"agency_admin": frozenset({here.id})}, frozenset({world.places["P"]}))
    actor = Actor("person", world.people["plain"], held=stale)
    database = world.installation.database
    with database.read() as tx:
        assert decide(tx, actor, PeoplePermission.READ, here).allowed
    with database.write() as tx:
        assert not decide(tx, actor, PeoplePermission.READ, here).allowed
