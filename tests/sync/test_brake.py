"""Too many accounts lost at once past the services stop the feed, in a province of any size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory import clock
from directory.audit.reading import list_events
from directory.errors import Conflict
from sync.feed import brake
from sync.feed.full_scan import reconcile
from sync.feed.polling import poll
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department
from tests.sync.outsider import Fed

pytestmark = pytest.mark.only_on_sqlite("how many may go is counted the same on either")


@pytest.fixture
def brake_off() -> None:
    """Here it is on."""


@pytest.fixture
def fed(brake_off: None) -> Iterator[Fed]:
    with running_installation() as running:
        agency = a_department(running.installation, "STTTT")
        poll(running.installation)
        yield Fed(running, agency)


def _lose(fed: Fed, person_id: str, way: str) -> None:
    if way == "deleted":
        fed.delete(person_id)
    else:
        fed.replace(person_id, "dmStatus", way)


def _events(fed: Fed, kind: str) -> int:
    with fed.installation.database.read() as tx:
        return len(list_events(tx, kind=kind, limit=50))


def _active(fed: Fed, ids: list[str]) -> int:
    return sum(fed.row(each).status == "active" for each in ids)


@pytest.mark.parametrize("accounts", [(1, 3), (59, 3), (60, 3), (100, 5), (1000, 50), (9000, 50)])
def test_how_many_may_go(accounts: tuple[int, int]) -> None:
    assert brake.limit(accounts[0]) == accounts[1]


@pytest.mark.parametrize(
    ("there", "lost", "stops", "way"),
    [
        (1, 1, True, "deleted"),
        (2, 1, False, "suspended"),
        (2, 2, True, "left"),
        (3, 3, True, "suspended"),
        (6, 3, False, "deleted"),
        (6, 3, False, "left"),
        (6, 4, True, "deleted"),
        (6, 4, True, "suspended"),
        (6, 4, True, "left"),
    ],
)
def test_by_size_of_the_province(fed: Fed, there: int, lost: int, stops: bool, way: str) -> None:
    people = [fed.someone_known().id for _ in range(there)]
    for each in people[:lost]:
        _lose(fed, each, way)
    if not stops:
        poll(fed.installation)
        assert _active(fed, people) == there - lost
        return
    with pytest.raises(Conflict, match=r"feed\.mass_deletion"):
        poll(fed.installation)
    assert _active(fed, people) == there, "something of it was written"
    poll(fed.installation)  # told once, and still nothing
    assert _active(fed, people) == there
    assert _events(fed, "feed.braked") == 1
    with pytest.raises(Conflict, match=r"feed\.mass_deletion"):
        reconcile(fed.installation, OPERATOR)
    assert _active(fed, people) == there
    assert _events(fed, "feed.braked") == 1
    reconcile(fed.installation, OPERATOR, accept_deletions=True)
    assert _active(fed, people) == there - lost
    assert _events(fed, "feed.released") == 1
    with fed.installation.database.read() as tx:
        assert brake.find_brake(tx) is None
    poll(fed.installation)


def test_one_by_one_within_ten_minutes(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [fed.someone_known().id for _ in range(8)]
    for each in people[:3]:
        fed.delete(each)
        poll(fed.installation)
    fed.delete(people[3])
    with pytest.raises(Conflict, match=r"feed\.mass_deletion"):
        poll(fed.installation)
    assert _active(fed, people) == 5
    later = clock.now_ms() + 11 * clock.MINUTE
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    poll(fed.installation)
    assert _active(fed, people) == 4
    assert _events(fed, "feed.released") == 1


def test_the_catalogue_comes_back_and_the_feed_goes_on(fed: Fed) -> None:
    people = [fed.someone_known().id for _ in range(5)]
    for each in people:
        fed.replace(each, "dmStatus", "suspended")
    with pytest.raises(Conflict):
        poll(fed.installation)
    for each in people:
        fed.replace(each, "dmStatus", "active")
    poll(fed.installation)
    assert _active(fed, people) == 5
    with fed.installation.database.read() as tx:
        assert brake.find_brake(tx) is None
    assert _events(fed, "feed.released") == 1
    fed.delete(people[0])
    poll(fed.installation)
    assert _active(fed, people) == 4
