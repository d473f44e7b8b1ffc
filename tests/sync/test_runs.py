"""Runs of connectors are kept: what each did, what held it, who asked; a look that found nothing is
not."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from sqlalchemy import update

from directory.clock import DAY, now_ms
from directory.database import lease as leases
from directory.people import service
from sync.engine import connectors, reconciling, runs
from sync.engine.runs import Run
from sync.engine.tables import connector_run
from tests.support.command_line import run_here
from tests.support.installation import OPERATOR
from tests.sync.kept_accounts import Sync
from tests.sync.scim_server import Answer, Asked, answers

pytestmark = pytest.mark.both_engines


def kept(sync: Sync) -> Sequence[Run]:
    """The runs there are, the oldest first."""
    with sync.installation.database.read() as tx:
        return [runs.live(tx, one) for one in runs.list_runs(tx, sync.name, 50)][::-1]


def refuse(person_name: str) -> object:
    def before(asked: Asked) -> Answer | None:
        is_theirs = isinstance(asked.body, dict) and asked.body.get("userName") == person_name
        return answers("400 Bad Request", b'{"detail": "no"}') if is_theirs else None

    return before


def test_each_run_tells_what_it_did_and_idle_looks_leave_none(sync: Sync) -> None:
    person, refused = sync.joiner(), sync.joiner()
    sync.server.before = refuse(refused.username)  # type: ignore[assignment]
    sync.run()
    (first,) = kept(sync)
    assert (first.kind, first.begun_by, first.created, first.failed) == (
        "first",
        "system:connectors",
        1,
        1,
    )
    assert first.ended_at is None, "who was refused is tried again"
    assert first.looked_at == first.to_look_at, "everybody was compared"
    for _ in range(5):
        sync.due_now()
        sync.run()
    (first,) = kept(sync)
    assert first.ended_at is not None
    assert (first.failed, first.quarantined, first.held_by) == (1, 1, None)
    for _ in range(3):
        sync.run()
    assert len(kept(sync)) == 1, "looks that found nothing are not kept"
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Đổi"})
    sync.run()
    ordinary = kept(sync)[-1]
    assert (ordinary.kind, ordinary.updated, ordinary.failed) == ("ordinary", 1, 0)
    assert ordinary.ended_at is not None
    sync.server.normal()
    connectors.retry(sync.installation, OPERATOR, sync.name)
    sync.run()
    replayed = kept(sync)[-1]
    assert (replayed.kind, replayed.begun_by, replayed.created) == ("replay", OPERATOR.tag, 1)
    assert kept(sync)[0].failed == 1, "what was told of a run that is over stays"
    command = ["connector", "run", sync.name, "--json"]
    assert run_here(command, sync.fed.running.environment).returncode == 0
    shown = run_here(["connector", "runs", sync.name, "--json"], sync.fed.running.environment)
    told = json.loads(shown.stdout)["runs"]
    assert [one["kind"] for one in told] == ["ordinary", "replay", "ordinary", "first"]
    assert told[0]["begun_by"].startswith("os:"), "one that somebody asked for is kept"


def test_a_reading_is_a_run_with_what_it_mended(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    runs_before = len(kept(sync))
    user = sync.user(person)
    assert user is not None
    for user_there in sync.server.application.storage.resources:
        if getattr(user_there, "user_name", "") == person.username:
            user_there.display_name = "Ai Đó"
    reconciling.begin(sync.installation, OPERATOR, sync.name, repairs=True)
    sync.run()
    reading = kept(sync)[-1]
    assert len(kept(sync)) == runs_before + 1
    assert (reading.kind, reading.begun_by) == ("reconcile", OPERATOR.tag)
    assert (reading.repaired, reading.updated, reading.looked_at) == (1, 1, 1)
    assert reading.ended_at is not None


def test_what_holds_a_run_is_told_in_it_and_it_goes_on(sync: Sync) -> None:
    people = [sync.joiner() for _ in range(5)]
    sync.server.before = lambda _asked: answers("503 Service Unavailable")
    for _ in range(3):
        sync.run()
        sync.due_now()
    (away,) = kept(sync)
    assert (away.held_by, away.ended_at, away.failed) == ("away", None, 0)
    assert "503" in (away.held_detail or "")
    sync.server.normal()
    for _ in range(3):
        sync.due_now()
        sync.run()
    (away,) = kept(sync)
    assert (away.created, away.held_by) == (5, "away")
    assert away.ended_at is not None
    for person in people[:4]:
        service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
    assert sync.run().is_held
    stopped = kept(sync)[-1]
    assert (stopped.kind, stopped.held_by, stopped.ended_at) == ("ordinary", "brake", None)
    connectors.resume(sync.installation, OPERATOR, sync.name, losses=4)
    sync.run()
    stopped = kept(sync)[-1]
    assert (stopped.disabled, stopped.held_by) == (4, "brake")
    assert stopped.ended_at is not None


def test_one_that_somebody_asks_for_takes_the_place_of_an_ordinary_one(sync: Sync) -> None:
    sync.joiner()
    sync.run()
    sync.joiner()
    sync.server.before = lambda _asked: answers("503 Service Unavailable")
    sync.run()
    connectors.pause(sync.installation, OPERATOR, sync.name)
    assert kept(sync)[-1].held_by == "paused"
    connectors.ask_run(sync.installation, OPERATOR, sync.name)
    *_, before, asked = kept(sync)
    assert before.ended_at is not None
    assert (asked.begun_by, asked.held_by, asked.ended_at) == (OPERATOR.tag, "paused", None)


def test_what_is_asked_for_while_the_worker_is_at_it_is_waited_for(sync: Sync) -> None:
    sync.joiner()
    sync.follow()
    name, database = f"connector.{sync.name}", sync.installation.database
    assert leases.hold(database, name, "the worker", 1500) is not None
    done = run_here(["connector", "run", sync.name, "--json"], sync.fed.running.environment)
    told = json.loads(done.stdout)
    assert (told["elsewhere"], told["held"]) == (True, False)
    (first,) = [one for one in kept(sync) if one.created]
    assert first.ended_at is not None


def test_one_that_is_begun_while_accounts_are_under_way_has_what_fails_then(sync: Sync) -> None:
    refused = sync.joiner()

    def ask_meanwhile(asked: Asked) -> Answer | None:
        if asked.method == "POST" and asked.path == "/Users":
            connectors.ask_run(sync.installation, OPERATOR, sync.name)
            return answers("400 Bad Request", b'{"detail": "no"}')
        return None

    sync.server.before = ask_meanwhile
    sync.run()
    asked = kept(sync)[-1]
    assert (asked.begun_by, asked.failed) == (OPERATOR.tag, 1)
    assert sync.state(refused).failed_in == asked.id


def test_runs_that_ended_long_ago_are_forgotten(sync: Sync) -> None:
    sync.joiner()
    sync.run()
    with sync.installation.database.write() as tx:
        connectors.set_values(tx, sync.name, compared_for="another day")
    sync.run()
    with sync.installation.database.write() as tx:
        runs.forget_old(tx)
    assert len(kept(sync)) == 1
    with sync.installation.database.write() as tx:
        tx.execute(update(connector_run).values(ended_at=now_ms() - 181 * DAY))
        runs.forget_old(tx)
    assert kept(sync) == []
