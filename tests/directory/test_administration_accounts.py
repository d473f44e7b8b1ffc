"""A second account of somebody, for what reaches the whole province."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, update

from admin_ui.console_application import put_console_application
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.grants import Approval, Grant
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.roles import Role, find_role
from directory.authz.tables import role as role_table
from directory.catalogue.person import Person, person_dn
from directory.errors import AppError, Forbidden, Invalid
from directory.ids import new_id
from directory.ldap.entries import Change
from directory.people import credentials, service
from directory.people.service import NewPerson
from directory.projection import queries
from directory.projection.rebuild import rebuild
from sync.feed.polling import poll
from tests.support import province
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import SECOND

PASSWORD = "cầu vồng sau mưa 7"
PRIVILEGED = [name for name, role in ADMIN_ROLES.items() if role.privileged]


class World(province.World):
    def someone(self, **facts: Any) -> Person:
        return self.add_person(new_id(), "Lê Văn An", self.post("A"), username=name(), **facts)

    def with_account(self, role: str = "") -> tuple[Person, Person]:
        """Somebody, and their administration account."""
        owner = self.someone()
        account = self.someone(administrator_of=owner.id)
        if role:
            self.give(account, role)
        return owner, account

    def give(self, holder: Person, role: str, application: str = ADMIN_APPLICATION) -> str:
        place = self.places["P"]
        given = Grant(application, role, "person", holder.id, place, reason="QĐ 1")
        with self.installation.database.write() as tx:
            return grants.add_grant(tx, OPERATOR, given, Approval(SECOND))

    def status(self, person: Person) -> str:
        with self.installation.database.read() as tx:
            found = queries.person(tx, person.id)
        assert found is not None
        return found.status


def name() -> str:
    return f"n{new_id()[:12]}"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places({"P": "", "A": "P"})
        with world.installation.database.write() as tx:
            for app, roles in ((ADMIN_APPLICATION, tuple(ADMIN_ROLES)), ("app", ("van_thu",))):
                applications.put(tx, OPERATOR, Application(app, app))
                for role in roles:
                    grants.put_role(tx, OPERATOR, Role(app, role, role, role))
        yield world


@pytest.mark.parametrize("role", PRIVILEGED)
def test_what_reaches_the_province_is_held_by_an_administration_account(
    world: World, role: str
) -> None:
    owner, account = world.with_account()
    assert world.give(account, role)
    with pytest.raises(Invalid) as refused:
        world.give(owner, role)
    assert refused.value.code == "grant.privileged"
    place = world.places["P"]
    kinds: tuple[grants.HolderKind, ...] = ("post", "position")
    for kind in kinds:
        given = Grant(ADMIN_APPLICATION, role, kind, new_id(), place, reason="QĐ")
        with pytest.raises(AppError), world.installation.database.write() as tx:
            grants.add_grant(tx, OPERATOR, given)


def test_an_administration_account_is_used_for_nothing_else(world: World) -> None:
    _, account = world.with_account()
    with pytest.raises(Invalid) as refused:
        world.give(account, "van_thu", "app")
    assert refused.value.code == "grant.administers_only"
    assert world.give(account, "agency_admin")


def test_what_an_account_may_not_be(world: World) -> None:
    owner, account = world.with_account()
    gone = world.someone()
    service.retire(world.installation, OPERATOR, gone.id, "nghỉ hưu")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"administrator_of": new_id()}, "person.administrator_of"),
        ({"administrator_of": "x" * 37}, "person.administrator_of"),
        ({"administrator_of": account.id}, "person.administrator_of"),
        ({"administrator_of": gone.id}, "person.administrator_of"),
        ({"administrator_of": owner.id, "mail": f"{name()}@x.vn"}, "person.administrator_mail"),
    ]
    for facts, code in cases:
        new = NewPerson(
            username=name(), full_name="Lê Văn An", agency_id=world.places["A"], **facts
        )
        with pytest.raises(Invalid) as refused:
            service.add_person(world.installation, OPERATOR, new)
        assert refused.value.code == code


def test_an_account_gets_neither_an_address_nor_another_owner(world: World) -> None:
    owner, account = world.with_account()
    other = world.someone()
    for changes in ({"mail": f"{name()}@x.vn"}, {"administrator_of": other.id}):
        with pytest.raises(Invalid):
            service.change_person(world.installation, OPERATOR, account.id, changes)
    kept = service.read_person(world.installation, account.id)
    assert (kept.mail, kept.administrator_of) == ("", owner.id)


def test_operators_of_the_province_alone_add_accounts(world: World) -> None:
    admin = world.someone()
    world.give(admin, "agency_admin")
    _, operator = world.with_account("province_operator")
    owner = world.someone()
    for person_id in (operator.id, admin.id):
        actor = Actor("person", person_id)
        new = NewPerson(
            username=name(),
            full_name="Lê Văn An",
            agency_id=world.places["A"],
            administrator_of=owner.id,
        )
        if person_id == operator.id:
            assert service.add_person(world.installation, actor, new).administrator_of == owner.id
        else:
            with pytest.raises(Forbidden):
                service.add_person(world.installation, actor, new)


def test_an_account_is_suspended_and_retired_with_its_owner(world: World) -> None:
    owner, account = world.with_account("province_operator")
    credentials.set_password(world.installation, OPERATOR, account.id, PASSWORD)
    service.suspend(world.installation, OPERATOR, owner.id, "đình chỉ")
    assert world.status(account) == "suspended"
    service.resume(world.installation, OPERATOR, owner.id, "hết hạn")
    assert world.status(account) == "suspended", "whoever lets it in again looks at it"
    service.resume(world.installation, OPERATOR, account.id, "hết hạn")
    service.retire(world.installation, OPERATOR, owner.id, "nghỉ hưu")
    assert world.status(account) == "left"
    with world.installation.database.read() as tx:
        events = list_events(tx, kind="person.retired", subject=f"person:{account.id}", limit=5)
    assert [event.actor for event in events] == ["system:accounts"]


def test_the_worker_does_what_was_left_open(world: World) -> None:
    """A crash between the two, or an owner whom another tool suspended."""
    owner, account = world.with_account()
    ldap, suffix = world.installation.ldap, world.installation.settings.suffix
    ldap.modify(person_dn(owner.id, suffix), [Change("replace", "dmStatus", ("suspended",))])
    poll(world.installation)
    assert (world.status(owner), world.status(account)) == ("suspended", "active")
    service.follow_owners(world.installation)
    assert world.status(account) == "suspended"
    before = world.status(account)
    service.follow_owners(world.installation)
    assert world.status(account) == before


def test_one_account_that_cannot_follow_keeps_no_other(world: World) -> None:
    owners = [world.with_account() for _ in range(3)]
    ldap, suffix = world.installation.ldap, world.installation.settings.suffix
    for owner, _ in owners:
        ldap.modify(person_dn(owner.id, suffix), [Change("replace", "dmStatus", ("suspended",))])
    poll(world.installation)
    ldap.delete(person_dn(owners[0][1].id, suffix))
    service.follow_owners(world.installation)
    assert [world.status(account) for _, account in owners[1:]] == ["suspended"] * 2


def test_a_rebuild_keeps_whose_account_it_is(world: World) -> None:
    owner, account = world.with_account()
    rebuild(world.installation, lambda _tx, _done: None)
    with world.installation.database.read() as tx:
        found = queries.person(tx, account.id)
    assert found is not None and found.administrator_of == owner.id


def test_two_give_what_reaches_the_province(world: World) -> None:
    """The command line names the first two holders alone, for somebody has to begin."""
    role, place = "security_officer", world.places["P"]
    with world.installation.database.write() as tx:
        for held in grants.list_grants(tx, application_id=ADMIN_APPLICATION):
            if held.role == role:
                grants.revoke_grant(tx, OPERATOR, held.id, "hết nhiệm vụ")

    def give(actor: Actor, approval: Approval | None = None) -> str:
        _, account = world.with_account()
        given = Grant(ADMIN_APPLICATION, role, "person", account.id, place, reason="QĐ 1")
        with world.installation.database.write() as tx:
            return grants.add_grant(tx, actor, given, approval)

    first, second = (world.with_account("province_operator")[1] for _ in range(2))
    alone, other = Actor("person", first.id), Actor("person", second.id)
    with pytest.raises(Forbidden):
        give(alone)
    assert give(OPERATOR)
    assert give(OPERATOR)
    for actor, approval in (
        (OPERATOR, None),
        (OPERATOR, Approval(OPERATOR)),
        (alone, None),
        (alone, Approval(alone)),
    ):
        with pytest.raises(Forbidden) as refused:
            give(actor, approval)
        assert refused.value.code == "grant.needs_approval"
    assert give(alone, Approval(other))
    officer = world.with_account(role)[1]
    with pytest.raises(Forbidden):
        give(Actor("person", officer.id), Approval(other))
    with pytest.raises(Forbidden):
        give(alone, Approval(Actor("person", officer.id)))


def test_one_operator_has_no_power_over_another(world: World) -> None:
    first, second = (world.with_account("province_operator") for _ in range(2))
    actor = Actor("person", first[1].id)
    for person in second:
        with pytest.raises(Forbidden):
            service.suspend(world.installation, actor, person.id, "đình chỉ")


def test_an_installation_of_before_follows(world: World) -> None:
    with world.installation.database.write() as tx:
        values = {"given_by": "operator", "needs_approval": False, "title_vi": "Tên của tỉnh"}
        tx.execute(update(role_table).where(role_table.c.name.in_(PRIVILEGED)).values(values))
        put_console_application(tx, OPERATOR)
        for name in PRIVILEGED:
            found = find_role(tx, ADMIN_APPLICATION, name)
            assert found is not None
            said = (found.given_by, found.needs_approval, found.title_vi)
            assert said == ("operators", True, "Tên của tỉnh")


@pytest.mark.only_on_sqlite("PostgreSQL chooses by the number of rows, which are few here")
def test_the_worker_does_not_read_everybody(world: World) -> None:
    """Every five seconds, among 200,000 people."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, bound: Any, *_: object) -> None:
        seen.append((statement, bound))

    engine = world.installation.database.engine
    with world.installation.database.read() as tx:
        event.listen(engine, "before_cursor_execute", note)
        queries.list_accounts_behind(tx)
        event.remove(engine, "before_cursor_execute", note)
        statement, bound = seen[-1]
        plan = tx.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", bound).fetchall()
    assert not any("SCAN" in str(row[-1]) for row in plan), plan
