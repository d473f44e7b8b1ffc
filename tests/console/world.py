"""A small province with the console over it: two agencies that must know nothing of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape

import requests
from flask import Flask
from sqlalchemy import event

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console import sessions
from admin_ui.console.app import create_app
from admin_ui.console_application import put_console_application, register_console
from directory.authz import grants
from directory.authz.applications import Sharing
from directory.authz.positions import add_position
from directory.authz.roles import Role
from directory.clock import today
from directory.component import expiries_of
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.gateway import Gateway
from directory.notices import showing
from idp.clients import service as clients
from idp.factors.held import factors_of
from idp.sessions import store as issuer_sessions
from sync.engine import connectors
from tests.support import province
from tests.support.browser import Browser
from tests.support.installation import OPERATOR
from tests.support.made_once import make_keys
from web.csrf import form_token
from web.health.checks import ready_checks

# place: its parent
PLACES = {"P": "", "A": "P", "A.u": "A", "B": "P"}
# Names of agency A are made to be searched and sorted, the one of B to be looked for in vain.
PEOPLE = {
    "a1": ("Đặng Thị Ánh", "A"),
    "a2": ("Dang Van Anh", "A"),
    "a3": ("Trần Thị Thuỳ", "A"),
    "u1": ("Trần Văn An", "A.u"),
    "b1": ("Quách Bí Mật", "B"),
}
ACTORS = {
    "plain": "",
    "inspector": "inspector",
    "hr_officer": "hr_officer",
    "admin_a": "agency_admin",
    "admin_b": "agency_admin",
}
APPLICATION_NAMES = {"of_a": "Lịch của A", "of_b": "Sổ Bí Mật", "shared": "Thư điện tử"}
# Applications: whose they are, and whether internal.
APPLICATIONS: Mapping[str, tuple[str, Sharing]] = {
    "of_a": ("A", "internal"),
    "of_b": ("B", "internal"),
    "shared": ("A", "shared"),
}
# Grants: to whom, which role, where.
GRANTS = {"held_a": ("a3", "unit_coordinator", "A"), "held_b": ("b1", "unit_coordinator", "B")}
NEXT_YEAR = (today() + timedelta(days=365)).isoformat()
_OPERATIONS = ("read", "search", "add", "modify", "delete", "refresh")


@dataclass
class Count:
    """Operations seen while a block ran."""

    sql: list[str] = field(default_factory=list)
    ldap: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[int, int]:
        return len(self.sql), len(self.ldap)


@dataclass
class World(province.World):
    """The province of the tables above and its console."""

    app: Flask = field(kw_only=True)
    applications: dict[str, str] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)
    connectors: dict[str, str] = field(default_factory=dict)

    def connect(self, name: str, application: str) -> str:
        """A connector of an application, which is paused and whose target is nowhere."""
        source = f"""\
connector: {name}
application: {self.applications[application]}
target: {{kind: scim, url: "https://127.0.0.1:1/scim"}}
accounts: {{userName: username, displayName: full_name}}
"""
        connectors.put(self.installation, OPERATOR, source, "bi-mat", is_paused=True)
        return name

    def register(self, name: str, place: str, sharing: Sharing = "internal", **more: object) -> str:
        """Register an application of that place; gives its id."""
        entry = clients.Entry("agencies", (self.places[place],), "", self.places[place], sharing)
        address = f"https://{name.replace('_', '-')}.vn"
        metadata: Mapping[str, object] = {
            "client_name": APPLICATION_NAMES.get(name, name),
            "client_uri": f"{address}/",
            "redirect_uris": [f"{address}/callback"],
            **more,
        }
        return clients.add_client(
            self.installation, OPERATOR, REGISTRATION, metadata, entry=entry
        ).client.id

    @property
    def url(self) -> str:
        return self.installation.settings.console_url

    def browser(self, actor: str = "") -> Browser:
        """A browser, signed in as `actor` if one is named."""
        browser = Browser(self.url, app=self.app)
        if actor:
            self.sign_in(browser, self.people[actor])
        return browser

    def sign_in(self, browser: Browser, person_id: str) -> None:
        """Open a session at the issuer and the one here that comes from it."""
        with self.installation.database.write() as tx:
            session, _ = issuer_sessions.open_session(
                tx,
                person_id,
                amr=("pwd", "otp"),
                acr="2",
                address="127.0.0.1",
                user_agent="test",
                shared_computer=False,
            )
            value = sessions.open_session(
                tx, self.installation.keyring, person_id, session.sid, "id-token"
            )
        browser.http.cookies.set("dmc_session", value, domain="localhost.local", path="/")

    def token_of(self, browser: Browser) -> str:
        """The form token of a browser: any page gives the cookie that it follows from."""
        if "dmc_browser" not in browser.http.cookies:
            browser.get("/dang-nhap")
        headers = {"Cookie": f"dmc_browser={browser.http.cookies['dmc_browser']}"}
        with self.app.test_request_context("/", headers=headers):
            return form_token()

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count the statements (without the words that begin and end a transaction) and LDAP
        operations of a block."""
        count, engine = Count(), self.installation.database.engine
        # Asked once in some seconds, for whichever page that falls to.
        showing.forget(self.installation.database)
        showing.list_shown(self.installation.database, "console")

        def on_statement(_c: object, _u: object, statement: str, *_: object) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
                count.sql.append(statement)

        real = {name: getattr(Gateway, name) for name in _OPERATIONS}

        def counted(name: str) -> object:
            def operation(self: Gateway, *args: object, **more: object) -> object:
                count.ldap.append(name)
                return real[name](self, *args, **more)

            return operation

        event.listen(engine, "before_cursor_execute", on_statement)
        for name in _OPERATIONS:
            setattr(Gateway, name, counted(name))
        try:
            yield count
        finally:
            event.remove(engine, "before_cursor_execute", on_statement)
            for name, operation in real.items():
                setattr(Gateway, name, operation)


def names_in(page: requests.Response) -> list[str]:
    """The people of a list page, in order."""
    return [
        unescape(name)
        for name in re.findall(r'rowheader"><a href="/nguoi-dung/[^"]+">([^<]+)</a>', page.text)
    ]


def told(page: requests.Response) -> str:
    """The text of a page without tags, blanks made one."""
    main = page.text.partition('<main class="main"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", "<main" + main))).strip()


@contextmanager
def console_over(installation: Installation) -> Iterator[World]:
    """Everybody of the tables above, and the console as it is served."""
    with installation.database.write() as tx:
        put_console_application(tx, OPERATOR)
    make_keys(installation)
    register_console(installation, OPERATOR, REGISTRATION)
    world = World(
        installation,
        app=create_app(
            installation,
            VOCABULARY,
            REGISTRATION,
            REQUEST_KINDS,
            ready_checks(COMPONENTS),
            expiries_of(COMPONENTS),
            factors=factors_of(COMPONENTS),
        ),
    )
    world.add_places(PLACES)
    for name, (full_name, place) in PEOPLE.items():
        world.add_person(name, full_name, world.post(place), phone="0274 100 100")
    for name, role in ACTORS.items():
        place = "B" if name == "admin_b" else "A"
        world.add_person(name, f"Phạm {name.title().replace('_', ' ')}", world.post(place))
        if role:
            world.grant(name, role, place)
    world.people["missing"] = new_id()
    for name, (place, sharing) in APPLICATIONS.items():
        world.applications[name] = world.register(name, place, sharing)
        see = Role(world.applications[name], "xem", "Xem", "See")
        with installation.database.write() as tx:
            grants.put_role(tx, OPERATOR, see)
    world.applications["no_app"] = new_id()
    for name, (holder, role, place) in GRANTS.items():
        world.grants[name] = world.grant(holder, role, place, end=NEXT_YEAR)
    world.grants["no_grant"] = new_id()
    for name, place in {"pos_a": "A", "pos_b": "B"}.items():
        with installation.database.write() as tx:
            called = f"Vị trí {APPLICATION_NAMES['of_b'] if place == 'B' else place}"
            added = add_position(tx, OPERATOR, world.places[place], called)
        world.positions[name] = added.id
    world.positions["no_pos"] = new_id()
    for name, its in {"con-a": "of_a", "con-b": "of_b", "con-shared": "shared"}.items():
        world.connectors[name] = world.connect(name, its)
    world.connectors["no-con"] = "khong-co"
    yield world
