"""Runs of connectors are kept: what each did, what held it, who asked; a look that found nothing is
not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import Any, get_args

import pytest
from sqlalchemy import Connection, delete, update

from admin_ui.components import VOCABULARY
from directory.actor import Actor, system
from directory.audit.acts import ActQuestion, list_acts
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.catalogue.person import Person
from directory.clock import DAY, now_ms
from directory.database import lease as leases
from directory.people import service
from sync.engine import accounts, connectors, reconciling, runs
from sync.engine.events import CONNECTOR_ACCOUNT
from sync.engine.runs import HeldBy, Run, RunKind
from sync.engine.tables import connector_run
from tests.support.command_line import run_here
from tests.support.installation import OPERATOR
from tests.support.province import a_department
from tests.sync.kept_accounts import Sync, connector_for, definition
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
    (told,) = sync.events("connector.run_ended")
    assert told["accounts"] == {"created": 1, "failed": 1}
    line = run_here(["audit", "tail"], sync.fed.running.environment).stdout
    assert "1 tài khoản được tạo, 1 tài khoản lỗi" in line
    (run,) = re.findall(rf"{sync.name} .*\[audit search --run ({first.id})\]", line)
    each = run_here(["audit", "search", "--run", run], sync.fed.running.environment).stdout
    assert each.count(f"(kết nối {sync.name})") == 2
    assert lines(sync) == ["connector.run_ended"]
    service.change_person(sync.installation, OPERATOR, person.id, {"full_name": "Lê Văn Đổi"})
    sync.run()
    ordinary = kept(sync)[-1]
    assert (ordinary.kind, ordinary.updated, ordinary.failed) == ("ordinary", 1, 0)
    assert ordinary.ended_at is not None
    assert lines(sync) == ["connector.account", "connector.run_ended"]
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


def test_what_a_run_did_to_many_is_told_as_numbers_once(sync: Sync) -> None:
    """In each agency to whom it concerns; what changes as people change is a line each."""
    here, there = sync.fed.agency.id, a_department(sync.installation, "SNV").id
    done = (("created", here), ("created", here), ("linked", there), ("deleted", there))
    with sync.installation.database.write() as tx:
        runs.begin(tx, sync.name, "first", system("connectors"), to_look_at=9)
        run = runs.hold_open(tx, sync.name)
        for number, (act, agency) in enumerate((*done, ("created", ""))):
            about = {"subject": f"person:p{number}", "agency": agency, "part_of": run.folds}
            its = {"connector": sync.name, "application": sync.application}
            record(tx, CONNECTOR_ACCOUNT, system("connectors"), **about, **its, act=act)
    with suppress(KilledError), sync.installation.database.write() as tx:
        runs.end(tx, sync.name)
        raise KilledError
    for _ in range(2):
        with sync.installation.database.write() as tx:
            runs.end(tx, sync.name)
    told = [event["accounts"] for event in sync.events("connector.run_ended")]
    assert told == [{"created": 3, "updated": 1, "deleted": 1}]
    with sync.installation.database.read() as tx:
        found = list_events(tx, kind="connector.run_in_agency", limit=1000)
    of_agency = {e.agency: e.fields["accounts"] for e in found if e.fields["run"] == run.id}
    assert of_agency == {here: {"created": 2}, there: {"updated": 1, "deleted": 1}}
    assert lines(sync) == ["connector.run_ended"]
    assert sorted(lines(sync, run=run.id)) == ["connector.account"] * 5
    with sync.installation.database.write() as tx:
        assert runs.hold_open(tx, sync.name).folds == "", "an ordinary one follows"


def test_what_is_recorded_while_somebody_ends_a_run_is_told_of_it(sync: Sync) -> None:
    def end() -> None:
        with sync.installation.database.write() as tx:
            runs.begin(tx, sync.name, "replay", OPERATOR)

    with sync.installation.database.write() as tx:
        runs.begin(tx, sync.name, "full", system("connectors"))
    ending = Thread(target=end)
    with sync.installation.database.write() as tx:
        run = runs.hold_open(tx, sync.name)
        ending.start()
        about = {"subject": "person:p", "agency": "", "part_of": run.folds}
        its = {"connector": sync.name, "application": sync.application}
        record(tx, CONNECTOR_ACCOUNT, system("connectors"), **about, **its, act="created")
        runs.count(tx, run, ["created"])
        ending.join(0.3)
        assert ending.is_alive(), "it waits"
    ending.join()
    assert [told["run"] for told in sync.events("connector.run_ended")] == [run.id]
    assert [one.kind for one in kept(sync)][-1] == "replay"


class KilledError(Exception):
    """The worker is killed before what it wrote is there."""


def lines(sync: Sync, **asked: Any) -> list[str]:
    """The kinds of what the log tells of runs by itself."""
    with sync.installation.database.read() as tx:
        acts = list_acts(tx, VOCABULARY, ActQuestion(**asked), limit=500)
    its = ("connector.run", "connector.account")
    firsts = [act.first for act in acts if act.first.kind.startswith(its)]
    return [each.kind for each in firsts if each.fields["connector"] == sync.name]


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


def _marked(**values: object) -> Callable[[Connection, Sync, Person], object]:
    """The account of somebody stands like this."""

    def mark(tx: Connection, sync: Sync, person: Person) -> None:
        its = {"failed_in": runs.ensure(tx, sync.name).id, **values}
        accounts.set_state(tx, sync.name, person.id, **its)

    return mark


def _acted(word: str) -> Callable[[Connection, Sync, Person], object]:
    return lambda tx, sync, _person: runs.count(tx, runs.ensure(tx, sync.name), [word])


def _held(why: HeldBy) -> Callable[[Connection, Sync, Person], object]:
    return lambda tx, sync, _person: runs.hold(tx, sync.name, why)


@dataclass(frozen=True)
class Ends:
    """A run, what came of it, and whether it is kept when it ends."""

    what: str
    is_kept: bool
    kind: RunKind = "ordinary"
    actor: Actor = system("connectors")  # noqa: RUF009 - frozen
    came: Callable[[Connection, Sync, Person], object] = lambda *_: None


_ENDS = (
    Ends("an idle look", False),
    Ends("everybody compared, and nothing to do", False, kind="full"),
    Ends("a nightly reading, and all as it should be", False, kind="reconcile"),
    Ends("nothing done by a word that nobody knows", False, came=_acted("looked")),
    Ends("somebody left alone before", False, came=_marked(state="skipped", failed_in=None)),
    Ends("the first of a connector", True, kind="first"),
    Ends("one that somebody asked for", True, actor=OPERATOR),
    *(Ends(f"held by {why}", True, came=_held(why)) for why in get_args(HeldBy)),
    *(
        Ends(f"an account {word}", True, came=_acted(word))
        for word in ("created", "updated", "linked", "disabled", "deleted")
    ),
    Ends("one found otherwise", True, came=lambda tx, sync, _: runs.repair(tx, sync.name, 1)),
    Ends("one that is tried again", True, came=_marked(state="due")),
    Ends("one that is given up on", True, came=_marked(state="quarantined")),
)


def test_only_a_run_of_which_nothing_came_is_forgotten(sync: Sync) -> None:
    person = sync.joiner()
    sync.run()
    source = partial(definition, url=sync.server.url)
    with connector_for(sync.fed, source) as other:
        with sync.installation.database.write() as tx:
            tx.execute(delete(connector_run))
            runs.begin(tx, other.name, "ordinary", system("connectors"))
        for case in _ENDS:
            with sync.installation.database.write() as tx:
                runs.begin(tx, sync.name, case.kind, case.actor)
                case.came(tx, sync, person)
                runs.end(tx, sync.name)
                found = runs.list_runs(tx, sync.name, 50)
                assert [one.kind for one in found] == [case.kind] * case.is_kept, case.what
                assert all(one.ended_at for one in found), case.what
                its = connector_run.c.connector == sync.name
                tx.execute(delete(connector_run).where(its))
                accounts.set_state(tx, sync.name, person.id, state="in_step", failed_in=None)
        with sync.installation.database.read() as tx:
            assert runs.find_open(tx, other.name) is not None, "another's goes on"
