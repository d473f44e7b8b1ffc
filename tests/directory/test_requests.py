"""One asks, a second decides: whoever it is, whatever happens meanwhile, however many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.access.asking import ask_for_grant
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.grants import Grant, list_grants, revoke_grant
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.roles import Role
from directory.clock import now_ms
from directory.database.counting import answer
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooMany
from directory.ids import new_id
from directory.installation import Installation
from directory.requests import service
from directory.requests.handles import RequestsFor
from directory.requests.register import Request, RequestQuestion, find_request
from directory.requests.tables import request as request_table
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

_PARENTS = {"P": "", "A": "P", "A.u": "A", "B": "P"}
ANY = RequestQuestion(state="")


class World(province.World):
    """Administrators of A and B (two each), of the province; people in A and B."""

    def actor(self, name: str) -> Actor:
        return Actor("person", self.people[name])

    def grant_of(self, holder: str, role: str, place: str, **more: Any) -> Grant:
        application, _, name = role.partition(":")
        terms = {"reason": "phân công"} | more
        return Grant(application, name, "person", self.people[holder], self.places[place], **terms)

    def ask(self, who: str, holder: str, role: str, place: str, **more: Any) -> Request:
        grant = self.grant_of(holder, role, place, **({"end": "2099-12-31"} | more))
        with self.installation.database.write() as tx:
            return ask_for_grant(tx, self.actor(who), grant)

    def newcomer(self, place: str = "A") -> str:
        name = f"n{new_id()[:12]}"
        self.add_person(name, "Lê Văn An", self.post(place))
        return name

    def register(self, who: str) -> RequestsFor:
        return RequestsFor(self.installation, self.actor(who), VOCABULARY, REQUEST_KINDS)

    def held(self, name: str) -> list[str]:
        with self.installation.database.read() as tx:
            return [grant.role for grant in list_grants(tx, holder_id=self.people[name])]

    def state(self, asked: Request) -> str:
        with self.installation.database.read() as tx:
            found = find_request(tx, asked.id)
        assert found is not None
        return found.state


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        yield build_world(running.installation)


def build_world(installation: Installation) -> World:
    """Application `app` of B, with roles given by administrators, province and owner."""
    world = World(installation)
    world.add_places(_PARENTS)
    with world.installation.database.write() as tx:
        owner = world.places["B"]
        applications.put(tx, OPERATOR, Application("app", "Văn bản", owner_agency_id=owner))
        applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
        for name, giver in (("doc", ""), ("ky", "province"), ("chu", "owner")):
            grants.put_role(tx, OPERATOR, Role("app", name, f"Vai {name}", name, giver))  # type: ignore[arg-type]
        for name in ADMIN_ROLES:
            grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, name, name, name))
    for name, role, place in (
        ("admin", "agency_admin", "A"),
        ("second", "agency_admin", "A"),
        ("other", "agency_admin", "B"),
        ("auditor", "auditor", "A"),
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
    return world


def test_what_somebody_asks_a_second_gives(world: World) -> None:
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")
    assert world.held(holder) == []
    world.register("admin").approve(asked.id, "đồng ý")
    assert world.held(holder) == ["doc"]
    assert world.state(asked) == "approved"
    with pytest.raises(Conflict, match=r"request\.decided"):
        world.register("second").approve(asked.id)
    assert world.held(holder) == ["doc"]


def test_what_is_refused_is_not_given(world: World) -> None:
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")
    with pytest.raises(Invalid, match=r"request\.reason"):
        world.register("admin").refuse(asked.id, " ")
    world.register("admin").refuse(asked.id, "chưa đủ điều kiện")
    assert (world.state(asked), world.held(holder)) == ("refused", [])
    with pytest.raises(Conflict):
        world.register("admin").approve(asked.id)


def test_one_goes_to_whoever_may_give_the_role(world: World) -> None:
    holder = world.newcomer()
    for role, who, others in (
        ("app:doc", "admin", ("other",)),
        ("app:ky", "province", ("admin", "other")),
        ("app:chu", "other", ("admin",)),
    ):
        asked = world.ask("hr", holder, role, "A")
        assert asked.id in _waiting(world, who), role
        for other in others:
            assert asked.id not in _waiting(world, other), (role, other)
            with pytest.raises(NotFound):
                world.register(other).approve(asked.id)
        world.register(who).approve(asked.id)
    assert sorted(world.held(holder)) == ["chu", "doc", "ky"]


def _waiting(world: World, who: str) -> list[str]:
    page = world.register(who).waiting(RequestQuestion())
    with world.installation.database.read() as tx:
        assert answer(tx, [world.register(who).counting_waiting()]) == [len(page.requests)]
    return [one.request.id for one in page.requests]


@pytest.mark.parametrize("decide", ["approve", "refuse"])
def test_nobody_decides_their_own_nor_for_themselves(world: World, decide: str) -> None:
    own = world.ask("admin", world.newcomer(), "app:doc", "A")
    gains = world.ask("hr", "second", "app:doc", "A")
    for who, asked in (("admin", own), ("second", gains)):
        assert asked.id not in _waiting(world, who)
        opened = world.register(who).open(asked.id)
        assert (opened.decision.allowed, opened.decision.reason) == (False, "own_request")
        with pytest.raises(Forbidden, match=r"request\.own"):
            getattr(world.register(who), decide)(asked.id, "tự")
        assert world.state(asked) == "open"
        # Not behind the handle either.
        with pytest.raises(Forbidden), world.installation.database.write() as tx:
            getattr(service, decide)(tx, world.actor(who), REQUEST_KINDS, asked.id, "tự")
        world.register("province").refuse(asked.id, "thử xong")


def test_an_administration_account_is_the_same_person(world: World) -> None:
    """Whoever asks with one account does not decide with the other."""
    own = world.ask("vice_owner", "vice_owner", "app:doc", "A")
    gains = world.ask("hr", "admin", "app:ky", "A")
    world.register("province").approve(gains.id)
    assert own.id not in _waiting(world, "vice")
    assert world.register("vice").open(own.id).decision.reason == "own_request"
    with pytest.raises(Forbidden, match=r"request\.own"):
        world.register("vice").approve(own.id)
    world.register("province").refuse(own.id, "thử xong")


def test_the_operator_of_the_machine_does_not_decide_their_own(world: World) -> None:
    grant = world.grant_of(world.newcomer(), "app:doc", "A")
    with world.installation.database.write() as tx:
        asked = ask_for_grant(tx, OPERATOR, grant)
    register = RequestsFor(world.installation, OPERATOR, VOCABULARY, REQUEST_KINDS)
    with pytest.raises(Forbidden, match=r"request\.own"):
        register.approve(asked.id)
    replace(register, _actor=Actor("os", "another")).approve(asked.id)


def test_only_the_asker_withdraws(world: World) -> None:
    asked = world.ask("hr", world.newcomer(), "app:doc", "A")
    for who in ("admin", "other"):
        with pytest.raises(NotFound):
            world.register(who).withdraw(asked.id)
    assert world.register("hr").open(asked.id).may_withdraw
    world.register("hr").withdraw(asked.id)
    assert world.state(asked) == "withdrawn"
    with pytest.raises(Conflict):
        world.register("admin").approve(asked.id)


def test_somebody_elsewhere_finds_nothing(world: World) -> None:
    """A request out of reach answers as one that does not exist, and leaves the same mark."""
    asked = world.ask("hr", world.newcomer(), "app:doc", "A")
    for work in ("open", "approve", "withdraw"):
        told = []
        for request_id in (asked.id, new_id()):
            with pytest.raises(NotFound) as refused:
                getattr(world.register("other"), work)(request_id)
            told.append((refused.value.code, {**refused.value.params, "value": ""}))
        assert told[0] == told[1]
    assert asked.id not in [one.request.id for one in world.register("other").page(ANY).requests]
    assert asked.id in [one.request.id for one in world.register("auditor").page(ANY).requests]
    assert asked.id in [one.request.id for one in world.register("hr").own(ANY).requests]
    with pytest.raises(Forbidden):
        world.register("hr").page(ANY)
    world.register("hr").withdraw(asked.id)


def test_an_auditor_reads_and_decides_nothing(world: World) -> None:
    asked = world.ask("hr", world.newcomer(), "app:doc", "A")
    assert _waiting(world, "auditor") == []
    assert not world.register("auditor").open(asked.id).decision.allowed
    with pytest.raises(Forbidden):
        world.register("auditor").approve(asked.id)
    assert world.state(asked) == "open"
    world.register("hr").withdraw(asked.id)


def test_what_was_true_when_asked_is_looked_at_again(world: World) -> None:
    """The approver has lost the power, the role is given by others now, or it was given since."""
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")
    brief = world.newcomer()
    power = world.grant(brief, "agency_admin", "A")
    assert asked.id in _waiting(world, brief)
    world.revoke(power)
    with pytest.raises(NotFound):
        world.register(brief).approve(asked.id)
    with pytest.raises(Forbidden), world.installation.database.write() as tx:
        service.approve(tx, world.actor(brief), REQUEST_KINDS, asked.id)
    world.grant(holder, "doc", "A", application_id="app")
    with pytest.raises(Conflict, match=r"grant\.exists"):
        world.register("admin").approve(asked.id)
    assert world.state(asked) == "open"
    world.register("admin").refuse(asked.id, "đã có")


def test_two_approvers_at_once_give_it_once(world: World) -> None:
    for _ in range(5):
        holder = world.newcomer()
        asked = world.ask("hr", holder, "app:doc", "A")
        admin, second, hr = (
            partial(work, asked.id)
            for work in (
                world.register("admin").approve,
                world.register("second").approve,
                world.register("hr").withdraw,
            )
        )
        done = at_once(admin, second, hr)
        assert len([one for one in done if isinstance(one, Request)]) == 1, done
        given = world.state(asked) == "approved"
        assert world.held(holder) == (["doc"] if given else [])


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each gave or raised, all begun together."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except AppError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_the_same_is_asked_once_at_a_time(world: World) -> None:
    holder = world.newcomer()
    grant = world.grant_of(holder, "app:doc", "A", end="2099-12-31")

    def ask(who: str) -> Request:
        with world.installation.database.write() as tx:
            return ask_for_grant(tx, world.actor(who), grant)

    done = at_once(lambda: ask("hr"), lambda: ask(holder))
    (asked,) = [one for one in done if isinstance(one, Request)]
    (refused,) = [one for one in done if isinstance(one, AppError)]
    assert refused.code == "request.open_already"
    world.register("admin").refuse(asked.id, "để hỏi lại")
    assert world.ask("hr", holder, "app:doc", "A").id != asked.id


def test_nobody_fills_the_register(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_OPEN", 2)
    asker = world.newcomer("B")
    for place in ("A", "B"):
        world.ask(asker, asker, "app:doc", place)
    with pytest.raises(TooMany):
        world.ask(asker, asker, "app:doc", "P")


def test_what_nobody_decides_lapses(world: World) -> None:
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")
    kept = world.ask("hr", world.newcomer(), "app:doc", "A")
    with world.installation.database.write() as tx:
        tx.execute(
            update(request_table)
            .where(request_table.c.id == asked.id)
            .values(expires_at=now_ms() - 1)
        )
    assert asked.id not in _waiting(world, "admin")
    with pytest.raises(Conflict):
        world.register("admin").approve(asked.id)
    with world.installation.database.write() as tx:
        service.lapse_overdue(tx)
    assert (world.state(asked), world.state(kept)) == ("lapsed", "open")
    world.register("hr").withdraw(kept.id)


def test_pages_go_on_where_the_last_ended(world: World) -> None:
    register, found, before = world.register("province"), [], ""
    while True:
        page = register.page(replace(ANY, before=before), 2)
        found += [one.request.id for one in page.requests]
        assert len(page.requests) <= 2
        if not page.older:
            break
        before = page.older
    assert found == sorted(set(found), reverse=True)
    assert len(found) > 4


def test_the_log_tells_it_in_both_languages(world: World) -> None:
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A", basis="QĐ 12/QĐ-STTTT")
    world.register("admin").approve(asked.id, "đúng vị trí")
    names = {
        f"person:{world.people['hr']}": "Hr",
        f"person:{world.people['admin']}": "Admin",
        f"person:{world.people[holder]}": "Lê Văn An",
        "client:app": "Văn bản",
        "role:app|doc": "Vai doc",
    }
    with world.installation.database.read() as tx:
        events = list_events(tx, limit=20)
    told = [
        sentence(event, VOCABULARY, names, language)
        for event in events
        if event.fields.get("request") == asked.id
        for language in ("vi", "en")
    ]
    assert told == [
        "Admin phê duyệt yêu cầu cấp vai trò Vai doc của Văn bản cho Lê Văn An: đúng vị trí",
        "Admin approved the request for the role Vai doc of Văn bản for Lê Văn An: đúng vị trí",
        "Hr đề nghị cấp vai trò Vai doc của Văn bản cho Lê Văn An: phân công "
        "(căn cứ: QĐ 12/QĐ-STTTT)",
        "Hr asked for the role Vai doc of Văn bản for Lê Văn An: phân công (basis: QĐ 12/QĐ-STTTT)",
    ]


def test_a_kill_while_it_is_carried_out_leaves_neither_half(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision and grant are one transaction: what ends it in between undoes both."""
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(service, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            world.register("admin").approve(asked.id)
    assert (world.state(asked), world.held(holder)) == ("open", [])
    world.register("admin").approve(asked.id)


def test_closed_ones_stay_closed_after_a_restore(world: World) -> None:
    asked = world.ask("hr", world.newcomer(), "app:doc", "A")
    with world.installation.database.write() as tx:
        service.close_again(tx, OPERATOR, replace(asked, state="refused"))
    assert world.state(asked) == "lapsed"


def test_a_sentence_says_what_would_be_given(world: World) -> None:
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A", end="2099-12-31")
    shown = world.register("admin").open(asked.id).shown
    assert shown.sentence.vi == (
        f"Cấp vai trò “Vai doc” của Văn bản cho Lê Văn An ({holder}) tại Nơi A, "
        "đến hết ngày 31/12/2099."
    )
    assert shown.place == "Nơi A"
    assert shown.asked_by.vi == "Hr (hr)"
    world.register("hr").withdraw(asked.id)


def test_what_was_revoked_stays_so(world: World) -> None:
    """An approved request gives once: whatever comes after is another matter."""
    holder = world.newcomer()
    asked = world.ask("hr", holder, "app:doc", "A")
    world.register("admin").approve(asked.id)
    with world.installation.database.write() as tx:
        (given,) = list_grants(tx, holder_id=world.people[holder])
        revoke_grant(tx, OPERATOR, given.id, "thôi")
    with pytest.raises(Conflict):
        world.register("second").approve(asked.id)
    assert world.held(holder) == []
