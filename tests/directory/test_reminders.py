"""What people are told of roles that end, and of requests: once, in their language, and in one
message rather than many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from admin_ui.components import COMPONENTS, VOCABULARY
from directory.access.asking import ask_for_grant
from directory.access.reminders import forget_old, remind_givers, remind_holders
from directory.access.tables import grant_reminder
from directory.actor import Actor
from directory.audit.kinds import Pair
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.authz.tables import role_grant
from directory.clock import DAY, now_ms, today
from directory.component import requests_of
from directory.messages import digests, queue
from directory.messages.queue import Content
from directory.messages.tables import digest, message
from directory.projection import queries
from directory.requests import service as requests
from directory.requests.tables import request
from directory.requests.telling import tell_decided, tell_waiting
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

KINDS = requests_of(COMPONENTS)
APP = "qlvb"


class World(province.World):
    def give(self, holder: str, role: str, days: int, *, old: bool = True, **more: Any) -> str:
        """A role of `APP` in A that ends in so many days; given long ago."""
        grant_id = province.give(
            self.installation,
            role,
            more.pop("holder_id", self.people.get(holder, "")),
            self.places["A"],
            application_id=APP,
            end=(today() + timedelta(days=days)).isoformat(),
            **more,
        )
        if old:
            with self.installation.database.write() as tx:
                here = update(role_grant).where(role_grant.c.id == grant_id)
                tx.execute(here.values(granted_at=now_ms() - 90 * DAY))
        return grant_id

    def told(self) -> list[tuple[str, str, Content]]:
        """What waits to be sent: kind, to whom, content; nothing of it is there afterwards."""
        names = {value: key for key, value in self.people.items()}
        with self.installation.database.write() as tx:
            found = [queue._message(row) for row in tx.execute(select(message))]
            tx.execute(delete(message))
        keyring = self.installation.keyring
        return sorted(
            ((each.kind, names[each.person_id], queue.opened(keyring, each)) for each in found),
            key=lambda each: each[:2],
        )

    def change(self, table: Any, **values: Any) -> None:
        with self.installation.database.write() as tx:
            tx.execute(update(table).values(**values))


def pair(content: Content, name: str) -> Pair:
    """A value in both languages."""
    found = content.values[name]
    assert isinstance(found, tuple)
    return found


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with running_installation(DANHMUC_SMTP_URL="smtp://127.0.0.1:9") as found:
        world = World(found.installation)
        world.add_places({"P": "", "A": "P", "B": "P"})
        for name, place, facts in (
            ("an", "A", {}),
            ("john", "A", {"language": "en"}),
            ("quan_a", "A", {}),
            ("quan_b", "B", {}),
        ):
            mail = f"{name}@binhduong.gov.vn"
            world.add_person(name, f"Người {name}", world.post(place), mail=mail, **facts)
        world.add_person("khoa", "Người khóa", world.post("A"), mail="k@b.vn", status="suspended")
        with world.installation.database.write() as tx:
            app = Application(APP, "Quản lý\nvăn bản", owner_agency_id=world.places["P"])
            applications.put(tx, OPERATOR, app)
            applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
            grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, "agency_admin", "Quản trị", ""))
            for role in ("soan", "doc", "duyet"):
                grants.put_role(tx, OPERATOR, Role(APP, role, f"Vai trò {role}", f"Role {role}"))
        for name in ("quan_a", "quan_b"):
            place = world.places[name[-1].upper()]
            province.give(found.installation, "agency_admin", world.people[name], place)
        yield world


@pytest.fixture
def world(running: World) -> World:
    with running.installation.database.write() as tx:
        for table in (message, digest, grant_reminder, request):
            tx.execute(delete(table))
        tx.execute(
            update(role_grant).where(role_grant.c.application_id == APP).values(revoked_at=1)
        )
    return running


def test_a_holder_hears_30_and_7_days_before_of_all_at_once(world: World) -> None:
    world.give("an", "soan", 30)
    world.give("an", "doc", 29)
    world.give("john", "doc", 6)
    world.give("khoa", "doc", 6)
    world.give("quan_b", "doc", 31)
    world.give("quan_a", "doc", 20, old=False)  # they have just been told how long it holds
    for _ in range(2):
        remind_holders(world.installation)
    (_, _, of_an), (_, _, of_john) = told = world.told()
    assert [each[:2] for each in told] == [("roles_ending", "an"), ("roles_ending", "john")]
    assert of_an.values["count"] == "2" and of_an.language == "vi"
    roles = pair(of_an, "roles")
    assert roles[0].index("Vai trò doc") < roles[0].index("Vai trò soan") and "\n" in roles[0]
    assert "Quản lý văn bản" in roles[0] and of_john.language == "en"
    assert "Role doc" in pair(of_john, "roles")[1]
    # Three weeks later, as far as the ends are concerned.
    soon = (today() + timedelta(days=7)).isoformat()
    with world.installation.database.write() as tx:
        theirs = role_grant.c.holder_id == world.people["an"]
        tx.execute(update(role_grant).where(theirs).values(end_on=soon))
    for _ in range(2):
        remind_holders(world.installation)
    assert [each[:2] for each in world.told()] == [("roles_ending", "an")]


def test_who_holds_it_by_a_post_is_told_and_a_wrong_clock_told_nobody(world: World) -> None:
    with world.installation.database.read() as tx:
        person = queries.people_with_posts(tx, [world.people["john"]])[world.people["john"]]
    world.give("", "soan", 7, holder_kind="post", holder_id=person.posts[0].id)
    remind_holders(world.installation)
    assert [each[:2] for each in world.told()] == [("roles_ending", "john")]
    world.change(grant_reminder, told_at=now_ms() + 9 * DAY)
    remind_holders(world.installation)
    remind_holders(world.installation)
    assert len(world.told()) == 1
    world.change(grant_reminder, told_at=now_ms() - 38 * DAY)
    with world.installation.database.write() as tx:
        forget_old(tx)
        assert tx.execute(select(grant_reminder)).first() is None


def test_an_administrator_gets_one_list_a_week_of_what_is_theirs(world: World) -> None:
    for days in range(25):
        given = world.give("an", "doc", days)
        with world.installation.database.write() as tx:  # beside the others
            here = update(role_grant).where(role_grant.c.id == given)
            tx.execute(here.values(procedure=str(days)))
    for _ in range(2):
        remind_givers(world.installation)
    ((kind, who, content),) = world.told()
    assert (kind, who, content.values["count"]) == ("roles_to_renew", "quan_a", "25")
    assert "và 5 vai trò khác" in pair(content, "roles")[0]
    assert "and 5 more" in pair(content, "roles")[1]
    world.change(digest, looked_at=now_ms() + 9 * DAY)  # a clock that was wrong
    remind_givers(world.installation)
    assert [each[:2] for each in world.told()] == [("roles_to_renew", "quan_a")]


def _ask(world: World, name: str = "an", role: str = "duyet") -> str:
    actor = Actor("person", world.people[name])
    with world.installation.database.write() as tx:
        place = world.places["A"]
        grant = Grant(APP, role, "person", actor.id, place, "cần cho việc", end="2099-12-31")
        return ask_for_grant(tx, actor, grant).id


def test_whoever_decides_hears_once_a_day_and_of_the_same_once_a_week(world: World) -> None:
    _ask(world)

    def tell() -> list[tuple[str, str, Content]]:
        tell_waiting(world.installation, KINDS, VOCABULARY)
        return world.told()

    ((kind, who, content),) = tell()
    assert (kind, who, content.values["count"]) == ("requests_waiting", "quan_a", "1")
    assert "Vai trò duyet" in pair(content, "requests")[0]
    assert tell() == []
    yesterday = digests.day_began() - 1
    world.change(digest, looked_at=yesterday)
    assert tell() == []  # what they know
    world.change(digest, looked_at=yesterday, sent_at=now_ms() - 8 * DAY)
    assert len(tell()) == 1
    _ask(world, "john")
    world.change(digest, looked_at=yesterday, sent_at=now_ms() - 60_000)
    ((_, _, content),) = tell()
    assert content.values["count"] == "2"


def test_whoever_asked_hears_what_became_of_it_once(world: World) -> None:
    first, second, third = _ask(world), _ask(world, role="soan"), _ask(world, "john")
    admin = Actor("person", world.people["quan_a"])
    with world.installation.database.write() as tx:
        requests.approve(tx, admin, KINDS, first)
        requests.refuse(tx, admin, KINDS, second, "đã có\r\nngười khác")
        requests.withdraw(tx, Actor("person", world.people["john"]), third)
    for _ in range(2):
        tell_decided(world.installation, KINDS, VOCABULARY)
    told = world.told()
    assert [each[:2] for each in told] == [("request_decided", "an")] * 2
    decisions = {pair(each[2], "decision")[1]: pair(each[2], "more")[0] for each in told}
    assert decisions.keys() == {"was approved", "was refused"}
    assert "Người quan_a" in decisions["was approved"]
    assert "Lý do: đã có người khác\n" in decisions["was refused"]
    world.change(request, told_at=None, decided_at=now_ms() - 4 * DAY)
    tell_decided(world.installation, KINDS, VOCABULARY)
    assert world.told() == []
