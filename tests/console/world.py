"""A small province with the console over it: two agencies that must know nothing of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from admin_ui.components import VOCABULARY
from admin_ui.console import sessions
from admin_ui.console.app import create_app
from admin_ui.console_application import put_console_application, register_console
from directory.agencies.service import add_agency
from directory.authz import grants
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.gateway import Gateway
from directory.people import service
from directory.text import split_name
from idp.keys.service import ensure_keys
from idp.sessions import store as issuer_sessions
from tests.support.installation import OPERATOR
from web.csrf import form_token

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
class World:
    """The installation, its console, and ids by the names of the tables above."""

    installation: Installation
    app: Flask
    places: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.installation.settings.console_url

    def add_place(self, name: str, parent: str) -> None:
        is_unit = name.endswith(".u")
        agency = Agency(
            id=new_id(),
            name=f"Nơi {name}",
            code="" if is_unit else name,
            kind="unit" if is_unit else "agency",
            parent_id=self.places.get(parent, ""),
        )
        add_agency(self.installation, OPERATOR, agency)
        self.places[name] = agency.id

    def post(self, place: str, title: str = "Chuyên viên", **facts: Any) -> Post:
        unit = self.places[place] if place.endswith(".u") else ""
        agency = self.places[place.partition(".")[0]]
        return Post(new_id(), agency, unit, title, **facts)

    def add_person(self, name: str, full_name: str, *posts: Post, **facts: Any) -> Person:
        family, middle, given = split_name(full_name)
        username = name.replace("_", ".")
        person = Person(
            new_id(),
            family,
            middle,
            given,
            username=username,
            full_name=full_name,
            posts=posts,
            **facts,
        )
        service.add_record(self.installation, OPERATOR, person)
        self.people[name] = person.id
        return person

    def grant(self, holder: str, role: str, place: str) -> str:
        given = Grant(
            application_id=ADMIN_APPLICATION,
            role=role,
            holder_kind="person",
            holder_id=self.people[holder],
            agency_id=self.places[place],
            reason="bảng",
        )
        with self.installation.database.write() as tx:
            return grants.add_grant(tx, OPERATOR, given)

    def revoke(self, grant_id: str) -> None:
        with self.installation.database.write() as tx:
            grants.revoke_grant(tx, OPERATOR, grant_id, "thôi nhiệm vụ")

    def browser(self, actor: str = "") -> Browser:
        """A browser, signed in as `actor` if one is named."""
        browser = Browser(self, self.app.test_client())
        if actor:
            browser.sign_in(self.people[actor])
        return browser

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count the statements and LDAP operations of a block."""
        count, engine = Count(), self.installation.database.engine

        def on_statement(_c: object, _u: object, statement: str, *_: object) -> None:
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


@dataclass
class Browser:
    """One browser at the console. Cookies are kept, redirects are not followed."""

    world: World
    client: FlaskClient

    def sign_in(self, person_id: str) -> str:
        """Open a session at the issuer and the one here that comes from it; gives the `sid`."""
        with self.world.installation.database.write() as tx:
            session, _ = issuer_sessions.open_session(
                tx,
                person_id,
                amr=("pwd",),
                acr="1",
                address="127.0.0.1",
                user_agent="test",
                shared_computer=False,
            )
            value = sessions.open_session(
                tx, self.world.installation.keyring, person_id, session.sid, "id-token"
            )
        self.client.set_cookie("dmc_session", value, domain="localhost")
        return session.sid

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query or None, base_url=self.world.url)

    def post(
        self, path: str, data: Mapping[str, str | list[str]] | None = None, **more: Any
    ) -> TestResponse:
        """POST with the form token of a page, unless `data` brings one or ``csrf_token=None``."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(path, data=form, base_url=self.world.url, **more)

    def token(self) -> str:
        """The form token of this browser: any page gives the cookie that it follows from."""
        if self.client.get_cookie("dmc_browser", domain="localhost") is None:
            self.get("/dang-nhap")
        cookie = self.client.get_cookie("dmc_browser", domain="localhost")
        assert cookie is not None
        headers = {"Cookie": f"dmc_browser={cookie.value}"}
        with self.world.app.test_request_context("/", headers=headers):
            return form_token()

    def form_of(self, path: str) -> dict[str, str]:
        """The fields of the page's own form as they stand."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        form = page.text.partition('class="form card"')[2].partition("</form>")[0]
        inputs = re.findall(r"<input[^>]*>", form)
        values = {}
        for tag in inputs:
            name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
            assert name and value, tag
            values[unescape(name[1])] = unescape(value[1])
        return values

    def send(self, path: str, data: dict[str, str]) -> TestResponse:
        """POST a form and follow its answer, which is a 303 whether it was saved or not."""
        answer = self.post(path, data)
        assert answer.status_code == 303, answer.status_code
        return self.get(answer.headers["Location"])


def names_in(page: TestResponse) -> list[str]:
    """The people of a list page, in order."""
    return [
        unescape(name)
        for name in re.findall(r'rowheader"><a href="/nguoi-dung/[^"]+">([^<]+)</a>', page.text)
    ]


def told(page: TestResponse) -> str:
    """The text of a page without tags, blanks made one."""
    main = page.text.partition('<main class="main"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", "<main" + main))).strip()


@contextmanager
def console_over(installation: Installation) -> Iterator[World]:
    """Everybody of the tables above, and the console as it is served."""
    with installation.database.write() as tx:
        put_console_application(tx, OPERATOR)
    ensure_keys(installation, OPERATOR)
    register_console(installation, OPERATOR)
    world = World(installation, create_app(installation, VOCABULARY))
    for name, parent in PLACES.items():
        world.add_place(name, parent)
    for name, (full_name, place) in PEOPLE.items():
        world.add_person(name, full_name, world.post(place), phone="0274 100 100")
    for name, role in ACTORS.items():
        place = "B" if name == "admin_b" else "A"
        world.add_person(name, f"Phạm {name.title().replace('_', ' ')}", world.post(place))
        if role:
            world.grant(name, role, place)
    world.people["missing"] = new_id()
    yield world
