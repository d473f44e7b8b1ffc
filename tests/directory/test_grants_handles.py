"""Grants through the handle: lists, previews, giving one or many, why; each as far as one may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from directory.access.bulk import Done, LinesRefused, Renewal, Withdrawal
from directory.access.explained import WhyFor
from directory.access.handles import GrantsFor, RolesFor
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grant_lists, grants
from directory.authz.applications import Access, Application
from directory.authz.grant_lists import PAGE, GrantQuestion, list_counted, list_page
from directory.authz.grants import Grant
from directory.authz.positions import add_position
from directory.authz.roles import Role
from directory.authz.scopes import EVERYWHERE, Scope
from directory.authz.tables import post_history
from directory.clock import today
from directory.errors import Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.people import service as people
from tests.directory.test_requests import World, build_world
from tests.support.installation import OPERATOR, running_installation

_SOON = (today() + timedelta(days=20)).isoformat()
_YEAR = (today() + timedelta(days=365)).isoformat()
_YESTERDAY = (today() - timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = build_world(running.installation)
        with world.installation.database.write() as tx:
            secret = Role("app", "mat", "Vai mật", "Secret", needs_approval=True)
            grants.put_role(tx, OPERATOR, secret)
            write = Role("app", "lap", "Lập", "Draft", description="Lập hồ sơ", excludes=("doc",))
            grants.put_role(tx, OPERATOR, write)
        yield world


def handle(world: World, who: str | Actor = OPERATOR) -> GrantsFor:
    return GrantsFor(world.installation, world.actor(who) if isinstance(who, str) else who)


def why_for(world: World, who: str) -> WhyFor:
    return WhyFor(world.installation, world.actor(who))


def ids(world: World, question: GrantQuestion, who: str | Actor = OPERATOR) -> list[str]:
    found: list[str] = []
    while True:
        page = handle(world, who).page(question)
        found += [one.grant.id for one in page.grants]
        if not page.next:
            return found
        question = replace(question, after=page.next)


def give(world: World, holder: str, role: str = "app:doc", place: str = "A", **more: Any) -> str:
    grant = world.grant_of(holder, role, place, **({"end": _YEAR} | more))
    with world.installation.database.write() as tx:
        return grants.add_grant(tx, OPERATOR, grant)


def test_lists_are_of_the_places_one_looks_after(world: World) -> None:
    here, there = give(world, world.newcomer()), give(world, world.newcomer("B"), place="B")
    for who, sees in (
        ("admin", (here,)),
        ("auditor", (here,)),
        ("other", (there,)),
        ("province", (here, there)),
    ):
        listed = ids(world, GrantQuestion(application_id="app"), who)
        assert {here, there} & set(listed) == set(sees), who
    for who in ("hr", world.newcomer()):
        with pytest.raises(Forbidden):
            handle(world, who).page(GrantQuestion())
    with pytest.raises(NotFound):
        handle(world, "admin").page(GrantQuestion(place_id=world.places["B"]))
    with pytest.raises(NotFound):
        handle(world, "admin").page(GrantQuestion(place_id=new_id()))


def test_a_grant_out_of_scope_is_as_one_that_is_not_there(world: World) -> None:
    there = give(world, world.newcomer("B"), place="B")
    handle(world, "other").open(there)
    for work in ("open", "withdraw", "renew"):
        more = {"open": (), "withdraw": ("thử",), "renew": (_YEAR, "thử")}[work]
        told = []
        for grant_id in (there, new_id()):
            with pytest.raises(NotFound) as refused:
                getattr(handle(world, "admin"), work)(grant_id, *more)
            told.append((refused.value.code, {**refused.value.params, "value": ""}))
        assert told[0] == told[1]
    assert there in ids(world, GrantQuestion(application_id="app"))


def test_a_list_by_each_question(world: World) -> None:
    holder = world.newcomer()
    person = world.people[holder]
    own = give(world, holder, end=_SOON)
    with world.installation.database.write() as tx:
        position = add_position(tx, OPERATOR, world.places["A"], "Văn thư")
        given = Grant("app", "ky", "position", position.id, world.places["A"], "quy chế")
        by_position = grants.add_grant(tx, OPERATOR, given)
    post = world.post("A", kind="concurrent")
    people.add_post(world.installation, OPERATOR, person, post, position_id=position.id)
    on_post = Grant("app", "chu", "post", post.id, world.places["A"], "kiêm nhiệm")
    with world.installation.database.write() as tx:
        by_post = grants.add_grant(tx, OPERATOR, on_post)
    everything = {own, by_position, by_post}
    assert set(ids(world, GrantQuestion(person_id=person))) == everything
    assert ids(world, GrantQuestion(position_id=position.id)) == [by_position]
    assert ids(world, GrantQuestion(person_id=person, role="doc")) == [own]
    assert ids(world, GrantQuestion(person_id=person, holder_kind="post")) == [by_post]
    assert ids(world, GrantQuestion(person_id=person, ends_within=30)) == [own]
    assert ids(world, GrantQuestion(person_id=person, ends_within=10)) == []
    assert everything <= set(ids(world, GrantQuestion(place_id=world.places["A"])))
    assert not everything & set(ids(world, GrantQuestion(place_id=world.places["A.u"])))
    named = {
        one.grant.id: one for one in handle(world).page(GrantQuestion(person_id=person)).grants
    }
    assert named[own].holder == f"Lê Văn An ({holder})"
    assert named[by_position].holder == "Văn thư, Nơi A"
    assert named[by_post].holder == f"Lê Văn An ({holder}): Chuyên viên"


def test_grants_of_people_who_moved_or_left(world: World) -> None:
    stays, leaves = world.newcomer(), world.newcomer()
    foreign = give(world, "other", place="A")  # was never of that branch
    moved = f"m{new_id()[:12]}"
    world.add_person(
        moved,
        "Lê Văn An",
        world.post("A", start="2020-01-01", end=_YESTERDAY),
        world.post("B", start=today().isoformat()),
    )
    behind, kept, gone = (give(world, who) for who in (moved, stays, leaves))
    people.retire(world.installation, OPERATOR, world.people[leaves], "nghỉ hưu")
    listed = ids(world, GrantQuestion(left_behind=True))
    assert behind in listed
    assert kept not in listed and foreign not in listed
    assert gone not in listed  # whoever leaves for good holds nothing more
    # Where somebody was long ago stands in their history only.
    was_here, was_above = world.newcomer("B"), world.newcomer("B")
    with world.installation.database.write() as tx:
        for who, place in ((was_here, "A"), (was_above, "P")):
            row = {"person_id": world.people[who], "post_id": new_id(), "kind": "main"}
            day = {"start_on": "2001-01-01", "end_on": "2009-12-31", "basis": ""}
            where = {"agency_id": world.places[place], "unit_id": "", "title": "Chuyên viên"}
            tx.execute(insert(post_history).values(row | day | where))
    long_ago, never = give(world, was_here), give(world, was_above)
    for looks in (OPERATOR, "admin"):
        listed = ids(world, GrantQuestion(left_behind=True), looks)
        assert {behind, long_ago} <= set(listed), looks
        assert not {never, kept, foreign, gone} & set(listed), looks
        assert listed == ids(world, GrantQuestion(left_behind=True, size=1), looks)
    assert not {behind, long_ago} & set(ids(world, GrantQuestion(left_behind=True), "other"))


def test_pages_go_on_by_key(world: World) -> None:
    holders = [world.newcomer() for _ in range(7)]
    given = [give(world, holder, end=_SOON) for holder in holders]
    for question in (GrantQuestion(application_id="app"), GrantQuestion(ends_within=60)):
        found: list[str] = []
        after = ""
        with world.installation.database.read() as tx:
            while True:
                page, after = list_page(tx, EVERYWHERE, replace(question, after=after), 3)
                assert len(page) <= 3
                found += [one.id for one in page]
                if not after:
                    break
        assert len(found) == len(set(found))
        assert set(given) <= set(found)


def test_a_page_is_few_statements(world: World) -> None:
    for _ in range(3):
        give(world, world.newcomer())
    statements: list[str] = []
    engine = world.installation.database.engine
    handler = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", handler)
    try:
        handle(world, "admin").page(GrantQuestion(application_id="app"))
    finally:
        event.remove(engine, "before_cursor_execute", handler)
    assert len(statements) <= 12, statements
    assert PAGE == 50


@pytest.mark.both_engines
def test_those_of_found_people_are_counted_and_paged_at_once(world: World) -> None:
    """However few are counted, each is on one page."""
    holders = [world.newcomer() for _ in range(4)]
    made = {
        give(world, holder, end=(today() + timedelta(days=30 + at // 2)).isoformat())
        for at, holder in enumerate(holders)
    }
    told = GrantQuestion(people_ids=tuple(world.people[each] for each in holders))
    for most in (1, 2, 10):
        question, seen = told, list[str]()
        for _ in made:
            with world.installation.database.read() as tx:
                page, following, total = list_counted(tx, EVERYWHERE, question, 1, most)
            seen += [each.id for each in page]
            assert total == min(len(made), most + 1), most
            question = replace(told, after=following)
        assert not following and sorted(seen) == sorted(made), most


@pytest.mark.both_engines
@pytest.mark.parametrize("is_many", [False, True])
def test_each_grant_is_on_one_page(
    world: World, is_many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With and without an end, in a scope of few grants and of many."""
    if is_many:
        monkeypatch.setattr(grant_lists, "_MOST_OF_SMALL", -1)
    for end in ("", "", _SOON, _YEAR, _YEAR):
        give(world, world.newcomer(), end=end)
    scope = Scope(False, frozenset({world.places["A"]}))
    with world.installation.database.read() as tx:
        for asked in (EVERYWHERE, scope):
            whole, _ = list_page(tx, asked, GrantQuestion(), 1000)
            seen: list[Grant] = []
            question = GrantQuestion()
            while True:
                page, following, total = list_counted(tx, asked, question, 2, 1000)
                seen += page
                assert total == len(whole)
                if not following:
                    break
                question = replace(question, after=following)
            assert seen == whole and {each.end for each in seen} >= {"", _SOON, _YEAR}


@pytest.mark.only_on_sqlite("PostgreSQL chooses by the number of rows, which are few here")
@pytest.mark.parametrize(
    ("question", "index"),
    [
        (GrantQuestion(), "ix_role_grant_revoked_at_end_on_id"),
        (GrantQuestion(after="|x"), "ix_role_grant_revoked_at_end_on_id"),
        (GrantQuestion(ends_within=30), "ix_role_grant_revoked_at_end_on_id"),
        (GrantQuestion(person_id="x"), "ix_role_grant_holder"),
        (GrantQuestion(application_id="app", role="x"), "ix_role_grant_application_id_role"),
        (GrantQuestion(application_id="app"), "ix_role_grant_application_id_role"),
        (GrantQuestion(place_id="x"), "ix_role_grant_agency_id_revoked_at"),
        (GrantQuestion(left_behind=True), "ix_role_grant_holder"),
    ],
)
def test_a_page_of_very_many_is_found_by_an_index(
    world: World, question: GrantQuestion, index: str
) -> None:
    """400,000 grants are not read to show fifty."""
    seen: list[tuple[str, Any]] = []
    engine = world.installation.database.engine
    handler = lambda _c, _k, statement, bound, *_: seen.append((statement, bound))  # noqa: E731
    with world.installation.database.read() as tx:
        event.listen(engine, "before_cursor_execute", handler)
        list_page(tx, EVERYWHERE, question, 50)
        event.remove(engine, "before_cursor_execute", handler)
        statement, bound = seen[-1]
        plan = tx.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", bound).fetchall()
    told = "\n".join(str(row[-1]) for row in plan)
    assert index in told and "RIGHT PART OF ORDER BY" not in told, told


def test_what_is_previewed_is_what_would_happen(world: World) -> None:
    holder = world.newcomer()
    grant = world.grant_of(holder, "app:lap", "A", end=_YEAR)
    shown = handle(world, "admin").preview(grant)
    assert shown.outcome == "given" and shown.problem is None
    assert shown.sentence.vi == (
        f"Cấp vai trò “Lập” của Văn bản cho Lê Văn An ({holder}) tại Nơi A, đến hết ngày "
        f"{today() + timedelta(days=365):%d/%m/%Y}."
    )
    assert shown.lets.vi == "Lập hồ sơ"
    assert shown.reaches == 1 and shown.covers > 1
    assert world.held(holder) == []
    assert handle(world, "admin").give(grant).grant_id
    conflict = handle(world, "admin").preview(replace(grant, role="doc"))
    assert conflict.outcome == "refused"
    assert conflict.problem is not None and conflict.problem.code == "grant.excluded"
    asked = handle(world, "admin").preview(replace(grant, role="mat"))
    assert asked.outcome == "asked"
    assert handle(world, "hr").preview(replace(grant, role="ky")).outcome == "asked"


def test_a_holder_elsewhere_is_as_one_who_is_not_there(world: World) -> None:
    known = world.grant_of(world.newcomer("B"), "app:doc", "A", end=_YEAR)
    told = []
    for grant in (known, replace(known, holder_id=new_id())):
        for work in ("preview", "give"):
            with pytest.raises(NotFound) as refused:
                getattr(handle(world, "admin"), work)(grant)
            told.append(refused.value.code)
    assert len(set(told)) == 1


def test_many_are_given_as_one_act_or_none(world: World) -> None:
    holders = [world.newcomer() for _ in range(4)]
    lines = [world.grant_of(holder, "app:doc", "A", end=_YEAR) for holder in holders]
    bad = [
        *lines,
        world.grant_of(world.newcomer("B"), "app:doc", "A", end=_YEAR),
        replace(lines[0], role="lap"),
        replace(lines[1], role="mat"),
        lines[2],
    ]
    admin = handle(world, "admin")
    preview = admin.preview_lines(bad)
    assert preview.done is None
    assert [line.problem.code if line.problem else "" for line in preview.lines] == [
        *[""] * 4,
        "authz.denied",
        "grant.excluded",
        "grant.needs_approval",
        "grant.exists",
    ]
    with pytest.raises(LinesRefused) as refused:
        admin.do_lines(bad, "phân công năm 2027")
    assert [one.line for one in refused.value.refusals] == [4, 5, 6, 7]
    assert [world.held(holder) for holder in holders] == [[]] * 4
    assert admin.preview_lines(lines).done == Done(given=4)
    assert [world.held(holder) for holder in holders] == [[]] * 4
    assert admin.do_lines(lines, "phân công năm 2027") == Done(given=4)
    assert [world.held(holder) for holder in holders] == [["doc"]] * 4
    with world.installation.database.read() as tx:
        (act,) = list_events(tx, kind="grants.given", limit=1)
        assert act.fields["count"] == 4
        parts = list_events(tx, kind="grant.added", limit=4)
        # Each is a line of the log of its own place: else nobody would find it there.
        assert {one.part_of for one in parts} == {""}
        assert {one.agency for one in parts} == {world.places["A"]}
    given = [ids(world, GrantQuestion(person_id=world.people[one]))[0] for one in holders]
    later = (today() + timedelta(days=500)).isoformat()
    renewals = [Renewal(one, later) for one in given[:2]]
    assert admin.do_lines(renewals, "thêm") == Done(renewed=2)
    taken = [ids(world, GrantQuestion(person_id=world.people[one]))[0] for one in holders]
    withdrawals = [Withdrawal(one) for one in taken]
    with pytest.raises(LinesRefused):
        admin.do_lines([*withdrawals, Withdrawal(new_id())], "hết năm")
    assert [world.held(holder) for holder in holders] == [["doc"]] * 4
    assert admin.preview_lines(withdrawals).done == Done(withdrawn=4)
    admin.do_lines(withdrawals, "hết năm")
    assert [world.held(holder) for holder in holders] == [[]] * 4


def test_a_line_of_others_is_refused_as_one_that_is_not_there(world: World) -> None:
    there = give(world, world.newcomer("B"), place="B")
    gone = give(world, world.newcomer())
    handle(world, "admin").withdraw(gone, "hết việc")
    for line in (Withdrawal, lambda one: Renewal(one, _YEAR)):
        told = handle(world, "admin").preview_lines([line(there), line(new_id()), line(gone)])
        assert [one.named is None for one in told.lines] == [True, True, False]
        problems = [one.problem for one in told.lines if one.problem]
        assert [one.code for one in problems] == ["grant.unknown", "grant.unknown", "grant.ended"]
    assert there in ids(world, GrantQuestion(application_id="app"))


def test_why_and_why_not(world: World) -> None:
    holder = world.newcomer()
    person = world.people[holder]
    with world.installation.database.write() as tx:
        tx.execute(text("UPDATE application SET access = 'roles' WHERE id = 'app'"))
    why = why_for(world, "admin").explain(person, "app").why
    assert (why.may_enter, why.obstacles, why.roles) == (False, ["no_role"], [])
    given = give(world, holder, basis="QĐ 5/QĐ-STTTT", reason="phụ trách")
    later = give(world, holder, "app:ky", start=_SOON)
    why = why_for(world, "admin").explain(person, "app").why
    assert why.may_enter
    (source,) = why.roles
    assert (source.grant.id, source.through, source.grant.basis) == (
        given,
        "person",
        "QĐ 5/QĐ-STTTT",
    )
    assert source.place == "Nơi A"
    assert [(one.grant.id, one.state) for one in why.others] == [(later, "begins")]
    with world.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, given, "chuyển việc")
    why = why_for(world, "admin").explain(person, "app").why
    assert not why.may_enter
    ended = {one.grant.id: one for one in why.others}[given]
    assert (ended.state, ended.why_ended) == ("withdrawn", "chuyển việc")


def test_why_is_told_of_those_one_looks_after_and_of_oneself(world: World) -> None:
    holder = world.newcomer()
    person = world.people[holder]
    why_for(world, holder).explain(person, "app")
    told = []
    for someone in (person, new_id()):
        with pytest.raises(NotFound) as refused:
            why_for(world, "other").explain(someone, "app")
        told.append(refused.value.code)
    assert len(set(told)) == 1


def _internal(world: World, name: str, *opened: str, access: Access = "agencies") -> Grant:
    """An internal application of B, open to these places too, and a grant of its role in A."""
    places = tuple(world.places[place] for place in ("B", *opened)) if access == "agencies" else ()
    app = Application(name, name, "", access, world.places["B"], places, sharing="internal")
    with world.installation.database.write() as tx:
        applications.put(tx, OPERATOR, app)
        grants.put_role(tx, OPERATOR, Role(name, "xem", "Xem", "View"))
    return world.grant_of(world.newcomer(), f"{name}:xem", "A", end=_YEAR)


@pytest.mark.both_engines
def test_roles_of_an_internal_application_stay_where_it_is(world: World) -> None:
    """To administrators elsewhere it is as if there were no such application."""
    there = _internal(world, "noi_bo")
    missing = replace(there, application_id="khong-co")
    for act in ("give", "preview"):
        for who in ("admin", "hr"):
            told = []
            for grant in (there, missing):
                with pytest.raises(NotFound) as refused:
                    getattr(handle(world, who), act)(grant)
                told.append((refused.value.code, set(refused.value.params)))
            assert told[0] == told[1], (act, who)
    # Whoever may know of it is told why: its owner, the province, the command line.
    for actor in (world.actor("other"), world.actor("province"), OPERATOR):
        grant = replace(there, holder_id=world.people[world.newcomer("B")])
        with pytest.raises(Invalid, match=r"grant\.beyond"):
            handle(world, actor).give(grant)
        here = replace(grant, agency_id=world.places["B"])
        assert handle(world, actor).give(here).grant_id
    with pytest.raises(Invalid, match=r"grant\.beyond"):
        handle(world).give(there)
    # Also to somebody from elsewhere, though the role be for a place of its own.
    with pytest.raises(Invalid, match=r"grant\.beyond"):
        handle(world).give(replace(there, agency_id=world.places["B"]))


@pytest.mark.both_engines
def test_where_an_internal_application_was_opened_its_roles_are_given(world: World) -> None:
    opened, to_all = _internal(world, "mo", "A"), _internal(world, "chung", access="roles")
    for grant in (opened, to_all):
        assert handle(world, "admin").give(grant).grant_id
    given = handle(world).page(GrantQuestion(application_id="mo")).grants[0].grant.id
    with world.installation.database.write() as tx:
        applications.describe(tx, OPERATOR, "mo", agencies=(world.places["B"],))
    later = (today() + timedelta(days=500)).isoformat()
    with pytest.raises(Invalid, match=r"grant\.beyond"):
        handle(world).renew(given, later, "thêm một năm")
    handle(world, "admin").withdraw(given, "ứng dụng đã đóng")


def test_why_is_told_of_applications_that_are_where_one_is(world: World) -> None:
    _internal(world, "kin")
    here, there = world.newcomer(), world.newcomer("B")
    assert why_for(world, there).explain(world.people[there], "kin").may_enter
    assert why_for(world, "other").explain(world.people[there], "kin").may_enter
    for who, person in ((here, here), ("admin", here)):
        for name in ("kin", "khong-co"):
            with pytest.raises(NotFound, match=r"application\.unknown"):
                why_for(world, who).explain(world.people[person], name)


def test_roles_are_those_of_applications_one_sees(world: World) -> None:
    shown = RolesFor(world.installation, world.actor("province")).show("app")
    assert {"doc", "ky", "chu"} <= {role.name for role in shown.roles}
    assert shown.change.allowed
    mine = RolesFor(world.installation, world.actor("admin"))
    # Shared: seen, and the province's to change.
    assert not mine.show("app").change.allowed
    with pytest.raises(Forbidden):
        mine.add(Role("app", "them", "Thêm", "More"))
    with pytest.raises(NotFound):
        mine.show("khong-co")


def test_a_scope_of_nothing_shows_nothing(world: World) -> None:
    with world.installation.database.read() as tx:
        assert list_page(tx, Scope(False), GrantQuestion(), 50) == ([], "")
