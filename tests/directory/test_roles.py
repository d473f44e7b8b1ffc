"""What a role says of its grants holds for everyone who gives it, however they come to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from directory.access.asking import (
    Given,
    ask_for_grant,
    foresee_giving,
    give_or_ask,
    renew_or_ask,
)
from directory.access.request_kinds import GRANT
from directory.actor import Actor
from directory.authz import codes, grants
from directory.authz.codes import CodeValue
from directory.authz.conflicts import list_conflicts
from directory.authz.errors import GRANT_TOO_LONG
from directory.authz.grants import Approval, Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.positions import add_position
from directory.authz.roles import Role, find_role
from directory.authz.scopes import EVERYWHERE, Scope
from directory.authz.tables import role_grant
from directory.clock import today
from directory.errors import AppError, Conflict, Forbidden, Invalid
from directory.people import service as people
from directory.requests.register import RequestQuestion
from directory.requests.service import foresee
from tests.directory.test_requests import World, at_once, build_world
from tests.support.installation import OPERATOR, running_installation
from tests.support.trying import try_and_undo
from tests.support.undoing import undone

_YEAR = (today() + timedelta(days=365)).isoformat()
_NEXT = (today() + timedelta(days=400)).isoformat()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = build_world(running.installation)
        declare(world, "lap", excludes=("doc",))
        declare(world, "duyet", excludes=("lap",))
        declare(world, "mat", needs_approval=True)
        yield world


def declare(world: World, name: str, **terms: Any) -> None:
    with world.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role("app", name, f"Vai {name}", name, **terms))


def give(world: World, who: str | Actor, grant: Grant) -> str:
    actor = world.actor(who) if isinstance(who, str) else who
    with world.installation.database.write() as tx:
        return grants.add_grant(tx, actor, grant)


def test_a_role_is_what_was_declared(world: World) -> None:
    terms: dict[str, Any] = {
        "description": "Đọc hồ sơ",
        "by_field": "must",
        "by_procedure": "may",
        "default_days": 90,
        "is_endless": True,
        "needs_approval": True,
        "excludes": ("doc", "ky"),
    }
    wanted = Role("app", "day_du", "Đủ", "Full", "agency", **terms)
    with world.installation.database.write() as tx:
        assert grants.put_role(tx, OPERATOR, wanted)
        assert find_role(tx, "app", "day_du") == wanted
        assert not grants.put_role(tx, OPERATOR, replace(wanted, excludes=("ky", "doc")))
        other = find_role(tx, "app", "ky")
        assert other is not None and other.excludes == ("day_du",)
        assert grants.put_role(tx, OPERATOR, replace(wanted, excludes=()))
        other = find_role(tx, "app", "ky")
        assert other is not None and other.excludes == ()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"default_days": 0}, "role.days"),
        ({"default_days": 100_000}, "role.days"),
        ({"excludes": ("khong_co",)}, "role.excludes"),
        ({"excludes": ("sai",)}, "role.excludes"),
    ],
)
def test_what_a_role_cannot_say_is_refused(world: World, terms: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        declare(world, "sai", **terms)
    assert refused.value.code == code


def test_a_grant_ends_unless_the_province_gives_it_or_the_role_says_so(world: World) -> None:
    holder = world.newcomer()
    grant = world.grant_of(holder, "app:doc", "A")
    with pytest.raises(Invalid, match=r"grant\.needs_end"):
        give(world, "admin", grant)
    with world.installation.database.read() as tx:
        assert grants.default_end(tx, "app", "doc") == _YEAR
    give(world, "admin", replace(grant, end=_YEAR))
    give(world, "province", world.grant_of(world.newcomer(), "app:doc", "A"))
    declare(world, "mai", is_endless=True)
    give(world, "admin", world.grant_of(holder, "app:mai", "A"))


def test_a_renewal_has_an_end_too(world: World) -> None:
    grant = give(world, "admin", world.grant_of(world.newcomer(), "app:doc", "A", end=_YEAR))
    with world.installation.database.write() as tx:
        with pytest.raises(Invalid, match=r"grant\.needs_end"):
            grants.renew_grant(tx, world.actor("admin"), grant, "", "gia hạn")
        grants.renew_grant(tx, world.actor("admin"), grant, _NEXT, "gia hạn")


def test_a_grant_is_narrowed_as_the_role_says_to_codes_that_are_valid(world: World) -> None:
    declare(world, "hep", by_field="must")
    with world.installation.database.write() as tx:
        codes.put_code(tx, OPERATOR, CodeValue("field", "dat-dai", "Đất đai"))
        codes.put_code(tx, OPERATOR, CodeValue("field", "cu", "Cũ", valid_to="2020-12-31"))
        codes.put_code(tx, OPERATOR, CodeValue("field", "sau", "Sau", valid_from=_YEAR))
    holder = world.newcomer()
    grant = world.grant_of(holder, "app:hep", "A", end=_YEAR)
    for field, code in (
        ("", "grant.narrowed"),
        ("cu", "code.unknown"),
        ("sau", "code.unknown"),
        ("khong-co", "code.unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            give(world, "admin", replace(grant, field=field))
        assert refused.value.code == code, field
    with pytest.raises(Invalid, match=r"grant\.narrowed"):
        give(world, "admin", replace(grant, field="dat-dai", procedure="x"))
    with pytest.raises(Invalid, match=r"grant\.narrowed"):
        give(world, "admin", replace(grant, role="doc", field="dat-dai"))
    give(world, "admin", replace(grant, field="dat-dai"))


def test_lists_of_codes_are_the_province_s(world: World) -> None:
    with world.installation.database.write() as tx:
        with pytest.raises(Forbidden):
            codes.put_code(tx, world.actor("admin"), CodeValue("field", "x", "X"))
        assert codes.put_code(tx, world.actor("province"), CodeValue("field", "y", "Y"))
        assert not codes.put_code(tx, OPERATOR, CodeValue("field", "y", "Y"))
        codes.close_code(tx, OPERATOR, "field", "y", "2026-01-31", "QĐ")
        assert "y" not in [c.code for c in codes.list_codes(tx, "field", valid_on="2026-02-01")]
        with pytest.raises(Invalid, match=r"code\.form"):
            codes.put_code(tx, OPERATOR, CodeValue("field", "có dấu", "X"))


def test_nobody_comes_to_hold_two_that_exclude_each_other(world: World) -> None:
    """By whatever kind of grant, wherever it holds, and whoever gives it."""
    holder = world.newcomer()
    give(world, "admin", world.grant_of(holder, "app:lap", "A", end=_YEAR))
    for role, place in (("app:doc", "A"), ("app:duyet", "A"), ("app:duyet", "A.u")):
        with pytest.raises(Conflict) as refused:
            give(world, OPERATOR, world.grant_of(holder, role, place, end=_YEAR))
        assert refused.value.code == "grant.excluded"
        assert refused.value.params["people"] == "Lê Văn An"
    # After the other has ended it may be held.
    give(world, OPERATOR, world.grant_of(holder, "app:duyet", "A", start=_NEXT))
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        renew(world, holder, "lap", _NEXT)


def renew(world: World, holder: str, role: str, end: str) -> str:
    with world.installation.database.write() as tx:
        (grant,) = [g for g in grants.list_grants(tx, holder_id=world.people[holder])
                    if g.role == role]  # fmt: skip
        return grants.renew_grant(tx, OPERATOR, grant.id, end, "gia hạn")


def position_with(world: World, role: str) -> str:
    with world.installation.database.write() as tx:
        made = add_position(tx, OPERATOR, world.places["A"], f"Vị trí {role} {len(world.people)}")
        given = Grant("app", role, "position", made.id, world.places["A"], "quy chế")
        grants.add_grant(tx, OPERATOR, given)
    return made.id


def test_a_position_and_a_person_exclude_each_other_too(world: World) -> None:
    position = position_with(world, "lap")
    same = Grant("app", "duyet", "position", position, world.places["A"], "quy chế")
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        give(world, OPERATOR, same)
    holder = world.newcomer()
    post = world.post("A", kind="concurrent")
    people.add_post(world.installation, OPERATOR, world.people[holder], post, position_id=position)
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        give(world, OPERATOR, world.grant_of(holder, "app:duyet", "A"))
    on_post = Grant("app", "duyet", "post", post.id, world.places["A"], "quy chế")
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        give(world, OPERATOR, on_post)


def test_what_a_change_of_posts_brings_together_is_found(world: World) -> None:
    holder = world.newcomer()
    give(world, OPERATOR, world.grant_of(holder, "app:duyet", "A"))
    position = position_with(world, "lap")
    people.add_post(
        world.installation,
        OPERATOR,
        world.people[holder],
        world.post("A", kind="concurrent"),
        position_id=position,
    )
    with world.installation.database.read() as tx:
        found = list_conflicts(tx, EVERYWHERE)
        assert world.people[holder] in [one.person_id for one in found]
        mine = Scope(False, frozenset({world.places["A"]}))
        assert found == list_conflicts(tx, mine, "app")
        assert list_conflicts(tx, Scope(False, frozenset({world.places["B"]}))) == []


def test_two_at_once_do_not_both_pass(world: World) -> None:
    """Each alone would be allowed; the second must see the first."""
    for _ in range(5):
        holder = world.newcomer()
        done = at_once(
            *(
                partial(give, world, OPERATOR, world.grant_of(holder, f"app:{role}", "A"))
                for role in ("lap", "duyet")
            )
        )
        refused = [one for one in done if isinstance(one, AppError)]
        assert [one.code for one in refused] == ["grant.excluded"]
        assert len(world.held(holder)) == 1


def test_what_needs_a_second_person_is_not_given_alone(world: World) -> None:
    """Not by the command line, nor by whoever is both with two accounts."""
    grant = world.grant_of(world.newcomer(), "app:mat", "A", end=_YEAR)
    for who in ("admin", "province", OPERATOR):
        with pytest.raises(Forbidden, match=r"grant\.needs_approval"):
            give(world, who, grant)
    admin = world.actor("admin")
    for approver in (admin, world.actor("other"), world.actor("hr")):
        with pytest.raises(Forbidden), world.installation.database.write() as tx:
            grants.add_grant(tx, admin, grant, Approval(approver))
    with world.installation.database.write() as tx:
        grants.add_grant(tx, admin, grant, Approval(world.actor("second")))


def offer(world: World, who: str, grant: Grant) -> Given:
    with world.installation.database.write() as tx:
        return give_or_ask(tx, world.actor(who), grant)


def test_it_is_asked_for_and_given_by_both(world: World) -> None:
    holder = world.newcomer()
    given = offer(world, "admin", world.grant_of(holder, "app:mat", "A", end=_YEAR))
    assert given.request_id and not given.grant_id and world.held(holder) == []
    world.register("second").approve(given.request_id)
    with world.installation.database.read() as tx:
        (grant,) = grants.list_grants(tx, holder_id=world.people[holder])
    assert (grant.given_by, grant.approved_by) == (
        world.actor("admin").tag,
        world.actor("second").tag,
    )


def test_whoever_may_not_give_it_asks_and_two_who_may_agree(world: World) -> None:
    """A colleague who asks is no second person."""
    holder = world.newcomer()
    given = offer(world, "hr", world.grant_of(holder, "app:mat", "A", end=_YEAR))
    world.register("admin").approve(given.request_id)
    assert world.held(holder) == []
    (second,) = [
        one.request.id
        for one in world.register("second").waiting(RequestQuestion()).requests
        if one.request.subject == f"person:{world.people[holder]}"
    ]
    with pytest.raises(Forbidden, match=r"request\.own"):
        world.register("admin").approve(second)
    world.register("second").approve(second)
    assert world.held(holder) == ["mat"]


def test_the_asker_must_still_be_able_to_give_it(world: World) -> None:
    brief = world.newcomer()
    power = world.grant(brief, "agency_admin", "A")
    holder = world.newcomer()
    given = offer(world, brief, world.grant_of(holder, "app:mat", "A", end=_YEAR))
    world.revoke(power)
    with pytest.raises(Conflict, match=r"grant\.approver"):
        world.register("admin").approve(given.request_id)
    assert world.held(holder) == []
    world.register("admin").refuse(given.request_id, "người đề nghị đã thôi việc")


def test_a_longer_term_needs_the_second_person_and_a_shorter_does_not(world: World) -> None:
    holder = world.newcomer()
    given = offer(world, "admin", world.grant_of(holder, "app:mat", "A", end=_YEAR))
    world.register("second").approve(given.request_id)
    with world.installation.database.write() as tx:
        (grant,) = grants.list_grants(tx, holder_id=world.people[holder])
        asked = renew_or_ask(tx, world.actor("admin"), grant.id, _NEXT, "gia hạn")
        assert asked.request_id
    world.register("second").approve(asked.request_id)
    with world.installation.database.write() as tx:
        (grant,) = grants.list_grants(tx, holder_id=world.people[holder])
        assert grant.end == _NEXT
        shorter = renew_or_ask(tx, world.actor("admin"), grant.id, _YEAR, "rút ngắn")
        assert shorter.grant_id


def test_an_exclusion_is_looked_at_when_it_is_approved(world: World) -> None:
    declare(world, "mat2", needs_approval=True, excludes=("lap",))
    holder = world.newcomer()
    given = offer(world, "admin", world.grant_of(holder, "app:mat2", "A", end=_YEAR))
    give(world, OPERATOR, world.grant_of(holder, "app:lap", "A"))
    with pytest.raises(Conflict, match=r"grant\.excluded"):
        world.register("second").approve(given.request_id)
    assert world.register("second").open(given.request_id).shown.request.state == "open"


def test_why_it_was_taken_back_is_kept(world: World) -> None:
    grant = world.grant_of(world.newcomer(), "app:doc", "A", end=_YEAR, basis="QĐ 7/QĐ-STTTT")
    grant_id = give(world, "admin", grant)
    with world.installation.database.write() as tx:
        grants.revoke_grant(tx, world.actor("second"), grant_id, "chuyển công tác")
        row = tx.execute(select(role_grant).where(role_grant.c.id == grant_id)).one()
    assert (row.basis, row.revoked_by, row.revoke_reason) == (
        "QĐ 7/QĐ-STTTT",
        world.actor("second").tag,
        "chuyển công tác",
    )


def test_an_inspector_is_one_for_ninety_days_at_most(world: World) -> None:
    """Whoever gives it, and however: the command line too. Renewed it may be."""
    holder = world.newcomer()
    asked = world.grant_of(holder, f"{ADMIN_APPLICATION}:inspector", "A")
    last, beyond = ((today() + timedelta(days=days)).isoformat() for days in (90, 91))
    for actor in (OPERATOR, world.actor("admin")):
        for end in ("", beyond):
            with pytest.raises(Invalid) as refused:
                give(world, actor, replace(asked, end=end))
            assert refused.value.declared is GRANT_TOO_LONG
    with world.installation.database.read() as tx:
        assert grants.default_end(tx, ADMIN_APPLICATION, "inspector") == last
    with world.installation.database.write() as tx:
        grant_id = grants.add_grant(tx, OPERATOR, replace(asked, end=last))
    with pytest.raises(Invalid) as refused, world.installation.database.write() as tx:
        grants.renew_grant(tx, OPERATOR, grant_id, beyond, "còn đợt sau")
    assert refused.value.declared is GRANT_TOO_LONG
    # A later beginning counts from there.
    later = (today() + timedelta(days=5)).isoformat()
    end = (today() + timedelta(days=95)).isoformat()
    other = world.grant_of(world.newcomer(), f"{ADMIN_APPLICATION}:inspector", "A")
    give(world, OPERATOR, replace(other, start=later, end=end))


def came_of(work: Callable[[], Any]) -> str:
    """What came of it, as a word."""
    try:
        done = work()
    except AppError as error:
        return error.code
    if isinstance(done, Given):
        return "given" if done.grant_id else "asked"
    return str(done)


def test_what_is_foreseen_is_what_comes_of_it(world: World) -> None:
    """Nothing is written to find it out, and whoever does it gets the same answer."""
    holder, other = world.newcomer(), world.newcomer()
    give(world, OPERATOR, world.grant_of(holder, "app:lap", "A", end=_YEAR))
    position = position_with(world, "lap")
    of_position = Grant("app", "duyet", "position", position, "", "x", end=_YEAR)
    wanted = [
        world.grant_of(who, role, place, end=end)
        for who in (holder, other)
        for role in ("app:doc", "app:lap", "app:duyet", "app:mat", "app:none")
        for place, end in (("A", _YEAR), ("B", _YEAR), ("A", ""))
    ]
    wanted += [replace(of_position, agency_id=world.places[place]) for place in ("A", "B")]
    wanted += [replace(wanted[0], reason=" "), replace(wanted[0], holder_id="nobody")]
    found = set()
    database = world.installation.database
    for who in ("admin", "province", "other", "hr", holder):
        actor = world.actor(who)
        for grant in wanted:
            with database.read() as tx:
                foreseen = came_of(partial(foresee_giving, tx, actor, grant))
            with database.write() as tx:
                done = came_of(partial(undone, tx, partial(give_or_ask, tx, actor, grant)))
            assert foreseen == done, (who, grant)
            found.add(done)
    assert {"given", "asked", "authz.denied", "grant.excluded", "grant.exists"} <= found


def test_what_approving_would_do_is_foreseen_as_it_comes_about(world: World) -> None:
    kinds = {GRANT.name: GRANT}
    database = world.installation.database
    holder = world.newcomer()
    found = set()
    for role, asker in (("doc", "hr"), ("mat", "hr"), ("mat", "admin"), ("duyet", "hr")):
        grant = world.grant_of(holder, f"app:{role}", "A", end=_YEAR)
        with database.write() as tx:
            asked = ask_for_grant(tx, world.actor(asker), grant)
        if role == "duyet":
            give(world, OPERATOR, world.grant_of(holder, "app:lap", "A", end=_YEAR))
        for approver in ("admin", "other", "province"):
            with database.read() as tx:
                foreseen = foresee(tx, world.actor(approver), kinds, asked)
            tried = try_and_undo(database, world.actor(approver), kinds, asked)
            told = (foreseen.problem.code if foreseen.problem else None, foreseen.passes_on)
            assert told == tried, (role, asker, approver)
            found.add(told)
    assert {(None, False), (None, True), ("grant.excluded", False)} <= found
