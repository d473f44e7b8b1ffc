"""Why and why not says what is enforced: a table of what may be the case, looked at both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from directory.access.asking import ask_for_grant
from directory.access.entering import ask_to_enter
from directory.access.explained import Explained, WhyFor
from directory.actor import Actor
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.decisions import decide
from directory.authz.grants import Grant
from directory.authz.objects import OfApplication
from directory.authz.permissions import ADMIN_APPLICATION, ApplicationPermission
from directory.authz.positions import add_position
from directory.authz.retiring import retire_role
from directory.authz.roles import Role, roles_of
from directory.clock import today
from directory.errors import AppError, NotFound
from directory.ids import new_id
from directory.people import service as people
from tests.directory.test_requests import World, build_world
from tests.support import province
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import person_of
from tests.support.undoing import undone

pytestmark = pytest.mark.both_engines

_YESTERDAY, _SOON, _YEAR = ((today() + timedelta(days=days)).isoformat() for days in (-1, 20, 365))
_ACCESS: Mapping[str, tuple[str, ...]] = {"mo": (), "chon": ("B",), "vai": ()}
_ROLES = (
    Role("vai", "xem", "Xem", "View"),
    Role("vai", "duyet", "Duyệt", "Approve"),
    Role("vai", "cu", "Cũ", "Old"),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Applications open to everyone (mo), to B (chon), to holders of roles (vai)."""
    with running_installation() as running:
        world = build_world(running.installation)
        with world.installation.database.write() as tx:
            for name, access in (("mo", "everyone"), ("chon", "agencies"), ("vai", "roles")):
                places = tuple(world.places[place] for place in _ACCESS[name])
                owner = world.places["B"]
                app = Application(name, name.title(), "", access, owner, places)  # type: ignore[arg-type]
                applications.put(tx, OPERATOR, app)
            for role in _ROLES:
                grants.put_role(tx, OPERATOR, role)
            excluding = Role("vai", "khac", "Khác", "Other", excludes=("duyet",))
            grants.put_role(tx, OPERATOR, excluding)
            retire_role(tx, OPERATOR, "vai", "cu", "không dùng nữa")
        yield world


@dataclass(frozen=True)
class Case:
    """Somebody, made by `make`. `enters`: the applications they may enter; `obstacles`: what else
    keeps them out of each; `states`: what is told of the grants of `vai`, in any order."""

    make: Callable[[World], str]
    enters: str = "mo"
    obstacles: Mapping[str, str] = ("chon", "other_agency"), ("vai", "no_role")  # type: ignore[assignment]
    states: str = ""


def _plain(world: World, place: str = "A", **facts: Any) -> str:
    return world.people[world.newcomer(place)] if not facts else _with(world, **facts)


def _with(world: World, *, post: Mapping[str, str] | None = None, **facts: Any) -> str:
    posts = [world.post("A", **(post or {}))]
    person = person_of(f"n{new_id()[:12]}", "Lê Văn An", *posts, **facts)
    people.add_record(world.installation, OPERATOR, person)
    return person.id


def _given(role: str = "xem", **more: Any) -> Callable[[World], str]:
    def make(world: World) -> str:
        person = _plain(world)
        province.give(
            world.installation, role, person, world.places["A"], application_id="vai", **more
        )
        return person

    return make


def _taken_back(world: World) -> str:
    person = _plain(world)
    given = province.give(
        world.installation, "xem", person, world.places["A"], application_id="vai"
    )
    world.revoke(given)
    return person


def _on_post(**post: str) -> Callable[[World], str]:
    def make(world: World) -> str:
        held = world.post("A", **post)
        person = person_of(f"n{new_id()[:12]}", "Lê Văn An", held)
        people.add_record(world.installation, OPERATOR, person)
        province.give(
            world.installation, "xem", held.id, world.places["A"],
            application_id="vai", holder_kind="post",
        )  # fmt: skip
        return person.id

    return make


def _on_position(**post: str) -> Callable[[World], str]:
    def make(world: World) -> str:
        with world.installation.database.write() as tx:
            added = add_position(tx, OPERATOR, world.places["A"], f"Vị trí {new_id()[:12]}")
        province.give(
            world.installation, "xem", added.id, world.places["A"],
            application_id="vai", holder_kind="position",
        )  # fmt: skip
        held = world.post("A", **post)
        person = person_of(f"n{new_id()[:12]}", "Lê Văn An", held)
        people.add_record(world.installation, OPERATOR, person, positions={held.id: added.id})
        return person.id

    return make


def _suspended(world: World) -> str:
    person = _given()(world)
    people.suspend(world.installation, OPERATOR, person, "đình chỉ")
    return person


def _left(world: World) -> str:
    person = _plain(world)
    people.retire(world.installation, OPERATOR, person, "nghỉ hưu")
    return person


def _account(world: World) -> str:
    return _with(world, administrator_of=_plain(world))


_OUT = {"mo": "person_not_active", "chon": "person_not_active other_agency"}
CASES: Mapping[str, Case] = {
    "in no agency that may enter": Case(_plain),
    "of an agency that may": Case(lambda w: _plain(w, "B"), "mo chon"),
    "without a post": Case(lambda w: _with(w, post={"end": _YESTERDAY, "start": "2020-01-01"})),
    "holds a role": Case(_given(), "mo vai", states="holds"),
    "holds it by a post": Case(_on_post(), "mo vai", states="holds"),
    "holds it by a position": Case(_on_position(), "mo vai", states="holds"),
    "by a post that is over": Case(_on_post(start="2020-01-01", end=_YESTERDAY), states="waits"),
    "by a position not begun": Case(_on_position(start=_SOON), states="waits"),
    "from later on": Case(_given(start=_SOON, end=_YEAR), states="begins"),
    "until yesterday": Case(_given(start="2020-01-01", end=_YESTERDAY), states="ended"),
    "taken back": Case(_taken_back, states="withdrawn"),
    "holds what excludes another": Case(_given("khac"), "mo vai", states="holds"),
    "will hold what excludes another": Case(
        _given("khac", start=_SOON, end=_YEAR), states="begins"
    ),
    "suspended": Case(_suspended, "", _OUT | {"vai": "person_not_active"}, states="holds"),
    "has left": Case(_left, "", _OUT | {"vai": "person_not_active no_role"}),
    "an account for administering": Case(_account),
}


def _told(world: World, person_id: str, app: str, who: Actor = OPERATOR) -> Explained:
    return WhyFor(world.installation, who).explain(person_id, app)


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_is_what_is_enforced(world: World, name: str) -> None:
    case = CASES[name]
    person = case.make(world)
    told = {app: _told(world, person, app) for app in (*_ACCESS, ADMIN_APPLICATION)}
    with world.installation.database.read() as tx:
        for app, one in told.items():
            about, actor = OfApplication(app), Actor("person", person)
            decision = decide(tx, actor, ApplicationPermission.ENTER, about)
            assert one.may_enter == decision.allowed, app
            assert one.may_enter == (not one.obstacles) == bool(one.entry), app
            assert one.may_enter or one.obstacles[0].reason == decision.reason, app
            held = {each.role for each in roles_of(tx, person, app, today().isoformat())}
            assert {role.name for role, _ in one.held} == held, app
    obstacles = {app: [each.reason for each in told[app].obstacles] for app in _ACCESS}
    expected = dict(case.obstacles)
    for app in _ACCESS:
        out = [] if app in case.enters.split() else expected.get(app, "").split()
        assert obstacles[app] == out, app
    sources = [*told["vai"].why.roles, *told["vai"].why.others]
    assert [one.state for one in sources] == case.states.split()


@pytest.mark.parametrize("name", CASES)
def test_a_role_that_could_be_given_can_be_given_and_no_other(world: World, name: str) -> None:
    person = CASES[name].make(world)
    for app in ("vai", ADMIN_APPLICATION):
        for each in _told(world, person, app).missing:
            if each.role.needs_approval and each.problem is None:
                continue  # whether there is a second person is no question of theirs
            problem = _what_giving_raises(world, person, each.role)
            found = each.problem.code if each.problem else ""
            assert found == problem, (app, each.role.name)


def _what_giving_raises(world: World, person: str, role: Role) -> str:
    end = (today() + timedelta(days=role.usual_days)).isoformat()
    grant = Grant(
        role.application_id, role.name, "person", person, world.places["A"], "thử", end=end
    )
    with world.installation.database.write() as tx:
        try:
            undone(tx, lambda: grants.add_grant(tx, OPERATOR, grant))
        except AppError as error:
            # The same is asked for once more: what waits, or begins later, stands already.
            return "" if error.code == "grant.exists" else error.code
    return ""


def test_everything_that_is_in_the_way_is_told(world: World) -> None:
    person = _suspended(world)
    with world.installation.database.write() as tx:
        tx.execute(text("UPDATE application SET disabled_at = 1700000000000 WHERE id = 'chon'"))
    try:
        told = _told(world, person, "chon")
    finally:
        with world.installation.database.write() as tx:
            tx.execute(text("UPDATE application SET disabled_at = 0 WHERE id = 'chon'"))
    reasons = [each.reason for each in told.obstacles]
    assert reasons == ["application_disabled", "person_not_active", "other_agency"]
    sentences = " ".join(each.words.vi for each in told.obstacles)
    assert "15/11/2023" in sentences
    assert "Nơi B" in sentences
    assert "Nơi A" in sentences


def test_who_when_on_what_basis_until_when(world: World) -> None:
    person = _given(end=_YEAR, basis="QĐ 5/QĐ-STTTT")(world)
    ((_, (one,)),) = _told(world, person, "vai").held
    day = "/".join(reversed(_YEAR.split("-")))
    assert one.words.vi == (
        f"Tại Nơi A, cấp cho chính người này; đơn vị vận hành cấp ngày {today():%d/%m/%Y}; "
        f"căn cứ QĐ 5/QĐ-STTTT; đến hết ngày {day}."
    )
    assert one.words.en.startswith("In Nơi A, given to the person; given by the operating unit on")


def test_what_waits_to_be_decided_is_told_to_whoever_may_see_it(world: World) -> None:
    name = world.newcomer()
    person = world.people[name]
    with world.installation.database.write() as tx:
        entry = ask_to_enter(tx, world.actor(name), "vai", "cần xem")
        grant = world.grant_of(name, "vai:duyet", "A", end=_YEAR)
        given = ask_for_grant(tx, world.actor("hr"), grant)
        ask_for_grant(tx, world.actor("hr"), world.grant_of(name, "app:ky", "A", end=_YEAR))
    for who in (OPERATOR, world.actor("admin"), world.actor(name)):
        waiting = {each.request.id for each in _told(world, person, "vai", who).waiting}
        assert {entry.id, given.id} >= waiting, who
        assert entry.id in waiting, who
    assert len(_told(world, person, "vai").waiting) == 2
    assert len(_told(world, person, "app").waiting) == 1


def test_grants_of_other_places_are_a_number(world: World) -> None:
    """Whoever looks after the person learns that they hold something, and not from whom or why."""
    person = _plain(world)
    province.give(
        world.installation, "xem", person, world.places["B"], application_id="vai", reason="kín"
    )
    told = _told(world, person, "vai", world.actor("admin"))
    assert told.may_enter
    assert told.elsewhere == 1
    assert not told.held
    assert _told(world, person, "vai", Actor("person", person)).elsewhere == 0
    assert _told(world, person, "vai", world.actor("province")).elsewhere == 0


def test_out_of_scope_is_missing(world: World) -> None:
    person, elsewhere = _plain(world), _plain(world, "B")
    for someone in (elsewhere, new_id()):
        with pytest.raises(NotFound, match=r"person\.unknown"):
            _told(world, someone, "vai", world.actor("admin"))
        with pytest.raises(NotFound, match=r"person\.unknown"):
            WhyFor(world.installation, world.actor("admin")).ask(someone)
    with pytest.raises(NotFound, match=r"application\.unknown"):
        _told(world, person, "khong-co", world.actor("admin"))
    login = people.read_person(world.installation, elsewhere).username
    assert not WhyFor(world.installation, world.actor("admin")).find_person(login)
    assert WhyFor(world.installation, world.actor("other")).find_person(login) == elsewhere
