"""Who holds two roles that exclude each other is told from what was found before, and it is so now:
nothing that is over, and nothing left out that was brought together since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from directory.authz import conflicts, grants
from directory.authz.conflicts import list_conflicts, look_again
from directory.authz.grants import Grant
from directory.authz.positions import add_position
from directory.authz.roles import Role
from directory.authz.scopes import EVERYWHERE, Scope
from directory.authz.tables import role_conflict, role_exclusion, settled_post
from directory.clock import today
from directory.errors import Conflict
from directory.people import service as people
from tests.directory.test_requests import World, build_world
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

_YEAR = (today() + timedelta(days=365)).isoformat()
_SOON = (today() + timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = build_world(running.installation)
        declare(world, "lap")
        declare(world, "duyet", "lap")
        look_again(world.installation)
        yield world


def declare(world: World, name: str, *excludes: str) -> None:
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role("app", name, f"Vai {name}", name, excludes=excludes))


def add(world: World, grant: Grant) -> str:
    with world.installation.database.write() as tx:
        return grants.add_grant(tx, OPERATOR, grant)


def bring_together(world: World) -> tuple[str, str, str]:
    """Somebody with a role, put on a position that brings the other: (who, grant, post)."""
    holder = world.newcomer()
    given = add(world, world.grant_of(holder, "app:duyet", "A", end=_YEAR))
    position = position_with(world, "lap")
    post = world.post("A", kind="concurrent")
    people.add_post(world.installation, OPERATOR, world.people[holder], post, position_id=position)
    return holder, given, post.id


def position_with(world: World, role: str) -> str:
    with world.installation.database.write() as tx:
        name = f"Vị trí {len(world.people)}"
        made = add_position(tx, OPERATOR, world.places["A"], name).id
        grants.add_grant(tx, OPERATOR, Grant("app", role, "position", made, world.places["A"], "x"))
    return made


def told(world: World, holder: str, scope: Scope = EVERYWHERE) -> list[tuple[str, str]]:
    with world.installation.database.read() as tx:
        found = list_conflicts(tx, scope)
    return [(one.role, one.excluded) for one in found if one.person_id == world.people[holder]]


def kept(world: World, holder: str) -> int:
    columns = role_conflict.c
    query = select(columns.grant_id).where(columns.person_id == world.people[holder])
    with world.installation.database.read() as tx:
        return len(tx.execute(query).all())


def has_looked(world: World) -> bool:
    """Nothing is looked for when it is told."""
    columns = role_exclusion.c
    waits = select(columns.role).where(columns.role < columns.excluded, columns.looked_at.is_(None))
    with world.installation.database.read() as tx:
        return tx.execute(waits).first() is None


def look_as_if_long_after(world: World) -> None:
    with world.installation.database.write() as tx:
        tx.execute(update(role_exclusion).values(looked_at=1))
    look_again(world.installation)


def test_what_a_post_brings_together_is_told_at_once(world: World) -> None:
    holder, _, _ = bring_together(world)
    assert has_looked(world)
    assert told(world, holder) == [("duyet", "lap")]
    assert told(world, holder, Scope(False, frozenset({world.places["A"]})))
    assert not told(world, holder, Scope(False, frozenset({world.places["B"]})))


def test_what_is_over_is_not_told_though_it_is_still_kept(world: World) -> None:
    holder, given, _ = bring_together(world)
    with world.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, given, "thôi")
    other, _, post = bring_together(world)
    yesterday = (today() - timedelta(days=1)).isoformat()
    people.end_posts(world.installation, OPERATOR, world.people[other], {post: yesterday})
    for each in (holder, other):
        assert told(world, each) == []
        assert kept(world, each) == 1
    look_as_if_long_after(world)
    assert [kept(world, each) for each in (holder, other)] == [0, 0]


def test_another_term_of_a_role_leaves_it_told(world: World) -> None:
    holder, given, _ = bring_together(world)
    with world.installation.database.write() as tx:
        grants.renew_grant(tx, OPERATOR, given, _SOON, "bớt")
    assert has_looked(world)
    assert told(world, holder) == [("duyet", "lap")]


def test_what_nobody_noted_is_found_by_the_next_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = world.newcomer()
    add(world, world.grant_of(holder, "app:duyet", "A", end=_YEAR))
    row = {"person_id": world.people[holder], "post_id": "past us", "start_on": "", "end_on": ""}
    row["position_id"] = position_with(world, "lap")
    with world.installation.database.write() as tx:
        tx.execute(insert(settled_post).values(row))
    assert told(world, holder) == []
    monkeypatch.setattr(conflicts, "_AGAIN_MS", -1000)
    look_again(world.installation)
    assert told(world, holder) == [("duyet", "lap")]


def test_an_exclusion_declared_later_is_told_before_anybody_looked(world: World) -> None:
    declare(world, "mot")
    declare(world, "hai")
    holder = world.newcomer()
    for role in ("mot", "hai"):
        add(world, world.grant_of(holder, f"app:{role}", "A", end=_YEAR))
    declare(world, "hai", "mot")
    assert not has_looked(world)
    assert told(world, holder) == [("hai", "mot")]
    assert kept(world, holder) == 0
    look_again(world.installation)
    assert has_looked(world)
    assert told(world, holder) == [("hai", "mot")]
    declare(world, "hai")
    assert told(world, holder) == []


def test_a_role_is_not_given_to_a_post_of_somebody_who_holds_the_other(world: World) -> None:
    """Though nothing hangs on that post yet."""
    holder = world.newcomer()
    post = world.post("A", kind="concurrent")
    people.add_post(world.installation, OPERATOR, world.people[holder], post)
    add(world, world.grant_of(holder, "app:duyet", "A", end=_YEAR))
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        add(world, Grant("app", "lap", "post", post.id, world.places["A"], "x"))
