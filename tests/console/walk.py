"""A walk along every page of the console with something on it, and what each request of it asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import requests
from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.routing import Rule

from directory.access.asking import ask_for_grant
from directory.access.entering import ask_to_enter
from directory.actor import Actor
from directory.agencies.service import add_agency
from directory.audit.anonymous import record_anonymous
from directory.audit.log import client_tag
from directory.authz import applications, grants
from directory.authz.codes import CodeValue, put_code
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_ROLES
from directory.authz.positions import add_position
from directory.authz.roles import Role
from directory.authz.tables import role_grant
from directory.catalogue.agency import Agency
from directory.clock import HOUR, now_ms, today
from directory.ids import new_id
from directory.ldap_clients import service as ldap_clients
from directory.messages import queue as messages
from directory.messages.sending import send
from directory.notices import service as notices
from directory.notices.terms import Terms
from directory.outbox import queue
from directory.people.messages import PASSWORD_CHANGED
from directory.release import service as release
from directory.release.register import find_release
from directory.requests.register import Request
from idp.clients.tables import client
from idp.factor_policy import service as factor_policy
from idp.logout.ending import TOPIC
from idp.oidc.events import AUTHZ_REDIRECT_REJECTED
from idp.slips import service as slips
from sync.engine import runs
from sync.engine.tables import (
    connector,
    connector_account,
    connector_finding,
    connector_refusal,
)
from tests.console.asking import ask_each
from tests.console.test_applications import fields
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

_CHANGING = ("INSERT", "UPDATE", "DELETE", "ROLLBACK", "SELECT pg_advisory_xact_lock")
_HELD = '{"attributes":{"userName":"cu"},"groups":[]}'


def _is_change(statement: str) -> bool:
    """Rows written and turns taken; of those that may be taken together too."""
    return statement.startswith(_CHANGING) or statement.rstrip().endswith("FOR SHARE")


@dataclass
class Walk:
    """What administrators ask for, and what each request asks of the store. `costs`: by what was
    asked for, the method first; `walked`: the routes, as `routes_of` names them."""

    world: World
    browser: Browser
    costs: dict[str, int] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)

    def get(self, path: str, called: str = "") -> requests.Response:
        with self.world.counting() as count:
            page = self.browser.get(path)
        assert page.status_code == 200, (path, page.status_code)
        self._count("GET", path, called, len(usual(count.sql)))
        return page

    def post(
        self,
        path: str,
        form: Iterable[tuple[str, str]] = (),
        called: str = "",
        *,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        """Gives where the answer leads."""
        token = ("csrf_token", self.world.token_of(self.browser))
        pairs = [token, *(pair for pair in form if pair[0] != "csrf_token")]
        sent = requests.Request("POST", self.browser.site, data=pairs, files=files).prepare()
        kind = sent.headers["Content-Type"]
        with self.world.counting() as count:
            answer = self.browser.post(path, sent.body, **{"Content-Type": kind})
        assert answer.status_code in (200, 303), (path, answer.status_code)
        asks = [each for each in usual(count.sql) if not _is_change(each)]
        self._count("POST", path, called, len(asks))
        return answer.headers.get("Location", "")

    def send(self, path: str, called: str = "", *, page: str = "", **typed: str | list[str]) -> str:
        """Send the form of a page with what was typed; gives where the answer leads."""
        shown = self.get(page or path, f"{called}: form" if called else "")
        form = fields(shown) | {n: [v] if isinstance(v, str) else v for n, v in typed.items()}
        where = self.post(path, [(name, v) for name, all_ in form.items() for v in all_], called)
        if where == path or f"{path}?nhap=" in where:
            said = told(self.browser.get(where))[:700]
            raise AssertionError((path, typed, said))
        return where

    def _count(self, method: str, path: str, called: str, number: int) -> None:
        route = route_of(self.world.app, method, path)
        self.walked.add(route)
        name = f"{route} ({called or path})"
        self.costs[name] = max(number, self.costs.get(name, 0))


def usual(statements: Sequence[str]) -> Sequence[str]:
    """Without what falls to whichever page it is due at: that a session is used, and notices."""
    due = ("UPDATE console_session", "UPDATE sessions")
    return [each for each in statements if not each.startswith(due) and "FROM notice" not in each]


def routes_of(app: Flask, method: str) -> Mapping[str, str]:
    """Every route that takes the method, one for each of the parts that it names, with its path."""
    return {
        _name(method, rule, part): re.sub(r"<any\([^)]*\):\w+>", part, rule.rule)
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ())
        for part in _parts(rule)
    }


def route_of(app: Flask, method: str, path: str) -> str:
    """The route that answers at a path."""
    adapter = app.url_map.bind("localhost")
    rule, values = adapter.match(path.partition("?")[0], method, return_rule=True)
    parts = _parts(rule)
    return _name(method, rule, next((each for each in parts if each in values.values()), ""))


def _parts(rule: Rule) -> Sequence[str]:
    choices = re.search(r"<any\(([^)]*)\):\w+>", rule.rule)
    return re.findall(r"[\w-]+", choices[1]) if choices else [""]


def _name(method: str, rule: Rule, part: str) -> str:
    return f"{method} {rule.endpoint}{f' {part}' if part else ''}"


def every_job(world: World) -> Browser:
    """Of somebody with every job in the whole province, who has every tile and every page."""
    world.add_operator("op")
    own = role_grant.c.holder_id == world.people["op"]
    with world.installation.database.write() as tx:
        row = dict(tx.execute(select(role_grant).where(own)).one()._mapping)
        others = [name for name in ADMIN_ROLES if name != row["role"]]
        tx.execute(insert(role_grant), [{**row, "id": new_id(), "role": name} for name in others])
    return world.browser("op")


def furnish(world: World) -> dict[str, str]:
    """One more of everything that a page lists, all of A; gives what addresses name it by."""
    tag = new_id()[-8:]
    made = _people_and_roles(world, tag)
    _applications(world, tag)
    made["run_id"] = _accounts(world, tag)
    made["request_id"] = _requests(world, tag)
    made["notice_id"] = _notices(world)
    _rules(world, tag)
    _undelivered(world, tag)
    world.add_person(f"e{tag}", "Lê Sau Cùng", world.post("A"))  # told by more than one event
    return made


def _people_and_roles(world: World, tag: str) -> dict[str, str]:
    database, app = world.installation.database, world.applications["of_a"]
    person = world.add_person(
        f"p{tag}", "Lê Thị Thêm Anh", world.post("A"), mail=f"p{tag}@binhduong.gov.vn"
    )
    below = Agency(id=new_id(), name=f"Nơi {tag}", code=tag.upper(), parent_id=world.places["A"])
    add_agency(world.installation, OPERATOR, below)
    world.places["below"] = below.id
    with database.write() as tx:
        for name in (f"r{tag}", f"x{tag}"):
            grants.put_role(tx, OPERATOR, Role(app, name, f"Vai {name}", "Role"))
        position = add_position(tx, OPERATOR, world.places["A"], f"Vị trí {tag}").id
    soon = (today() + timedelta(days=5)).isoformat()
    more = {"application_id": app, "end": soon}
    grant = world.grant(f"p{tag}", f"r{tag}", "A", **more)
    world.grant(f"p{tag}", f"x{tag}", "A", **more)
    world.grant("a1", f"r{tag}", "A", **more)
    world.grant(f"p{tag}", "xem", "A", application_id=app)
    world.grant(f"p{tag}", "agency_admin", "A")
    its = {**more, "holder_kind": "position", "holder_id": world.positions["pos_a"]}
    world.grant("a1", f"r{tag}", "A", **its)
    with database.write() as tx:  # from now on the person holds what nobody holds together
        excluding = Role(app, f"x{tag}", f"Vai x{tag}", "Role", excludes=(f"r{tag}",))
        grants.put_role(tx, OPERATOR, excluding)
    slips.issue(world.installation, OPERATOR, person.id, "help")
    with database.write() as tx:
        put_code(tx, OPERATOR, CodeValue("field", "L1", "Lĩnh vực"))
        put_code(tx, OPERATOR, CodeValue("procedure", f"T{tag}", f"Thủ tục {tag}", parent="L1"))
    return {
        "code": f"T{tag}",
        "person_id": person.id,
        "grant_id": grant,
        "position_id": position,
        "name": f"r{tag}",
    }


def _applications(world: World, tag: str) -> None:
    """One with a connection, and one that asks over LDAP."""
    database = world.installation.database
    app = world.applications[f"w{tag}"] = world.register(f"w{tag}", "A")
    learned = release.proposed(("full_name", "mail"))
    with database.write() as tx:
        its = client.c.client_id.in_([app, world.applications["of_a"]])
        tx.execute(update(client).where(its).values(previous_secret_until=now_ms() + HOUR))
        found = applications.find(tx, app)
        assert found is not None
        grants.put_role(tx, OPERATOR, Role(app, "xem", "Xem", "See"))
        before = find_release(tx, app)
        names = before.attributes if before else ()
        wanted = release.proposed((*names, "staff_no"))
        release.change(tx, Actor("person", world.people["admin_a"]), app, wanted, "cần")
        tx.execute(update(connector).values(failing_since=now_ms()))
    world.applications[f"l{tag}"] = new_id()
    asking = applications.Application(
        id=world.applications[f"l{tag}"],
        name=f"Máy in {tag}",
        description="",
        access="agencies",
        owner_agency_id=world.places["A"],
        agencies=(world.places["A"],),
        sharing="internal",
    )
    ldap_clients.register(world.installation, OPERATOR, asking, learned)
    world.connect(f"con-{tag}", f"w{tag}")
    for error in ("http_500", "timeout"):
        with database.write() as tx:
            untold = {"client_id": world.applications["of_a"], "sid": error + tag, "person_id": "p"}
            queue.put(tx, TOPIC, untold)
            for item in queue.claim(tx, TOPIC):
                queue.retry(tx, item, error)
            record_anonymous(
                tx,
                AUTHZ_REDIRECT_REJECTED,
                Actor("anonymous", address="10.9.8.7"),
                subject=client_tag(world.applications["of_a"]),
                reason="The redirect_uri is not registered for this client.",
                parameter="redirect_uri",
                received=f"https://x.vn/{tag}/{error}",
            )


def _accounts(world: World, tag: str) -> str:
    """What a connector did, and what it came upon; gives the id of a run."""
    with world.installation.database.write() as tx:
        asker = Actor("person", world.people["admin_a"])
        runs.begin(tx, "con-a", "full", asker, to_look_at=9)
        found = runs.find_open(tx, "con-a")
        assert found is not None
    usual_row = {"connector": "con-a", "is_leaving": False, "due_at": 0, "tries": 1}
    states: Sequence[Mapping[str, object]] = (
        {"state": "quarantined", "failed_code": "refused", "failed_in": found.id},
        {"state": "due", "held": _HELD, "remote_id": tag},
        {"state": "due", "is_leaving": True, "held": _HELD, "remote_id": f"g{tag}"},
        {},
    )
    columns = connector_account.c
    for number, state in enumerate(states):
        mail = f"q{tag}{number}@binhduong.gov.vn"
        person = world.add_person(f"q{tag}{number}", "Lý Có Chỗ", world.post("A"), mail=mail)
        with world.installation.database.write() as tx:
            its = (columns.connector == "con-a", columns.person_id == person.id)
            tx.execute(connector_account.delete().where(*its))
            if state:
                row = {**usual_row, "person_id": person.id, **state}
                tx.execute(connector_account.insert().values(row))
                continue
            # Somebody without an account, and accounts that could be theirs.
            for login, kind in ((f"q{tag}{number}", "unknown"), (f"k{tag}", "differs")):
                row = {"connector": "con-a", "remote_id": login, "kind": kind, "login": login}
                its_person = None if kind == "unknown" else person.id
                row |= {"person_id": its_person, "found_in": 1}
                row |= {"detail": mail if kind == "unknown" else ""}
                tx.execute(connector_finding.insert().values(row))
            refusal = {"connector": "con-a", "remote_id": f"z{tag}", "login": f"z{tag}"}
            refusal |= {"person_id": person.id, "reason": "x", "refused_by": asker.tag}
            tx.execute(connector_refusal.insert().values(**refusal, refused_at=now_ms()))
    with world.installation.database.write() as tx:
        tx.execute(update(connector).values(reconcile_round=1))
    return found.id


def _requests(world: World, tag: str) -> str:
    """Some to decide, of every sort, and some of one's own; gives the id of one."""
    ask_each(world)
    first = ask(world, "admin_a2", f"p{tag}", role="doc")
    ask(world, "admin_a", f"p{tag}", role="hai")
    with world.installation.database.write() as tx:
        applications.describe(tx, OPERATOR, world.applications["of_b"], access="roles")
        ask_to_enter(tx, Actor("person", world.people[f"p{tag}"]), world.applications["of_b"], "x")
    return first.id


def ask(world: World, who: str, holder: str, role: str) -> Request:
    """Somebody asks for a role that `admin_a2` or `admin_a` may not give alone."""
    grant = Grant(
        world.applications["shared"],
        role,
        "person",
        world.people[holder],
        world.places["A"],
        end=(today() + timedelta(days=90)).isoformat(),
        reason="Trực",
    )
    with world.installation.database.write() as tx:
        return ask_for_grant(tx, Actor("person", world.people[who]), grant)


def _notices(world: World) -> str:
    """One that stands, and one that is over; gives the id of the first."""
    with world.installation.database.write() as tx:
        standing, _ = notices.put_up(tx, OPERATOR, _terms())
        over, _ = notices.put_up(tx, OPERATOR, _terms())
        notices.take_down(tx, OPERATOR, over.id)
    return standing.id


def _terms() -> Terms:
    return Terms("warning", f"Bảo trì {new_id()}", "", ("sign_in",), now_ms())


def _rules(world: World, tag: str) -> None:
    with world.installation.database.write() as tx:
        factor_policy.put_zone(tx, OPERATOR, f"z{tag}", ("10.12.0.0/16",))
        factor_policy.put_rule(tx, OPERATOR, "network", f"z{tag}", 7)
        role = f"{world.applications['of_a']}:r{tag}"
        factor_policy.put_rule(tx, OPERATOR, "role", role, 7)


def _undelivered(world: World, tag: str) -> None:
    installation = world.installation
    settings = replace(installation.settings, smtp_url="smtp://127.0.0.1:9")
    set_up = replace(installation, settings=settings)
    with installation.database.write() as tx:
        send(tx, set_up, PASSWORD_CHANGED, world.people[f"p{tag}"], at=now_ms())
        found = messages.claim(tx, "mail")
        assert found is not None
        assert messages.fail(tx, found, "refused")
