"""Accounts of applications in LDAP: what SQL says is what slapd lets them read, whatever happens
in between."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from directory import faults
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.roles import Role
from directory.component import NotWell
from directory.errors import Conflict, Forbidden, NotFound
from directory.ids import new_id
from directory.intents.recovery import recover_open_intents
from directory.ldap.entries import Change
from directory.ldap.ldif import read_records
from directory.ldap.released import readers_dn
from directory.ldap.sockets import ldap_socket_uri
from directory.ldap_clients import keeping, service
from directory.ldap_clients.checks import as_sql_says
from directory.ldap_clients.errors import LDAP_CLIENT_THERE
from directory.ldap_clients.register import find_ldap_client
from directory.ldap_clients.settings import settings_of
from directory.people import service as people
from directory.people.credentials import set_password
from directory.projection import queries
from directory.release import service as release
from tests.support import province
from tests.support.browser import PASSWORD
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

PLACES = {"P": "", "A": "P", "A1": "A", "B": "P"}


@dataclass
class World(province.World):
    """Two agencies with somebody each, one under the first, and applications that ask over LDAP."""

    def application(self, *names: str, **more: Any) -> Asker:
        app = replace(Application(new_id(), "Máy in"), **more)
        secret = service.register(self.installation, OPERATOR, app, release.proposed(names))
        return Asker(self, app.id, secret)

    def dn(self, application_id: str) -> str:
        with self.installation.database.read() as tx:
            client = find_ldap_client(tx, application_id)
        assert client is not None
        return client.dn(self.installation.settings.suffix)

    def change(self, application_id: str, *names: str) -> None:
        with self.installation.database.write() as tx:
            release.change(tx, OPERATOR, application_id, release.proposed(names))


@dataclass(frozen=True)
class Asker:
    """An application with what it was told."""

    world: World
    id: str
    secret: str

    def ask(self, *arguments: str) -> tuple[int, Mapping[str, set[str]]]:
        """Exit status, and of whoever it finds the attributes that it reads."""
        settings = self.world.installation.settings
        uri = f"ldapi://{str(settings.state / 'slapd' / 'ldapi').replace('/', '%2F')}"
        command = ["ldapsearch", "-LLL", "-x", "-o", "ldif-wrap=no", "-H", uri]
        command += ["-D", self.world.dn(self.id), "-w", self.secret]
        command += ["-b", f"ou=people,{settings.suffix}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = {dn: set(each) for dn, each in read_records(done.stdout)}
        return done.returncode, {
            name: reads - {"objectClass", "dmId"}
            for name, person_id in self.world.people.items()
            for dn, reads in found.items()
            if person_id in dn
        }

    def sees(self) -> set[str]:
        return set(self.ask("(objectClass=inetOrgPerson)")[1])

    def reads(self, name: str = "of_a") -> set[str]:
        return self.ask("(objectClass=inetOrgPerson)")[1].get(name, set())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places(PLACES)
        for name, place in (("of_a", "A"), ("of_a1", "A1"), ("of_b", "B")):
            world.add_person(name, f"Nguyễn Văn {name}", world.post(place), mail=f"{name}@x.vn")
        yield world


def kinds_of(world: World, kind: str, application_id: str) -> list[Mapping[str, Any]]:
    with world.installation.database.read() as tx:
        found = list_events(tx, kind=kind, limit=500)
    return [each.fields for each in found if each.subject == f"client:{application_id}"]


def test_it_reads_what_is_released_of_whoever_may_enter(world: World) -> None:
    app = world.application("username", "mail")
    assert app.sees() == {"of_a", "of_a1", "of_b"}
    assert app.reads() == {"uid", "mail"}
    assert app.ask("(cn=Nguyễn Văn of_a)")[1] == {}
    (written,) = kinds_of(world, "ldap_client.release_requested", app.id)
    assert written["added"] == "username, mail"


def test_what_is_taken_back_is_gone_and_what_others_read_stays(world: World) -> None:
    app, other = world.application("username", "mail"), world.application("mail", "full_name")
    world.change(app.id, "username")
    keeping.keep(world.installation, OPERATOR, app.id)
    assert app.reads() == {"uid"}
    assert app.ask("(mail=of_a@x.vn)")[1] == {}
    assert other.reads() == {"mail", "cn", "sn", "givenName", "displayName"}
    assert other.ask("(mail=of_a@x.vn)")[1] != {}


def test_it_sees_people_of_the_agencies_it_is_open_to_and_of_all_under_them(world: World) -> None:
    app = world.application("username", access="agencies", agencies=(world.places["A"],))
    assert app.sees() == {"of_a", "of_a1"}
    with world.installation.database.write() as tx:
        applications.describe(tx, OPERATOR, app.id, agencies=(world.places["A1"],))
    keeping.keep_all(world.installation)
    assert app.sees() == {"of_a1"}


def test_holders_of_its_roles_are_all_it_sees(world: World) -> None:
    app = world.application("username", access="roles")
    assert app.sees() == set()
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(app.id, "dung", "Dùng", "Use"))
    given = world.grant("of_b", "dung", "P", application_id=app.id)
    keeping.keep_all(world.installation)
    assert app.sees() == {"of_b"}
    world.revoke(given)
    keeping.keep_all(world.installation)
    assert app.sees() == set()


def test_whoever_is_suspended_is_not_there(world: World) -> None:
    app = world.application("username")
    world.add_person("gone", "Trần Thị Gone", world.post("A"))
    assert "gone" in app.sees()
    people.suspend(world.installation, OPERATOR, world.people["gone"], "thử")
    assert "gone" not in app.sees()


def test_a_disabled_one_neither_binds_nor_reads(world: World) -> None:
    app = world.application("username")
    with world.installation.database.write() as tx:
        applications.disable(tx, OPERATOR, app.id)
    keeping.keep(world.installation, OPERATOR, app.id)
    assert app.ask()[0] == 49
    entry = world.installation.ldap.read(readers_dn(world.installation.settings.suffix))
    assert entry is not None
    assert world.dn(app.id) not in {dn for values in entry.attributes.values() for dn in values}
    with world.installation.database.write() as tx:
        applications.enable(tx, OPERATOR, app.id)
    keeping.keep(world.installation, OPERATOR, app.id)
    assert app.reads() == {"uid"}


def test_a_new_password_takes_the_place_of_the_old_one(world: World) -> None:
    app = world.application("username")
    new = replace(app, secret=service.rotate(world.installation, OPERATOR, app.id))
    assert (app.ask()[0], new.ask()[0]) == (49, 0)
    assert len(kinds_of(world, "ldap_client.rotated", app.id)) == 1
    with pytest.raises(Conflict, match=r"ldap_client\.there"):
        service.make(world.installation, OPERATOR, app.id)
    with pytest.raises(NotFound):
        service.rotate(world.installation, OPERATOR, new_id())


def test_one_that_was_there_is_given_an_account(world: World) -> None:
    app = Application(new_id(), "Cũ")
    with world.installation.database.write() as tx:
        applications.put(tx, OPERATOR, app)
    asker = Asker(world, app.id, service.make(world.installation, OPERATOR, app.id))
    assert asker.sees() >= {"of_a"}
    assert asker.reads() == set()
    stranger = Actor("person", world.people["of_b"], world.places["B"])
    with pytest.raises(Forbidden):
        service.rotate(world.installation, stranger, app.id)


def test_whatever_stands_in_an_id_it_is_written_once(world: World) -> None:
    app = Application(f"https://x.vn/a+b=c, {new_id()[:8]}", "Lạ")
    secret = service.register(world.installation, OPERATOR, app, release.proposed(["username"]))
    assert Asker(world, app.id, secret).reads() == {"uid"}
    assert keeping.list_differing(world.installation) == []
    assert keeping.keep_all(world.installation) == 0


def test_what_was_changed_past_us_is_put_back(world: World) -> None:
    app = world.application("username", access="agencies", agencies=(world.places["B"],))
    suffix, ldap = world.installation.settings.suffix, world.installation.ldap
    ldap.modify(readers_dn(suffix), [Change("add", "dmReadsMail", (world.dn(app.id),))])
    ldap.modify(world.dn(app.id), [Change("add", "dmOpenTo", (world.places["A"],))])
    by_hand = f"cn={new_id()},ou=applications,{suffix}"
    ldap.add(
        by_hand,
        {
            "objectClass": ["organizationalRole", "simpleSecurityObject", "dmApplication"],
            "cn": [by_hand[3:39]],
            "dmId": [new_id()],
            "dmStatus": ["active"],
            "userPassword": ["x"],
        },
    )
    with pytest.raises(NotWell) as found:
        as_sql_says(world.installation)
    assert {readers_dn(suffix), world.dn(app.id), by_hand} <= set(
        str(found.value).partition(": ")[2].partition(";")[0].replace(", cn", "\ncn").split("\n")
    )
    assert keeping.keep_all(world.installation) == 3
    assert app.reads("of_b") == {"uid"}
    assert app.sees() == {"of_b"}
    closed = ldap.read(by_hand)
    assert closed is not None and closed.one("dmStatus") == "disabled"
    assert "as the register says" in as_sql_says(world.installation)


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("point", ["intent.meant", "intent.applied", "intent.before_settled"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_kill_between_the_steps_settles(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str, nth: int
) -> None:
    app = world.application("username", "mail")
    passed = 0

    def reach(name: str) -> None:
        nonlocal passed
        passed += name == point
        if name == point and passed == nth:
            raise _Killed

    with world.installation.database.write() as tx:
        applications.disable(tx, OPERATOR, app.id)
    with monkeypatch.context() as patch:
        patch.setattr(faults, "reach", reach)
        with pytest.raises(_Killed):
            keeping.keep(world.installation, OPERATOR, app.id)
    recover_open_intents(world.installation, leave_alone_ms=0)
    keeping.keep_all(world.installation)
    assert app.ask()[0] == 49
    assert keeping.list_differing(world.installation) == []


def test_what_slapd_does_not_take_is_written_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.application("username", "mail")
    world.change(app.id, "username")

    def refused(*_: object, **__: object) -> None:
        raise Conflict(LDAP_CLIENT_THERE)

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "carry_out", refused)
        keeping.keep(world.installation, OPERATOR, app.id)
    assert app.reads() == {"uid", "mail"}
    assert keeping.keep_all(world.installation) == 1
    assert app.reads() == {"uid"}


def test_where_slapd_is_of_an_earlier_version_nothing_fails(world: World) -> None:
    world.application("username")
    settings = replace(world.installation.settings, suffix="dc=earlier")
    earlier = replace(world.installation, settings=settings)
    assert keeping.keep_all(earlier) == 0
    with pytest.raises(NotWell, match="danhmuc init"):
        as_sql_says(earlier)


def test_the_texts_to_copy_do_what_they_say(world: World) -> None:
    app = world.application("username", "mail", access="agencies", agencies=(world.places["A"],))
    for name in ("of_a", "of_b"):
        set_password(world.installation, OPERATOR, world.people[name], PASSWORD)
    settings = world.installation.settings
    with world.installation.database.read() as tx:
        client = find_ldap_client(tx, app.id)
    assert client is not None
    found = replace(
        settings_of(settings, client, ("username", "mail")),
        servers=(ldap_socket_uri(settings.state),),
    )
    told: dict[str, Any] = {"PASSWORD": app.secret}
    exec(found.samples["Python"], told)
    may_sign_in = told["may_sign_in"]
    with world.installation.database.read() as tx:
        logins = {name: queries.person(tx, world.people[name]) for name in ("of_a", "of_b")}
    here, there = (each.username for each in logins.values() if each is not None)
    assert may_sign_in(here, PASSWORD)
    assert may_sign_in("of_a@x.vn", PASSWORD)
    assert not may_sign_in(here, f"{PASSWORD}x")
    assert not may_sign_in(here, "")
    assert not may_sign_in("*", PASSWORD)
    assert not may_sign_in(there, f"{PASSWORD}x"), "of another agency"
    command = found.samples["ldapsearch"].replace("-W", f"-w {app.secret}")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_changes_of_many_at_once_all_come_to_stand(world: World) -> None:
    apps = [world.application("username") for _ in range(4)]

    def change(app: Asker) -> Asker:
        world.change(app.id)
        keeping.keep(world.installation, OPERATOR, app.id)
        return replace(app, secret=service.rotate(world.installation, OPERATOR, app.id))

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(change, apps))
    keeping.keep_all(world.installation)
    assert [app.reads() for app in changed] == [set()] * 4
    assert keeping.list_differing(world.installation) == []
