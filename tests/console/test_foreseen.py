"""What the page of a request says would come of approving it is what comes of it: held against
doing it and undoing it, for every sort of request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import update

from admin_ui.components import REQUEST_KINDS
from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.roles import Role
from directory.people import service as people
from directory.release import service as release
from directory.requests import service
from directory.requests.register import Request, find_request
from idp.factor_policy import service as factor_policy
from sync.engine.tables import connector
from tests.console.asking import ask_each
from tests.console.walk import every_job
from tests.console.world import World
from tests.support.installation import OPERATOR
from tests.support.trying import Told, try_and_undo

pytestmark = pytest.mark.both_engines


@pytest.fixture(scope="module")
def staffed(world: World) -> World:
    """Who asks, and who decides: ``op`` with every job, another administrator of A, and others."""
    every_job(world)
    world.add_person("admin_a2", "Phạm Hai", world.post("A"))
    world.grant("admin_a2", "agency_admin", "A")
    own = world.add_person("officer_own", "Hồ An Toàn", world.post("A"))
    world.add_person("officer", "Hồ An Toàn", world.post("A"), administrator_of=own.id)
    world.grant("officer", "security_officer", "P")
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(world.applications["shared"], "doc", "Đọc", "Read"))
        grants.put_role(tx, OPERATOR, Role(world.applications["of_b"], "xem", "Xem", "Look"))
    return world


def _asked(world: World) -> Mapping[str, Request]:
    ids = ask_each(world)
    with world.installation.database.read() as tx:
        found = {kind: find_request(tx, request_id) for kind, request_id in ids.items()}
    return {kind: each for kind, each in found.items() if each is not None}


def _told(world: World, approver: str, asked: Mapping[str, Request]) -> Mapping[str, Told]:
    """What is foreseen of each, which is what comes of it."""
    database, actor = world.installation.database, Actor("person", world.people[approver])
    told: dict[str, Told] = {}
    for kind, each in asked.items():
        with database.read() as tx:
            foreseen = service.foresee(tx, actor, REQUEST_KINDS, each)
        told[kind] = (foreseen.problem.code if foreseen.problem else None, foreseen.passes_on)
        tried = try_and_undo(database, actor, REQUEST_KINDS, each)
        assert told[kind] == tried, (approver, kind)
    return told


def _other_facts(world: World, asked: Mapping[str, Request]) -> None:
    rule = asked["factor_policy"].payload["change"]["target"]
    with world.installation.database.write() as tx:
        app_id = asked["release"].payload["application_id"]
        release.change(tx, OPERATOR, app_id, {}, "thôi")
        factor_policy.put_rule(tx, OPERATOR, "network", rule, 3)


def _done_already(world: World, asked: Mapping[str, Request]) -> None:
    payload = asked["grant"].payload
    person, shared = payload["holder_id"], world.applications["shared"]
    of_b = world.applications["of_b"]
    with world.installation.database.write() as tx:
        grants.add_grant(
            tx,
            OPERATOR,
            grants.Grant(shared, "doc", "person", person, world.places["A"], reason="x"),
        )
        applications.describe(tx, OPERATOR, of_b, access="everyone")
        tx.execute(update(connector).values(stopped_at=None))


def _person_suspended(world: World, asked: Mapping[str, Request]) -> None:
    person = asked["signin_help"].payload["person_id"]
    people.suspend(world.installation, OPERATOR, person, "x")


def _askers_have_no_job(world: World, _asked: Mapping[str, Request]) -> None:
    with world.installation.database.write() as tx:
        held = [
            each
            for name in ("admin_a", "officer")
            for each in grants.list_standing(tx, "person", world.people[name])
        ]
        for each in held:
            grants.revoke_grant(tx, OPERATOR, each.id, "x")


Happening = Callable[[World, Mapping[str, Request]], None]


def test_every_sort_is_foreseen_as_it_comes_about(staffed: World) -> None:
    asked = _asked(staffed)
    assert {*asked} == {*REQUEST_KINDS}
    assert _told(staffed, "op", asked) == dict.fromkeys(asked, (None, False))
    for approver in ("admin_a2", "admin_b", "officer", "inspector", "plain"):
        _told(staffed, approver, asked)
    assert _told(staffed, "admin_a2", asked)["open_application"] == (
        "application.opens_beyond",
        False,
    )


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (_other_facts, {"release.changed_since", "factor_policy.changed_since"}),
        (_done_already, {"grant.exists", "entry.not_missing", "connector.not_stopped"}),
        (_person_suspended, {"slip.standing"}),
        (_askers_have_no_job, {"release.asker", "factor_policy.asker"}),
    ],
)
def test_what_came_between_is_foreseen_too(
    staffed: World, happens: Happening, expected: set[str]
) -> None:
    asked = _asked(staffed)
    happens(staffed, asked)
    told = {
        code
        for approver in ("op", "admin_a2", "admin_b")
        for code, _ in _told(staffed, approver, asked).values()
    }
    assert expected <= told, told
