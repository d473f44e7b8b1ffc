"""The register as its handles give it: what is seen, what is written, and what nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from admin_ui.components import REGISTRATION, VOCABULARY
from admin_ui.console_application import put_console_application
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.entrants import count_entrants
from directory.authz.roles import Role
from directory.catalogue.person import Post
from directory.errors import AppError, Forbidden, Invalid, NotFound
from directory.ids import new_id
from idp.applications.handles import ApplicationsFor, Draft, Made
from idp.applications.kinds import KINDS, Kind
from idp.applications.listing import ApplicationQuestion
from idp.clients import service
from sync.engine.connectors import list_feeding
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

_PLACES = {"P": "", "A": "P", "A1": "A", "B": "P"}
_ADDRESSES = ("https://lich.binhduong.gov.vn/callback",)


@dataclass
class World(province.World):
    """Two agencies with an administrator each, and applications of theirs."""

    def handle(self, who: str) -> ApplicationsFor:
        actor = Actor("person", self.people[who], self.places["A"])
        return ApplicationsFor(self.installation, actor, VOCABULARY, REGISTRATION, list_feeding)

    def draft(self, kind: Kind = "web", owner: str = "A", **more: Any) -> Draft:
        place = self.places[owner]
        addresses = _ADDRESSES if kind in ("web", "browser", "native") else ()
        draft = Draft(kind, f"Lịch {kind}", place, redirect_uris=addresses, agencies=(place,))
        return replace(draft, **more)


def _id_of(made: Made) -> str:
    return made.id


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        world = World(running.installation)
        world.add_places(_PLACES)
        with world.installation.database.write() as tx:
            put_console_application(tx, OPERATOR)
            applications.put(tx, OPERATOR, Application("dem", "Đếm", access="roles"))
            for name in ("xem", "sua"):
                grants.put_role(tx, OPERATOR, Role("dem", name, name, name))
        for name, role, place in (
            ("admin_a", "agency_admin", "A"),
            ("admin_b", "agency_admin", "B"),
            ("auditor_a", "auditor", "A"),
            ("operator", "province_operator", "P"),
        ):
            of = world.people["auditor_a"] if role == "province_operator" else ""
            world.add_person(name, name, world.post(place), username=name, administrator_of=of)
            world.grant(name, role, place)
        yield world


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_registered_shown_and_listed(world: World, kind: Kind) -> None:
    handle = world.handle("admin_a")
    made = handle.register(world.draft(kind, contact="0274 1", start_url="https://lich.vn/"))
    assert bool(made.secret) == (kind in ("web", "service", "ldap"))
    assert made.is_connected == (kind != "ldap")
    shown = handle.show(made.id)
    assert (shown.kind, shown.app.sharing, shown.owner) == (kind, "internal", shown.opened[0].name)
    assert (shown.app.contact, shown.app.start_url) == ("0274 1", "https://lich.vn/")
    assert shown.change.allowed and shown.acts
    handle.change(shown, {"name": f"Sách {kind}", "contact": "", "description": "Mới"})
    page = handle.page(ApplicationQuestion(text="sach", kind=kind))
    assert [(each.app.name, each.kind) for each in page.applications] == [(f"Sách {kind}", kind)]
    again = handle.show(shown.app.id)
    assert (again.app.contact, again.app.description) == (None, "Mới")
    handle.disable(shown, "thử")
    off = handle.page(ApplicationQuestion(kind=kind, state="disabled"))
    assert [each.app.id for each in off.applications] == [shown.app.id]
    handle.enable(again, "thử xong")
    assert not handle.show(shown.app.id).app.disabled_at


def test_all_faults_of_a_draft_are_told_by_their_fields(world: World) -> None:
    bad = world.draft(
        name="", redirect_uris=("http://lich.vn/cb",), backchannel_logout_uri="javascript:x"
    )
    with pytest.raises(Invalid) as refused:
        world.handle("admin_a").register(bad)
    fields = [fault.params["field"] for fault in (refused.value, *refused.value.also)]
    assert fields == ["name", "redirect_uris", "backchannel_logout_uri"]
    with pytest.raises(Invalid) as refused:
        world.handle("admin_a").register(world.draft("ldap", start_url="http://lich.vn/"))
    assert refused.value.params["field"] == "start_url"


def test_what_is_not_theirs_is_not_registered_nor_opened(world: World) -> None:
    handle = world.handle("admin_a")
    b, p = world.places["B"], world.places["P"]
    refused: list[tuple[dict[str, Any], str]] = [
        ({"owner_id": b}, "application.not_yours"),
        ({"owner_id": p}, "application.not_yours"),
        ({"sharing": "shared"}, "application.not_yours"),
        ({"agencies": (b,)}, "application.opens_beyond"),
        ({"access": "everyone"}, "application.opens_beyond"),
        ({"access": "roles"}, "application.opens_beyond"),
    ]
    before = handle.page(ApplicationQuestion()).total
    for more, code in refused:
        for kind in KINDS:
            with pytest.raises(Forbidden, match=code):
                handle.register(world.draft(kind, **more))
    assert handle.page(ApplicationQuestion()).total == before
    mine = _id_of(handle.register(world.draft(name="Của A")))
    for more, code in refused:
        with pytest.raises(Forbidden, match=code):
            handle.change(handle.show(mine), more)


def test_an_application_of_others_answers_as_a_missing_one(world: World) -> None:
    theirs = _id_of(world.handle("admin_b").register(world.draft(owner="B", name="Của B")))
    handle = world.handle("admin_a")
    attempts: list[Callable[[str], object]] = [
        handle.show,
        handle.show_for_change,
        lambda one: handle.change(handle.show(one), {"name": "x"}),
        lambda one: handle.rotate_secret(one, at_once=False),
        lambda one: handle.disable(handle.show(one), "x"),
        lambda one: handle.enable(handle.show(one), "x"),
        lambda one: handle.set_logo(handle.show_for_change(one), b""),
    ]
    for attempt in attempts:
        told = []
        for one in (theirs, new_id(), "\0", "x" * 300):
            with pytest.raises(NotFound) as refused:
                attempt(one)
            told.append((refused.value.code, dict(refused.value.params)))
        assert len({str(each) for each in told}) == 1
    found = [each.app.id for each in handle.page(ApplicationQuestion(text="cua b")).applications]
    assert found == []
    assert world.handle("operator").show(theirs).app.name == "Của B"


def test_a_shared_one_is_seen_by_all_and_its_connection_by_its_agency(world: World) -> None:
    shared = _id_of(
        world.handle("operator").register(
            world.draft(sharing="shared", access="everyone", agencies=(), name="Dùng chung")
        )
    )
    own, other = (world.handle(who).show(shared) for who in ("admin_a", "admin_b"))
    assert own.client is not None and other.client is None
    assert own.acts is not None and other.acts is None
    assert other.kind == "web"
    for who in ("admin_a", "admin_b", "auditor_a"):
        assert not world.handle(who).show(shared).change.allowed
        with pytest.raises(Forbidden, match=r"application\.read_only"):
            handle = world.handle(who)
            handle.disable(handle.show(shared), "x")


def test_our_own_console_is_nobodys_to_change_here(world: World) -> None:
    shown = world.handle("operator").show("danh-muc")
    assert (shown.change.allowed, shown.change.reason) == (False, "built_in")
    with pytest.raises(Forbidden, match=r"application\.read_only"):
        world.handle("operator").disable(shown, "thử")


def test_what_the_province_does_to_an_application_its_agency_can_read(world: World) -> None:
    mine = _id_of(world.handle("admin_a").register(world.draft(name="Xem được")))
    world.handle("operator").rotate_secret(mine, at_once=True)
    shown = world.handle("admin_a").show(mine)
    assert shown.acts and shown.acts[0].first.kind == "client.secret_rotated"


def test_who_may_not_weaken_a_connection_asks_no_tokens_for_apis_of_others(world: World) -> None:
    mine = _id_of(world.handle("admin_a").register(world.draft("service", name="Máy")))
    actor = Actor("person", world.people["admin_a"])
    change = service.update_client
    for more in ({"resources": ["https://api.vn/"]},):
        with pytest.raises(Forbidden):
            change(world.installation, actor, REGISTRATION, mine, more)
    web = _id_of(world.handle("admin_a").register(world.draft(name="Trang")))
    with pytest.raises(Forbidden):
        change(world.installation, actor, REGISTRATION, web, {}, pkce_exempt="cũ")


def test_refusals_are_in_the_log(world: World) -> None:
    with pytest.raises(AppError):
        world.handle("admin_a").register(world.draft(owner="B"))
    with world.installation.database.read() as tx:
        (event,) = list_events(tx, kind="authz.denied", limit=1)
    assert event.fields["action"] == "applications:write"
    assert event.fields["object"] == f"agency:{world.places['B']}"


def test_how_many_may_enter_is_counted_as_it_is_decided(world: World) -> None:
    def add(name: str, *posts: Post) -> None:
        world.add_person(name, name, *posts, username=name)

    add("c1", world.post("A1"))
    add("c2", world.post("A1"), world.post("B", kind="concurrent"))
    add(
        "c3",
        world.post("B"),
        world.post("A1", kind="concurrent", start="2020-01-01", end="2021-01-01"),
    )
    world.grant("c1", "xem", "A1", application_id="dem")
    world.grant("c1", "sua", "A1", application_id="dem")
    world.grant("c2", "xem", "A1", application_id="dem", start="2020-01-01", end="2020-12-31")
    held = world.post("A1", kind="concurrent")
    add("c4", world.post("B"), held)
    world.grant("c4", "xem", "A1", application_id="dem", holder_kind="post", holder_id=held.id)
    a1 = (world.places["A1"],)
    with world.installation.database.read() as tx:
        app = applications.find(tx, "dem")
        assert app is not None
        assert count_entrants(tx, replace(app, access="roles")) == 2
        assert count_entrants(tx, replace(app, access="agencies", agencies=a1)) == 3
        everyone = count_entrants(tx, replace(app, access="everyone"))
        assert everyone == len(world.people)
