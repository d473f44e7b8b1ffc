"""A small province for tests of the OpenID Connect endpoints, and the served application.

Real SQL, real keys, the real application behind a real HTTP server; no slapd runs, because no token
path may need one. People's sessions are opened by the same service that the sign-in pages use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from sqlalchemy import event

from admin_ui.components import COMPONENTS
from directory.authz import grants
from directory.authz.codes import CodeValue, put_code
from directory.authz.roles import Role
from directory.catalogue.agency import OBJECT_CLASSES as AGENCY_CLASSES
from directory.catalogue.agency import Agency, agency_attributes
from directory.catalogue.person import OBJECT_CLASSES as PERSON_CLASSES
from directory.catalogue.person import Person, Post, stored_attributes
from directory.component import Component
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.entries import Entry
from directory.projection.apply import apply_entry
from idp.app import create_app
from idp.clients.resources import add_resource
from idp.clients.service import Entry as Access
from idp.clients.service import Registered, add_client
from idp.feature import registration_of
from idp.sessions.store import open_session
from tests.support.browser import Browser
from tests.support.installation import OPERATOR, open_without_catalogue, serving
from tests.support.ports import free_port
from tests.support.postgres import sql_store
from tests.support.province import give, person_of
from tests.support.relying_party import (
    REDIRECT,
    RelyingParty,
    answer_fields,
    authorization_request,
)


@dataclass
class Statements:
    """SQL statements executed while a block lasted, transactions' own words left out, and the look
    at the signing keys, which a process takes once in four seconds beside all requests."""

    texts: list[str] = field(default_factory=list)
    commits: int = 0


@dataclass
class OidcInstallation:
    """One installation with its application `app`, which is served at `url` too."""

    installation: Installation
    url: str
    app: Flask
    components: tuple[Component, ...] = COMPONENTS
    _csn: int = 0

    @property
    def issuer(self) -> str:
        return self.installation.settings.issuer

    # --- the catalogue ---------------------------------------------------------------------------
    def _apply(self, dn: str, attributes: Mapping[str, tuple[str, ...]]) -> None:
        self._csn += 1
        stamp = {"entryCSN": (f"20261122000000.{self._csn:06d}Z#000000#000#000000",)}
        with self.installation.database.write() as tx:
            apply_entry(tx, Entry(dn, {**attributes, **stamp}))

    def put_agency(self, agency: Agency) -> Agency:
        values = agency_attributes(agency) | {"objectClass": AGENCY_CLASSES, "dmId": (agency.id,)}
        self._apply(f"dmId={agency.id}", values)
        return agency

    def put_person(self, person: Person) -> Person:
        values = stored_attributes(person) | {"objectClass": PERSON_CLASSES, "dmId": (person.id,)}
        self._apply(f"dmId={person.id}", values)
        return person

    def add_person(self, username: str, full_name: str = "Nguyễn Văn An", **more: Any) -> Person:
        facts = {"mail": f"{username}@binhduong.gov.vn"} | more
        return self.put_person(person_of(username, full_name, **facts))

    # --- clients and roles -----------------------------------------------------------------------
    def add_client(
        self, name: str = "Ứng dụng thử", *, access: Access | None = None, **metadata: Any
    ) -> Registered:
        given = {"client_name": name, "redirect_uris": [REDIRECT], **metadata}
        given.setdefault("scope", "openid profile email org roles offline_access")
        exempt = given.pop("pkce_exempt", "")
        return add_client(
            self.installation,
            OPERATOR,
            registration_of(self.components),
            given,
            entry=access or Access(),
            pkce_exempt=exempt,
        )

    def stand_for(self, uri: str, client: Registered | None = None) -> Registered:
        """Register an API and, if none is given, the client that stands for it."""
        if client is None:
            client = self.add_client(
                f"Máy chủ của {uri}", grant_types=["client_credentials"], redirect_uris=[]
            )
        add_resource(self.installation, OPERATOR, uri, client.client.id)
        return client

    def grant(self, client_id: str, role: str, person: Person, agency: Agency, **more: Any) -> str:
        with self.installation.database.write() as tx:
            narrowed = Role(client_id, role, role, role, by_field="may", by_procedure="may")
            grants.put_role(tx, OPERATOR, narrowed)
            for code_list in ("field", "procedure"):
                if code := more.get(code_list):
                    put_code(tx, OPERATOR, CodeValue(code_list, code, code))
        facts = {"application_id": client_id} | more
        return give(self.installation, role, person.id, agency.id, **facts)

    # --- browsers and relying parties ------------------------------------------------------------
    def browser(self, person: Person | None = None, *, shared_computer: bool = False) -> Browser:
        """A browser; with a person it is signed in."""
        browser = Browser(self.url, stays=True, app=self.app)
        if person is not None:
            value = self.sign_in(person, shared_computer=shared_computer)
            browser.http.cookies.set("dm_session", value, path="/")
        return browser

    def sign_in(self, person: Person, *, shared_computer: bool = False) -> str:
        with self.installation.database.write() as tx:
            _session, value = open_session(
                tx,
                person.id,
                amr=("pwd",),
                acr="1",
                address="127.0.0.1",
                user_agent="test",
                shared_computer=shared_computer,
            )
        return value

    def party(self, client: Registered) -> RelyingParty:
        """The application's own side."""
        return RelyingParty.of(self.url, client)

    def request_parameters(self, client_id: str, /, **changes: str | None) -> dict[str, str]:
        """A good authorization request with `changes`; None takes a parameter away."""
        return authorization_request(RelyingParty(self.url, client_id), **changes)

    def authorize(
        self, agent: Browser, client_id: str, /, **changes: str | None
    ) -> requests.Response:
        query = urlencode(self.request_parameters(client_id, **changes))
        return agent.get(f"/authorize?{query}")

    def code(self, agent: Browser, client_id: str, /, **changes: str | None) -> str:
        """Authorize and take the code."""
        answer = self.authorize(agent, client_id, **changes)
        assert answer.status_code == 303, answer.text
        fields = answer_fields(answer)
        assert "code" in fields, fields
        return fields["code"]

    def post(self, path: str, data: Any, **kwargs: Any) -> requests.Response:
        return requests.post(f"{self.url}{path}", data=data, timeout=30, **kwargs)

    def redeem(
        self, client: Registered, code: str | None, **changes: str | None
    ) -> requests.Response:
        return self.party(client).redeem(code, **changes)

    def token(self, client: Registered, **data: str) -> requests.Response:
        """POST /token as `client`, by its registered method."""
        return self.party(client).token(**data)

    def tokens(
        self, client: Registered, person: Person | Browser, **changes: str | None
    ) -> dict[str, Any]:
        """A whole code flow; gives the token answer."""
        agent = person if isinstance(person, Browser) else self.browser(person)
        answer = self.redeem(client, self.code(agent, client.client.id, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def introspect(self, client: Registered, token: str) -> dict[str, Any]:
        return self.party(client).introspect(token)

    def userinfo(self, token: str) -> requests.Response:
        return RelyingParty(self.url, "").userinfo(token)

    # --- looking inside --------------------------------------------------------------------------
    def events(self, kind: str) -> list[Any]:
        from directory.audit.reading import list_events

        with self.installation.database.read() as tx:
            return [e for e in list_events(tx, limit=5000, kind=kind) if e.kind == kind]

    @contextmanager
    def statements(self) -> Iterator[Statements]:
        """The statements of this process while the block lasts."""
        seen = Statements()
        own = ("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")

        def note(_c: Any, _cur: Any, text: str, *_rest: Any) -> None:
            if not text.startswith(own) and "FROM signing_key" not in text:
                seen.texts.append(text)

        def count(_c: Any) -> None:
            seen.commits += 1

        engine = self.installation.database.engine
        event.listen(engine, "before_cursor_execute", note)
        event.listen(engine, "commit", count)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)
            event.remove(engine, "commit", count)


@contextmanager
def served_installation(
    state: Path, components: tuple[Component, ...] = COMPONENTS
) -> Iterator[OidcInstallation]:
    """A new installation with its application served by a threaded HTTP server."""
    port = free_port()
    with sql_store() as store:
        installation = open_without_catalogue(state, port, store)
        app = create_app(installation, components)
        with serving(app, port):
            yield OidcInstallation(installation, installation.settings.issuer, app, components)
        installation.database.dispose()


@dataclass
class Province:
    """An agency with a unit, three people, and an application with one role given."""

    agency: Agency
    unit: Agency
    an: Person
    binh: Person
    client: Registered


def found_province(served: OidcInstallation) -> Province:
    """Fill a new installation."""
    agency = served.put_agency(
        Agency(id=new_id(), name="Sở Thông tin và Truyền thông", code="STTTT")
    )
    unit = served.put_agency(
        Agency(id=new_id(), name="Văn phòng Sở", kind="unit", parent_id=agency.id)
    )
    post = Post(id=new_id(), agency_id=agency.id, unit_id=unit.id, title="Chuyên viên")
    an = served.add_person("an.nv", "Nguyễn Văn An", posts=(post,))
    binh = served.add_person("binh.tt", "Trần Thị Bình")
    client = served.add_client("Quản lý văn bản")
    served.grant(client.client.id, "van_thu", an, agency)
    return Province(agency, unit, an, binh, client)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcInstallation]:
    """One served installation for the tests of a file."""
    with served_installation(tmp_path_factory.mktemp("installation") / "state") as installation:
        yield installation


@pytest.fixture(scope="module")
def province(served: OidcInstallation) -> Province:
    """The province of that installation."""
    return found_province(served)
