"""An installation with a feed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.catalogue.agency import Agency
from sync.feed import brake
from sync.feed.polling import poll
from tests.support.installation import running_installation
from tests.support.province import a_department
from tests.sync.kept_accounts import Sync, installed_beside, kept_in_step
from tests.sync.outsider import Fed
from tests.sync.scim_server import ScimServer, scim_server


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


@pytest.fixture(scope="module")
def server() -> Iterator[ScimServer]:
    """A foreign SCIM server."""
    with scim_server() as running:
        yield running


@pytest.fixture(scope="module")
def installed(server: ScimServer) -> Iterator[Fed]:
    """An installation that may speak with it."""
    with installed_beside(server) as found:
        yield found


@pytest.fixture
def sync(installed: Fed, server: ScimServer) -> Iterator[Sync]:
    """A connector of its own for each test."""
    with kept_in_step(installed, server) as found:
        yield found
