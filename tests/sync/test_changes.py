"""The stream of changes: nothing is lost or seen twice, whoever dies or stays away."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from admin_ui.components import COMPONENTS
from directory.audit.reading import list_events
from directory.authz import applications, grants, positions, reached
from directory.authz.applications import Application
from directory.authz.roles import Role
from directory.clock import DAY, MINUTE, now_ms
from directory.component import NotWell, load_tables
from directory.people import service
from directory.people.service import NewPerson
from sync import retention
from sync.changes import readers
from sync.changes.checks import readers_follow
from sync.changes.readers import Taken, take
from sync.changes.rights import publish_rights
from sync.changes.tables import change_reader
from sync.feed import stream
from sync.feed.polling import poll
from sync.feed.state import lock_state
from sync.feed.stream import Change
from sync.feed.tables import catalogue_event
from tests.support.installation import OPERATOR
from tests.support.province import give
from tests.sync.change_taker import NAME, NOTES
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines

load_tables(COMPONENTS)
APPLICATION, CLERK = "van-ban", "van_thu"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def application(fed: Fed) -> None:
    with fed.installation.database.write() as tx:
        applications.put(tx, OPERATOR, Application(id=APPLICATION, name="Văn bản"))
        grants.put_role(tx, OPERATOR, Role(APPLICATION, CLERK, "Văn thư", "Clerk"))


def take_all(fed: Fed, name: str, limit: int = 1000) -> Taken:
    with fed.installation.database.write() as tx:
        return take(tx, name, limit)


def told(changes: Sequence[Change], *ids: str) -> list[tuple[str, str]]:
    return [(each.entry_id, each.change) for each in changes if each.entry_id in ids]


def publish(fed: Fed, count: int) -> None:
    for _ in range(count):
        with fed.installation.database.write() as tx:
            lock_state(tx)
            stream.publish(tx, fed.agency.id, "agency", "changed")


def test_a_new_reader_compares_all_and_then_takes_what_comes_once(fed: Fed) -> None:
    assert take_all(fed, "new") == Taken((), compare_all=True)
    person = fed.someone_known()
    service.change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 1"})
    poll(fed.installation)
    first = take_all(fed, "new", limit=1)
    assert told(first.changes, person.id) == [(person.id, "changed")]
    assert told(take_all(fed, "new").changes, person.id) == [(person.id, "changed")]
    assert take_all(fed, "new") == Taken(())


def test_readers_have_places_of_their_own(fed: Fed) -> None:
    take_all(fed, "one"), take_all(fed, "other")
    person = fed.someone_known()
    for name in ("one", "other"):
        assert told(take_all(fed, name).changes, person.id) == [(person.id, "changed")]


def test_what_was_not_committed_was_not_taken(fed: Fed) -> None:
    take_all(fed, "failing")
    person = fed.someone_known()
    with pytest.raises(RuntimeError), fed.installation.database.write() as tx:
        assert told(take(tx, "failing", 1000).changes, person.id)
        raise RuntimeError
    assert told(take_all(fed, "failing").changes, person.id) == [(person.id, "changed")]


def test_a_role_given_and_taken_back_is_told_once_each(fed: Fed) -> None:
    person = fed.someone_known()
    publish_rights(fed.installation)
    take_all(fed, "rights")
    grant_id = give(fed.installation, CLERK, person.id, fed.agency.id, application_id=APPLICATION)
    publish_rights(fed.installation)
    publish_rights(fed.installation)
    assert told(take_all(fed, "rights").changes, person.id) == [(person.id, "rights")]
    with fed.installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, grant_id, "thôi")
    publish_rights(fed.installation)
    assert told(take_all(fed, "rights").changes, person.id) == [(person.id, "rights")]
    with fed.installation.database.read() as tx:
        assert not reached.is_any(tx)


def test_a_role_of_a_position_is_told_of_all_who_hold_it(fed: Fed) -> None:
    with fed.installation.database.write() as tx:
        position = positions.add_position(tx, OPERATOR, fed.agency.id, "Văn thư").id
    holders = [
        service.add_person(
            fed.installation,
            OPERATOR,
            NewPerson(
                username=f"vanthu{number}",
                full_name="Lê Thị Hoa",
                agency_id=fed.agency.id,
                position_id=position,
            ),
        )
        for number in range(2)
    ]
    poll(fed.installation)
    publish_rights(fed.installation)
    take_all(fed, "position")
    give(
        fed.installation,
        CLERK,
        position,
        fed.agency.id,
        holder_kind="position",
        application_id=APPLICATION,
    )
    publish_rights(fed.installation)
    ids = [person.id for person in holders]
    found = told(take_all(fed, "position").changes, *ids)
    assert sorted(found) == sorted((person_id, "rights") for person_id in ids)


def test_who_was_away_for_longer_than_changes_are_kept_compares_all(fed: Fed) -> None:
    take_all(fed, "away"), take_all(fed, "here")
    publish(fed, 2)
    take_all(fed, "here")
    publish(fed, 1)
    with fed.installation.database.write() as tx:
        taken = select(change_reader.c.sequence).where(change_reader.c.name == "here")
        old = catalogue_event.c.sequence <= taken.scalar_subquery()
        tx.execute(update(catalogue_event).where(old).values(at=now_ms() - 91 * DAY))
    retention.forget_old(fed.installation)
    assert take_all(fed, "away") == Taken((), compare_all=True)
    assert take_all(fed, "away") == Taken(())
    assert len(take_all(fed, "here").changes) == 1, "what is kept is all it wants"
    with fed.installation.database.read() as tx:
        events = list_events(tx, kind="changes.missed")
    assert [event.fields for event in events] == [{"reader": "away"}]


def test_who_was_away_while_every_change_was_forgotten_compares_all(fed: Fed) -> None:
    take_all(fed, "gone")
    publish(fed, 1)
    with fed.installation.database.write() as tx:
        tx.execute(update(catalogue_event).values(at=now_ms() - 91 * DAY))
    retention.forget_old(fed.installation)
    assert take_all(fed, "gone").compare_all


def test_a_place_that_lies_ahead_of_the_stream_is_of_another_store(fed: Fed) -> None:
    take_all(fed, "ahead")
    with fed.installation.database.write() as tx:
        ahead = update(change_reader).where(change_reader.c.name == "ahead")
        tx.execute(ahead.values(sequence=change_reader.c.sequence + 1000))
    assert take_all(fed, "ahead").compare_all


def test_in_a_store_that_was_put_back_everybody_compares_all(fed: Fed) -> None:
    take_all(fed, "restored")
    with fed.installation.database.write() as tx:
        readers.forget_all(tx)
    assert take_all(fed, "restored").compare_all


def test_a_reader_that_takes_nothing_is_seen(fed: Fed) -> None:
    take_all(fed, "late")
    assert readers_follow(fed.installation).endswith("readers")
    publish(fed, 1)
    with fed.installation.database.write() as tx:
        of_late = update(change_reader).where(change_reader.c.name == "late")
        tx.execute(of_late.values(taken_at=now_ms() - 16 * MINUTE))
    with pytest.raises(NotWell, match="late has taken none of 1 changes"):
        readers_follow(fed.installation)
    with fed.installation.database.write() as tx:
        readers.forget(tx, "late")
    readers_follow(fed.installation)


@pytest.mark.deep
def test_a_reader_killed_again_and_again_loses_nothing_and_sees_nothing_twice(fed: Fed) -> None:
    with fed.installation.database.write() as tx:
        tx.execute(text(f"CREATE TABLE {NOTES} (sequence BIGINT)"))
        take(tx, NAME, 1)
        first = stream.newest(tx) + 1
    count, chance = 150, random.Random(20130101)
    writer = threading.Thread(target=publish, args=(fed, count))
    writer.start()
    killed = 0
    while killed < 4 or writer.is_alive() or _noted(fed)[-1:] != [first + count - 1]:
        seen = len(_noted(fed))
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.change_taker"],
            env=fed.running.environment,
            cwd=ROOT,
        )
        try:
            _wait_for(lambda seen=seen: seen < len(_noted(fed)) or len(_noted(fed)) == count)
            time.sleep(chance.uniform(0, 0.05))
        finally:
            reader.kill()
            reader.wait()
        killed += 1
    writer.join()
    assert _noted(fed) == list(range(first, first + count))


def _noted(fed: Fed) -> list[int]:
    with fed.installation.database.read() as tx:
        return sorted(tx.execute(text(f"SELECT sequence FROM {NOTES}")).scalars())


def _wait_for(condition: object) -> None:
    assert callable(condition)
    ends = time.monotonic() + 120  # a busy machine starts slowly
    while not condition():
        assert time.monotonic() < ends, "the reader takes nothing"
        time.sleep(0.005)
