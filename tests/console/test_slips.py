"""Slips in the console: what they do said before, shown once, two for privileged accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from directory.audit.reading import list_events
from directory.catalogue.person import Person
from directory.people import service as people
from directory.requests.register import RequestQuestion, find_request, list_requests
from directory.requests.tables import request as request_table
from idp import printed_codes
from idp.slips import asking, store
from tests.console.test_requests import decide
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR
from tests.support.second_factor import give_totp

pytestmark = pytest.mark.both_engines

MOST_STATEMENTS = 25
_serial = iter(range(1000))


@pytest.fixture(scope="module", autouse=True)
def _operators(world: World) -> Iterator[None]:
    for name, role in (("op_a", "province_operator"), ("op_b", "province_operator")):
        own = world.add_person(f"{name}_own", f"Vũ {name}", world.post("A"))
        world.add_person(name, f"Vũ {name}", world.post("A"), administrator_of=own.id)
        world.grant(name, role, "P")
    world.add_person("desk", "Lý Quầy", world.post("A"))
    world.grant("desk", "help_desk", "A")
    yield


@pytest.fixture
def person(world: World) -> Person:
    return world.add_person(f"slip{next(_serial)}", "Nguyễn Thị Mới", world.post("A.u"))


def path_of(person: Person) -> str:
    return f"/nguoi-dung/{person.id}/phieu"


def give(browser: Browser, person: Person, **typed: str) -> requests.Response:
    """The answer after the form."""
    form = browser.form_of(path_of(person))
    usual = {"purpose": "help", "reason": "đã xem thẻ"}
    return browser.save(path_of(person), form | usual | typed)


def code_on(page: requests.Response) -> str:
    found = re.search(r'slip__letters"[^>]*>([0-9A-Z-]{19})<', page.text)
    assert found, page.text
    return found[1]


def purpose_of(world: World, code: str) -> str:
    typed = printed_codes.find_typed(code)
    assert typed
    with world.installation.database.read() as tx:
        found = store.find_by_code(tx, world.installation.keyring, typed)
    assert found and found.state == "open"
    return found.purpose


def test_the_help_desk_prints_one_and_nobody_sees_it_again(world: World, person: Person) -> None:
    desk = world.browser("desk")
    assert f'href="{path_of(person)}"' in desk.get(f"/nguoi-dung/{person.id}").text
    give_totp(world.installation, person.id)
    with world.counting() as count:
        page = desk.get(path_of(person))
    assert count.numbers[0] <= MOST_STATEMENTS, count.sql
    assert "gỡ 1 yếu tố xác thực" in told(page)
    with world.counting() as count:
        printed = give(desk, person)
    code = code_on(printed)
    assert purpose_of(world, code) == "help" and "<svg" in printed.text
    assert person.username in told(printed) and "/kich-hoat" in printed.text
    again = desk.follow(desk.get(printed.url))
    assert code not in again.text and "chỉ hiện một lần" in told(again)
    with world.installation.database.read() as tx:
        (issued,) = list_events(tx, kind="slip.issued", subject=f"person:{person.id}")
    assert issued.fields["reason"] == "đã xem thẻ"
    assert issued.actor == f"person:{world.people['desk']}"
    back = desk.save(path_of(person) + "/thu-hoi", desk.form_of(path_of(person)))
    assert "không còn hiệu lực" in told(back)


def test_it_is_said_how_it_was_made_sure_who_gets_it(world: World, person: Person) -> None:
    page = give(world.browser("desk"), person, reason=" ")
    assert "xác minh" in told(page) and "slip__letters" not in page.text


def test_who_is_suspended_gets_none(world: World, person: Person) -> None:
    people.suspend(world.installation, OPERATOR, person.id, "thử")
    desk = world.browser("desk")
    assert path_of(person) not in desk.get(f"/nguoi-dung/{person.id}").text
    assert desk.get(path_of(person)).status_code == 409


def test_nobody_gets_power_over_somebody_by_a_slip(world: World) -> None:
    administrator = world.add_person(f"chief{next(_serial)}", "Trần Trưởng", world.post("A"))
    world.grant(administrator.username, "agency_admin", "A")
    for name in ("desk", "admin_a"):
        assert world.browser(name).get(path_of(administrator)).status_code == 403
    assert code_on(give(world.browser("op_a"), administrator))


def test_a_privileged_account_takes_two_and_none_of_them_is_its_own(world: World) -> None:
    own = world.add_person(f"own{next(_serial)}", "Mạc Đặc Quyền", world.post("A"))
    account = world.add_person(
        f"priv{next(_serial)}", "Mạc Đặc Quyền", world.post("A"), administrator_of=own.id
    )
    world.grant(account.username, "security_officer", "P")
    first, second = world.browser("op_a"), world.browser("op_b")
    assert world.browser("admin_a").get(path_of(account)).status_code == 403
    asked = give(first, account)
    assert "/yeu-cau/" in asked.url and "slip__letters" not in asked.text
    request_id = asked.url.rpartition("/")[2]
    with world.installation.database.read() as tx:
        waiting = find_request(tx, request_id)
    assert waiting
    decide(world, "op_a", waiting, "phe-duyet")
    assert "Chờ" in told(first.get(f"/yeu-cau/{request_id}")), "one's own"
    decide(world, "op_b", waiting, "phe-duyet")
    assert "slip__letters" not in give(second, account).text, "who agreed prints none"
    code = code_on(give(first, account))
    assert purpose_of(world, code) == "help"
    # Used up: the next one is asked for anew.
    assert "/yeu-cau/" in give(first, account).url


def test_who_asks_from_outside_is_put_before_the_agency_once(world: World, person: Person) -> None:
    installation = world.installation
    for wanted in (person.id, person.id, "", "khong-co"):
        with installation.database.write() as tx:
            asking.want_help(tx, wanted)
    asking.pass_on(installation)
    asking.pass_on(installation)
    with installation.database.read() as tx:
        about = request_table.c.subject == f"person:{person.id}"
        (asked,) = list_requests(tx, RequestQuestion("open"), about, limit=5)
    page = world.browser("desk").get(f"/yeu-cau/{asked.id}")
    assert person.full_name in told(page) and path_of(person) in page.text
    assert person.full_name in told(world.browser("admin_a").get("/yeu-cau"))
    assert world.browser("admin_b").get(f"/yeu-cau/{asked.id}").status_code == 404
    code_on(give(world.browser("desk"), person))
    with installation.database.read() as tx:
        (settled,) = list_requests(tx, RequestQuestion(""), about, limit=5)
    assert (settled.state, settled.decided_by) == ("approved", f"person:{world.people['desk']}")
