"""A connector that keeps a target in step (a foreign SCIM server, or another), and a hand in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import event, update

from admin_ui.components import COMPONENTS
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.clock import HOUR
from directory.component import load_tables
from directory.installation import Installation
from directory.outbound import client
from directory.release import service as release
from directory.release.attributes import ATTRIBUTES
from sync.changes.rights import publish_rights
from sync.engine import accounts, connectors
from sync.engine.accounts import AccountState
from sync.engine.running import Turn, run_connector
from sync.engine.tables import connector, connector_account
from sync.feed.polling import poll
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department, give
from tests.sync.outsider import Fed
from tests.sync.scim_server import TOKEN, ScimServer, SpoiledServer

load_tables(COMPONENTS)
_numbers = count()
CLERK = "van_thu"


@dataclass
class Kept:
    """A connector of one application."""

    fed: Fed
    name: str
    application: str

    @property
    def installation(self) -> Any:
        return self.fed.installation

    def follow(self) -> None:
        """What changed is known to the worker."""
        poll(self.installation)
        publish_rights(self.installation)

    def run(self) -> Turn:
        """What the worker does: look at what changed, and do what is due until nothing is."""
        self.follow()
        total = Turn()
        for _ in range(20):
            turn = run_connector(self.installation, self.name, turn_s=5)
            total = Turn(total.done + turn.done, total.failed + turn.failed, turn.is_held)
            if turn.is_held or not (turn.done or turn.has_more):
                return total
        return total

    def joiner(self, **more: Any) -> Person:
        person = self.fed.someone(mail=f"moi{next(_numbers)}@binhduong.gov.vn", **more)
        self.let_in(person)
        return person

    def let_in(self, person: Person) -> str:
        return give(
            self.installation, CLERK, person.id, self.fed.agency.id, application_id=self.application
        )

    def state(self, person: Person) -> AccountState:
        with self.installation.database.read() as tx:
            (found,) = accounts.find_states(tx, self.name, [person.id])
        return found

    def time_passes(self) -> None:
        """So much that nothing is in doubt any more: waited for, done, and done once more."""
        for _ in range(3):
            self.due_now()
            self.run()

    def due_now(self) -> None:
        """Time passes."""
        with self.installation.database.write() as tx:
            doubtful = connector_account.c.doubtful_since - HOUR
            tx.execute(update(connector_account).values(due_at=0, doubtful_since=doubtful))
            tx.execute(update(connector).values(retry_at=None))

    def events(self, kind: str, person: Person | None = None) -> list[dict[str, Any]]:
        subject = f"person:{person.id}" if person else ""
        with self.installation.database.read() as tx:
            found = list_events(tx, kind=kind, newest_first=False, limit=1000, subject=subject)
        return [dict(event.fields) for event in found if self.name in event.fields.values()]


@dataclass
class Sync(Kept):
    """The foreign server that it keeps in step, too."""

    server: ScimServer

    def user(self, person: Person) -> dict[str, Any] | None:
        return self.server.user(person.username)


def definition(name: str, application: str, url: str, more: str = "") -> str:
    return f"""\
connector: {name}
application: {application}
target: {{kind: scim, url: "{url}"}}
accounts:
  userName: username
  displayName: full_name
  name.familyName: family_name
  name.givenName: given_name
  emails: mail
  title: post.title
  enterprise.department: unit.name ?? agency.name
roles:
  van_thu: Văn thư
limits: {{per_second: 1000}}
{more}"""


@contextmanager
def installed_beside(server: SpoiledServer) -> Iterator[Fed]:
    """An installation that may speak with the server."""
    port = server.url.rpartition(":")[2]
    with running_installation(DANHMUC_OUTBOUND_ALLOW=f"127.0.0.1/32:{port}") as running:
        agency = a_department(running.installation, "STTTT")
        poll(running.installation)
        yield Fed(running, agency)


@contextmanager
def connector_for(
    installed: Fed, source: Callable[[str, str], str], token: str = ""
) -> Iterator[Kept]:
    """A connector of its own for an application of its own. `source`: its definition, from the
    names of both."""
    name = f"c{next(_numbers)}"
    application = f"app-{name}"
    with installed.installation.database.write() as tx:
        app = Application(id=application, name=application, access="roles")
        applications.put(tx, OPERATOR, app)
        release.begin(tx, OPERATOR, app, release.proposed(ATTRIBUTES))
        grants.put_role(tx, OPERATOR, Role(application, CLERK, "Văn thư", "Clerk"))
    connectors.put(installed.installation, OPERATOR, source(name, application), token)
    yield Kept(installed, name, application)
    connectors.remove(installed.installation, OPERATOR, name)


@contextmanager
def kept_in_step(installed: Fed, server: ScimServer) -> Iterator[Sync]:
    """One for the foreign server, which is one, and empty."""
    server.empty()
    server.normal()
    source = partial(definition, url=server.url)
    with connector_for(installed, source, TOKEN) as kept:
        yield Sync(kept.fed, kept.name, kept.application, server)
        server.normal()


@contextmanager
def counted_statements(installation: Installation) -> Iterator[list[str]]:
    """The statements of a block."""
    texts: list[str] = []

    def note(_c: Any, _u: Any, text: str, *_more: Any) -> None:
        if not text.startswith("BEGIN"):
            texts.append(text)

    engine = installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield texts
    finally:
        event.remove(engine, "before_cursor_execute", note)


def send(sync: Sync, method: str, path: str, body: dict[str, Any] | None = None) -> int:
    """Somebody works in the server past us."""
    answer = client.send(
        sync.installation.settings,
        method,
        sync.server.url + path,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"},
        body=None if body is None else json.dumps(body).encode(),
    )
    assert answer.status < 300, answer.body
    return answer.status
