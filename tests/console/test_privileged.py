"""Privileged roles: on one page with what looks wrong; asked for, approved by a second person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import true, update

from directory.access.privileged import Concern
from directory.access.privileged_handles import PrivilegedFor
from directory.actor import Actor
from directory.audit.log import record
from directory.authz import grants
from directory.authz.events import AUTHZ_DENIED
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.tables import role_grant
from directory.clock import DAY, now_ms, today
from directory.people import service as people
from directory.requests.register import RequestQuestion, list_requests
from tests.console.test_applications import send
from tests.console.test_giving import first
from tests.console.test_requests import decide
from tests.console.world import World, told
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.both_engines

PATH = "/dac-quyen"
_SOON = (today() + timedelta(days=10)).isoformat()


@pytest.fixture(scope="module", autouse=True)
def _operators(world: World) -> Iterator[None]:
    """Two operators, an officer, and auditors of the province and of A, each as they should be."""
    for name, role in (
        ("op1", "province_operator"),
        ("op2", "province_operator"),
        ("officer", "security_officer"),
    ):
        own = world.add_person(f"{name}_own", f"Vũ {name.title()}", world.post("A"))
        world.add_person(name, f"Vũ {name.title()}", world.post("A"), administrator_of=own.id)
        world.grant(name, role, "P")
    for name, place in (("auditor", "P"), ("auditor_a", "A")):
        world.add_person(name, f"Hồ {name.title()}", world.post("A"))
        world.grant(name, "auditor", place)
    yield


def account(world: World, name: str) -> str:
    """A new administration account of a new person."""
    own = world.add_person(f"{name}_own", f"Mạc {name.title()}", world.post("A"))
    return world.add_person(
        name, f"Mạc {name.title()}", world.post("A"), administrator_of=own.id
    ).id


def test_what_differs_in_its_place_alone_is_one_line(world: World) -> None:
    """As the whole province is, where its tree has several tops."""
    account(world, "two_places")
    for place in ("P", "B"):
        world.grant("two_places", "security_officer", place)
    page = world.browser("op1").get(PATH).text
    (row,) = [each for each in page.split("<tr") if ">Mạc Two_Places" in each]
    assert row.count('href="/quyen/') == 2
    assert "Nơi P" in row and "Nơi B" in row


def concerns(world: World, name: str) -> set[Concern]:
    found = PrivilegedFor(world.installation, OPERATOR).list().holders
    return {c for one in found if one.grant.holder_id == world.people[name] for c in one.concerns}


@pytest.mark.parametrize(
    ("actor", "status"),
    [("op1", 200), ("officer", 200), ("auditor", 200), ("auditor_a", 403), ("admin_a", 403),
     ("inspector", 403)],
)  # fmt: skip
def test_whoever_looks_after_the_province_reads_it(world: World, actor: str, status: int) -> None:
    browser = world.browser(actor)
    answer = browser.get(PATH)
    assert answer.status_code == status
    listed = browser.get("/quyen").text
    assert (f'href="{PATH}"' in listed) == (status == 200)
    if status == 200:
        page = told(answer)
        assert "Vũ Op1" in page
        assert "tài khoản của Vũ Op1" in page
        assert ("Cấp vai trò này" in page) == (actor == "op1")


def test_it_costs_few_statements(world: World) -> None:
    browser = world.browser("op1")
    with world.counting() as count:
        browser.get(PATH)
    assert len(count.sql) <= 12, count.sql


def test_what_looks_wrong_is_said(world: World) -> None:
    for name in ("named", "unused", "soon", "away"):
        account(world, name)
    assert not concerns(world, "named")
    world.grant("unused", "security_officer", "P")
    world.grant("soon", "security_officer", "P", end=_SOON)
    world.grant("away", "security_officer", "P")
    people.suspend(world.installation, OPERATOR, world.people["away"], "đình chỉ")
    assert concerns(world, "unused") == set()
    with world.installation.database.write() as tx:
        of_unused = role_grant.c.holder_id == world.people["unused"]
        long_ago = now_ms() - 91 * DAY
        tx.execute(update(role_grant).where(of_unused).values(granted_at=long_ago))
        by_hand = role_grant.c.holder_id == world.people["op2"]
        tx.execute(update(role_grant).where(by_hand).values(approved_by=None))
        tx.execute(
            update(role_grant)
            .where(role_grant.c.holder_id == world.people["soon"])
            .values(approved_by=None, granted_by=f"person:{world.people['op1']}")
        )
    assert concerns(world, "unused") == {"unused"}
    assert concerns(world, "soon") == {"ends_soon", "no_second"}
    assert concerns(world, "away") == {"not_active"}
    assert concerns(world, "op2") == {"by_command"}
    counted = PrivilegedFor(world.installation, OPERATOR).count_concerns()
    assert counted == 3
    page = world.browser("auditor").get("/hom-nay").text
    assert f'href="{PATH}"' in page
    assert f'href="{PATH}"' not in world.browser("auditor_a").get("/hom-nay").text
    # Whoever does something with it uses it.
    with world.installation.database.write() as tx:
        actor = Actor("person", world.people["unused"])
        record(tx, AUTHZ_DENIED, actor, action="x:y", object="province", reason="no_role")
    assert concerns(world, "unused") == set()


def test_too_few_are_said(world: World) -> None:
    found = PrivilegedFor(world.installation, OPERATOR).list()
    assert {role.name: role.has_few for role in found.roles}["province_operator"] is False
    people.suspend(world.installation, OPERATOR, world.people["op2"], "nghỉ phép")
    try:
        found = PrivilegedFor(world.installation, OPERATOR).list()
        assert {role.name: role.has_few for role in found.roles}["province_operator"] is True
        assert "ít hơn hai người giữ" in told(world.browser("op1").get(PATH))
    finally:
        people.resume(world.installation, OPERATOR, world.people["op2"], "xong")


def test_it_is_asked_for_and_a_second_operator_approves(world: World) -> None:
    holder = account(world, "new")
    browser = world.browser("op1")
    assert f'href="/quyen/cap?vai-tro={ADMIN_APPLICATION}:security_officer"' in (
        browser.get(PATH).text
    )
    tag = f"{ADMIN_APPLICATION}:security_officer"
    page = first(browser, cho=f"person:{holder}", vai_tro=tag)
    look = send(browser, page, "/quyen/cap", reason="Phân công", agency=world.places["P"])
    assert "người thứ hai" in told(look)
    done = send(browser, look, "/quyen/cap/xem")
    assert "Đã gửi" in done.text
    assert not _held(world, holder)
    with world.installation.database.read() as tx:
        asked, *_ = list_requests(tx, RequestQuestion(), true(), limit=1)
    # Neither whoever asked, nor whoever gives nothing, nor the holder.
    for who in ("op1", "op1_own", "auditor", "officer", "new", "new_own"):
        assert "Đã phê duyệt" not in decide(world, who, asked, "phe-duyet"), who
        assert not _held(world, holder)
    assert "Đã phê duyệt" in decide(world, "op2", asked, "phe-duyet")
    (given,) = _held(world, holder)
    assert given.given_by == f"person:{world.people['op1']}"
    assert given.approved_by == f"person:{world.people['op2']}"
    assert "Mạc New" in told(world.browser("auditor").get(PATH))
    assert concerns(world, "new") == set()


def _held(world: World, holder: str) -> list[Grant]:
    with world.installation.database.read() as tx:
        return list(grants.list_grants(tx, holder_id=holder))


def test_somebodys_own_account_is_refused_it_with_the_reason(world: World) -> None:
    browser = world.browser("op1")
    tag = f"{ADMIN_APPLICATION}:security_officer"
    page = first(browser, cho=f"person:{world.people['a1']}", vai_tro=tag)
    again = send(browser, page, "/quyen/cap", reason="x", agency=world.places["P"])
    assert "chỉ cấp cho tài khoản quản trị" in told(again)
    assert not _held(world, world.people["a1"])


def test_it_leaves_as_a_file_that_is_noted(world: World) -> None:
    browser = world.browser("auditor")
    form = {"csrf_token": world.token_of(browser), "dang": "csv", "ly-do": ""}
    answer = browser.post(f"{PATH}/xuat", form)
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert any("Vũ Op1 (op1)" in row for row in rows)
    assert "vai-tro-dac-quyen" in answer.headers["Content-Disposition"]
    log = told(world.browser("op1").get("/nhat-ky"))
    assert "xuất danh sách vai trò đặc quyền" in log


def test_it_is_told_in_english_too(world: World) -> None:
    page = told(world.browser("op1").get(f"{PATH}?lang=en"))
    assert "Privileged roles" in page
    assert "account of Vũ Op1" in page
