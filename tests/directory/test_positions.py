"""A position is a key, a title is words: for everything that can happen to posts, whoever does it,
roles after ⊆ roles before ∪ roles the actor may give."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from directory import faults
from directory.actor import Actor
from directory.agencies.service import change_agency
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.decisions import may_give
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.positions import (
    add_position,
    close_position,
    list_positions,
    positions_of,
    rename_position,
)
from directory.authz.roles import Role, roles_of
from directory.authz.settling import former_posts
from directory.authz.tables import role_grant, settled_post
from directory.catalogue.person import Person, Post, person_dn
from directory.clock import today
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.intents.recovery import recover_open_intents
from directory.ldap.accounts import ldap_uris
from directory.people import service
from directory.people.service import NewPerson
from sync.feed.polling import poll
from sync.feed.rebuilding import rebuild
from tests.support import province
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
)
from tests.support.province import give, person_of
from tests.sync.outsider import run_ldapmodify

_YESTERDAY = (today() - timedelta(days=1)).isoformat()
_TODAY = today().isoformat()
_PARENTS = {"P": "", "A": "P", "A.u": "A", "B": "P"}
_ROLES = {"app": ("van_thu", "lanh_dao", "cua_tinh"), ADMIN_APPLICATION: tuple(ADMIN_ROLES)}
_ACTORS = {"admin": "agency_admin", "hr": "hr_officer", "province": "province_operator"}


@dataclass
class World(province.World):
    running: RunningInstallation = field(kw_only=True)
    positions: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def person(self, *posts: Post, administrator_of: str = "", **positions: str) -> Person:
        person = person_of(
            f"n{new_id()[:12]}", "Lê Văn An", *posts, administrator_of=administrator_of
        )
        return service.add_record(self.installation, OPERATOR, person, positions=positions)

    def position(self, place: str, *roles: str, scope: str = "") -> str:
        """A new position that brings these roles (``app:van_thu``) in its own agency."""
        agency = place.partition(".")[0]
        unit = self.places[place] if place.endswith(".u") else ""
        with self.installation.database.write() as tx:
            name = f"Vị trí {new_id()[:8]}"
            added = add_position(tx, OPERATOR, self.places[agency], name, unit_id=unit)
            for role in roles:
                application, _, name = role.partition(":")
                given = Grant(
                    application, name, "position", added.id, self.places[scope or agency], "quy chế"
                )
                grants.add_grant(tx, OPERATOR, given)
        return added.id

    def give(self, role: str, kind: str, holder: str, place: str, **more: str) -> str:
        application, _, name = role.partition(":")
        facts = {"application_id": application, "holder_kind": kind} | more
        return give(self.installation, name, holder, self.places[place], **facts)

    def roles(self, person_id: str) -> set[tuple[str, str, str]]:
        """(application, role, place) of everything the person holds today."""
        with self.installation.database.read() as tx:
            return {
                (app, held.role, held.agency_id)
                for app in _ROLES
                for held in roles_of(tx, person_id, app, _TODAY)
            }

    def may_give(self, actor: Actor, role: tuple[str, str, str]) -> bool:
        with self.installation.database.read() as tx:
            return may_give(tx, actor, *role)

    def by_hand(self, person: Person, *posts: Post | str) -> None:
        """Write the posts to LDAP past us."""
        values = [post if isinstance(post, str) else post.to_value() for post in posts]
        lines = "\n".join(f"dmPost:: {base64.b64encode(v.encode()).decode()}" for v in values)
        dn = person_dn(person.id, self.installation.settings.suffix)
        ldif = f"dn: {dn}\nchangetype: modify\nreplace: dmPost\n{lines}\n"
        run_ldapmodify(ldap_uris(self.installation.settings)[0], ldif)

    def held(self, person_id: str) -> Person:
        return service.read_person(self.installation, person_id)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation, running=running)
        world.add_places(_PARENTS)
        with world.installation.database.write() as tx:
            for app, roles in _ROLES.items():
                applications.put(tx, OPERATOR, Application(app, app))
                for role in roles:
                    giver: Any = "province" if role == "cua_tinh" else ""
                    grants.put_role(tx, OPERATOR, Role(app, role, role, role, giver))
        for name, role in _ACTORS.items():
            place = "P" if name == "province" else "A"
            person = world.person(world.post(place))
            if ADMIN_ROLES[role].privileged:
                person = world.person(world.post(place), administrator_of=person.id)
            world.actors[name] = Actor("person", person.id, world.places[place])
            world.give(f"{ADMIN_APPLICATION}:{role}", "person", person.id, place)
        poll(world.installation)
        yield world


# --- One at a time --------------------------------------------------------------------------------


def test_a_title_gives_nothing_however_it_is_spelt(world: World) -> None:
    """Not the name of a position, and not a word that folds to it (Giảm đốc, Giám đốc)."""
    position = world.position("A", "app:lanh_dao")
    with world.installation.database.write() as tx:
        rename_position(tx, OPERATOR, position, "Giám đốc")
    accomplice = world.person(world.post("A"))
    for title in ("Giám đốc", "Giảm đốc", "giam doc", "GIÁM ĐỐC", "Giám  đốc "):
        for actor in (OPERATOR, world.actors["hr"], world.actors["admin"]):
            service.change_person(world.installation, actor, accomplice.id, {"title": title})
            assert world.roles(accomplice.id) == set()
    added = service.add_person(
        world.installation,
        OPERATOR,
        NewPerson(
            username="giam.doc", full_name="Lê An", agency_id=world.places["A"], title="Giám đốc"
        ),
    )
    assert world.roles(added.id) == set()


@pytest.mark.both_engines
def test_who_holds_a_position_holds_its_roles_and_no_longer_than_that(world: World) -> None:
    position = world.position("A.u", "app:van_thu")
    person = service.add_person(
        world.installation,
        world.actors["admin"],
        NewPerson(
            username="van.thu", full_name="Lê An", agency_id=world.places["A"], position_id=position
        ),
    )
    (post,) = person.posts
    assert (post.unit_id, post.title[:6]) == (world.places["A.u"], "Vị trí")
    assert world.roles(person.id) == {("app", "van_thu", world.places["A"])}
    service.move_person(world.installation, OPERATOR, person.id, world.post("B"))
    assert world.roles(person.id) == set()


def test_a_renamed_position_and_an_edited_title_change_nothing(world: World) -> None:
    position = world.position("A", "app:van_thu")
    person = world.person(post := world.post("A"), **{})
    moved = service.move_person(
        world.installation, OPERATOR, person.id, world.post("A"), position_id=position
    )
    before = world.roles(person.id)
    with world.installation.database.write() as tx:
        rename_position(tx, world.actors["hr"], position, "Tên khác hẳn")
    service.change_person(
        world.installation, world.actors["hr"], person.id, {"title": "Chức danh khác"}
    )
    assert world.roles(moved.id) == before != set()
    assert post.id in {each.id for each in world.held(person.id).posts}


WAYS_ONTO_A_POST: dict[str, Callable[[World, Actor, str], Person]] = {
    "add": lambda w, actor, position: service.add_person(
        w.installation,
        actor,
        NewPerson(
            username=f"n{new_id()[:12]}",
            full_name="Lê An",
            agency_id=w.places["A"],
            position_id=position,
        ),
    ),
    "move": lambda w, actor, position: service.move_person(
        w.installation, actor, w.person(w.post("A")).id, w.post("A"), position_id=position
    ),
    "post add": lambda w, actor, position: service.add_post(
        w.installation,
        actor,
        w.person(w.post("A")).id,
        w.post("A", kind="concurrent"),
        position_id=position,
    ),
    "record": lambda w, actor, position: service.add_record(
        w.installation,
        actor,
        Person(
            new_id(),
            "",
            "",
            "Lê",
            username=f"n{new_id()[:12]}",
            full_name="Lê",
            posts=(post := w.post("A"),),
        ),
        positions={post.id: position},
    ),
}


@pytest.mark.parametrize("way", WAYS_ONTO_A_POST)
def test_whoever_puts_somebody_on_a_position_may_give_all_it_brings(world: World, way: str) -> None:
    onto = WAYS_ONTO_A_POST[way]
    hr, admin, province = (world.actors[name] for name in ("hr", "admin", "province"))
    assert onto(world, hr, world.position("A"))
    ordinary = world.position("A", "app:van_thu")
    mixed = world.position("A", "app:van_thu", "app:cua_tinh")
    elsewhere = world.position("A", "app:van_thu", scope="P")
    ruling = world.position("A", f"{ADMIN_APPLICATION}:agency_admin")
    for actor, position in (
        (hr, ordinary),
        (hr, ruling),
        (admin, mixed),
        (admin, elsewhere),
        (admin, ruling),
    ):
        with pytest.raises(Forbidden) as refused:
            onto(world, actor, position)
        assert refused.value.code == "position.brings_roles"
    for actor, position in ((admin, ordinary), (province, mixed), (province, ruling)):
        assert onto(world, actor, position)


@pytest.mark.parametrize("way", WAYS_ONTO_A_POST)
def test_a_position_of_another_place_or_a_closed_or_unknown_one_is_refused(
    world: World, way: str
) -> None:
    with pytest.raises(Invalid if way != "record" else AppError):
        WAYS_ONTO_A_POST[way](world, OPERATOR, world.position("B"))
    closed = world.position("A")
    with world.installation.database.write() as tx:
        close_position(tx, OPERATOR, closed, "không còn")
    with pytest.raises(Conflict):
        WAYS_ONTO_A_POST[way](world, OPERATOR, closed)
    with pytest.raises(NotFound):
        WAYS_ONTO_A_POST[way](world, OPERATOR, new_id())


def test_a_post_goes_on_for_longer_only_by_who_may_give_its_roles(world: World) -> None:
    position = world.position("A", "app:cua_tinh")
    post = world.post("A", start="2020-01-01", end=_YESTERDAY)
    person = world.person(world.post("A"), post, **{post.id: position})
    assert world.roles(person.id) == set()
    for name in ("hr", "admin"):
        with pytest.raises(Forbidden):
            service.end_posts(
                world.installation, world.actors[name], person.id, {post.id: "2099-12-31"}
            )
    service.end_posts(
        world.installation, world.actors["province"], person.id, {post.id: "2099-12-31"}
    )
    assert world.roles(person.id) != set()
    service.end_posts(world.installation, world.actors["hr"], person.id, {post.id: _YESTERDAY})
    assert world.roles(person.id) == set()


# --- Written past us ------------------------------------------------------------------------------

_SEEN_BY: dict[str, Callable[[World], object]] = {
    "the feed": lambda w: poll(w.installation),
    "a rebuild": lambda w: rebuild(w.installation, OPERATOR),
}


@pytest.mark.parametrize("way", _SEEN_BY)
def test_nothing_written_past_us_gives_a_right(world: World, way: str) -> None:
    position = world.position("A", "app:van_thu")
    post = world.post("A")
    holder = world.person(post, **{post.id: position})
    by_post = world.give("app:lanh_dao", "post", post.id, "A")
    ended = world.post("A", kind="concurrent", start="2020-01-01", end=_YESTERDAY)
    former = world.person(world.post("A"), ended, **{ended.id: position})
    thief = world.person(world.post("A"))
    poll(world.installation)
    assert len(world.roles(holder.id)) == 2
    name = next(p.name for p in _positions(world) if p.id == position)
    forged = (
        replace(world.post("A"), title=name),
        post,  # the very post of somebody else
        replace(post, id=position),
        replace(post, id=by_post),
    )
    for each in forged:
        world.by_hand(thief, thief.posts[0], each)
        _SEEN_BY[way](world)
        assert world.roles(thief.id) == set()
    # What is over does not come alive by another day in LDAP.
    for day in ("", "2099-12-31", _TODAY):
        world.by_hand(former, former.posts[0], replace(ended, end=day, start=""))
        _SEEN_BY[way](world)
        assert world.roles(former.id) == set()
    # And a change of ours that has nothing to do with it makes nothing of it either.
    service.change_person(world.installation, OPERATOR, former.id, {"title": "Chuyên viên chính"})
    service.end_posts(world.installation, OPERATOR, former.id, {former.posts[0].id: _YESTERDAY})
    assert world.roles(former.id) == set()


def _positions(world: World) -> Any:
    with world.installation.database.read() as tx:
        return list_positions(tx)


def test_what_is_taken_away_past_us_is_away(world: World) -> None:
    position = world.position("A", "app:van_thu")
    post = world.post("A")
    holder = world.person(post, **{post.id: position})
    world.by_hand(holder, replace(post, end=_YESTERDAY))
    poll(world.installation)
    assert world.roles(holder.id) == set()


# --- Any sequence ---------------------------------------------------------------------------------


def _operations(
    world: World, person: Person, positions: list[tuple[str, str]], rng: random.Random
) -> list[Any]:
    """What anybody may try, with random posts and positions."""
    place, position = rng.choice(positions)
    held = world.held(person.id).posts
    any_post = rng.choice(held).id if held else new_id()
    day = rng.choice((_YESTERDAY, _TODAY, "2099-12-31"))
    installation, by_id = world.installation, person.id
    return [
        lambda a: service.move_person(
            installation, a, by_id, world.post(place), position_id=position
        ),
        lambda a: service.move_person(installation, a, by_id, world.post(place, basis="QĐ 1")),
        lambda a: service.move_person(installation, a, by_id, world.post(place), keep_grants=True),
        lambda a: service.add_post(
            installation, a, by_id, world.post(place, kind="concurrent"), position_id=position
        ),
        lambda a: service.add_post(installation, a, by_id, world.post(place, kind="seconded")),
        lambda a: service.end_posts(installation, a, by_id, {any_post: day}),
        lambda a: service.change_person(
            installation, a, by_id, {"title": f"Giám đốc {rng.random()}"}
        ),
        lambda a: service.suspend(installation, a, by_id, "x"),
        lambda a: service.resume(installation, a, by_id, "x"),
    ]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.deep)])
def test_after_any_operation_roles_are_those_before_or_the_actors_to_give(
    world: World, seed: int
) -> None:
    rng = random.Random(seed)
    positions = []
    for roles in (
        (),
        ("app:van_thu",),
        ("app:cua_tinh",),
        (f"{ADMIN_APPLICATION}:hr_officer",),
        (f"{ADMIN_APPLICATION}:agency_admin",),
    ):
        for place in ("A", "A.u"):
            positions.append((place, world.position(place, *roles)))
    positions.append(("B", world.position("B", "app:van_thu")))
    first = world.post("A")
    person = world.person(first, **{first.id: world.position("A", "app:van_thu")})
    world.give("app:lanh_dao", "person", person.id, "A")
    gained = done = 0
    for _ in range(80):
        actor = world.actors[rng.choice(("hr", "admin", "province"))]
        before = world.roles(person.id)
        try:
            rng.choice(_operations(world, person, positions, rng))(actor)
            done += 1
        except AppError:
            assert world.roles(person.id) == before
            continue
        fresh = world.roles(person.id) - before
        gained += bool(fresh)
        assert all(world.may_give(actor, role) for role in fresh), (actor, fresh)
    assert done > 5
    assert gained


# --- History --------------------------------------------------------------------------------------


def test_a_move_ends_the_post_and_keeps_it(world: World) -> None:
    long_ago = (today() - timedelta(days=400)).isoformat()
    position = world.position("A", "app:van_thu")
    old = world.post("A", "Trưởng phòng", start=long_ago, basis="QĐ 12/2025")
    person = world.person(old, **{old.id: position})
    moved = service.move_person(
        world.installation, OPERATOR, person.id, world.post("B", "Phó Giám đốc", basis="QĐ 77/2026")
    )
    kept = {post.id: post for post in moved.posts}[old.id]
    assert kept == replace(old, end=_YESTERDAY)
    with world.installation.database.read() as tx:
        assert positions_of(tx, person.id)[old.id].id == position


def test_catalogue_and_history_together_tell_who_held_what_when_and_on_which_basis(
    world: World,
) -> None:
    person = world.person(world.post("A", "Việc 0", start="2001-01-01", basis="QĐ 0"))
    told = {person.posts[0].id: ("Việc 0", "2001-01-01", "QĐ 0")}
    for number in range(1, 14):
        post = world.post("AB"[number % 2], f"Việc {number}", basis=f"QĐ {number}")
        service.move_person(world.installation, OPERATOR, person.id, post)
        told[post.id] = (f"Việc {number}", _TODAY, f"QĐ {number}")
    now = world.held(person.id).posts
    with world.installation.database.read() as tx:
        former = former_posts(tx, person.id)
    assert {p.id: (p.title, p.start, p.basis) for p in (*now, *former)} == told
    assert len(now) + len(former) == len(told)
    assert len(now) < 10 < len(told)
    (held,) = [post for post in now if post.is_current(_TODAY)]
    assert held.title == "Việc 13"
    assert {post.end for post in (*now, *former) if post != held} == {_YESTERDAY}


def _events(world: World, kind: str, person_id: str) -> Any:
    from directory.audit.reading import list_events

    with world.installation.database.read() as tx:
        return list_events(tx, kind=kind, subject=f"person:{person_id}", limit=100)


def test_the_event_of_a_move_tells_old_and_new_to_both_agencies(world: World) -> None:
    person = world.person(world.post("A", "Văn thư"))
    service.move_person(
        world.installation, OPERATOR, person.id, world.post("B", "Kế toán", basis="QĐ 1")
    )
    (event,) = _events(world, "person.moved", person.id)
    assert event.fields == {
        "title_before": "Văn thư",
        "place_before": world.places["A"],
        "title": "Kế toán",
        "place": world.places["B"],
        "basis": "QĐ 1",
    }
    (asked,) = _events(world, "person.change.requested", person.id)
    assert (event.agency, asked.agency) == (world.places["A"], world.places["A"])
    (arrived,) = _events(world, "person.arrived", person.id)
    assert (arrived.agency, arrived.fields) == (world.places["B"], event.fields)


# --- Grants and moves -----------------------------------------------------------------------------


def test_a_grant_ends_when_its_holder_leaves_the_branch(world: World) -> None:
    person = world.person(world.post("A.u"))
    inside = world.give("app:van_thu", "person", person.id, "A")
    around = world.give("app:lanh_dao", "person", person.id, "P")
    elsewhere = world.give("app:van_thu", "person", person.id, "B")
    admin = world.give(f"{ADMIN_APPLICATION}:inspector", "person", person.id, "A.u")
    service.move_person(world.installation, OPERATOR, person.id, world.post("A"))
    assert _standing(world, person.id) == {inside, around, elsewhere}  # out of A.u, still in A
    assert _events(world, "grant.revoked", person.id)[0].fields["grant"] == admin
    service.move_person(world.installation, OPERATOR, person.id, world.post("B"))
    assert _standing(world, person.id) == {around, elsewhere}


def _standing(world: World, person_id: str) -> set[str]:
    with world.installation.database.read() as tx:
        return {grant.id for grant in grants.list_standing(tx, "person", person_id)}


def test_grants_are_kept_by_who_may_give_them_and_by_nobody_else(world: World) -> None:
    person = world.person(world.post("A.u"))
    old = world.give("app:cua_tinh", "person", person.id, "A.u", end="2099-12-31")
    move = (world.installation, world.actors["admin"], person.id)
    with pytest.raises(Forbidden) as refused:
        service.move_person(*move, world.post("A"), keep_grants=True)
    assert refused.value.code == "grant.not_yours_to_renew"
    assert _standing(world, person.id) == {old}
    province = world.actors["province"]
    service.move_person(world.installation, province, person.id, world.post("A"), keep_grants=True)
    (new,) = _standing(world, person.id)
    assert new != old
    with world.installation.database.read() as tx:
        row = tx.execute(select(role_grant).where(role_grant.c.id == new)).one()
    assert (row.granted_by, row.end_on) == (province.tag, "2099-12-31")


def test_a_second_post_that_ends_takes_the_grants_of_its_place_with_it(world: World) -> None:
    second = world.post("B", kind="seconded")
    person = world.person(world.post("A"), second)
    there = world.give("app:van_thu", "person", person.id, "B")
    service.end_posts(world.installation, OPERATOR, person.id, {second.id: _TODAY})
    assert _standing(world, person.id) == {there}  # today it holds still
    with world.installation.database.read() as tx:
        (grant,) = grants.list_standing(tx, "person", person.id)
    assert grant.end == _TODAY
    assert _events(world, "grant.ends", person.id)


def test_who_waits_for_a_post_keeps_the_account_and_no_role_of_a_post(world: World) -> None:
    post = world.post("A")
    person = world.person(post, **{post.id: world.position("A", "app:van_thu")})
    by_name = world.give("app:lanh_dao", "person", person.id, "A")
    done = service.end_posts(world.installation, OPERATOR, person.id, {post.id: _YESTERDAY})
    assert done.status == "active"
    assert {role for _, role, _ in world.roles(person.id)} == {"lanh_dao"}
    assert _standing(world, person.id) == {by_name}


def test_who_leaves_for_good_leaves_every_role_behind(world: World) -> None:
    post = world.post("A")
    person = world.person(post, **{post.id: world.position("A", "app:van_thu")})
    for place in ("A", "B", "P"):
        world.give("app:lanh_dao", "person", person.id, place)
    service.retire(world.installation, OPERATOR, person.id, "nghỉ hưu")
    assert _standing(world, person.id) == set()


# --- Crashes and races ----------------------------------------------------------------------------


class _Killed(BaseException):
    """Nothing of ours catches it, as nothing runs after kill -9."""


@pytest.mark.both_engines
@pytest.mark.parametrize("point", ["intent.meant", "intent.applied", "intent.before_settled"])
def test_a_kill_in_between_leaves_posts_and_rights_together(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    position = world.position("A", "app:van_thu")
    person = world.person(world.post("B"))
    grant = world.give("app:lanh_dao", "person", person.id, "B")

    def die(reached: str) -> None:
        if reached == point:
            raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(faults, "reach", die)
        with pytest.raises(_Killed):
            service.move_person(
                world.installation, OPERATOR, person.id, world.post("A"), position_id=position
            )
    rebuild(world.installation, OPERATOR)  # which sees the post before the change is settled
    assert "van_thu" not in {role for _, role, _ in world.roles(person.id)}
    recover_open_intents(world.installation, leave_alone_ms=0)
    assert {role for _, role, _ in world.roles(person.id)} == {"van_thu"}
    assert grant not in _standing(world, person.id)
    assert [p.agency_id for p in world.held(person.id).posts if p.is_current(_TODAY)] == [
        world.places["A"]
    ]


def test_a_change_that_is_refused_leaves_nothing_bound(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = world.position("A", "app:van_thu")
    person = world.person(world.post("A"))
    changed: list[bool] = []

    def meanwhile(reached: str) -> None:
        if reached == "intent.meant" and not changed:
            changed.append(True)
            world.by_hand(person, replace(person.posts[0], title="Đã bị sửa"))

    monkeypatch.setattr(faults, "reach", meanwhile)
    with pytest.raises(Conflict):
        service.move_person(
            world.installation, OPERATOR, person.id, world.post("A"), position_id=position
        )
    with world.installation.database.read() as tx:
        mine = settled_post.c.person_id == person.id
        assert tx.execute(select(settled_post).where(mine)).all() == []


def _at_once(*works: Callable[[], object]) -> list[AppError | None]:
    """How each of the works ended that began together; what is no AppError is raised here."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> AppError | None:
        barrier.wait()
        try:
            work()
        except AppError as error:
            return error
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.both_engines
def test_of_two_moves_at_once_one_is_made_whole(world: World) -> None:
    for _ in range(5):
        one, other = world.position("A", "app:van_thu"), world.position("B", "app:lanh_dao")
        person = world.person(world.post("A"))
        move = partial(service.move_person, world.installation, OPERATOR, person.id)
        outcomes = _at_once(
            partial(move, world.post("A"), position_id=one),
            partial(move, world.post("B"), position_id=other),
        )
        held = [p for p in world.held(person.id).posts if p.is_current(_TODAY)]
        roles = {role for _, role, _ in world.roles(person.id)}
        assert len(held) == 1
        assert roles == ({"van_thu"} if held[0].agency_id == world.places["A"] else {"lanh_dao"})
        assert all(o is None or o.code.startswith(("catalogue", "change")) for o in outcomes)


@pytest.mark.both_engines
def test_a_position_is_closed_or_given_a_role_or_a_holder_and_never_both(world: World) -> None:
    for _ in range(6):
        position, person = world.position("A"), world.person(world.post("A"))

        def close(at: str = position) -> None:
            with world.installation.database.write() as tx:
                close_position(tx, OPERATOR, at, "không còn")

        outcomes = _at_once(
            close,
            partial(world.give, "app:van_thu", "position", position, "A"),
            partial(
                service.move_person,
                *(world.installation, OPERATOR, person.id, world.post("A")),
                position_id=position,
            ),
        )
        with world.installation.database.read() as tx:
            standing = grants.list_standing(tx, "position", position)
            is_held = positions_of(tx, person.id) != {}
        if outcomes[0] is None:
            assert (list(standing), is_held) == ([], False)
        else:
            assert is_held


def test_nobody_gives_a_role_to_the_position_they_are_just_being_put_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = world.actors["admin"]
    position, refused = world.position("A"), []

    def meanwhile(reached: str) -> None:
        if reached == "intent.meant":
            given = Grant("app", "van_thu", "position", position, world.places["A"], "tự cấp")
            with world.installation.database.write() as tx:
                try:
                    grants.add_grant(tx, admin, given)
                except Forbidden as error:
                    refused.append(error.params["reason"])

    monkeypatch.setattr(faults, "reach", meanwhile)
    post = world.post("A", kind="concurrent")
    service.add_post(world.installation, OPERATOR, admin.id, post, position_id=position)
    assert refused == ["own_grant"]


# --- The list itself ------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_name_is_unique_in_its_place_among_the_open_ones(world: World) -> None:
    agency = world.places["A"]
    with world.installation.database.write() as tx:
        first = add_position(tx, OPERATOR, agency, "  Kế toán  ")
        assert first.name == "Kế toán"
        add_position(tx, OPERATOR, agency, "Kế toán", unit_id=world.places["A.u"])
        add_position(tx, OPERATOR, world.places["B"], "Kế toán")
    with world.installation.database.write() as tx, pytest.raises(Conflict):
        add_position(tx, OPERATOR, agency, "Kế toán")
    with world.installation.database.write() as tx:
        close_position(tx, OPERATOR, first.id, "gộp")
        assert add_position(tx, OPERATOR, agency, "Kế toán").id != first.id


def test_a_held_position_is_not_closed_and_one_that_nobody_holds_takes_its_grants_along(
    world: World,
) -> None:
    position = world.position("A", "app:van_thu")
    post = world.post("A")
    person = world.person(post, **{post.id: position})
    with world.installation.database.write() as tx, pytest.raises(Conflict) as held:
        close_position(tx, OPERATOR, position, "gộp")
    assert held.value.params["holders"] == 1
    service.end_posts(world.installation, OPERATOR, person.id, {post.id: _YESTERDAY})
    with world.installation.database.write() as tx:
        assert len(close_position(tx, OPERATOR, position, "gộp")) == 1
    with world.installation.database.write() as tx, pytest.raises(Conflict):
        grants.add_grant(
            tx, OPERATOR, Grant("app", "van_thu", "position", position, world.places["A"], "x")
        )


def test_the_list_of_an_agency_is_its_own_officers_work(world: World) -> None:
    with world.installation.database.write() as tx:
        assert add_position(tx, world.actors["hr"], world.places["A"], "Thủ quỹ")
    for name in ("hr", "admin"):
        with world.installation.database.write() as tx, pytest.raises(Forbidden):
            add_position(tx, world.actors[name], world.places["B"], "Thủ quỹ")


@pytest.mark.both_engines
def test_the_same_role_is_not_given_twice_and_never_for_a_day_that_is_over(world: World) -> None:
    person = world.person(world.post("A"))
    given = world.give("app:van_thu", "person", person.id, "A")
    with pytest.raises(Conflict) as twice:
        world.give("app:van_thu", "person", person.id, "A")
    assert twice.value.params["grant"] == given
    with pytest.raises(Invalid):
        world.give("app:lanh_dao", "person", person.id, "A", end=_YESTERDAY)
    with world.installation.database.write() as tx:
        renewed = grants.renew_grant(tx, OPERATOR, given, "2099-12-31", "gia hạn")
    assert _standing(world, person.id) == {renewed}


def test_an_agency_goes_under_another_only_by_who_looks_after_both(world: World) -> None:
    owner = world.person(world.post("A"))
    operator = world.person(world.post("A"), administrator_of=owner.id)
    world.give(f"{ADMIN_APPLICATION}:province_operator", "person", operator.id, "A")
    actor = Actor("person", operator.id)
    with pytest.raises(Forbidden):
        change_agency(
            world.installation, actor, world.places["A.u"], {"parent_id": world.places["B"]}
        )
    with world.installation.database.write() as tx:
        tx.execute(
            update(role_grant).where(role_grant.c.holder_id == operator.id).values(revoked_at=1)
        )
