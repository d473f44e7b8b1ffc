"""Notices: who puts them up, what they must say, when they are shown, and what the log keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from admin_ui.components import VOCABULARY
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.authz.roles import Role
from directory.clock import DAY, HOUR, MINUTE, find_instant, minute_of, now_ms
from directory.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from directory.notices import service, showing
from directory.notices.handles import NoticesFor
from directory.notices.service import Notice
from directory.notices.terms import Terms
from tests.support import province
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines


def instant(text: str) -> int:
    found = find_instant(text)
    assert found is not None
    return found


class World(province.World):
    """An operator of the province and an administrator of A."""

    def notices(self, name: str) -> NoticesFor:
        return NoticesFor(self.installation, Actor("person", self.people[name]), VOCABULARY)

    def put_up(self, **more: object) -> Notice:
        with self.installation.database.write() as tx:
            return service.put_up(tx, OPERATOR, a_notice(**more))[0]

    def shown(self, place: str) -> list[str]:
        showing.forget(self.installation.database)
        return [n.terms.text_vi for n in showing.list_shown(self.installation.database, place)]


def a_notice(**more: object) -> Terms:
    terms = Terms("information", "Tin mới", "", ("sign_in", "console"), now_ms() - MINUTE)
    return replace(terms, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with running_installation() as found:
        world = World(found.installation)
        world.add_places({"P": "", "A": "P"})
        with found.installation.database.write() as tx:
            applications.put(tx, OPERATOR, Application(ADMIN_APPLICATION, "Quản trị"))
            for name in ADMIN_ROLES:
                grants.put_role(tx, OPERATOR, Role(ADMIN_APPLICATION, name, name, name))
        world.add_person("operator", "Lê Vận Hành", world.post("P"))
        world.add_person("admin", "Trần Quản Trị", world.post("A"))
        world.grant("admin", "agency_admin", "A")
        boss = world.people["operator"]
        account = world.add_person(
            "operator2", "Lê Vận Hành", world.post("P"), administrator_of=boss
        )
        province.give(found.installation, "province_operator", account.id, world.places["P"])
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """Nothing is up at the beginning of a test."""
    yield running
    with running.installation.database.write() as tx:
        for each in service.list_standing(tx):
            service.take_down(tx, OPERATOR, each.id)


def test_only_operators_and_security_officers_of_the_province_keep_them(world: World) -> None:
    notices = world.notices("admin")
    standing = world.put_up()
    for act in (
        lambda: notices.put_up(a_notice(text_vi="Của tôi")),
        lambda: notices.change(standing.id, a_notice(), 1),
        lambda: notices.take_down(standing.id),
        lambda: notices.show(standing.id),
        notices.standing,
        lambda: notices.ended(1, 10),
    ):
        with pytest.raises(Forbidden):
            act()
    assert world.shown("sign_in") == ["Tin mới"]
    done, is_new = world.notices("operator2").put_up(a_notice(text_vi="Của tỉnh"))
    assert is_new
    (shown,) = [n for n in world.notices("operator2").standing() if n.notice.id == done.id]
    assert shown.put_up_by.vi.startswith("Lê Vận Hành")


def test_a_refusal_leaves_a_mark(world: World) -> None:
    with pytest.raises(Forbidden):
        world.notices("admin").put_up(a_notice())
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="authz.denied")[0]
    assert event.fields["action"] == "notices:write"
    assert "đăng thông báo" in sentence(event, VOCABULARY, {})


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"text_vi": " \u200b "}, "notice.text", "text_vi"),
        ({"text_vi": "a" * 501}, "notice.text", "text_vi"),
        ({"text_en": "a" * 501}, "notice.text_en", "text_en"),
        ({"kind": "loud"}, "notice.kind", "kind"),
        ({"places": ()}, "notice.places", "places"),
        ({"places": ("mars",)}, "notice.places", "places"),
        ({"kind": "maintenance"}, "notice.work", "work_from"),
        ({"kind": "read_only", "work_from": 5}, "notice.work", "work_until"),
        ({"kind": "maintenance", "work_from": 9, "work_until": 9}, "notice.order", "work_until"),
        ({"kind": "maintenance", "work_from": 1, "work_until": 2}, "notice.order", "shown_until"),
        ({"shown_from": 1, "shown_until": 2}, "notice.over", "shown_until"),
        (
            {"kind": "maintenance", "shown_from": 1, "work_from": 1, "work_until": 2},
            "notice.over",
            "work_until",
        ),
    ],
)
def test_what_cannot_be_told_is_refused_at_its_field(
    world: World, wrong: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        world.put_up(**wrong)
    assert (refused.value.code, refused.value.params["field"]) == (code, field)
    assert world.shown("sign_in") == []


def test_it_is_shown_where_and_while_it_is_meant(world: World) -> None:
    now = now_ms()
    world.put_up(text_vi="chỉ quản trị", places=("console",))
    world.put_up(text_vi="để sau", shown_from=now + HOUR)
    world.put_up(text_vi="có hạn", shown_until=now + HOUR)
    assert world.shown("sign_in") == ["có hạn"]
    assert world.shown("console") == ["có hạn", "chỉ quản trị"]
    assert world.shown("account") == []


def test_it_begins_and_ends_also_while_it_is_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = now_ms()
    world.put_up(text_vi="ngắn", shown_until=now + HOUR)
    world.put_up(text_vi="để sau", shown_from=now + HOUR)
    assert world.shown("sign_in") == ["ngắn"]
    monkeypatch.setattr(showing, "now_ms", lambda: now + HOUR)
    listed = showing.list_remembered(world.installation.database, "sign_in")
    assert [each.terms.text_vi for each in listed] == ["để sau"]


@pytest.mark.parametrize(
    ("begins", "ends", "vi", "en"),
    [
        (
            "2199-11-28T20:00",
            "2199-11-28T22:30",
            "Bảo trì hệ thống từ 20:00 đến 22:30 ngày 28/11/2199.",
            "Maintenance: 28/11/2199, 20:00 to 22:30.",
        ),
        (
            "2199-11-28T20:00",
            "2199-11-29T02:00",
            "Bảo trì hệ thống từ 20:00 ngày 28/11/2199 đến 02:00 ngày 29/11/2199.",
            "Maintenance: 28/11/2199 20:00 to 29/11/2199 02:00.",
        ),
    ],
)
def test_maintenance_tells_its_time_and_ends_with_it(
    world: World, begins: str, ends: str, vi: str, en: str
) -> None:
    work_from, work_until = instant(begins), instant(ends)
    found = world.put_up(kind="maintenance", work_from=work_from, work_until=work_until)
    assert found.terms.span == (vi, en)
    assert found.terms.shown_until == work_until
    plain = world.put_up(text_vi="khác", work_from=work_from, work_until=work_until)
    assert plain.terms.span is None


def test_the_same_twice_is_one(world: World) -> None:
    first = world.put_up()
    with world.installation.database.write() as tx:
        again, is_new = service.put_up(tx, OPERATOR, a_notice(shown_from=now_ms()))
    assert (again.id, is_new) == (first.id, False)


def test_more_than_anybody_reads_is_refused(world: World) -> None:
    for number in range(service.MOST_STANDING):
        world.put_up(text_vi=f"Tin {number}")
    with pytest.raises(TooMany):
        world.put_up(text_vi="Tin nữa")


def test_a_change_is_a_version_and_nobody_writes_over_another(world: World) -> None:
    first = world.put_up()
    with world.installation.database.write() as tx:
        second = service.change(tx, OPERATOR, first.id, a_notice(text_vi="Tin sửa"), 1)
    assert second.version == 2
    with world.installation.database.write() as tx:
        with pytest.raises(Conflict) as refused:
            service.change(tx, OPERATOR, first.id, a_notice(text_vi="Của người khác"), 1)
        assert refused.value.code == "notice.changed_meanwhile"
        same = service.change(tx, OPERATOR, first.id, second.terms, 2)
    assert same.version == 2
    assert world.shown("sign_in") == ["Tin sửa"]
    with world.installation.database.read() as tx:
        event = list_events(tx, kind="notice.changed")[0]
    told = sentence(event, VOCABULARY, {})
    assert "“Tin mới” thành “Tin sửa” (thông tin)" in told
    assert "trang đăng nhập, trang quản trị" in told


def test_what_was_taken_down_or_ended_stays_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, ends = world.put_up(), world.put_up(text_vi="hết", shown_until=now_ms() + HOUR)
    with world.installation.database.write() as tx:
        service.take_down(tx, OPERATOR, found.id)
    later = now_ms() + HOUR
    monkeypatch.setattr(service, "now_ms", lambda: later)
    for each, refused in ((found.id, Conflict), (ends.id, Conflict), ("khong-co", NotFound)):
        with world.installation.database.write() as tx:
            with pytest.raises(refused):
                service.take_down(tx, OPERATOR, each)
            with pytest.raises(refused):
                service.change(tx, OPERATOR, each, a_notice(text_vi="lại"), 1)
    listed = world.notices("operator2").ended(1, 500)
    assert {found.id, ends.id} <= {each.notice.id for each in listed.notices}
    assert listed.total == len(listed.notices)


def test_what_ended_long_ago_is_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, stays = world.put_up(text_vi="cũ"), world.put_up(text_vi="còn")
    with world.installation.database.write() as tx:
        service.take_down(tx, OPERATOR, gone.id)
    later = now_ms() + (service.KEPT_DAYS + 1) * DAY
    monkeypatch.setattr(service, "now_ms", lambda: later)
    with world.installation.database.write() as tx:
        service.forget_old(tx)
        assert service.find(tx, gone.id) is None
        assert service.find(tx, stays.id) is not None
    monkeypatch.undo()


def test_the_store_is_asked_once_in_some_seconds(world: World) -> None:
    database = world.installation.database
    world.put_up()
    assert world.shown("sign_in") == ["Tin mới"]
    with world.installation.database.write() as tx:
        service.put_up(tx, OPERATOR, a_notice(text_vi="danach"))
    remembered = showing.list_shown(database, "sign_in")
    assert [each.terms.text_vi for each in remembered] == ["Tin mới"]
    # The process that changes something asks at once.
    world.notices("operator2").put_up(a_notice(text_vi="ngay"))
    assert "ngay" in [each.terms.text_vi for each in showing.list_shown(database, "sign_in")]


@pytest.mark.parametrize(
    "text", ["", "2026-13-01T00:00", "1026-01-01T00:00", "9999-12-31T23:59", "x"]
)
def test_what_is_no_moment_of_these_times(text: str) -> None:
    assert find_instant(text) is None


def test_a_moment_is_read_as_it_is_written() -> None:
    assert minute_of(instant("2026-11-28T20:05")) == "2026-11-28T20:05"
