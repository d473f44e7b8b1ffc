"""Accounts in step with a JSON interface that we did not write, as its definition describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from directory.catalogue.person import Person
from directory.errors import Invalid
from directory.outbound.templates import Body, Text, find_pointer
from directory.people import service
from sync.connectors.rest.templates import Address
from sync.engine import connectors, reconciling
from sync.engine.target import Capability, Refused
from tests.support.installation import OPERATOR
from tests.sync.kept_accounts import Kept, connector_for, installed_beside
from tests.sync.outsider import Fed
from tests.sync.rest_server import TOKEN, RestServer, definition, rest_server
from tests.sync.scim_server import answers


@dataclass
class Rest(Kept):
    """A connector, and the interface it keeps in step."""

    server: RestServer

    def account(self, person: Person) -> dict[str, Any] | None:
        return self.server.account(person.username)


@pytest.fixture(scope="module")
def rest() -> Iterator[RestServer]:
    with rest_server() as running:
        yield running


@pytest.fixture(scope="module")
def beside(rest: RestServer) -> Iterator[Fed]:
    with installed_beside(rest) as found:
        yield found


@pytest.fixture
def kept(beside: Fed, rest: RestServer) -> Iterator[Rest]:
    rest.empty()
    rest.normal()
    with connector_for(beside, partial(definition, url=rest.url), TOKEN) as found:
        yield Rest(found.fed, found.name, found.application, rest)
        rest.normal()


def test_a_joiner_a_mover_a_leaver_and_one_who_comes_back(kept: Rest) -> None:
    person, mover = kept.joiner(), kept.joiner()
    assert kept.run().failed == 0
    made = kept.account(person)
    assert made is not None
    assert (made["ma"], made["ho_ten"], made["dang_dung"]) == (person.id, person.full_name, 1)
    service.change_person(kept.installation, OPERATOR, mover.id, {"full_name": 'Lê "Thị" Mới {ma}'})
    service.suspend(kept.installation, OPERATOR, person.id, "nghỉ việc")
    kept.server.asked.clear()
    kept.run()
    assert sorted(asked.method for asked in kept.server.asked) == ["PATCH", "PATCH"]
    left, moved = kept.account(person), kept.account(mover)
    assert left is not None
    assert moved is not None
    assert (left["dang_dung"], moved["ho_ten"]) == (0, 'Lê "Thị" Mới {ma}')
    service.resume(kept.installation, OPERATOR, person.id, "trở lại")
    kept.run()
    assert kept.account(person) == made


def test_an_account_of_that_name_is_nobodys_and_one_whose_answer_was_lost_ours(kept: Rest) -> None:
    taken, lost, similar = (kept.joiner() for _ in range(3))
    kept.server.write(
        "INSERT INTO cu_nguoidung (ten, ma, dang_dung) VALUES (%s, '', 1)", taken.username
    )
    for number in range(8):  # the search finds all that contain the name, three at a time
        kept.server.write(
            "INSERT INTO cu_nguoidung (ten, ma, dang_dung) VALUES (%s, '', 1)",
            f"a{number}{lost.username}",
        )
    kept.server.after = lambda asked, answer: (
        answers("502 Bad Gateway")
        if asked.method == "POST" and lost.username in str(asked.body)
        else answer
    )
    kept.run()
    assert (kept.state(taken).state, kept.state(similar).state) == ("conflict", "in_step")
    assert kept.state(lost).doubtful_since is not None
    kept.server.normal()
    kept.time_passes()
    assert kept.state(lost).state == "in_step"
    assert [asked.method for asked in kept.server.asked].count("POST") == 0
    account = kept.account(taken)
    assert account is not None
    assert (account["ma"], account["ho_ten"]) == ("", None)


def test_what_differs_is_found_page_by_page_and_mended(kept: Rest) -> None:
    changed, gone, *others = [kept.joiner() for _ in range(7)]
    kept.run()
    kept.server.write("UPDATE cu_nguoidung SET ho_ten = 'Khác' WHERE ma = %s", changed.id)
    kept.server.write("DELETE FROM cu_nguoidung WHERE ma = %s", gone.id)
    reconciling.begin(kept.installation, OPERATOR, kept.name, repairs=True)
    kept.run()
    with kept.installation.database.read() as tx:
        report = reconciling.report(tx, kept.name)
    assert (report.accounts, dict(report.counts)) == (6, {"differs": 1, "missing": 1})
    names = {each["ma"]: each["ho_ten"] for each in kept.server.accounts()}
    assert names == {each.id: each.full_name for each in (changed, gone, *others)}


def test_the_token_goes_where_the_definition_says_and_nowhere_else(kept: Rest) -> None:
    kept.joiner()
    kept.run()
    asked = json.dumps([[each.path, each.body, each.token] for each in kept.server.asked])
    assert TOKEN not in asked
    with kept.installation.database.read() as tx:
        assert TOKEN not in connectors.get(tx, kept.name).source


@pytest.mark.without_sql
@pytest.mark.parametrize(
    "value", ["a/../../admin", "a?x=1", "a#b", "a%2fb", "a b", "Đỗ", "a\r\nHost: b", "a&b=c"]
)
def test_whatever_a_value_is_it_stays_one_part_of_an_address(value: str) -> None:
    made = Address(Text("/users/{x}/"), {"q": Text("ten eq {x}")}).made({"x": value})
    path, _, query = made.partition("?")
    assert path.count("/") == 3
    assert not set("#&\r\n ") & set(made)
    assert query.count("=") == 1


@pytest.mark.without_sql
@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_would_make_another_path_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        Address(Text("/users/{x}"), {}).made({"x": value})


@pytest.mark.without_sql
def test_a_body_is_made_of_values() -> None:
    tree = {
        "a": Text("{x}"),
        "b": {"c": [Text("{on}"), Text("x {x} {nothing}"), 1]},
        "d": Text("{nothing}"),
        "e": None,
    }
    known = {"x": '"}, "admin": true', "on": True}
    made = {"a": '"}, "admin": true', "b": {"c": [True, 'x "}, "admin": true ', 1]}, "e": None}
    assert Body(tree, leaves_out=True).document(known) == made
    assert Body(tree, leaves_out=False).document(known) == {**made, "d": None}


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("pointer", "found"),
    [("/a/0/b~1c", 1), ("/a/1", None), ("/a/x", None), ("/a/-1", None), ("/t/0", None), ("/", ...)],
)
def test_a_pointer_finds_what_stands_there(pointer: str, found: object) -> None:
    document = {"a": [{"b/c": 1}], "t": "text"}
    its = find_pointer(pointer)
    assert its is not None
    assert its.find(document) == (document if found is ... else found)


GOOD = definition("cu", "app", "https://cu.example/api")


@pytest.mark.without_sql
def test_it_can_what_is_described() -> None:
    never = {Capability.BATCH, Capability.FULL}
    able = frozenset(Capability) - never - {Capability.GROUPS, Capability.REPEAT}
    assert connectors.read(GOOD).target.can == able
    by_put = GOOD.replace(
        "path: /nguoi-dung/\n", 'path: "/nguoi-dung/{person_id}"\n      method: PUT\n'
    )
    assert connectors.read(by_put).target.can == able | {Capability.REPEAT}
    grouped = GOOD.replace("dang_dung: true}", 'dang_dung: true, nhom: "{groups}"}')
    assert Capability.GROUPS in connectors.read(grouped).target.can


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("path: /nguoi-dung/\n", "path: nguoi-dung\n", "begins with /"),
        ("path: /nguoi-dung/\n", "path: /a?b=c\n", "without a query"),
        ('"{ten}"', '"{tem}"', "'tem' is missing; the target uses it"),
        ("{ten: /ten, ho_ten: /ho_ten}", "{tem: /ten}", "is none of the attributes here"),
        ("id: /id", "id: id", "no JSON pointer"),
        ("id: /id", "id: /a~2", "no JSON pointer"),
        ("test: {path: /}", 'test: {path: "/{remote_id}"}', "not known when this is asked"),
        ("delete: {path", "delete: {method: SEND, path", "'SEND' is not known"),
        ("test: {path: /}", "tesst: {path: /}", "'tesst' is not known"),
        ("test: {path: /}", "test: {path: /, items: /}", "'items' is not known"),
        ("header: X-Api-Key", 'header: "X Key"', "cannot stand here"),
        ('value: "{token}"', 'value: "a\\r\\nHost: b"', "cannot stand here"),
        ('["400 already exists", "409"]', '["400s"]', "is no status"),
        ("dang_dung: false", "dang_dung: .nan", "is expected"),
        ("dang_dung: false", "dang_dung: !!binary aa==", "is expected"),
        ("  requests:", "  headers: {Host: x}\n  requests:", "cannot be set"),
        ("accounts:\n  ten: username", "roles: {a: b}\naccounts:\n  ten: username", "no groups"),
    ],
)
def test_what_is_wrong_in_a_description_is_said(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(Invalid) as refused:
        connectors.read(GOOD.replace(old, new))
    told = [str(each.params["says"]) for each in (refused.value, *refused.value.also)]
    assert [each for each in told if says in each], told
