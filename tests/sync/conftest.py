"""An installation with a feed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.catalogue.agency import Agency
from sync.feed import brake
from sync.feed.polling import poll
from tests.support.installation import running_installation
from tests.support.province import a_department
from tests.sync.outsider import Fed


@pytest.fixture(scope="module")
def fed() -> Iterator[Fed]:
    """A running installation whose feed has made its first load."""
    with running_installation() as running:
        agency = a_department(running.installation, "STTTT")
        poll(running.installation)
        yield Fed(running, agency)


@pytest.fixture(autouse=True)
def brake_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of a module delete more people within minutes than a province does in a year."""
    monkeypatch.setattr(brake, "_FEWEST", 1000)


@pytest.fixture
def agency(fed: Fed) -> Agency:
    return fed.agency
