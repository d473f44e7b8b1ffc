"""`decide()` against the hand-written table, and the table against mutations of `decide()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Connection

from admin_ui.components import COMPONENTS
from directory.actor import Actor, system
from directory.authz import applications, decisions, grants, scopes
from directory.authz.applications import Access, Application, Sharing
from directory.authz.decisions import decide, decide_entries
from directory.authz.objects import InPlace, Object, OfApplication, OfGrant, OfPerson
from directory.authz.permissions import (
    ADMIN_APPLICATION,
    ADMIN_ROLES,
    ApplicationPermission,
    GivenBy,
    GrantPermission,
    Permission,
)
from directory.authz.positions import add_position
from directory.authz.roles import Role, RoleHeld, reach, read_reach, roles_of, roles_of_each
from directory.catalogue.person import Person, Post
from directory.clock import today
from directory.component import permissions_of
from directory.errors import Forbidden
from directory.ids import new_id
from directory.people import service
from directory.people.permissions import PeoplePermission
from directory.projection.queries import placed_person, read_placed_people
from tests.directory import decision_table as table
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

_PARENTS = {"P": "", "A": "P", "A.u": "A", "A1": "A", "A1.u": "A1", "B": "P", "B.u": "B"}
_YESTERDAY = (today() - timedelta(days=1)).isoformat()
_TOMORROW = (today() + timedelta(days=1)).isoformat()


_PERMISSIONS = {str(one): one for one in permissions_of(COMPONENTS)}


class World(province.World):
    """The people and places of the table, in a real installation."""

    def add(self, name: str, *posts: Post, role: str = "") -> Person:
        """`role`: what they are to hold; for some of ours it must be an account of their own."""
        of = ""
        if role in ADMIN_ROLES and ADMIN_ROLES[role].privileged:
            of = self.add(f"owner_of_{name}", *posts).id
        username = f"p{len(self.people):03}"
        return self.add_person(name, name, *posts, username=username, administrator_of=of)

    def actor(self, name: str) -> Actor:
        if name == "nobody":
            return Actor("anonymous")
        return Actor("person", self.people[name])

    def answer(self, name: str, action: Permission, about: Object) -> bool:
        with self.installation.database.read() as tx:
            return decide(tx, self.actor(name), action, about).allowed


def _agency_of(world: World, place: str) -> str:
    return world.places[place.split(".")[0]]


def _build_people(world: World) -> None:
    for place in table.PLACES:
        world.add(f"in_{place}", world.post(place))
    world.add("both", world.post("B"), world.post("A", kind="concurrent"))
    ended = world.post("B", kind="concurrent", start="2020-01-01", end=_YESTERDAY)
    world.add("was", world.post("A"), ended)
    left = world.add("left", world.post("A"))
    service.retire(world.installation, OPERATOR, left.id, "nghỉ hưu")
    earlier = world.post("A", start="2020-01-01", end=_YESTERDAY)
    world.add("moved", earlier, world.post("B", start=today().isoformat()))
    world.add(
        "coming",
        world.post("B", end=today().isoformat()),
        world.post("A", start=_TOMORROW),
    )
    world.people["missing"] = new_id()


def _build_applications(world: World, tx: Connection) -> None:
    """Of the table; `off` and `given_away` were of A."""

    def put(name: str, owner: str, *opened: str, sharing: Sharing = "internal") -> None:
        owner_id = world.places[owner] if owner else ""
        to = tuple(world.places[place] for place in opened)
        app = Application(name, name, "", "agencies" if to else "everyone", owner_id, to)
        applications.put(tx, OPERATOR, replace(app, sharing=sharing))

    put("shared", "A", sharing="shared")
    put("everyones", "", sharing="shared")
    for place in ("P", "A", "A.u", "A1", "B"):
        put(f"of_{place}", place, place)
    put("given_away", "A", "A")
    put("given_away", "B", "B")
    put("to_others", "A", "A", "B")
    put("off", "A", "A")
    applications.disable(tx, OPERATOR, "off")


def _build_powers(world: World) -> None:
    for name in table.POWERS:
        role, _, place = name.removeprefix("with_").partition("@")
        if name in world.people:
            continue  # the owner of an account
        world.add(name, world.post("A"), role=role)
        if role in ADMIN_ROLES:
            world.grant(name, role, place or "A")
    world.grant("soon", "agency_admin", "A", start=_TOMORROW)
    world.grant("off", "agency_admin", "A")
    service.suspend(world.installation, OPERATOR, world.people["off"], "đình chỉ")
    world.grant("was_admin", "agency_admin", "A", start="2020-01-01", end=_YESTERDAY)
    with world.installation.database.write() as tx:
        position = add_position(tx, OPERATOR, world.places["A"], "Quản trị hệ thống").id
    held = world.post("A", kind="concurrent")
    service.add_post(
        world.installation, OPERATOR, world.people["by_position"], held, position_id=position
    )
    world.grant("by_position", "agency_admin", "A", holder_kind="position", holder_id=position)


def _build_actors(world: World) -> None:
    named = {
        line.split()[0]
        for text in (
            table.PLACE_TABLE,
            table.PERSON_TABLE,
            table.POWER_TABLE,
            table.GRANT_TABLE,
            table.ASK_TABLE,
            table.APPLICATION_TABLE,
            table.REGISTER_TABLE,
        )
        for line in text.strip().splitlines()
        if line
    }
    for name in sorted(named - {"nobody"}):
        role, _, place = name.partition("@")
        posts: tuple[Post, ...] = (world.post(place),)
        if role == "by_ended_post":
            second = world.post(place, kind="concurrent", start="2020-01-01", end=_YESTERDAY)
            posts = (*posts, second)
        world.add(name, *posts, role=role)
        if role in ADMIN_ROLES:
            world.grant(name, role, place)
    world.grant("expired@A", "agency_admin", "A", start="2020-01-01", end=_YESTERDAY)
    world.grant("future@A", "agency_admin", "A", start=_TOMORROW)
    world.grant("last_day@A", "agency_admin", "A", end=today().isoformat())
    revoked = world.grant("revoked@A", "agency_admin", "A")
    with world.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, revoked, "thôi nhiệm vụ")
    world.grant("suspended@A", "agency_admin", "A")
    service.suspend(world.installation, OPERATOR, world.people["suspended@A"], "đình chỉ")
    world.grant("foreign_role@A", "agency_admin", "A", application_id="app")
    for name in ("by_post@A", "by_ended_post@A"):
        person = service.read_person(world.installation, world.people[name])
        post = next(p for p in person.posts if (p.end != "") == (name == "by_ended_post@A"))
        world.grant(name, "agency_admin", "A", holder_kind="post", holder_id=post.id)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places(_PARENTS)
        with world.installation.database.write() as tx:
            owner = world.places["A"]
            applications.put(tx, OPERATOR, Application("owned", "owned", owner_agency_id=owner))
            givers: tuple[GivenBy, ...] = ("agency", "owner", "province", "operator")
            for giver in givers:
                grants.put_role(tx, OPERATOR, Role("owned", f"by_{giver}", "x", "x", giver))
            for app, roles in ((ADMIN_APPLICATION, ADMIN_ROLES), ("app", ("van_thu",))):
                applications.put(tx, OPERATOR, Application(app, app, access="roles"))
                for role in roles:
                    grants.put_role(tx, OPERATOR, Role(app, role, role, role))
            # A role of another application that happens to bear the name of one of ours.
            grants.put_role(tx, OPERATOR, Role("app", "agency_admin", "x", "x"))
            _build_applications(world, tx)
        _build_people(world)
        _build_powers(world)
        _build_actors(world)
        yield world


Row = tuple[str, Permission, Object, bool]


def _grid(text: str, names: tuple[str, ...], make: Callable[[str], Object]) -> Iterator[Row]:
    for line in filter(None, text.splitlines()):
        actor, action, *marks = line.split()
        assert len(marks) == len(names), line
        for name, mark in zip(names, marks, strict=True):
            yield actor, _PERMISSIONS[action], make(name), mark == "Y"


def _rows(world: World) -> Iterator[Row]:
    places, people = world.places, world.people
    yield from _grid(table.PLACE_TABLE, table.PLACES, lambda name: InPlace(places[name]))
    yield from _grid(table.PERSON_TABLE, table.PEOPLE, lambda name: OfPerson(people[name]))
    yield from _grid(table.POWER_TABLE, table.POWERS, lambda name: OfPerson(people[name]))
    ids = {name: name for name in table.APPLICATIONS} | {"ours": ADMIN_APPLICATION}
    yield from _grid(
        table.APPLICATION_TABLE, table.APPLICATIONS, lambda name: OfApplication(ids[name])
    )
    for action, text in (
        (GrantPermission.WRITE, table.GRANT_TABLE),
        (GrantPermission.ASK, table.ASK_TABLE),
    ):
        for line in filter(None, text.splitlines()):
            actor, role, place, holder, mark = line.split()
            app, _, name = role.partition(":")
            application = ADMIN_APPLICATION if app == "admin" else app
            holder_id = people[actor if holder == "self" else holder]
            about = OfGrant(application, name, places[place], "person", holder_id)
            yield actor, action, about, mark == "Y"


def _wrong(world: World, at_most: int | None = None) -> list[str]:
    with world.installation.database.read() as tx:
        wrong = (
            f"{actor} {action} {about}: expected {'Y' if expected else 'n'}"
            for actor, action, about, expected in _rows(world)
            if decide(tx, world.actor(actor), action, about).allowed != expected
        )
        return list(islice(wrong, at_most))


@pytest.mark.both_engines
def test_every_line_of_the_table_holds(world: World) -> None:
    assert _wrong(world) == []
    assert len(list(_rows(world))) > 400
    # Who enters an application no role of ours says: `test_why.py` has that.
    named = {str(action) for _, action, _, _ in _rows(world)}
    assert named == set(_PERMISSIONS) - {"application:enter"}


@pytest.mark.both_engines
def test_of_many_people_at_once_it_is_decided_as_of_each(world: World) -> None:
    people, now = sorted(world.people.values()), today().isoformat()
    with world.installation.database.read() as tx:
        for app in (*table.APPLICATIONS, ADMIN_APPLICATION, "app", "owned", "unknown"):
            each = {
                person_id: decide(
                    tx, Actor("person", person_id), ApplicationPermission.ENTER, OfApplication(app)
                )
                for person_id in people
            }
            assert decide_entries(tx, people, app) == each, app
            held = {person_id: roles_of(tx, person_id, app, now) for person_id in people}
            held = {person_id: roles for person_id, roles in held.items() if roles}
            assert roles_of_each(tx, people, app, now) == held, app
        assert len(roles_of_each(tx, people, ADMIN_APPLICATION, now)) > 10
        reached = {one: reach(tx, one, ADMIN_APPLICATION, now) for one in people}
        placed = {one: placed_person(tx, one) for one in people}
    with world.installation.database.read() as tx:
        there = {one: each for one, each in placed.items() if each is not None}
        assert read_placed_people(tx, [*people, "nobody"]) == there
        read_reach(tx, people, ADMIN_APPLICATION, now)
        assert {one: reach(tx, one, ADMIN_APPLICATION, now) for one in people} == reached
    assert len([held for held in reached.values() if held]) > 10


@pytest.mark.both_engines
def test_the_operator_of_the_machine_may_and_an_application_may_not(world: World) -> None:
    with world.installation.database.read() as tx:
        assert decide(tx, OPERATOR, PeoplePermission.WRITE, InPlace(world.places["B"])).allowed
        client = Actor("client", "app")
        assert not decide(tx, client, PeoplePermission.READ, InPlace(world.places["A"])).allowed


_OPENED: Mapping[str, Access] = {"*": "everyone", "roles": "roles"}


def _may_register(world: World, actor: str, owner: str, opened: str) -> bool:
    """Whether the service takes it; nothing of it stays."""
    app = Application(
        new_id(),
        "mới",
        access=_OPENED.get(opened, "agencies"),
        owner_agency_id=world.places["A" if owner == "shared" else owner],
        agencies=() if opened in _OPENED else (world.places[opened],),
        sharing="shared" if owner == "shared" else "internal",
    )
    with world.installation.database.write() as tx, tx.begin_nested() as tried:
        try:
            applications.put(tx, world.actor(actor), app)
        except Forbidden:
            return False
        tried.rollback()
    return True


def _wrongly_registered(world: World) -> list[str]:
    lines = [line.split() for line in filter(None, table.REGISTER_TABLE.splitlines())]
    return [
        f"{actor} {owner} opened to {opened}: expected {mark}"
        for actor, owner, opened, mark in lines
        if _may_register(world, actor, owner, opened) != (mark == "Y")
    ]


@pytest.mark.both_engines
def test_who_may_register_an_application_and_open_it(world: World) -> None:
    assert _wrongly_registered(world) == []


@pytest.mark.both_engines
def test_whoever_looks_after_an_application_need_not_have_opened_it(world: World) -> None:
    """What the province opened stays open when its own administrator changes something else."""
    admin = world.actor("agency_admin@A")
    with world.installation.database.write() as tx:
        applications.describe(tx, admin, "to_others", description="Đổi mô tả")
        found = applications.find(tx, "to_others")
        assert found is not None and world.places["B"] in found.agencies
        applications.describe(tx, admin, "to_others", agencies=(world.places["A"],))
        with pytest.raises(Forbidden, match=r"application\.opens_beyond"):
            applications.describe(
                tx, admin, "to_others", agencies=(world.places["A"], world.places["B"])
            )
        for away in ({"owner_agency_id": world.places["B"]}, {"sharing": "shared"}):
            with pytest.raises(Forbidden, match=r"application\.not_yours"):
                applications.describe(tx, admin, "of_A", **away)


def test_a_register_that_opens_to_anybody_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "_require_opened_by", lambda *_: None)
    assert _wrongly_registered(world) != []


def test_a_register_that_asks_nobody_whose_it_becomes_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "_require_theirs", lambda *_: None)
    assert _wrongly_registered(world) != []


@pytest.mark.parametrize("action", table.UNKNOWN_ACTIONS)
def test_what_is_no_permission_cannot_be_asked_for(world: World, action: str) -> None:
    """A word that was misspelt would be allowed to the operator and refused to everybody else."""
    operators = (OPERATOR, system("feed"), world.actor("province_operator@P"))
    with world.installation.database.read() as tx:
        for actor in operators:
            with pytest.raises(TypeError):
                decide(tx, actor, action, InPlace(world.places["A"]))  # type: ignore[arg-type]


@pytest.mark.both_engines
def test_nobody_changes_their_own_record(world: World) -> None:
    for name in ("agency_admin@A", "province_operator@P", "hr_officer@A"):
        assert not world.answer(name, PeoplePermission.WRITE, OfPerson(world.people[name]))
        assert not world.answer(name, PeoplePermission.SET_PASSWORD, OfPerson(world.people[name]))
        assert world.answer(name, PeoplePermission.READ, OfPerson(world.people[name]))


def position_of(world: World, person: Person) -> str:
    """A position that the person holds, beside what they held before."""
    post = person.posts[0]
    with world.installation.database.write() as tx:
        added = add_position(tx, OPERATOR, post.agency_id, f"Vị trí {new_id()}")
    second = replace(post, id=new_id(), unit_id="", kind="concurrent")
    service.add_post(world.installation, OPERATOR, person.id, second, position_id=added.id)
    return added.id


@pytest.mark.both_engines
def test_a_grant_to_ones_own_post_or_position_is_a_grant_to_oneself(world: World) -> None:
    me = service.read_person(world.installation, world.people["agency_admin@A"])
    for kind, holder in (("post", me.posts[0].id), ("position", position_of(world, me))):
        about = OfGrant("app", "van_thu", world.places["A"], kind, holder)
        assert not world.answer("agency_admin@A", GrantPermission.WRITE, about)


@pytest.mark.both_engines
def test_posts_and_positions_of_another_agency_are_out_of_reach(world: World) -> None:
    other = service.read_person(world.installation, world.people["in_B"])
    for kind, holder in (("post", other.posts[0].id), ("position", position_of(world, other))):
        about = OfGrant("app", "van_thu", world.places["A"], kind, holder)
        assert not world.answer("agency_admin@A", GrantPermission.WRITE, about)


# --- Mutations: each is a plausible mistake, and each must turn the table red ---------------------


def _one_level_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scope reaches the parent of the grant's place."""
    real = scopes.holds_place

    def wider(tx: Any, scope: scopes.Scope, place: str) -> bool:
        from sqlalchemy import select

        from directory.projection.tables import catalogue_agency

        if not scope.roots:
            return real(tx, scope, place)
        columns = catalogue_agency.c
        above = tx.execute(select(columns.parent_id).where(columns.id.in_(scope.roots))).scalars()
        return real(tx, replace(scope, roots=scope.roots | frozenset(above.all())), place)

    monkeypatch.setattr(decisions, "holds_place", wider)


def _no_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grants never end."""

    def timeless(tx: Any, person: str, application: str, _on: str) -> list[RoleHeld]:
        ever = ("2020-06-01", today().isoformat(), _TOMORROW)
        return [role for day in ever for role in roles_of(tx, person, application, day)]

    monkeypatch.setattr(scopes, "roles_of", timeless)
    monkeypatch.setattr(
        scopes, "roles_of_active", lambda *asked: [(held, False) for held in timeless(*asked)]
    )


def _ask_for_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds a role may ask for whomever."""

    def may_ask(_tx: Any, _actor: Any, scope: scopes.Scope, _grant: OfGrant) -> Any:
        return decisions.Decision(not scope.is_empty, "")

    monkeypatch.setattr(decisions, "_may_ask", may_ask)


def _upward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may grant may grant anything."""
    monkeypatch.setattr(decisions, "may_give", lambda *_: True)


def _sideways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the holder is in scope."""
    monkeypatch.setattr(decisions, "holds_holder", lambda *_: True)


def _to_oneself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grant to oneself is like any other."""
    monkeypatch.setattr(decisions, "_is_holder", lambda *_: False)


def _second_post_gives_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing asks what reading asks."""
    real = scopes.holds_person
    monkeypatch.setattr(
        decisions, "holds_person", lambda tx, s, p, *, writing: real(tx, s, p, writing=False)
    )


def _former_main_post_gives_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any main post counts, whenever it was or will be."""

    def any_main_post(posts: Sequence[Post], *, writing: bool) -> Sequence[Post]:
        return [post for post in posts if post.kind == "main"]

    monkeypatch.setattr(scopes, "_posts_that_count", any_main_post)


def _inactive_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suspended administrator keeps their power."""
    monkeypatch.setattr(
        scopes, "roles_of_active", lambda *asked: [(held, False) for held in roles_of(*asked)]
    )


def _any_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """A role gives every action in its place."""
    for permission in _PERMISSIONS.values():
        monkeypatch.setattr(permission, "held_by", frozenset(ADMIN_ROLES))


def _province_wide_by_any_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """What concerns the province is allowed by a grant anywhere."""
    for permission in _PERMISSIONS.values():
        if permission.effect == "province":
            monkeypatch.setattr(permission, "effect", "changes")
    monkeypatch.setattr(decisions, "_outcome", lambda _a, _r: decisions.Decision(True, ""))


def _power_of_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever administers the place has power over everybody in it."""
    monkeypatch.setattr(decisions, "_overpowers", lambda *_: True)


def _power_of_today_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody is about to be does not count."""
    monkeypatch.setattr(decisions, "reach", roles_of)


def _owner_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner gives every role of the application."""

    def owns(tx: Any, scope: scopes.Scope, application_id: str, _role: str) -> bool:
        return real(tx, scope, application_id, "by_owner")

    real = decisions._owns
    monkeypatch.setattr(decisions, "_owns", owns)


def _internal_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who sees applications sees the internal ones of others."""
    real = decisions._about_application

    def about(tx: Any, action: Permission, scope: scopes.Scope, app: str) -> decisions.Decision:
        found = real(tx, action, scope, app)
        return decisions.Decision(True, "") if action.effect == "reads" else found

    monkeypatch.setattr(decisions, "_about_application", about)


def _shared_is_its_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of a shared application changes it."""
    real = decisions._about_application

    def about(tx: Any, action: Permission, scope: scopes.Scope, app: str) -> decisions.Decision:
        found = applications.find(tx, app)
        if found and found.owner_agency_id and not scope.everywhere:
            held = scopes.holds_place(tx, scope, found.owner_agency_id)
            return decisions.Decision(held, "")
        return real(tx, action, scope, app)

    monkeypatch.setattr(decisions, "_about_application", about)


MUTATIONS = (
    _internal_is_shared,
    _shared_is_its_owners,
    _power_of_the_target,
    _power_of_today_only,
    _owner_of_nothing,
    _one_level_off,
    _no_expiry,
    _ask_for_anybody,
    _upward,
    _sideways,
    _to_oneself,
    _second_post_gives_power,
    _former_main_post_gives_power,
    _inactive_administrators,
    _any_permission,
    _province_wide_by_any_grant,
)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__.strip("_"))
def test_the_table_catches_a_mutation(
    world: World, monkeypatch: pytest.MonkeyPatch, mutate: Callable[[pytest.MonkeyPatch], None]
) -> None:
    mutate(monkeypatch)
    assert _wrong(world, at_most=1) != []
