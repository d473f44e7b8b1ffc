"""What applications learn: less counts at once, more only when another approved it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.roles import Role
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.release import service
from directory.release.attributes import ATTRIBUTES
from directory.release.register import Grounds, find_release, list_versions, released
from directory.release.service import Outcome, proposed
from directory.requests import service as requests
from directory.requests.register import find_request
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

MAIL = {"mail": Grounds("gửi giấy mời", "Quyết định số 1")}


class World(province.World):
    """Administrators of A (two), A1 and B, an IT executive of A, two of the province."""

    def actor(self, name: str) -> Actor:
        return Actor("person", self.people[name])

    def application(self, owner: str = "A", sharing: str = "internal") -> Application:
        place = self.places[owner]
        app = Application(
            new_id(),
            "Lịch họp",
            owner_agency_id=place,
            access="agencies",
            agencies=(place,),
            sharing=sharing,  # type: ignore[arg-type]
        )
        with self.installation.database.write() as tx:
            applications.put(tx, OPERATOR, app)
            service.begin(tx, OPERATOR, app, proposed(["full_name", "roles"]))
        return app

    def change(self, who: str, app: Application, wanted: dict[str, Grounds]) -> Outcome:
        with self.installation.database.write() as tx:
            return service.change(tx, self.actor(who), app.id, wanted, "cần gửi thư")

    def more(self, who: str, app: Application) -> str:
        asked = self.change(who, app, dict(proposed(["full_name", "roles"])) | MAIL)
        assert asked.version is None
        return asked.request_id

    def approve(self, who: str, request_id: str) -> None:
        with self.installation.database.write() as tx:
            requests.approve(tx, self.actor(who), REQUEST_KINDS, request_id)

    def learns(self, app: Application, person: str = "clerk") -> set[str]:
        with self.installation.database.read() as tx:
            return set(released(tx, app.id, self.people[person]).attributes)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places({"P": "", "A": "P", "A1": "A", "B": "P"})
        with world.installation.database.write() as tx:
            applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
            for name in ADMIN_ROLES:
                grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, name, name, name))
        world.add_person("clerk", "Lê Văn An", world.post("A"))
        world.add_person("stranger", "Lê Văn Bình", world.post("B"))
        for name, role, place in (
            ("admin", "agency_admin", "A"),
            ("second", "agency_admin", "A"),
            ("below", "agency_admin", "A1"),
            ("beside", "agency_admin", "B"),
            ("executive", "it_executive", "A"),
            ("hr", "hr_officer", "A"),
            ("province", "province_operator", "P"),
            ("vice", "province_operator", "P"),
        ):
            facts: dict[str, str] = {}
            if role == "province_operator":
                own = world.add_person(f"{name}_owner", name.title(), world.post(place))
                facts = {"administrator_of": own.id}
            world.add_person(name, name.title(), world.post(place), **facts)
            world.grant(name, role, place)
        yield world


def test_more_waits_until_another_approves_it(world: World) -> None:
    app = world.application()
    asked = world.more("admin", app)
    assert world.learns(app) == {"full_name", "roles"}
    with pytest.raises(Forbidden, match=r"request\.own"):
        world.approve("admin", asked)
    world.approve("second", asked)
    assert world.learns(app) == {"full_name", "roles", "mail"}
    with world.installation.database.read() as tx:
        now, first = list_versions(tx, app.id)
    assert (first.version, now.version) == (1, 2)
    assert (first.decided_by, first.replaced_at) == (OPERATOR.tag, now.decided_at)
    assert (now.asked_by, now.decided_by, now.replaced_at) == (
        world.actor("admin").tag,
        world.actor("second").tag,
        None,
    )
    assert now.attributes["mail"] == MAIL["mail"]


@pytest.mark.parametrize("who", ["second", "executive", "province"])
def test_whoever_answers_for_the_data_approves_it(world: World, who: str) -> None:
    app = world.application()
    world.approve(who, world.more("admin", app))
    assert "mail" in world.learns(app)


@pytest.mark.parametrize("who", ["below", "beside", "hr", "clerk"])
def test_nobody_else_does(world: World, who: str) -> None:
    app = world.application()
    asked = world.more("admin", app)
    with pytest.raises((Forbidden, NotFound)):
        world.approve(who, asked)
    with pytest.raises(Forbidden):
        world.change(who, app, {})
    assert world.learns(app) == {"full_name", "roles"}


def test_of_a_shared_application_the_province_answers(world: World) -> None:
    app = world.application(sharing="shared")
    with pytest.raises(Forbidden):
        world.more("admin", app)
    asked = world.more("province", app)
    for who in ("admin", "second", "executive"):
        with pytest.raises(Forbidden):
            world.approve(who, asked)
    world.approve("vice", asked)
    assert "mail" in world.learns(app)


def test_less_counts_at_once(world: World) -> None:
    app = world.application()
    only = {"roles": proposed(["roles"])["roles"]}
    assert world.change("admin", app, only) == Outcome(version=2)
    assert world.learns(app) == {"roles"}
    assert world.change("admin", app, {}) == Outcome(version=3)
    assert world.learns(app) == set()
    with pytest.raises(Conflict, match=r"release\.same"):
        world.change("admin", app, {})


def test_another_purpose_is_no_less(world: World) -> None:
    app = world.application()
    wanted = {"roles": Grounds("bán hàng", "không")}
    assert world.change("admin", app, wanted).request_id


def test_nothing_leaves_of_whoever_may_not_enter(world: World) -> None:
    app = world.application()
    assert world.learns(app, "stranger") == set()
    with world.installation.database.read() as tx:
        assert not released(tx, app.id, world.people["stranger"]).decision.allowed
        assert released(tx, "missing", world.people["clerk"]).attributes == frozenset()


def test_nothing_leaves_that_nobody_chose(world: World) -> None:
    app = world.application()
    other = Application(new_id(), "Chưa chọn", owner_agency_id=world.places["A"])
    with world.installation.database.write() as tx:
        applications.put(tx, OPERATOR, other)
        # A second beginning changes nothing.
        service.begin(tx, OPERATOR, app, proposed(ATTRIBUTES))
    assert world.learns(other) == set()
    assert world.learns(app) == {"full_name", "roles"}


def test_a_request_of_before_another_version_is_not_carried_out(world: World) -> None:
    app = world.application()
    asked = world.more("admin", app)
    world.change("second", app, {})
    with pytest.raises(Conflict, match=r"release\.changed_since"):
        world.approve("second", asked)
    assert world.learns(app) == set()
    with world.installation.database.read() as tx:
        found = find_request(tx, asked)
    assert found is not None
    assert found.state == "open"


def test_whoever_asked_must_still_be_able_to(world: World) -> None:
    app = world.application()
    world.add_person("passing", "Trần Thị Qua", world.post("A"))
    grant = world.grant("passing", "agency_admin", "A")
    asked = world.more("passing", app)
    world.revoke(grant)
    with pytest.raises(Conflict, match=r"release\.asker"):
        world.approve("admin", asked)
    assert "mail" not in world.learns(app)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"salary": Grounds("x", "y")}, "release.attribute"),
        ({"mail": Grounds(" ", "Quyết định số 1")}, "release.purpose"),
        ({"mail": Grounds("gửi thư", "")}, "release.purpose"),
        ({"mail": Grounds("x" * 501, "y")}, "release.purpose"),
    ],
)
def test_what_is_wrong_is_refused(world: World, wanted: dict[str, Grounds], code: str) -> None:
    app = world.application()
    with pytest.raises(Invalid) as refused:
        world.change("admin", app, wanted)
    assert refused.value.code == code


def test_it_is_told_in_both_languages(world: World) -> None:
    app = world.application()
    asked = world.more("admin", app)
    with world.installation.database.read() as tx:
        found = find_request(tx, asked)
        assert found is not None
        (told,) = service.describe(tx, [found.payload])
    assert told.vi == "Cho ứng dụng Lịch họp biết thêm: thư công vụ (gửi giấy mời)"
    assert "gửi giấy mời" in told.en
    world.approve("second", asked)
    with world.installation.database.read() as tx:
        (event, *_) = [e for e in list_events(tx) if e.kind == "release.decided"]
    assert "thêm: thư công vụ" in sentence(event, VOCABULARY, {}, "vi")
    assert "added: work e-mail" in sentence(event, VOCABULARY, {}, "en")


def test_two_at_once_make_one_version_after_the_other(world: World) -> None:
    app = world.application()
    first, second = (
        world.more("admin", app),
        world.change("second", app, dict(proposed(["full_name", "roles", "unit"]))).request_id,
    )
    world.approve("province", first)
    with pytest.raises(AppError):
        world.approve("province", second)
    with world.installation.database.read() as tx:
        found = find_release(tx, app.id)
    assert found is not None
    assert found.version == 2
