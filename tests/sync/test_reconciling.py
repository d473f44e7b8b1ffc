"""What a target really holds is read, told, and mended; what is nobody's is left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from directory.actor import Actor
from directory.authz import applications, grants
from directory.catalogue.person import Person
from directory.clock import DAY, now_ms
from directory.errors import AppError, Forbidden
from directory.people import service
from sync.engine import accounts, connectors, matching, reconciling
from sync.engine.reconciling import Report
from tests.support.command_line import run_here
from tests.support.installation import OPERATOR
from tests.sync.kept_accounts import Sync, send
from tests.sync.scim_server import Answer, Asked, answers

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def read(sync: Sync, *, repairs: bool = True) -> Report:
    """What the worker does when somebody asks for a reading."""
    reconciling.begin(sync.installation, OPERATOR, sync.name, repairs=repairs)
    sync.run()
    with sync.installation.database.read() as tx:
        return reconciling.report(tx, sync.name)


def user_of(sync: Sync, person: Person) -> dict[str, Any]:
    user = sync.user(person)
    assert user is not None
    return user


def change(sync: Sync, person: Person, path: str, value: object) -> None:
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": path, "value": value}],
    }
    send(sync, "PATCH", f"/Users/{user_of(sync, person)['id']}", body)


@pytest.mark.both_engines
def test_what_somebody_changed_there_is_mended_and_what_is_nobodys_left(sync: Sync) -> None:
    changed, disabled, deleted, revived, _untouched = people = [sync.joiner() for _ in range(5)]
    sync.run()
    service.suspend(sync.installation, OPERATOR, revived.id, "nghỉ việc")
    sync.run()
    change(sync, changed, "displayName", "Ai Đó")
    change(sync, disabled, "active", False)
    change(sync, revived, "active", True)
    send(sync, "DELETE", f"/Users/{user_of(sync, deleted)['id']}")
    send(sync, "POST", "/Users", {"schemas": [_USER], "userName": "quan-tri"})
    report = read(sync, repairs=False)
    told = {"differs": 1, "disabled": 1, "missing": 1, "revived": 1, "unknown": 1}
    assert (dict(report.counts), report.repaired, report.accounts) == (told, 0, 5)
    assert user_of(sync, changed)["displayName"] == "Ai Đó", "it was to be told alone"
    report = read(sync)
    assert (dict(report.counts), report.repaired) == (told, 4)
    sync.run()
    assert user_of(sync, changed)["displayName"] == changed.full_name
    assert [user_of(sync, each)["active"] for each in people] == [True, True, True, False, True]
    assert sync.server.user("quan-tri") is not None
    assert dict(read(sync).counts) == {"unknown": 1}
    (last, *_) = sync.events("connector.reconciled")[::-1]
    assert (last["accounts"], last["findings"], last["repaired"]) == (6, 1, 0)


@pytest.mark.both_engines
def test_who_was_put_into_a_group_or_taken_out_of_it_there_is_told_and_mended(sync: Sync) -> None:
    taken_out, settled = sync.joiner(), sync.joiner()
    outsider = sync.joiner()
    sync.run()
    (grant,) = grants_of(sync, outsider)
    with sync.installation.database.write() as tx:
        app = applications.find(tx, sync.application)
        assert app is not None
        applications.put(tx, OPERATOR, replace(app, access="everyone"))
        grants.revoke_grant(tx, OPERATOR, grant, "thôi")
    sync.run()
    ids = {each.id: user_of(sync, each)["id"] for each in (taken_out, settled, outsider)}
    assert members(sync) == {ids[taken_out.id], ids[settled.id]}
    in_theirs = [{"value": ids[settled.id]}]
    theirs = {"schemas": [_GROUP], "displayName": "Của họ", "members": in_theirs}
    send(sync, "POST", "/Groups", theirs)
    only = [*in_theirs, {"value": ids[outsider.id]}]
    send(sync, "PUT", f"/Groups/{group(sync)['id']}", {**group(sync), "members": only})
    report = read(sync, repairs=False)
    assert dict(report.counts) == {"differs": 2}, "groups of others are their own matter"
    assert sorted(each.detail for each in report.findings) == [
        "groups: - ≠ Văn thư",
        "groups: Văn thư ≠ -",
    ]
    assert members(sync) == {ids[settled.id], ids[outsider.id]}, "it was to be told alone"
    sync.server.asked.clear()
    assert read(sync).repaired == 2
    sync.run()
    assert members(sync) == {ids[taken_out.id], ids[settled.id]}
    sent = [asked for asked in sync.server.asked if "/Groups/" in asked.path and asked.body]
    assert {asked.method for asked in sent} == {"PATCH"}, "never the whole group"
    assert all(len(json.dumps(asked.body)) < 400 for asked in sent), "member by member"
    assert dict(read(sync).counts) == {}


def group(sync: Sync) -> dict[str, Any]:
    (found,) = [each for each in sync.server.groups() if each["displayName"] == "Văn thư"]
    return found


def members(sync: Sync) -> set[str]:
    return {member["value"] for member in group(sync).get("members", [])}


def grants_of(sync: Sync, person: Person) -> list[str]:
    with sync.installation.database.read() as tx:
        return [each.id for each in grants.list_standing(tx, "person", person.id)]


@pytest.mark.parametrize(
    "answer",
    [
        answers("404 Not Found"),
        answers("403 Forbidden"),
        answers("500 Internal Server Error", b"<html>"),
        answers("200 OK", b"x" * 2_000_000),
        answers("200 OK", b'{"Resources": [7, {"id": 1, "displayName": ["a"], "members": "x"}]}'),
        answers(
            "200 OK",
            json.dumps(
                {"Resources": [{"id": "1", "displayName": "V", "members": [None, {"value": {}}]}]}
            ).encode(),
        ),
    ],
    ids=["none", "forbidden", "500", "long", "types", "members"],
)
def test_groups_that_cannot_be_read_are_not_compared_and_accounts_are(
    sync: Sync, answer: Answer
) -> None:
    person = sync.joiner()
    sync.run()
    change(sync, person, "displayName", "Ai Đó")
    sync.server.before = lambda asked: answer if asked.path.startswith("/Groups") else None
    report = read(sync, repairs=False)
    (finding,) = [each for each in report.findings if each.kind != "groups"]
    assert (report.is_over, finding.kind) == (True, "differs")
    assert finding.detail.startswith("displayName: Ai Đó ≠")
    is_told = b"Resources" not in answer[2]
    assert report.counts.get("groups", 0) == is_told, "that they are not compared is told"
    shown = run_here(["connector", "status", sync.name, "--json"], sync.fed.running.environment)
    assert json.loads(shown.stdout)[0]["groups_untold"] is is_told


def test_groups_too_large_to_be_read_are_compared_by_what_users_say(sync: Sync) -> None:
    stays, taken_out, put_in = sync.joiner(), sync.joiner(), sync.joiner()
    sync.run()
    said = {stays.id: ["Văn thư"], taken_out.id: [], put_in.id: ["Văn thư"]}
    put_in_by_us = {"value": "g", "display": "Của họ", "type": "indirect"}

    def answer(asked: Asked) -> Answer | None:
        if asked.method == "GET" and asked.path == "/Groups" and "members" not in asked.query:
            return answers("200 OK", b"x" * 2_000_000)
        if asked.method == "GET" and asked.path == "/Users" and "filter" not in asked.query:
            users = sync.server.users()
            for user in users:
                names = said.get(user["externalId"], [])
                told = [{"value": "g", "display": name} for name in names]
                if told:
                    user["groups"] = [*told, put_in_by_us]
            body = {"totalResults": len(users), "Resources": users}
            return answers("200 OK", json.dumps(body).encode())
        return None

    sync.server.before = answer
    report = read(sync, repairs=False)
    told = [(each.person_id, each.kind, each.detail) for each in report.findings]
    assert told == [(taken_out.id, "differs", "groups: - ≠ Văn thư")]


@pytest.mark.both_engines
def test_groups_that_somebody_there_changes_each_day_are_mended_each_day(sync: Sync) -> None:
    person, other = sync.joiner(), sync.joiner()
    sync.run()
    for day, kind in enumerate(("differs", "again", "again")):
        only = [{"value": user_of(sync, other)["id"]}]
        send(sync, "PUT", f"/Groups/{group(sync)['id']}", {**group(sync), "members": only})
        report = read(sync)
        assert (dict(report.counts), report.repaired) == ({kind: 1}, 1), day
        sync.run()
        assert user_of(sync, person)["id"] in members(sync)
    assert dict(read(sync).counts) == {}


def test_a_place_that_the_target_forgot_is_read_from_the_beginning(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(3)]
    sync.run()
    users = sync.server.users()
    lasting = ["old"]

    def pages(asked: Asked) -> Answer | None:
        if asked.method != "GET" or asked.path != "/Users":
            return None
        age, _, at = dict(parse_qsl(asked.query)).get("cursor", f"{lasting[-1]}:0").partition(":")
        if age == "old" and at != "0":
            return answers("400 Bad Request", b'{"scimType": "expiredCursor"}')
        following = f"{age}:{int(at) + 1}" if int(at) < 2 else None
        page = {"totalResults": 3, "Resources": users[int(at) :][:1], "nextCursor": following}
        return answers("200 OK", json.dumps(page).encode())

    sync.server.before = pages
    assert not read(sync).is_over
    assert {sync.state(each).state for each in people} == {"in_step"}, "nobody is missing"
    lasting.append("new")
    sync.due_now()
    sync.run()
    with sync.installation.database.read() as tx:
        report = reconciling.report(tx, sync.name)
    assert (report.is_over, report.accounts, dict(report.counts)) == (True, 3, {})


def test_an_account_that_says_it_is_of_somebody_who_may_not_enter_is_disabled(sync: Sync) -> None:
    settled, stranger = sync.joiner(), sync.fed.someone_known()
    sync.run()
    body = {"schemas": [_USER], "userName": stranger.username, "externalId": stranger.id}
    send(sync, "POST", "/Users", {**body, "active": True})
    assert dict(read(sync).counts) == {"unlinked": 1}
    sync.run()
    assert user_of(sync, stranger)["active"] is False
    assert user_of(sync, settled)["active"] is True


def test_accounts_of_others_and_second_ones_are_told_and_never_touched(sync: Sync) -> None:
    first, second = sync.joiner(), sync.joiner()
    sync.run()
    change(sync, first, "externalId", "somebody-else")
    send(sync, "POST", "/Users", {"schemas": [_USER], "userName": "hai", "externalId": second.id})
    before = sync.server.users()
    assert dict(read(sync).counts) == {"anothers": 1, "twice": 1}
    assert sync.state(first).state == "conflict"
    service.change_person(sync.installation, OPERATOR, first.id, {"full_name": "Lê Thị Khác"})
    sync.run()
    assert sync.server.users() == before


def test_a_list_that_is_empty_makes_nobodys_account_anew(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(4)]
    sync.run()
    nothing = json.dumps({"totalResults": 0, "Resources": []}).encode()

    def empty(asked: Asked) -> Answer | None:
        is_list = asked.method == "GET" and asked.path == "/Users"
        return answers("200 OK", nothing) if is_list else None

    sync.server.before = empty
    report = read(sync)
    assert (dict(report.counts), report.repaired) == ({"missing": len(people)}, 0)
    assert {sync.state(each).state for each in people} == {"in_step"}


def test_what_the_target_wants_otherwise_is_not_changed_every_day(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()

    def spoil(asked: Asked, answer: Answer) -> Answer:
        name = json.dumps(person.full_name).encode()
        kept = (
            answer[2].replace(name, b'"NGUYEN VAN"').replace(person.full_name.encode(), b"NGUYEN")
        )
        headers = [each for each in answer[1] if each[0].lower() != "content-length"]
        return answer[0], headers, kept

    sync.server.after = spoil
    assert dict(read(sync).counts) == {"differs": 1}
    sync.run()
    for _ in range(2):
        report = read(sync)
        assert (dict(report.counts), report.repaired) == ({"kept": 1}, 0)


@pytest.mark.parametrize("forever", [True, False], ids=["same page for ever", "one at a time"])
def test_it_ends_whatever_pages_the_target_gives(sync: Sync, *, forever: bool) -> None:
    people = [sync.joiner() for _ in range(3)]
    sync.run()
    users = sync.server.users()
    given = iter(range(1000))

    def pages(asked: Asked) -> Answer | None:
        if asked.method != "GET" or asked.path != "/Users":
            return None
        at = 0 if forever else next(given)
        page = {"totalResults": 900, "Resources": users[at : at + 1]}
        return answers("200 OK", json.dumps(page).encode())

    sync.server.before = pages
    report = read(sync)
    assert (report.is_over, report.accounts) == (True, 1 if forever else 3)
    assert {sync.state(each).state for each in people} == {"in_step"} or forever


def test_a_target_that_goes_away_meanwhile_is_read_on_later(sync: Sync) -> None:
    sync.joiner()
    sync.run()
    sync.server.before = lambda _: answers("502 Bad Gateway")
    assert not read(sync).is_over
    assert sync.run().is_held
    sync.server.normal()
    sync.due_now()
    sync.run()
    with sync.installation.database.read() as tx:
        assert reconciling.report(tx, sync.name).is_over


def test_once_a_day_it_is_read_by_itself(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    change(sync, person, "displayName", "Ai Đó")
    sync.run()
    assert user_of(sync, person)["displayName"] == "Ai Đó"
    with sync.installation.database.write() as tx:
        connectors.set_values(tx, sync.name, reconciled_at=now_ms() - DAY)
    sync.run()
    assert user_of(sync, person)["displayName"] == person.full_name


def test_many_that_work_again_are_not_disabled_past_the_brake(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(5)]
    sync.run()
    for person in people[:4]:
        service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
        sync.run()
        with sync.installation.database.write() as tx:
            accounts.forget_losses(tx, sync.name)
    for person in people[:4]:
        change(sync, person, "active", True)
    assert dict(read(sync).counts) == {"revived": 4}
    assert sync.run().is_held
    assert all(user_of(sync, each)["active"] for each in people)


def test_the_command_says_what_differs(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    change(sync, person, "displayName", "Ai Đó")
    shown = run_here(["connector", "reconcile", sync.name], sync.fed.running.environment)
    assert shown.returncode == 0, shown.stderr
    assert f"displayName: Ai Đó ≠ {person.full_name}" in shown.stdout
    assert "1 accounts, 1 otherwise than they should be, 0 to be mended." in shown.stdout
    done = run_here(
        ["connector", "reconcile", sync.name, "--repair", "--json"],
        sync.fed.running.environment,
    )
    told = json.loads(done.stdout)
    assert (told["over"], told["repaired"], told["counts"]) == (True, 1, {"differs": 1})


def test_accounts_that_were_there_before_are_linked_by_somebodys_word_alone(sync: Sync) -> None:
    sure, likely, other = (sync.joiner() for _ in range(3))
    sync.fed.someone_known()
    mails = ((sure, sure.mail), (likely, ""), (other, "ai-do@example.vn"))
    for person, mail in mails:
        user = {"schemas": [_USER], "userName": person.username, "title": "có trước"}
        send(sync, "POST", "/Users", user | ({"emails": [{"value": mail}]} if mail else {}))
    read(sync)
    sync.run()
    assert [user.get("externalId") for user in sync.server.users()] == [None] * 3
    with sync.installation.database.read() as tx:
        found = matching.list_candidates(tx, sync.name)
    told = [(one.person_id, one.confidence) for one in found]
    assert told == [(sure.id, "high"), (likely.id, "medium"), (other.id, "low")]
    account = user_of(sync, sure)["id"]
    matching.confirm(sync.installation, OPERATOR, sync.name, sure.id, account)
    sync.run()
    user = user_of(sync, sure)
    assert (user["id"], user["externalId"]) == (account, sure.id)
    assert user["displayName"] == sure.full_name
    (matched,) = sync.events("connector.matched", sure)
    assert matched["account"] == sure.username
    assert user_of(sync, likely)["title"] == "có trước"


@pytest.mark.both_engines
def test_what_somebody_says_is_not_theirs_is_not_proposed_until_it_is_taken_back(
    sync: Sync,
) -> None:
    person = sync.joiner()
    sync.run()
    first = sync.joiner()
    for username in (first.username, "ai-do"):
        user = {"schemas": [_USER], "userName": username, "emails": [{"value": first.mail}]}
        send(sync, "POST", "/Users", user)
    read(sync)
    account = user_of(sync, first)["id"]
    words = ["--person", first.username, "--account", account, "--json"]

    def match(*more: str, code: int = 0) -> Any:
        command = ["connector", "match", sync.name, *words, *more]
        done = run_here(command, sync.fed.running.environment)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if code == 0 else done.stderr

    assert "connector.refusal_reason" in match("--refuse", code=1)
    found = match("--refuse", "--reason", "của người cùng tên")
    assert [each["login"] for each in found["candidates"]] == ["ai-do"]
    assert [each["reason"] for each in found["refused"]] == ["của người cùng tên"]
    read(sync)
    with sync.installation.database.read() as tx:
        assert {one.login for one in matching.list_candidates(tx, sync.name)} == {"ai-do"}
    assert "connector.pair_refused" in match(code=1)
    assert match("--take-back")["refused"] == []
    assert match()["confirmed"] == account
    told = [sync.events(f"connector.{kind}", first) for kind in ("match_refused", "matched")]
    assert [len(each) for each in told] == [1, 1]
    assert told[0][0]["reason"] == "của người cùng tên"
    assert len(sync.events("connector.match_refusal_back", first)) == 1
    with pytest.raises(Forbidden):
        actor = Actor("person", person.id)
        matching.refuse_pair(sync.installation, actor, sync.name, first.id, account, "x")


def test_nobody_is_given_an_account_that_is_not_free_or_that_they_may_not_have(sync: Sync) -> None:
    settled, stranger = sync.joiner(), sync.fed.someone_known()
    sync.run()
    send(sync, "POST", "/Users", {"schemas": [_USER], "userName": "co-truoc"})
    read(sync)
    free = sync.server.user("co-truoc")
    assert free is not None
    installation, name = sync.installation, sync.name
    mine = user_of(sync, settled)["id"]
    for person, account, code in (
        (settled, free["id"], "connector.person_has_account"),
        (stranger, free["id"], "connector.person_not_wanted"),
        (stranger, mine, "connector.account_unknown"),
        (stranger, "khong-co", "connector.account_unknown"),
    ):
        with pytest.raises(AppError) as refused:
            matching.confirm(installation, OPERATOR, name, person.id, account)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        actor = Actor("person", settled.id)
        matching.confirm(installation, actor, name, stranger.id, free["id"])


def _list_of(*users: object, total: object = 1) -> bytes:
    return json.dumps({"totalResults": total, "Resources": list(users)}).encode()


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "body",
    [
        b"<html>login</html>",
        b"[" * 100_000,
        b'{"Resources": {"id": "1"}}',
        b'{"totalResults": 10000000000}',
        b'"x"',
        b'{"Resources": [' + b'"x",' * 300_000 + b'"x"]}',
        _list_of(7, None, "x", [], {"id": 7}, {"id": ""}, {"id": "x" * 501, "userName": "a"}),
        _list_of({"id": "1", "userName": None, "externalId": ["a"], "emails": "x", "name": 3}),
        _list_of(
            {"id": "1", "userName": "a\x00b\ud800", "externalId": "' OR 1=1 --", "emails": []},
            {"id": "2", "userName": "b", "emails": [{"value": "\x00\ud800"}]},
            {"id": "\ud800", "userName": "c"},
        ),
        _list_of({"id": "1", "userName": "=HYPERLINK(1)<script>"}, total="many"),
    ],
    ids=["html", "deep", "dict", "count", "text", "long", "ids", "types", "characters", "formula"],
)
def test_whatever_list_a_target_gives_nobody_is_linked_disabled_or_made_anew(
    sync: Sync, body: bytes
) -> None:
    people = [sync.joiner() for _ in range(2)]
    sync.run()
    before = sync.server.users()
    sync.server.before = lambda asked: (
        answers("200 OK", body) if asked.method == "GET" and asked.path == "/Users" else None
    )
    read(sync)
    sync.server.normal()
    sync.due_now()
    sync.run()
    assert sync.server.users() == before
    assert {sync.state(each).state for each in people} == {"in_step"}
