"""Removing applications for good: what goes, what stays, and whoever comes in between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from admin_ui.components import REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console_application import put_console_application
from directory import clock, faults
from directory.access.asking import ask_for_grant
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grants, positions, removing
from directory.authz.roles import Role, find_role, list_roles
from directory.authz.tables import application, role_grant
from directory.component import NotWell
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.intents.recovery import recover_open_intents
from directory.ldap_clients import keeping
from directory.ldap_clients.checks import as_sql_says
from directory.release.register import list_versions
from idp.applications.handles import ApplicationsFor, Draft
from idp.applications.listing import ApplicationQuestion
from sync.engine import connectors
from tests.support import province
from tests.support.installation import OPERATOR, running_installation
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.both_engines

_PLACES = {"P": "", "A": "P", "B": "P"}
_CONNECTOR = """
connector: {name}
application: {application}
target: {{kind: scim, url: "https://scim.example/v2"}}
accounts:
  userName: username
"""


@dataclass
class World(province.World):
    """Two agencies with an administrator each, and applications of theirs."""

    def handle(self, who: str) -> ApplicationsFor:
        actor = Actor("person", self.people[who], self.places["A"])
        return ApplicationsFor(
            self.installation, actor, VOCABULARY, REGISTRATION, connectors.list_feeding
        )

    def application(self, kind: Any = "web", name: str = "Lịch họp") -> str:
        """One of agency A, with a role that `an` holds."""
        a = self.places["A"]
        draft = Draft(kind, name, a, agencies=(a,), attributes=("username", "mail"))
        if kind == "web":
            draft = Draft(**{**vars(draft), "redirect_uris": ("https://lich.vn/cb",)})
        made = self.handle("admin_a").register(draft).id
        with self.installation.database.write() as tx:
            grants.put_role(tx, OPERATOR, Role(made, "dung", "Người dùng", "User"))
        self.grant("an", "dung", "A", application_id=made)
        return made

    def disable(self, application_id: str, days: int = 30) -> None:
        """Disabled so many days ago."""
        handle = self.handle("admin_a")
        handle.disable(handle.show(application_id), "thay thế")
        since = clock.now_ms() - days * clock.DAY
        with self.installation.database.write() as tx:
            its = application.c.id == application_id
            tx.execute(update(application).where(its).values(disabled_at=since))

    def remove(self, application_id: str, name: str = "Lịch họp", who: str = "admin_a") -> int:
        handle = self.handle(who)
        return handle.remove(handle.theirs(application_id), "thay bằng hệ thống mới", name)

    def standing(self, application_id: str) -> int:
        with self.installation.database.read() as tx:
            return len(grants.list_grants(tx, application_id=application_id))

    def events(self, kind: str, application_id: str) -> list[Any]:
        with self.installation.database.read() as tx:
            found = list_events(tx, kind=kind, limit=500)
        return [each for each in found if each.subject == f"client:{application_id}"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places(_PLACES)
        with world.installation.database.write() as tx:
            put_console_application(tx, OPERATOR)
        for name, place in (("admin_a", "A"), ("admin_b", "B"), ("an", "A"), ("binh", "A")):
            world.add_person(name, f"Nguyễn {name}", world.post(place))
        world.add_operator("operator")
        for name, place in (("admin_a", "A"), ("admin_b", "B")):
            world.grant(name, "agency_admin", place)
        yield world


@pytest.mark.parametrize("kind", ["web", "service", "ldap"])
def test_it_goes_after_thirty_days_and_its_name_and_history_stay(world: World, kind: str) -> None:
    made, handle = world.application(kind), world.handle("admin_a")
    early = handle.foresee_removal(handle.show(made))
    assert (early.ready_at, early.problem and early.problem.code) == (
        None,
        "application.not_disabled_yet",
    )
    with pytest.raises(Conflict, match=r"application\.not_disabled_yet"):
        world.remove(made)
    world.disable(made, days=29)
    with pytest.raises(Conflict, match=r"application\.disabled_lately"):
        world.remove(made)
    with world.installation.database.write() as tx:
        since = clock.now_ms() - 30 * clock.DAY
        tx.execute(update(application).where(application.c.id == made).values(disabled_at=since))
        position = positions.add_position(tx, OPERATOR, world.places["A"], f"Văn thư {kind}").id
    world.grant("an", "dung", "A", application_id=made, holder_kind="position", holder_id=position)
    shown = handle.show(made)
    told = handle.foresee_removal(shown)
    assert told.problem is None and (told.grants, told.of_positions) == (2, 1)
    assert (told.roles, told.learns, told.has_account) == (1, 2, kind == "ldap")
    assert (told.secrets, told.is_connected) == (int(kind != "ldap"), kind != "ldap")
    for typed, reason in (("Lịch", "x"), ("Lịch họp", "")):
        with pytest.raises(Invalid):
            handle.remove(handle.theirs(made), reason, typed)
    assert world.remove(made, "  Lịch  họp ") == 2
    assert world.standing(made) == 0
    with world.installation.database.read() as tx:
        assert (list_roles(tx, made), find_role(tx, made, "dung")) == ([], None)
        assert [len(each.attributes) for each in list_versions(tx, made)] == [0, 2]
        rows = tx.execute(role_grant.select().where(role_grant.c.application_id == made)).all()
    assert {(row.revoke_reason, row.revoked_by) for row in rows} == {
        ("thay bằng hệ thống mới", f"person:{world.people['admin_a']}")
    }
    (event,) = world.events("application.removed", made)
    assert (event.fields["name"], event.fields["grants"]) == ("Lịch họp", 2)
    gone = handle.show(made)
    assert (gone.app.name, gone.change.reason, gone.client, gone.account) == (
        "Lịch họp",
        "removed",
        None,
        None,
    )
    assert gone.acts
    listed = handle.page(ApplicationQuestion(state="removed")).applications
    assert made in [each.app.id for each in listed]
    assert made not in [e.app.id for e in handle.page(ApplicationQuestion()).applications]
    for again in (
        lambda: handle.theirs(made),
        lambda: handle.enable(gone, "x"),
        lambda: handle.change(gone, {"name": "x"}),
    ):
        with pytest.raises(Forbidden, match=r"application\.read_only"):
            again()


def test_its_id_is_nobodys_again(world: World) -> None:
    made = world.application("ldap")
    world.disable(made)
    world.remove(made)
    tries = (
        lambda tx: applications.put(tx, OPERATOR, applications.Application(made, "Kẻ đến sau")),
        lambda tx: applications.enable(tx, OPERATOR, made),
        lambda tx: grants.put_role(tx, OPERATOR, Role(made, "moi", "Mới", "New")),
        lambda tx: connectors.put_within(
            tx, OPERATOR, _CONNECTOR.format(name="muon", application=made)
        ),
    )
    for attempt in tries:
        with pytest.raises(AppError), world.installation.database.write() as tx:
            attempt(tx)
    with pytest.raises(NotFound):
        world.grant("binh", "dung", "A", application_id=made)


def test_others_administrators_are_answered_as_of_a_missing_one(world: World) -> None:
    made = world.application()
    world.disable(made)
    for _ in range(2):
        told = []
        for one in (made, new_id()):
            with pytest.raises(NotFound) as refused:
                world.handle("admin_b").show(one)
            told.append((refused.value.code, dict(refused.value.params)))
        assert told[0] == told[1]
        if not world.handle("admin_a").show(made).app.removed_at:
            world.remove(made)
    page = world.handle("admin_b").page(ApplicationQuestion(state="removed"))
    assert made not in [each.app.id for each in page.applications]
    with world.installation.database.read() as tx:
        shared = applications.find(tx, "danh-muc")
    assert shared is not None
    with pytest.raises(Forbidden):
        handle = world.handle("operator")
        handle.theirs("danh-muc")


def test_what_is_asked_of_it_is_refused(world: World) -> None:
    made = world.application()
    actor = Actor("person", world.people["binh"], world.places["A"])
    with world.installation.database.write() as tx:
        asked = ask_for_grant(
            tx,
            actor,
            grants.Grant(
                made, "dung", "person", world.people["binh"], world.places["A"], "cần dùng"
            ),
        )
    world.disable(made)
    handle = world.handle("admin_a")
    assert handle.foresee_removal(handle.show(made)).requests == 1
    world.remove(made)
    assert asked is not None and REQUEST_KINDS
    (event,) = world.events("application.removed", made)
    assert event.fields["requests"] == 1


def test_a_connector_that_works_for_it_is_stopped_first(world: World) -> None:
    made = world.application()
    connectors.put(
        world.installation, OPERATOR, _CONNECTOR.format(name="lich-hop", application=made)
    )
    world.disable(made)
    with pytest.raises(Conflict, match="lich-hop"):
        world.remove(made)
    connectors.pause(world.installation, OPERATOR, "lich-hop")
    world.remove(made)
    with pytest.raises(Conflict, match=r"application\.removed"):
        connectors.resume(world.installation, OPERATOR, "lich-hop")
    connectors.remove(world.installation, OPERATOR, "lich-hop")


@pytest.mark.parametrize("several", range(3))
def test_whoever_is_given_a_role_meanwhile_is_without_it(world: World, several: int) -> None:
    made, together = world.application(), Barrier(5)
    world.disable(made)
    people = [
        world.add_person(f"n{several}{n}", f"Nguyễn {n}", world.post("A")).id for n in range(4)
    ]

    def give(person_id: str) -> bool:
        together.wait()
        try:
            province.give(
                world.installation, "dung", person_id, world.places["A"], application_id=made
            )
        except NotFound:
            return False
        return True

    def remove() -> int:
        together.wait()
        return world.remove(made)

    with ThreadPoolExecutor(5) as pool:
        given = [pool.submit(give, each) for each in people]
        ended = pool.submit(remove).result()
        assert ended == 1 + sum(each.result() for each in given)
    assert world.standing(made) == 0


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("point", ["", "intent.meant", "intent.applied", "intent.before_settled"])
def test_after_a_kill_the_worker_does_what_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    made = world.application("ldap")
    world.grant("binh", "dung", "A", application_id=made)
    handle = world.handle("admin_a")
    world.disable(made, days=31)

    def reach(name: str) -> None:
        if name == point:
            raise _Killed

    def killed(*_: object) -> int:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(faults, "reach", reach)
        if not point:
            patch.setattr(removing, "AT_ONCE", 1)
            patch.setattr(removing, "end_grants", killed)
        with pytest.raises(_Killed):
            handle.remove(handle.theirs(made), "thay thế", "Lịch họp")
    assert handle.show(made).change.reason == "removed"
    recover_open_intents(world.installation, leave_alone_ms=0)
    assert removing.end_left_over(world.installation) == int(not point)
    keeping.keep_all(world.installation)
    assert world.standing(made) == 0
    assert keeping.list_differing(world.installation) == []


def test_its_password_is_nobodys(world: World) -> None:
    a = world.places["A"]
    made = world.handle("admin_a").register(Draft("ldap", "Máy in", a, agencies=(a,)))
    handle = world.handle("admin_a")
    bind_dn = handle.bind_dn_of(handle.show(made.id))
    assert _binds(world, bind_dn, made.secret)
    world.disable(made.id)
    world.remove(made.id, "Máy in")
    assert not _binds(world, bind_dn, made.secret)
    entry = world.installation.ldap.read(bind_dn)
    assert entry is not None and entry.one("dmStatus") == "disabled"
    # Even opened by hand it takes nobody's password.
    from directory.ldap.entries import Change

    world.installation.ldap.modify(bind_dn, [Change("replace", "dmStatus", ("active",))])
    assert not _binds(world, bind_dn, made.secret)
    with pytest.raises(NotWell):
        as_sql_says(world.installation)
    keeping.keep_all(world.installation)


def _binds(world: World, dn: str, secret: str) -> bool:
    import subprocess

    settings = world.installation.settings
    uri = f"ldapi://{str(settings.state / 'slapd' / 'ldapi').replace('/', '%2F')}"
    command = ["ldapwhoami", "-x", "-H", uri, "-D", dn, "-w", secret]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_code_is_not_redeemed_after_it(served: OidcInstallation, province: Province) -> None:
    from idp.applications import removal
    from idp.clients import service
    from idp.clients.registry import registry
    from idp.clients.tables import client as client_table

    client = served.add_client("Bỏ hẳn")
    its = client.client.id
    tokens = served.tokens(client, province.an)
    code = served.code(served.browser(province.an), its)
    service.disable_client(served.installation, OPERATOR, its, "x")
    since = clock.now_ms() - 31 * clock.DAY
    with served.installation.database.write() as tx:
        tx.execute(
            update(client_table).where(client_table.c.client_id == its).values(disabled_at=None)
        )
        tx.execute(update(application).where(application.c.id == its).values(disabled_at=since))
    registry(served.installation).forget(its)
    removal.remove(served.installation, OPERATOR, its, "x", connectors.list_feeding)
    answer = served.redeem(client, code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert served.userinfo(tokens["access_token"]).status_code == 401
    assert served.authorize(served.browser(province.an), its).status_code == 400
