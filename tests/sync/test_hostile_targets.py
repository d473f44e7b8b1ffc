"""Whatever a target answers: it is recorded in bounds, nobody gets another's account, nothing is
deleted, and when it has come to its senses everybody has one account."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pytest

from directory.catalogue.person import Person
from directory.outbound import client
from directory.people import service
from sync.engine import accounts, connectors, reconciling
from sync.engine.running import run_all
from sync.engine.tables import connector_account
from sync.feed.polling import poll
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department
from tests.support.waiting import wait_until
from tests.sync import rest_server, scim_server
from tests.sync.kept_accounts import Kept, connector_for, definition
from tests.sync.outsider import Fed
from tests.sync.scim_server import Answer, Asked, SpoiledServer, answers

Kind = Literal["scim", "rest"]
Record = dict[str, Any]
# What it answers to a request, knowing an account of somebody else's that it has.
Spoils = Callable[[Asked, Record], Answer | None]

_LONGEST_WAIT = 3_700_000


@dataclass
class Target(Kept):
    """A connector, and the server that goes mad."""

    kind: Kind
    server: Any

    def records(self) -> list[Record]:
        found: list[Record] = self.server.users() if self.kind == "scim" else self.server.accounts()
        return found

    def record(self, person: Person) -> Record | None:
        login, owner = ("userName", "externalId") if self.kind == "scim" else ("ten", "ma")
        found = [each for each in self.records() if each[login] == person.username]
        assert len(found) < 2, "a duplicate"
        assert not found or found[0][owner] == person.id
        return found[0] if found else None


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Kind, SpoiledServer]]:
    with ExitStack() as stack:
        yield {
            "scim": stack.enter_context(scim_server.scim_server()),
            "rest": stack.enter_context(rest_server.rest_server()),
        }


@pytest.fixture(scope="module")
def beside(servers: dict[Kind, SpoiledServer]) -> Iterator[Fed]:
    ports = [each.url.rpartition(":")[2] for each in servers.values()]
    allowed = " ".join(f"127.0.0.1/32:{port}" for port in ports)
    with running_installation(DANHMUC_OUTBOUND_ALLOW=allowed) as running:
        agency = a_department(running.installation, "STTTT")
        poll(running.installation)
        yield Fed(running, agency)


@pytest.fixture
def target(
    beside: Fed, servers: dict[Kind, SpoiledServer], request: pytest.FixtureRequest
) -> Iterator[Target]:
    kind: Kind = request.param
    server: Any = servers[kind]
    server.empty()
    server.normal()
    written = definition if kind == "scim" else rest_server.definition
    token = scim_server.TOKEN if kind == "scim" else rest_server.TOKEN
    with connector_for(beside, partial(written, url=server.url), token) as kept:
        yield Target(kept.fed, kept.name, kept.application, kind, server)
        server.normal()


def _always(answer: Answer) -> Spoils:
    return lambda _asked, _other: answer


def _made(**changed: object) -> Spoils:
    """To a create, what was asked for with something else in it."""

    def answer(asked: Asked, _other: Record) -> Answer | None:
        if asked.method != "POST":
            return None
        body = json.dumps({**asked.body, "id": "77", **changed}).encode()
        return answers("201 Created", body)

    return answer


def _with_anothers_id(asked: Asked, other: Record) -> Answer | None:
    return _made(id=other["id"])(asked, other)


def _with_anothers_account(asked: Asked, other: Record) -> Answer | None:
    return answers("201 Created", json.dumps(other).encode()) if asked.method == "POST" else None


def _with_anothers_list(asked: Asked, other: Record) -> Answer | None:
    """Taken, it says, and whoever is looked for is somebody else, twice."""
    if asked.method == "POST":
        return answers("409 Conflict")
    both = [other, other]
    body = {"Resources": both, "results": both, "totalResults": 2}
    return answers("200 OK", json.dumps(body).encode()) if asked.method == "GET" else None


def _changing() -> Spoils:
    turns = itertools.cycle(
        [b"[]", b'{"results": {}, "Resources": {}}', b"7", b'{"id": {"a": []}}', b'"id"', b"null"]
    )
    return lambda _asked, _other: answers("200 OK", next(turns))


def _later(said: str) -> Spoils:
    return _always(answers("429 Too Many Requests", b"", ("Retry-After", said)))


_HTML = b"<!doctype html><title>Sign in</title>" + b"<p>" * 5000
_BOMB = gzip.compress(b" " * 50_000_000 + b"{}")

CASES: dict[str, Spoils] = {
    "another's id": _with_anothers_id,
    "another's account": _with_anothers_account,
    "another's account when looked for": _with_anothers_list,
    "html": _always(("200 OK", [("Content-Type", "text/html")], _HTML)),
    "html that is refused": _always(("500 Oops", [("Content-Type", "text/html")], _HTML)),
    "ten megabytes": _always(answers("200 OK", b'{"id": "1", "x": "' + b"x" * 10_000_000 + b'"}')),
    "ten megabytes of refusal": _always(answers("400 Bad Request", b"x" * 10_000_000)),
    "a bomb": _always(answers("200 OK", _BOMB, ("Content-Encoding", "gzip"))),
    "redirected inward": _always(
        answers("302 Found", b"", ("Location", "http://169.254.169.254/latest/"))
    ),
    "redirected with its body": _always(
        answers("307 Temporary Redirect", b"", ("Location", "http://127.0.0.1:22/"))
    ),
    "later: a milliard": _later("1000000000"),
    "later: as a power": _later("1e9"),
    "later: negative": _later("-5"),
    "later: in the last year": _later("Fri, 31 Dec 9999 23:59:59 GMT"),
    "later: long ago": _later("Thu, 01 Jan 1970 00:00:00 GMT"),
    "later: digits": _later("9" * 5000),
    "later: nonsense": _later("Mon, 99 Foo 99999 99:99:99 +9999"),
    "a schema that changes": _changing(),
    "deep": _always(answers("200 OK", b'{"a":' * 100_000)),
    "deep list": _always(answers("400 Bad Request", b"[" * 200_000)),
    "not a number": _always(answers("201 Created", b'{"id": NaN}')),
    "infinite": _always(answers("201 Created", b'{"id": 1e999}')),
    "a huge number": _always(answers("201 Created", b'{"id": ' + b"9" * 6000 + b"}")),
    "no UTF-8": _always(answers("201 Created", b'{"id": "\xff\xfe\xfa"}')),
    "halves of characters": _always(answers("201 Created", b'{"id": "\\ud800\\u0000"}')),
    "an empty id": _made(id=""),
    "an id that is a path": _made(id="../Groups/1/../../admin?x=1#y"),
    "an id that is up": _made(id=".."),
    "an id that is long": _made(id="x" * 100_000),
    "an id that is a list": _made(id=["1"]),
    "an error that is a success": _always(
        answers(
            "200 OK",
            b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", '
            b'"error": "\\u0000 khong duoc"}',
        )
    ),
    "nothing": _always(answers("200 OK")),
    "no content": _always(answers("204 No Content")),
    "gone": _always(answers("404 Not Found", b'{"detail": "none"}')),
}


# How an answer is read is the same for both: by a commit each such case is tried with one of them.
_OF_EACH = ("another", "an id", "an error")


def _cases() -> Iterator[Any]:
    for number, (name, spoils) in enumerate(CASES.items()):
        for place, kind in enumerate(("scim", "rest")):
            is_short = name.startswith(_OF_EACH) or number % 2 == place
            marks = () if is_short else pytest.mark.deep
            yield pytest.param(kind, spoils, id=f"{kind}: {name}", marks=marks)


@pytest.mark.parametrize(("target", "spoils"), _cases(), indirect=["target"])
def test_whatever_it_answers(target: Target, spoils: Spoils) -> None:
    settled, mover = target.joiner(), target.joiner()
    target.run()
    before, moved = target.record(settled), target.record(mover)
    assert before is not None
    assert moved is not None
    newcomer = target.joiner()
    target.server.before = lambda asked: spoils(asked, before)
    target.due_now()
    target.run()
    reconciling.begin(target.installation, OPERATOR, target.name, repairs=True)
    target.run()
    _hold_in_bounds(target)
    assert {asked.method for asked in target.server.asked} <= {"GET", "POST", "PATCH", "PUT"}
    assert target.record(settled) == before
    owned = {before["id"], moved["id"]}
    assert target.state(newcomer).remote_id not in {str(each) for each in owned}
    assert target.state(settled).remote_id == str(before["id"])
    target.server.normal()
    connectors.resume(target.installation, OPERATOR, target.name)
    connectors.retry(target.installation, OPERATOR, target.name)
    connectors.replay(target.installation, OPERATOR, target.name, newcomer.id)
    target.time_passes()
    assert [target.state(each).state for each in (settled, mover, newcomer)] == ["in_step"] * 3
    assert target.record(newcomer) is not None
    assert target.record(settled) == before
    assert len(target.records()) == 3


def _hold_in_bounds(target: Target) -> None:
    with target.installation.database.read() as tx:
        found = connectors.get(tx, target.name)
        columns = connector_account.c
        rows = tx.execute(connector_account.select().where(columns.connector == target.name)).all()
    if found.retry_at is not None:
        assert found.retry_at - time.time() * 1000 < _LONGEST_WAIT
    for told in (found.failed_detail, *(row.failed_detail for row in rows)):
        assert len(told or "") <= 300
    assert all(len(row.remote_id or "") <= 500 for row in rows)


@pytest.mark.parametrize("target", ["scim"], indirect=True)
@pytest.mark.parametrize(
    "tag",
    ['W/"\xe9\x7f\x01"', '"' + "x" * 60_000 + '"', "*", '"a", "b"', "", "\t"],
    ids=["odd", "long", "any", "two", "empty", "blank"],
)
def test_whatever_version_it_names(target: Target, tag: str) -> None:
    """What it says of a version goes back to it (If-Match), and can be anything."""
    person = target.joiner()
    target.run()

    def tagged(_asked: Asked, answer: Answer) -> Answer:
        kept = [each for each in answer[1] if each[0].lower() != "etag"]
        return answer[0], [*kept, ("ETag", tag)], answer[2]

    target.server.after = tagged
    service.change_person(target.installation, OPERATOR, person.id, {"full_name": "Lê Đã Đổi"})
    target.run()
    _hold_in_bounds(target)
    target.server.normal()
    connectors.resume(target.installation, OPERATOR, target.name)
    connectors.retry(target.installation, OPERATOR, target.name)
    target.time_passes()
    assert target.state(person).state == "in_step"
    found = target.record(person)
    assert found is not None and found["displayName"] == "Lê Đã Đổi"


class _Drip:
    """A body that comes one byte at a time, until nobody takes it any more or it is let go."""

    def __init__(self) -> None:
        self.sent = 0
        self.is_over = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        while not self.is_over.wait(0.02) and self.sent < 10_000:
            self.sent += 1
            yield b" "


def _drips(drip: _Drip) -> Any:
    return "200 OK", [("Content-Type", "application/json")], drip


@pytest.mark.parametrize("target", ["scim", "rest"], indirect=True)
def test_a_slow_drip_is_cut_off(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_S", 0.3)
    person, drip = target.joiner(), _Drip()
    target.server.before = lambda _asked: _drips(drip)
    assert target.run().is_held
    assert target.state(person).state == "due"
    with target.installation.database.read() as tx:
        assert "outbound.timeout" in str(connectors.get(tx, target.name).failed_detail)
    assert drip.sent < 10_000
    drip.is_over.set()
    monkeypatch.undo()
    target.server.normal()
    target.time_passes()
    assert target.record(person) is not None


@pytest.mark.parametrize("target", ["scim", "rest"], indirect=True)
def test_a_slow_drip_keeps_no_other_connector_waiting(
    target: Target, beside: Fed, servers: dict[Kind, SpoiledServer]
) -> None:
    """While the one gets its bytes, the other's newcomer arrives."""
    other: Kind = "rest" if target.kind == "scim" else "scim"
    slow, drip = servers[other], _Drip()
    slow.normal()
    slow.before = lambda _asked: _drips(drip)
    written = definition if other == "scim" else rest_server.definition
    try:
        with connector_for(beside, partial(written, url=slow.url)) as dripped:
            kept_waiting, person = dripped.joiner(), target.joiner()
            dripped.follow()

            def arrives() -> bool:
                run_all(target.installation)
                return target.record(person) is not None

            wait_until(arrives, 20, every_s=0.1)
            assert not drip.is_over.is_set()
            with target.installation.database.read() as tx:
                states = accounts.find_states(tx, dripped.name, [kept_waiting.id])
            assert [each.state for each in states] in ([], ["due"])
            drip.is_over.set()
    finally:
        drip.is_over.set()
        slow.normal()
        _wait_for_turns()


def _wait_for_turns() -> None:
    """Turns under way write into the folder of the installation, which is about to go."""
    for thread in threading.enumerate():
        if thread.name.startswith("connector."):
            thread.join(30)
            assert not thread.is_alive()
