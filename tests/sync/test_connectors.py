"""Accounts in step with a foreign SCIM server: joiners, movers, leavers; whatever the target does,
nothing is lost, made twice, or linked to somebody else."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, update

from directory.actor import Actor
from directory.audit.reading import list_events
from directory.authz import applications, grants
from directory.catalogue.person import Person
from directory.clock import DAY
from directory.component import NotWell
from directory.database import lease as leases
from directory.errors import AppError, Forbidden
from directory.people import service
from directory.release import service as release
from sync.changes.rights import publish_rights
from sync.engine import accounts, brake, connectors
from sync.engine.checks import in_step
from sync.engine.following import plan
from sync.engine.running import run_all
from sync.engine.tables import connector, connector_account
from sync.feed.polling import poll
from tests.support.command_line import run_here
from tests.support.installation import OPERATOR
from tests.support.waiting import wait_until
from tests.sync.kept_accounts import Sync, counted_statements, definition, send
from tests.sync.outsider import Fed
from tests.sync.scim_server import (
    TOKEN,
    Answer,
    Asked,
    answers,
)

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.both_engines
def test_a_joiner_a_mover_and_a_leaver(sync: Sync) -> None:
    person = sync.joiner()
    stranger = sync.fed.someone()
    assert sync.run().failed == 0
    user = sync.user(person)
    assert user is not None
    assert (user["externalId"], user["active"]) == (person.id, True)
    assert user["emails"][0]["value"] == person.mail
    assert user[_ENTERPRISE]["department"] == "Sở STTTT"
    assert sync.user(stranger) is None, "who may not enter has no account"
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Thị Mới"})
    sync.server.asked.clear()
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert (user["displayName"], user["name"]["givenName"]) == ("Lê Thị Mới", "Mới")
    methods = [asked.method for asked in sync.server.asked]
    assert methods.count("PATCH") == 1, "a change is one request"
    another = sync.joiner()
    sync.run()
    service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is False
    assert sync.user(another) is not None
    assert [e["act"] for e in sync.events("connector.account", person)] == [
        "created",
        "updated",
        "disabled",
    ]
    service.resume(sync.installation, OPERATOR, person.id, "trở lại")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is True


def test_roles_are_groups_and_a_right_taken_back_ends_the_account(sync: Sync) -> None:
    person, other = sync.joiner(), sync.joiner()
    sync.run()
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    ids = {user["id"] for each in (person, other) if (user := sync.user(each))}
    assert ids <= {member["value"] for member in group["members"]}
    (grant,) = _grants(sync, person)
    with sync.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, grant, "thôi")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is False
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    assert user["id"] not in {member["value"] for member in group.get("members", [])}


def _grants(sync: Sync, person: Person) -> list[str]:
    with sync.installation.database.read() as tx:
        return [each.id for each in grants.list_standing(tx, "person", person.id)]


def test_a_create_whose_answer_is_lost_is_looked_for_before_it_is_made_again(sync: Sync) -> None:
    person = sync.joiner()

    def lose(asked: Asked, answer: Answer) -> Answer:
        if asked.method == "POST" and asked.path.endswith("/Users"):
            return answers("502 Bad Gateway")
        return answer

    sync.server.after = lose
    sync.run()
    assert sync.state(person).doubtful_since is not None
    sync.server.normal()
    sync.time_passes()
    posts = [asked for asked in sync.server.asked if asked.path.endswith("/Users")]
    assert [asked.method for asked in posts if asked.method == "POST"] == []
    assert sync.user(person) is not None
    assert sync.state(person).state == "in_step"


def test_a_leaver_whose_create_was_in_doubt_has_no_account_after_all(sync: Sync) -> None:
    person = sync.joiner()
    sync.joiner(), sync.joiner()
    sync.server.after = lambda asked, answer: (
        answers("502 Bad Gateway") if asked.method == "POST" else answer
    )
    sync.run()
    sync.server.normal()
    service.suspend(sync.installation, OPERATOR, person.id, "nghỉ")
    sync.due_now()
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is False


@pytest.mark.parametrize("says", [{"externalId": "somebody-else"}, {}], ids=["other", "nothing"])
def test_an_account_of_that_name_that_is_not_ours_is_never_taken_over(
    sync: Sync, says: dict[str, str]
) -> None:
    person = sync.joiner()
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": person.username,
        **says,
    }
    send(sync, "POST", "/Users", body)
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user.get("externalId") == says.get("externalId")
    assert "displayName" not in user
    assert sync.state(person).state == "conflict"
    (stuck,) = sync.events("connector.account_stuck", person)
    assert stuck["why"] == "taken"


def test_one_that_was_made_before_a_restore_is_taken_up_again(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    with sync.installation.database.write() as tx:
        accounts.set_state(tx, sync.name, person.id, remote_id=None, held=None, state="due")
    sync.due_now()
    sync.run()
    assert sync.user(person) is not None
    assert sync.state(person).state == "in_step"
    assert [e["act"] for e in sync.events("connector.account", person)] == ["created", "linked"]


def test_a_poison_record_is_set_aside_and_keeps_nobody_waiting(sync: Sync) -> None:
    poison, good = sync.joiner(), sync.joiner()

    def refuse(asked: Asked) -> Answer | None:
        if asked.method == "POST" and poison.username in json.dumps(asked.body):
            return answers("400 Bad Request", b'{"detail": "khong hop le"}')
        return None

    sync.server.before = refuse
    sync.run()
    assert sync.user(good) is not None
    for _ in range(accounts.MOST_TRIES):
        sync.due_now()
        sync.run()
    state = sync.state(poison)
    assert (state.state, state.tries) == ("quarantined", accounts.MOST_TRIES)
    assert "khong hop le" in str(state.failed_detail)
    assert len(sync.events("connector.account_stuck", poison)) == 1
    sync.server.normal()
    sync.due_now()
    sync.run()
    assert sync.user(poison) is None, "it waits for somebody"
    assert connectors.retry(sync.installation, OPERATOR, sync.name, poison.id) == 1
    sync.run()
    assert sync.user(poison) is not None


def _quarantined(sync: Sync) -> Person:
    person = sync.joiner()
    sync.server.before = lambda asked: (
        answers("400 Bad Request") if person.username in json.dumps(asked.body) else None
    )
    for _ in range(accounts.MOST_TRIES):
        sync.due_now()
        sync.run()
    assert sync.state(person).state == "quarantined"
    sync.server.normal()
    return person


@pytest.mark.both_engines
def test_what_was_skipped_is_left_alone_until_it_is_replayed(sync: Sync) -> None:
    person = _quarantined(sync)

    def danhmuc(*words: str) -> Any:
        done = run_here(["connector", *words, "--json"], sync.fed.running.environment)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    asked = ("skip", sync.name, "--person", person.username, "--reason", "tạo tay ở đó")
    assert danhmuc(*asked) == {"connector": sync.name, "person_id": person.id}
    assert "connector.not_stuck" in danhmuc(*asked)
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Bỏ"})
    with sync.installation.database.write() as tx:
        connectors.set_values(tx, sync.name, compared_for=None)
    sync.due_now()
    sync.run()
    connectors.retry(sync.installation, OPERATOR, sync.name)
    sync.run()
    assert sync.user(person) is None
    assert danhmuc("status", sync.name)[0]["skipped"] == 1
    state = sync.state(person)
    assert (state.state, state.failed_code) == ("skipped", "skipped")
    assert state.failed_detail == "tạo tay ở đó"
    assert [e["reason"] for e in sync.events("connector.account_skipped", person)] == [
        "tạo tay ở đó"
    ]
    assert danhmuc("replay", sync.name) == {"connector": sync.name, "accounts": 1}
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["displayName"] == "Lê Văn Bỏ"
    assert sync.state(person).failed_code is None
    assert len(sync.events("connector.account_replayed", person)) == 1


def test_who_was_skipped_and_leaves_is_disabled_all_the_same(sync: Sync) -> None:
    person, *_others = (sync.joiner() for _ in range(4))
    sync.run()
    with sync.installation.database.write() as tx:
        accounts.set_state(tx, sync.name, person.id, state="quarantined")
    connectors.skip(sync.installation, OPERATOR, sync.name, person.id, "sửa tay")
    service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is False


def test_one_person_is_sent_whole_again(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    user = sync.user(person)
    assert user is not None
    change = {"op": "replace", "path": "displayName", "value": "Ai Đó"}
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [change],
    }
    send(sync, "PATCH", f"/Users/{user['id']}", body)
    assert connectors.replay(sync.installation, OPERATOR, sync.name) == 0
    assert connectors.replay(sync.installation, OPERATOR, sync.name, person.id) == 1
    sync.run()
    mended = sync.user(person)
    assert mended is not None
    assert mended["displayName"] == person.full_name


def test_leavers_that_are_replayed_are_counted_by_the_brake(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(6)]
    sync.run()
    with sync.installation.database.write() as tx:
        for person in people:
            accounts.set_state(tx, sync.name, person.id, state="quarantined", is_leaving=True)
    _lock_application(sync, on=True)
    connectors.replay(sync.installation, OPERATOR, sync.name)
    assert sync.run().is_held
    assert all(user["active"] for each in people if (user := sync.user(each)))
    _lock_application(sync, on=False)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "answer",
    [
        answers("500 Internal Server Error", b"<html>oops</html>"),
        answers("302 Found", b"", ("Location", "http://169.254.169.254/")),
        answers("200 OK", b"<html>login</html>"),
        answers("200 OK", b"x" * 2_000_000),
        answers("401 Unauthorized"),
        answers("429 Too Many Requests", b"", ("Retry-After", "99999999999")),
        answers("503 Service Unavailable", b"", ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")),
        answers("200 OK", b"[]"),
        answers("200 OK", b'{"id": 7}'),
        answers("400 Bad Request", b'{"detail": "\\u0000\\ud800\\u202e"}'),
    ],
    ids=["500", "redirect", "html", "long", "401", "429", "503", "list", "no id", "characters"],
)
def test_whatever_a_target_answers_nothing_is_lost_or_deleted(sync: Sync, answer: Answer) -> None:
    settled, person = sync.joiner(), sync.joiner()
    sync.server.before = lambda asked: (
        answer if person.username in json.dumps(asked.body) or "Config" in asked.path else None
    )
    sync.run()
    assert sync.user(person) is None
    with sync.installation.database.read() as tx:
        found = connectors.get(tx, sync.name)
    if found.retry_at is not None:
        assert found.retry_at - time.time() * 1000 < 3_700_000, "an absurd wish is bounded"
    sync.server.normal()
    sync.time_passes()
    assert sync.user(person) is not None
    assert sync.user(settled) is not None


@pytest.mark.both_engines
def test_a_target_that_is_away_gives_nobody_up_and_compacts(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    sync.server.before = lambda _: answers("502 Bad Gateway")
    for number in range(accounts.MOST_TRIES + 2):
        service.change_person(
            sync.installation, OPERATOR, person.id, {"phone": f"0274 {number}", "full_name": "A B"}
        )
        sync.due_now()
        assert sync.run().is_held
    state = sync.state(person)
    assert (state.state, state.tries) == ("due", 0), "it is the target that is away"
    with pytest.raises(NotWell, match="does not answer"):
        with sync.installation.database.write() as tx:
            connectors.set_values(tx, sync.name, failing_since=1)
        in_step(sync.installation)
    sync.server.normal()
    sync.due_now()
    sync.run()
    changes = [a for a in sync.server.asked if (a.method, a.path[:7]) == ("PATCH", "/Users/")]
    assert len(changes) == 1, "however often a person changed, there is one thing to do"
    with sync.installation.database.read() as tx:
        assert connectors.get(tx, sync.name).failing_since is None


@pytest.mark.both_engines
def test_the_brake_stops_before_many_go_and_goes_on_for_as_many_as_were_allowed(
    sync: Sync,
) -> None:
    people = [sync.joiner() for _ in range(6)]
    sync.run()
    _lock_application(sync, on=True)
    assert sync.run().is_held
    assert all(user["active"] for each in people if (user := sync.user(each)))
    (stopped,) = sync.events("connector.stopped")
    assert (stopped["losses"], stopped["accounts"]) == (6, 6)
    with pytest.raises(NotWell, match="6 accounts would go"):
        in_step(sync.installation)
    connectors.resume(sync.installation, OPERATOR, sync.name, losses=5)
    assert sync.run().is_held, "five were allowed, not six"
    connectors.resume(sync.installation, OPERATOR, sync.name, losses=6)
    sync.run()
    assert not any(user["active"] for each in people if (user := sync.user(each)))


def test_what_was_stopped_goes_on_by_itself_when_nobody_would_go_any_more(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(5)]
    sync.run()
    _lock_application(sync, on=True)
    assert sync.run().is_held
    _lock_application(sync, on=False)
    connectors.resume(sync.installation, OPERATOR, sync.name)
    sync.run()
    assert all(user["active"] for each in people if (user := sync.user(each)))
    assert sync.events("connector.account", people[0])[1:] == []


def test_while_everybody_is_looked_at_anew_no_half_of_it_goes_past_the_brake(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(6)]
    sync.run()
    with sync.installation.database.write() as tx:
        connectors.set_values(tx, sync.name, compared_up_to=people[-1].id)
        for person in people:
            accounts.set_state(tx, sync.name, person.id, state="due", is_leaving=True)
        found = connectors.get(tx, sync.name)
    lease = leases.hold(sync.installation.database, "test", "test", 60_000)
    assert lease is not None
    assert brake.pull_if_needed(sync.installation, lease, found), "it waits"
    assert sync.events("connector.stopped") == [], "of what is known in part nothing is told"
    with sync.installation.database.read() as tx:
        assert connectors.get(tx, sync.name).stopped_at is None


@pytest.mark.both_engines
def test_who_came_to_go_after_the_brake_counted_is_counted_first(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(6)]
    sync.run()
    with sync.installation.database.write() as tx:
        for person in people:  # a change of theirs is due, of which nobody knows yet what it is
            accounts.set_state(tx, sync.name, person.id, state="due", due_at=0)
            connectors.set_values(tx, sync.name, compared_for=None)
        applications.disable(tx, OPERATOR, sync.application)
        connectors.set_values(
            tx,
            sync.name,
            compared_for=connectors.rules_of(tx, connectors.get(tx, sync.name)),
        )
    assert sync.run().is_held
    assert all(user["active"] for each in people if (user := sync.user(each)))
    _lock_application(sync, on=False)


def _lock_application(sync: Sync, *, on: bool) -> None:
    with sync.installation.database.write() as tx:
        change = applications.disable if on else applications.enable
        change(tx, OPERATOR, sync.application)


@pytest.mark.both_engines
def test_a_plan_says_what_would_be_done_and_does_nothing(sync: Sync) -> None:
    person = sync.joiner()
    poll(sync.installation)
    sync.server.asked.clear()
    with sync.installation.database.read() as tx:
        planned = list(plan(tx, connectors.get(tx, sync.name).definition))
    assert [(one.person_id, one.step) for one in planned] == [(person.id, "create")]
    assert planned[0].after["userName"] == person.username
    assert planned[0].after["groups"] == "Văn thư"
    sync.run()
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Đổi"})
    sync.server.asked.clear()
    with sync.installation.database.read() as tx:
        (one,) = plan(tx, connectors.get(tx, sync.name).definition)
    assert (one.step, one.after["displayName"]) == ("update", "Lê Văn Đổi")
    assert sync.server.asked == []


@pytest.mark.both_engines
def test_a_plan_takes_as_many_statements_for_many_people_as_for_few(sync: Sync) -> None:
    def count() -> tuple[int, int]:
        poll(sync.installation)
        with (
            counted_statements(sync.installation) as texts,
            sync.installation.database.read() as tx,
        ):
            people = list(plan(tx, connectors.get(tx, sync.name).definition))
        return len(people), len(texts)

    sync.joiner()
    few, statements = count()
    for _ in range(12):
        sync.joiner()
    assert count() == (few + 12, statements)
    assert statements <= 12


def test_a_paused_one_does_nothing_and_forgets_nothing(sync: Sync) -> None:
    assert connectors.pause(sync.installation, OPERATOR, sync.name)
    assert not connectors.pause(sync.installation, OPERATOR, sync.name)
    person = sync.joiner()
    assert sync.run().is_held
    assert sync.user(person) is None
    assert connectors.resume(sync.installation, OPERATOR, sync.name)
    sync.run()
    assert sync.user(person) is not None


def test_a_dead_target_keeps_no_other_waiting(sync: Sync, installed: Fed) -> None:
    dead = f"dead-{sync.name}"
    source = definition(dead, sync.application, "http://127.0.0.1:9/")
    connectors.put(sync.installation, OPERATOR, source)
    try:
        person = sync.joiner()
        poll(sync.installation)
        publish_rights(sync.installation)

        def arrives() -> bool:
            run_all(sync.installation)
            return sync.user(person) is not None

        wait_until(arrives, 20, every_s=0.1)
    finally:
        connectors.remove(sync.installation, OPERATOR, dead)


@pytest.mark.both_engines
def test_another_definition_is_carried_out_for_everybody(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    source = definition(sync.name, sync.application, sync.server.url)
    changed = source.replace("displayName: full_name", "displayName: upper(full_name)")
    connectors.put(sync.installation, OPERATOR, changed, replaces=True)
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["displayName"] == person.full_name.upper()


def test_an_account_that_was_deleted_there_is_made_again(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    user = sync.user(person)
    assert user is not None
    send(sync, "DELETE", f"/Users/{user['id']}")
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Lại"})
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["displayName"] == "Lê Văn Lại"


def test_a_target_that_says_404_to_everything_is_away_and_no_leaver_is_forgotten(
    sync: Sync,
) -> None:
    leaver, mover = sync.joiner(), sync.joiner()
    sync.run()
    service.suspend(sync.installation, OPERATOR, leaver.id, "nghỉ việc")
    service.change_person(sync.installation, OPERATOR, mover.id, {"full_name": "Lê Văn Chuyển"})
    # A proxy before it still tells what the server can do.
    sync.server.before = lambda asked: (
        None if "Config" in asked.path else answers("404 Not Found", b"<html>no such page</html>")
    )
    assert sync.run().is_held
    assert sync.state(leaver).state == "due"
    sync.server.normal()
    sync.time_passes()
    user = sync.user(leaver)
    assert user is not None
    assert user["active"] is False
    assert [asked.method for asked in sync.server.asked].count("POST") == 0


def test_a_target_that_refuses_everybody_makes_nobody_given_up(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(24)]
    sync.server.before = lambda asked: (
        answers("500 Internal Server Error") if asked.path == "/Users" else None
    )
    for _ in range(2):
        sync.due_now()
        assert sync.run().is_held
    posts = [asked for asked in sync.server.asked if asked.method == "POST"]
    assert len(posts) < 2 * len(people), "it is left alone after some"
    assert {sync.state(each).state for each in people} == {"due"}
    sync.server.normal()
    sync.time_passes()
    assert {sync.state(each).state for each in people} == {"in_step"}


def test_the_token_is_in_no_event_no_list_and_sealed(sync: Sync) -> None:
    with sync.installation.database.read() as tx:
        (told,) = [
            event.fields
            for event in list_events(tx, kind="connector.put", limit=1000)
            if event.fields["name"] == sync.name
        ]
        row = tx.execute(connector.select().where(connector.c.name == sync.name)).one()
    assert TOKEN not in json.dumps(dict(told))
    assert TOKEN.encode() not in row.token_sealed
    assert told["token"] is True


@pytest.mark.parametrize(
    ("table", "column"), [(connector_account, "due_at"), (connector, "retry_at")]
)
def test_what_a_clock_that_was_wrong_put_off_for_a_year_is_done(
    sync: Sync, table: Table, column: str
) -> None:
    person = sync.joiner()
    sync.server.before = lambda _: answers("502 Bad Gateway")
    sync.run()
    sync.server.normal()
    year = int(time.time() * 1000) + 365 * DAY
    sync.due_now()
    with sync.installation.database.write() as tx:
        tx.execute(update(table).values({column: year}))
    sync.run()
    sync.time_passes()
    assert sync.user(person) is not None


def test_the_command_line(sync: Sync, tmp_path: Path) -> None:
    person = sync.joiner()
    poll(sync.installation)

    def danhmuc(*words: str) -> Any:
        environment = sync.fed.running.environment
        done = run_here(["connector", *words, "--json"], environment, stdin=TOKEN)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert "patch" in danhmuc("test", sync.name)["says"]
    assert danhmuc("plan", sync.name)["create"] == 1
    assert danhmuc("run", sync.name)["done"] == 1
    assert danhmuc("status", sync.name)[0]["in_step"] == 1
    (target,) = danhmuc("person", person.username, "--connector", sync.name)["targets"]
    assert (target["state"], target["has_account"]) == ("in_step", True)
    shown = run_here(["connector", "list"], sync.fed.running.environment).stdout
    assert re.search(rf"^{sync.name} +runs +1 ", shown, re.M)
    file = tmp_path / "k.yaml"
    for url, warnings in ((sync.server.url, 0), ("http://169.254.169.254/scim", 1)):
        file.write_text(definition(sync.name, sync.application, url))
        added = danhmuc("add", str(file), "--replace", "--token-stdin")  # on another host anew
        assert len(added["warnings"]) == warnings


def test_an_account_whose_groups_failed_is_known_and_gets_them_later(sync: Sync) -> None:
    person = sync.joiner()
    sync.server.before = lambda asked: (
        answers("400 Bad Request") if "/Groups" in asked.path else None
    )
    sync.run()
    assert sync.state(person).remote_id is not None
    assert sync.state(person).state == "due"
    sync.server.normal()
    sync.due_now()
    sync.run()
    assert [asked.method for asked in sync.server.asked].count("POST") <= 1, "of the group alone"
    user = sync.user(person)
    assert user is not None
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    assert user["id"] in {member["value"] for member in group["members"]}


@pytest.mark.both_engines
def test_a_target_that_answers_with_anothers_account_links_nobody_to_it(sync: Sync) -> None:
    first = sync.joiner()
    sync.run()
    user = sync.user(first)
    assert user is not None
    second, third = sync.joiner(), sync.joiner()

    def lie(asked: Asked) -> Answer | None:
        if asked.method != "POST" or not asked.path.endswith("/Users"):
            return None
        if asked.body["userName"] == second.username:
            return answers("201 Created", json.dumps(user).encode())
        own = {**asked.body, "id": user["id"]}
        return answers("201 Created", json.dumps(own).encode())

    sync.server.before = lie
    sync.run()
    for person in (second, third):
        assert sync.state(person).remote_id is None
        assert sync.state(person).state in ("due", "conflict")
    sync.server.normal()
    assert sync.user(first) == user


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("application: app", "application: khong-co-", "connector.application"),
        ("van_thu:", "khong_co:", "connector.role"),
        ("limits:", "scope: {agencies: [KHONGCO]}\nlimits:", "connector.agency"),
        ("connector: ", "connector: ", "connector.name_taken"),
    ],
)
def test_what_names_something_that_is_not_there_is_refused(
    sync: Sync, old: str, new: str, code: str
) -> None:
    source = definition(sync.name, sync.application, sync.server.url)
    with pytest.raises(AppError) as refused:
        connectors.put(sync.installation, OPERATOR, source.replace(old, new))
    assert refused.value.code == code


@pytest.mark.both_engines
def test_of_several_who_put_what_they_saw_one_does_and_the_others_are_told(sync: Sync) -> None:
    """Both of them changed the same definition, or set up one of the same name, at once."""
    with sync.installation.database.read() as tx:
        seen = connectors.get(tx, sync.name).source
    fresh = f"moi-{sync.name}"
    changed = [definition(sync.name, sync.application, f"{sync.server.url}/{n}") for n in range(4)]
    new = [definition(fresh, sync.application, f"{sync.server.url}/{n}") for n in range(4)]
    for sources, told, how in (
        (changed, "connector.changed_meanwhile", {"replaces": True, "seen": seen}),
        (new, "connector.name_taken", {}),
    ):
        start = threading.Barrier(len(sources))

        def put(source: str, start: threading.Barrier = start, how: Any = how) -> str:
            start.wait()
            try:
                connectors.put(sync.installation, OPERATOR, source, TOKEN, **how)
            except AppError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(len(sources)) as pool:
            answers = list(pool.map(put, sources))
        assert sorted(answers) == sorted(["done", *[told] * 3])
        with sync.installation.database.read() as tx:
            kept = connectors.get(tx, sync.name if sources is changed else fresh).source
        assert kept == sources[answers.index("done")]
    assert len([e for e in sync.events("connector.put") if e["name"] == sync.name]) == 2
    connectors.remove(sync.installation, OPERATOR, fresh)


def test_nobody_but_the_provinces_operators_may(sync: Sync) -> None:
    person = sync.fed.someone()
    source = definition(sync.name, sync.application, sync.server.url)
    actor = Actor("person", person.id)
    for attempt in (
        lambda: connectors.put(sync.installation, actor, source, replaces=True),
        lambda: connectors.pause(sync.installation, actor, sync.name),
        lambda: connectors.resume(sync.installation, actor, sync.name, losses=9),
        lambda: connectors.retry(sync.installation, actor, sync.name),
        lambda: connectors.skip(sync.installation, actor, sync.name, person.id, "thử"),
        lambda: connectors.replay(sync.installation, actor, sync.name),
        lambda: connectors.remove(sync.installation, actor, sync.name),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_what_may_not_leave_to_the_application_never_does(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["title"]
    assert "emails" in user
    _release(sync, "username", "full_name")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["displayName"] == person.full_name
    assert not {"title", "emails", _ENTERPRISE} & set(user), "what it no longer learns is removed"
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    assert user["id"] not in {member["value"] for member in group.get("members", [])}
    joined = sync.joiner()
    sync.server.asked.clear()
    sync.run()
    sent = json.dumps([asked.body for asked in sync.server.asked])
    assert joined.username in sent
    assert joined.mail not in sent


def test_a_name_that_may_not_leave_any_more_renames_and_disables_nobody(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    _release(sync, "full_name")
    sync.run()
    user = sync.user(person)
    assert user is not None
    assert user["active"] is True


def test_a_definition_that_tells_what_may_not_leave_is_refused(sync: Sync) -> None:
    source = definition(sync.name, sync.application, sync.server.url)
    _release(sync, "username", "full_name", "mail", "post", "agency", "roles")
    with pytest.raises(AppError) as refused:
        connectors.put(sync.installation, OPERATOR, source, replaces=True)
    assert refused.value.code == "connector.not_released"
    assert refused.value.params["names"] == "unit"


def _release(sync: Sync, *names: str) -> None:
    """Less than all there is: that counts at once."""
    with sync.installation.database.write() as tx:
        release.change(tx, OPERATOR, sync.application, release.proposed(names), "bớt")
