"""What people and administrators are told of certificates that end: once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.clock import DAY, now_ms
from directory.messages.tables import digest, message
from idp.factors.certificate import reminders, store
from idp.factors.certificate.reading import facts_of
from idp.factors.certificate.tables import certificate
from tests.directory.test_reminders import World, pair
from tests.support import province
from tests.support.idp_app import at_time
from tests.support.installation import OPERATOR, running_installation
from tests.support.pki import Authority

pytestmark = pytest.mark.both_engines


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with running_installation(
        DANHMUC_SMTP_URL="smtp://127.0.0.1:9",
        DANHMUC_CERTIFICATE_URL="https://localhost:8443",
        DANHMUC_CERTIFICATE_HEADER="Client-Cert",
        DANHMUC_TRUSTED_PROXIES="127.0.0.1",
    ) as found:
        world = World(found.installation)
        world.add_places({"P": "", "A": "P", "B": "P"})
        for name, place in (("an", "A"), ("john", "B"), ("quan_a", "A"), ("quan_p", "P")):
            mail = f"{name}@binhduong.gov.vn"
            world.add_person(name, f"Người {name}", world.post(place), mail=mail)
        with world.installation.database.write() as tx:
            applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
            grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, "agency_admin", "Quản trị", ""))
        for name in ("quan_a", "quan_p"):  # the second looks after the whole province
            place = world.places[name[-1].upper()]
            province.give(found.installation, "agency_admin", world.people[name], place)
        yield world


@pytest.fixture
def world(running: World) -> World:
    with running.installation.database.write() as tx:
        for table in (message, digest, certificate):
            tx.execute(delete(table))
    return running


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority.root()


def give(world: World, root: Authority, name: str, days: int) -> str:
    """A certificate that is bound to them; past the limit of one person, if need be."""
    made = facts_of(root.issue(f"Người {name}", ends=timedelta(days=days, minutes=1)).made)
    with world.installation.database.write() as tx:
        bound = store.add(tx, world.people[name], made, "x", made_by="")
    assert bound
    return bound.id


def told(world: World) -> list[tuple[str, str]]:
    return [each[:2] for each in world.told()]


def test_its_person_hears_30_and_7_days_before_once_each(
    world: World, root: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(world, root, "an", 29)
    give(world, root, "john", 31)
    for _ in range(2):
        reminders.remind_people(world.installation)
    ((kind, who, content),) = world.told()
    assert (kind, who) == ("certificate_ending", "an")
    assert content.values["name"] == "Người an" and str(content.values["until"]).count("/") == 2
    with at_time(monkeypatch, 23 * DAY):
        for _ in range(2):
            reminders.remind_people(world.installation)
    assert told(world) == [("certificate_ending", "an"), ("certificate_ending", "john")]
    # Both were noted by a clock that stood ahead, as it turns out: that counts for nothing.
    for _ in range(2):
        reminders.remind_people(world.installation)
    assert told(world) == [("certificate_ending", "an")]
    with at_time(monkeypatch, 32 * DAY):  # over: nobody is told that it will end
        reminders.remind_people(world.installation)
    assert told(world) == []


def test_who_has_another_or_left_is_told_nothing(world: World, root: Authority) -> None:
    give(world, root, "an", 20)
    give(world, root, "an", 400)
    gone = give(world, root, "john", 5)
    with world.installation.database.write() as tx:
        here = update(certificate).where(certificate.c.id == gone)
        tx.execute(here.values(ended_at=now_ms()))
    reminders.remind_people(world.installation)
    assert told(world) == []


def test_an_administrator_is_told_of_each_of_theirs_once(world: World, root: Authority) -> None:
    for days in range(5, 27):
        give(world, root, "an", days)
    give(world, root, "john", 20)
    for _ in range(2):
        reminders.remind_administrators(world.installation)
    ((kind, who, content),) = world.told()
    assert (kind, who, content.values["count"]) == ("certificates_ending", "quan_a", "22")
    lines = pair(content, "certificates")[0]
    assert "Người an (Nơi A" in lines and "john" not in lines and "và 2 chứng thư khác" in lines
    # Eight days later: of these, what had longer than 30 days then.
    world.change(certificate, made_at=now_ms() - 90 * DAY)
    world.change(digest, looked_at=now_ms() - 8 * DAY, sent_at=now_ms() - 8 * DAY)
    reminders.remind_administrators(world.installation)
    ((_, who, content),) = world.told()
    assert (who, content.values["count"]) == ("quan_a", "5")
    world.change(digest, looked_at=now_ms() - 8 * DAY)
    reminders.remind_administrators(world.installation)
    assert told(world) == []
