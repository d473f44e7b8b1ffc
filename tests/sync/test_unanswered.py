"""What a target was sent and did not answer is carried out late, after what was sent next: nobody
keeps what was taken from them, and nobody gets a second account."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from directory.authz import grants
from directory.catalogue.person import Person
from directory.outbound import client
from directory.people import service
from sync.engine import accounts, brake, connectors, matching, reconciling
from sync.engine.running import SETTLING_MS
from sync.engine.tables import connector_account
from tests.support.installation import OPERATOR
from tests.support.waiting import wait_until
from tests.sync.kept_accounts import Sync, send
from tests.sync.scim_server import Answer, Asked, answers

_SOON_S = 0.4


@contextmanager
def kept_waiting(sync: Sync, method: str, path: str) -> Iterator[Callable[[], None]]:
    """The first such request is read, and carried out when what is given is called. It alone is
    given up soon: any other on a busy machine may take its time."""
    gate, first, ended = threading.Event(), threading.Lock(), threading.Event()
    patience = client.TIMEOUT_S

    def wait(asked: Asked) -> None:
        if asked.method == method and path in asked.path and first.acquire(blocking=False):
            client.TIMEOUT_S = patience
            gate.wait(30)

    def end(_asked: Asked, answer: Answer) -> Answer:
        ended.set()
        return answer

    def go_on() -> None:
        sync.server.after = end
        gate.set()
        wait_until(ended.is_set, 10)

    sync.server.before = wait
    client.TIMEOUT_S = _SOON_S
    try:
        yield go_on
    finally:
        client.TIMEOUT_S = patience
        gate.set()
        sync.server.normal()


def once_more(sync: Sync) -> None:
    sync.due_now()
    sync.run()


def works(sync: Sync, person: Person) -> bool:
    user = sync.user(person)
    return user is not None and user["active"] is True


def test_a_change_that_is_made_late_is_made_good(sync: Sync) -> None:
    person, leaver, *_others = (sync.joiner() for _ in range(5))
    sync.run()
    with kept_waiting(sync, "PATCH", "/Users") as go_on:
        service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Muộn"})
        assert sync.run().failed == 1
        service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Sau"})
        once_more(sync)
        go_on()
    late = sync.user(person)
    assert late is not None
    assert late["displayName"] == "Lê Văn Muộn", "the late one came last"
    with kept_waiting(sync, "PATCH", "/Users") as go_on:
        service.change_person(sync.installation, OPERATOR, leaver.id, {"full_name": "Lê Văn Đi"})
        sync.run()
        service.suspend(sync.installation, OPERATOR, leaver.id, "nghỉ việc")
        once_more(sync)
        go_on()
    assert works(sync, leaver), "as did that one"
    once_more(sync)
    mended = sync.user(person)
    assert mended is not None
    assert mended["displayName"] == "Lê Văn Sau"
    assert not works(sync, leaver)
    assert {sync.state(each).state for each in (person, leaver)} == {"in_step"}
    acts = [e["act"] for e in sync.events("connector.account", leaver)]
    assert acts == ["created", "disabled"], "told once"


def test_who_comes_back_before_it_is_done_once_more_is_in_their_groups_again(sync: Sync) -> None:
    """Their account was disabled, and left its groups, after a change that was not answered; or the
    target refused to take it out of them."""
    late, refused, *_others = (sync.joiner() for _ in range(5))
    sync.run()
    with kept_waiting(sync, "PATCH", "/Users") as go_on:
        service.change_person(sync.installation, OPERATOR, late.id, {"full_name": "Lê Văn Về"})
        sync.run()
        service.suspend(sync.installation, OPERATOR, late.id, "nghỉ")
        once_more(sync)
        assert not works(sync, late)
        go_on()
    service.suspend(sync.installation, OPERATOR, refused.id, "nghỉ")
    sync.server.before = lambda asked: (
        answers("400 Bad Request") if "/Groups" in asked.path else None
    )
    sync.run()
    assert not works(sync, refused)
    sync.server.normal()
    for person in (late, refused):
        service.resume(sync.installation, OPERATOR, person.id, "trở lại")
    sync.time_passes()
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    members = {member["value"] for member in group["members"]}
    for person in (late, refused):
        assert works(sync, person)
        assert sync.state(person).remote_id in members


def test_a_group_that_is_joined_late_is_left_again(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(5)]
    with kept_waiting(sync, "PATCH", "/Groups") as go_on:
        sync.run()
        late = next(each for each in people if sync.state(each).state == "due")
        with sync.installation.database.write() as tx:
            (grant,) = [each.id for each in grants.list_standing(tx, "person", late.id)]
            grants.revoke_grant(tx, OPERATOR, grant, "thôi")
        once_more(sync)
        go_on()
    once_more(sync)
    user = sync.user(late)
    assert user is not None
    (group,) = [g for g in sync.server.groups() if g["displayName"] == "Văn thư"]
    assert not works(sync, late)
    assert user["id"] not in {member["value"] for member in group.get("members", [])}


@pytest.mark.both_engines
def test_an_account_that_is_made_late_is_one_and_not_of_who_left(sync: Sync) -> None:
    for leaves in (False, True):
        person = sync.joiner()
        with kept_waiting(sync, "POST", "/Users") as go_on:
            assert sync.run().failed == 1
            if leaves:
                service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
            soon(sync)
            posts = [a for a in sync.server.asked if (a.method, a.path) == ("POST", "/Users")]
            assert len(posts) == 1, "it may still be made"
            assert sync.state(person).state == "due"
            go_on()
        assert works(sync, person)
        sync.time_passes()
        assert works(sync, person) is not leaves
        assert sync.state(person).state == "in_step"


def soon(sync: Sync) -> None:
    """Tried again at once, before time passed."""
    with sync.installation.database.write() as tx:
        tx.execute(update(connector_account).values(due_at=0))
        connectors.set_values(tx, sync.name, retry_at=None)
    sync.run()


def test_after_an_outage_what_is_not_there_is_waited_for(sync: Sync) -> None:
    """However long ago it was sent: all that while it lay before a target that did nothing."""
    sync.joiner(), sync.joiner()
    sync.run()
    person = sync.joiner()
    with kept_waiting(sync, "POST", "/Users") as go_on:
        sync.run()
        service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
        with sync.installation.database.write() as tx:
            connectors.set_values(tx, sync.name, failing_since=1, failures=3)
        once_more(sync)
        state = sync.state(person)
        assert state.state == "due"
        with sync.installation.database.read() as tx:
            assert connectors.get(tx, sync.name).failing_since is None, "it answers"
        go_on()
    sync.time_passes()
    assert not works(sync, person)
    assert SETTLING_MS >= 2 * 5_000, "longer than anybody waits for an answer"


@pytest.mark.both_engines
def test_who_leaves_while_nobody_knows_what_the_account_holds_is_disabled(sync: Sync) -> None:
    """Sent whole again, or taken up by somebody's word: and then they left."""
    replayed, matched = sync.joiner(), sync.fed.someone(mail="cu@binhduong.gov.vn")
    sync.joiner(), sync.joiner(), sync.joiner()
    sync.run()
    old = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "active": True}
    send(sync, "POST", "/Users", {**old, "userName": matched.username})
    with sync.installation.database.read() as tx:
        rounds = connectors.get(tx, sync.name).reconcile_round
    reconciling.begin(sync.installation, OPERATOR, sync.name, repairs=True)
    sync.run()
    assert rounds is None
    sync.let_in(matched)
    sync.follow()
    user = sync.user(matched)
    assert user is not None
    matching.confirm(sync.installation, OPERATOR, sync.name, matched.id, user["id"])
    connectors.replay(sync.installation, OPERATOR, sync.name, replayed.id)
    for person in (replayed, matched):
        service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
    sync.run()
    assert not works(sync, replayed)
    assert not works(sync, matched)
    assert {sync.state(each).state for each in (replayed, matched)} == {"in_step"}


def test_the_brake_counts_accounts_of_which_nobody_knows_what_they_hold(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(6)]
    sync.run()
    with sync.installation.database.write() as tx:
        for person in people:
            its = {"held": None, "state": "due", "due_at": 0, "is_leaving": True}
            accounts.set_state(tx, sync.name, person.id, **its)
        found = connectors.get(tx, sync.name)
        lost, _ = accounts.count_losses(tx, sync.name)
    assert lost == 6
    assert lost > brake.limit(found, 6)


def _failed(_made: bytes) -> Answer:
    return answers("500 Internal Server Error", b'{"detail": "database is locked"}')


def _without_an_id(_made: bytes) -> Answer:
    return answers("201 Created", b'{"userName": "ai-do"}')


def _of_another(made: bytes) -> Answer:
    return answers("201 Created", json.dumps({**json.loads(made), "userName": "ai-do"}).encode())


@pytest.mark.parametrize("wrong", [_failed, _without_an_id, _of_another])
def test_who_leaves_after_an_odd_answer_to_their_create_has_no_account_left(
    sync: Sync, wrong: Callable[[bytes], Answer]
) -> None:
    """The account was made though the answer does not say so."""
    leaver, stays = sync.joiner(), sync.joiner()

    def after(asked: Asked, answer: Answer) -> Answer:
        is_create = asked.method == "POST" and asked.path.endswith("/Users")
        return wrong(answer[2]) if is_create else answer

    sync.server.after = after
    assert sync.run().failed == 2
    sync.server.normal()
    assert works(sync, leaver), "it was made"
    service.suspend(sync.installation, OPERATOR, leaver.id, "nghỉ việc")
    once_more(sync)
    once_more(sync)
    assert not works(sync, leaver)
    assert works(sync, stays) and sync.state(stays).state == "in_step"
    assert sync.events("connector.account", stays)[0]["act"] == "created"
