"""What the console may cost: few statements a page and a save, whoever asks, wherever they are.

A page is every statement it takes; a save is what it takes besides the change itself (rows written,
turns taken). Who is here is part of both. The scenes go along every screen with something on it:
a page that shows nothing costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import insert, select, update

from directory.access.entering import ask_to_enter
from directory.actor import Actor, Held
from directory.authz import applications, grants
from directory.authz.decisions import decide
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_ROLES
from directory.authz.roles import Role
from directory.authz.tables import role_grant
from directory.clock import HOUR, now_ms
from directory.ids import new_id
from directory.people.permissions import PeoplePermission
from idp.clients.tables import client
from sync.engine import accounts, connectors
from sync.engine.tables import connector
from tests.console.policy_table import COLUMNS, TABLE
from tests.console.test_applications import fields
from tests.console.test_giving import add_position, role_tag
from tests.console.test_requests import ask
from tests.console.test_roles import declared
from tests.console.world import World
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

MOST_OF_RECOGNISING = 2
MOST_OF_A_PAGE = 12
MOST_OF_A_SAVE = 15
_CHANGING = ("INSERT", "UPDATE", "DELETE", "ROLLBACK", "SELECT pg_advisory_xact_lock")


@dataclass
class Walk:
    """What an administrator asks for, and what each of it costs."""

    world: World
    browser: Browser
    costs: dict[str, int] = field(default_factory=dict)

    def get(self, called: str, path: str) -> requests.Response:
        with self.world.counting() as count:
            page = self.browser.get(path)
        assert page.status_code == 200, (called, page.status_code)
        self.costs[f"GET {called}"] = len(_usual(count.sql))
        return page

    def post(self, called: str, path: str, form: list[tuple[str, str]]) -> str:
        """Gives where the answer leads."""
        with self.world.counting() as count:
            answer = self.browser.post(path, form)
        assert answer.status_code == 303, (called, answer.status_code)
        asked = [each for each in count.sql if not each.startswith(_CHANGING)]
        self.costs[f"POST {called}"] = len(asked)
        return answer.headers["Location"]

    def send(self, called: str, page: requests.Response, path: str, /, **typed: str) -> str:
        """Send the form of a page with what was typed."""
        form = fields(page) | {name: [value] for name, value in typed.items()}
        return self.post(called, path, [(name, v) for name, all_ in form.items() for v in all_])


@pytest.fixture(scope="module")
def costs(world: World) -> Iterator[Mapping[str, int]]:
    walk = Walk(world, world.browser("admin_a"))
    walk.browser.get("/quyen")  # how many grants there are is counted once in ten minutes
    for scene in (_connect, _give, _renew_and_withdraw, _keep_roles, _keep_positions, _decide):
        scene(walk)
    _register(walk)
    _today(walk)
    _lists(walk)
    _let_in(walk)
    yield walk.costs


def _connect(walk: Walk) -> None:
    with walk.world.installation.database.write() as tx:
        definition = connectors.get(tx, "con-a").definition
        assert accounts.look_at(tx, definition, list(walk.world.people.values())) > 3
    path, token = "/ket-noi/con-a", ("csrf_token", walk.world.token_of(walk.browser))
    for called, end in (
        ("one", ""),
        ("accounts", "/tai-khoan"),
        ("dry run", "/chay-thu"),
        ("found", "/doi-chieu"),
        ("definition", "/dinh-nghia"),
        ("edit", "/dinh-nghia/sua"),
        ("go on", "/chay"),
        ("pause", "/tam-dung"),
    ):
        walk.get(f"connector: {called}", f"{path}{end}")
    for called, end in (("goes on", "/chay"), ("paused", "/tam-dung"), ("tried", "/thu-lai")):
        walk.post(f"connector {called}", f"{path}{end}", [token])


def _give(walk: Walk) -> None:
    world, path = walk.world, "/quyen/cap"
    declared(world, "of_a", "nhap", title_vi="Nhập")
    declared(world, "of_a", "duyet", title_vi="Duyệt", excludes=("nhap",))
    position, tag = add_position(world, "Văn thư anh"), role_tag(world, "duyet")
    walk.get("giving: begin, a role", f"{path}?{urlencode({'vai-tro': tag})}")
    several = {"tiep": "1", "vai-tro": tag, "tim": "anh"}
    walk.get("giving: terms of several", f"{path}?{urlencode(several)}")
    one = several | {"tim": "dang thi anh"}
    page = walk.get("giving: terms of one found", f"{path}?{urlencode(one)}")
    look = walk.send("giving: describe", page, path, reason="x", basis="y")
    page = walk.get("giving: look", look)
    walk.get("person with roles", walk.send("giving: give", page, f"{path}/xem"))
    of_position = {"tiep": "1", "vai-tro": tag, "cho": f"position:{position}"}
    page = walk.get("giving: terms of a position", f"{path}?{urlencode(of_position)}")
    look = walk.send("giving: describe, a position", page, path, reason="x", basis="y")
    page = walk.get("giving: look, a position", look)
    walk.get("position with roles", walk.send("giving: give, a position", page, f"{path}/xem"))


def _renew_and_withdraw(walk: Walk) -> None:
    world = walk.world
    with world.installation.database.read() as tx:
        grant = grants.list_standing(tx, "person", world.people["a1"])[0].id
    walk.get("grant", f"/quyen/{grant}")
    path = f"/quyen/{grant}/gia-han"
    renewed = walk.send("grant renewed", walk.get("renewal", path), path, reason="y")
    path = f"{renewed}/thu-hoi"
    walk.get(
        "grant that is over", walk.send("grant withdrawn", walk.get("w", path), path, reason="y")
    )


def _keep_roles(walk: Walk) -> None:
    path = f"/ung-dung/{walk.world.applications['of_a']}"
    role = f"{path}/vai-tro/duyet"
    walk.get("roles", f"{path}/vai-tro")
    walk.get("role", role)
    walk.send("role changed", walk.get("role: edit", f"{role}/sua"), f"{role}/sua", description="x")
    state = f"{role}/trang-thai"
    walk.send("role retired", walk.get("role: state", state), state, reason="x")
    new = f"{path}/khai-bao-vai-tro"
    walk.send("role declared", walk.get("role: new", new), new, title_vi="Mới")


def _keep_positions(walk: Walk) -> None:
    page, place = walk.get("position: new", "/vi-tri/them"), walk.world.places["A.u"]
    path = walk.send("position added", page, "/vi-tri/them", name="Kế toán", place=place)
    edit, close = f"{path}/sua", f"{path}/dong"
    walk.send("position renamed", walk.get("position: edit", edit), edit, name="Kế toán 2")
    walk.send("position closed", walk.get("position: close", close), close, reason="x")


def _decide(walk: Walk) -> None:
    world = walk.world
    with world.installation.database.write() as tx:
        shared = applications.find(tx, world.applications["shared"])
        assert shared is not None
        grants.put_role(tx, OPERATOR, Role(shared.id, "doc", "Đọc thư", "Read mail"))
        two = Role(shared.id, "hai", "Trực hai người", "By two", needs_approval=True)
        grants.put_role(tx, OPERATOR, two)
    world.add_person("admin_a2", "Phạm Hai", world.post("A"))
    world.grant("admin_a2", "agency_admin", "A")
    token = world.token_of(walk.browser)
    asked = [ask(world, "admin_a2"), ask(world, "admin_a2"), ask(world, "admin_a", role="hai")]
    for called, path in (("to decide", ""), ("of one's own", "/cua-toi"), ("register", "/so")):
        walk.get(f"requests {called}", f"/yeu-cau{path}")
    walk.get("request to decide", f"/yeu-cau/{asked[0].id}")
    walk.get("request of one's own", f"/yeu-cau/{asked[2].id}")
    for each, how, called, typed in (
        (asked[0], "phe-duyet", "approved", ("note", "choice")),
        (asked[1], "tu-choi", "refused", ("refusal",)),
        (asked[2], "rut", "withdrawn", ()),
    ):
        form = [("csrf_token", token), *((name, "x" * (name != "choice")) for name in typed)]
        form += [(f"seen_{name}", "") for name in typed]
        walk.post(f"request {called}", f"/yeu-cau/{each.id}/{how}", form)


def _let_in(walk: Walk) -> None:
    """Somebody asks to be let into an application that has roles to be chosen."""
    world, app = walk.world, walk.world.applications["of_b"]
    with world.installation.database.write() as tx:
        for name in ("xem_1", "xem_2"):
            grants.put_role(tx, OPERATOR, Role(app, name, "Xem", "Look"))
        applications.describe(tx, OPERATOR, app, access="roles")
        asked = ask_to_enter(tx, Actor("person", world.people["a3"]), app, "x").id
    walk.get("request to be let in", f"/yeu-cau/{asked}")
    form = {"note": "x", "choice": "xem_1", "seen_note": "", "seen_choice": ""}
    form["csrf_token"] = world.token_of(walk.browser)
    walk.post("let in", f"/yeu-cau/{asked}/phe-duyet", [*form.items()])


def _register(walk: Walk) -> None:
    path = f"/ung-dung/{walk.world.applications['of_a']}"
    for called, end, typed in (
        ("described", "sua", {"description": "x"}),
        ("opened", "ai-duoc-vao", {"access": "roles"}),
        ("addresses", "dia-chi", {"redirect_uris": "https://of-a.vn/callback\nhttps://of-a.vn/2"}),
        ("disabled", "trang-thai", {"reason": "x"}),
    ):
        name = f"application: {called}" if end == "dia-chi" else f"application {called}"
        page = walk.get(f"{name}, form", f"{path}/{end}")
        walk.send(name, page, f"{path}/{end}", **typed)
    edit = f"/nguoi-dung/{walk.world.people['u1']}/sua"
    walk.send("person changed", walk.get("person: edit", edit), edit, phone="0274 100 101")


def _today(walk: Walk) -> None:
    """Whoever has every job in the whole province has every tile, and something waits behind
    those that ask more then."""
    world, columns = walk.world, role_grant.c
    world.add_operator("op")
    own = columns.holder_id == world.people["op"]
    with world.installation.database.write() as tx:
        row = dict(tx.execute(select(role_grant).where(own)).one()._mapping)
        others = [name for name in ADMIN_ROLES if name != row["role"]]
        tx.execute(insert(role_grant), [{**row, "id": new_id(), "role": name} for name in others])
        tx.execute(update(client).values(previous_secret_until=now_ms() + HOUR))
        tx.execute(update(connector).values(failing_since=now_ms()))
    Walk(world, world.browser("op"), walk.costs).get("today, every job", "/hom-nay")


def _lists(walk: Walk) -> None:
    """Every address of the table, and the lists by what narrows them."""
    world = walk.world
    walk.get("connector: somebody", f"/ket-noi/con-a/nguoi/{world.people['a1']}")
    walk.get("person", f"/nguoi-dung/{world.people['a1']}")
    walk.get("person of a unit", f"/nguoi-dung/{world.people['u1']}")
    for path in _paths(world, "GET"):
        if re.search("/nguoi(-dung)?/[^/]+$", path):
            continue  # by their names above
        with world.counting() as count:
            walk.browser.get(path)
        walk.costs[f"GET {path}"] = len(_usual(count.sql))
    app, place = world.applications["of_a"], world.places["A"]
    for narrowed in (
        {"tim": "anh"},
        {"tinh-trang": "nguoi-da-chuyen"},
        {"tinh-trang": "sap-het-han"},
        {"ung-dung": app},
        {"ung-dung": app, "vai-tro": "duyet"},
        {"noi": place},
        {"nguoi": world.people["a1"]},
        {"vi-tri": world.positions["pos_a"]},
        {"ung-dung": app, "vai-tro": "duyet", "noi": place, "nguoi": world.people["a1"]},
    ):
        walk.get(f"grants by {', '.join(narrowed)}", f"/quyen?{urlencode(narrowed)}")
    walk.get("positions by name", "/vi-tri?tim=an")
    walk.get("positions by place", f"/vi-tri?noi={place}")
    walk.get("people by name", "/nguoi-dung?tim=anh")


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


def test_no_page_and_no_save_costs_many_statements(costs: Mapping[str, int]) -> None:
    over = {name: cost for name, cost in costs.items() if cost > _most(name)}
    assert not over, sorted(over.items())


def _usual(statements: Sequence[str]) -> Sequence[str]:
    """Without what falls to whichever page it is due at: that a session is used, and notices."""
    due = ("UPDATE console_session", "UPDATE sessions")
    return [each for each in statements if not each.startswith(due) and "FROM notice" not in each]


def _most(name: str) -> int:
    return MOST_OF_A_PAGE if name.startswith("GET") else MOST_OF_A_SAVE


def _paths(world: World, method: str) -> list[str]:
    """The addresses of the table that the administrator of A may open."""
    column, paths = COLUMNS.index("admin_a"), []
    for line in filter(None, TABLE.splitlines()):
        its, path, who, *statuses = line.split()
        if its == method and statuses[column] in ("200", "303"):
            name = "admin_a" if who == "self" else who
            paths.append(path.format(world.people.get(name) or world.applications.get(name, "")))
    return paths


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
