"""An installation with a feed, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.catalogue.agency import Agency
from sync.feed.polling import poll
from tests.support.installation import a_department, running_installation, short_folder
from tests.support.postgres import a_database, postgres_url
from tests.sync.outsider import Fed

__all__ = ["postgres_url"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fed(request: pytest.FixtureRequest) -> Iterator[Fed]:
    """A running installation whose feed has made its first load."""
    environ: dict[str, str] = {}
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        environ["DANHMUC_DATABASE_URL"] = a_database(url)
    with short_folder() as folder, running_installation(folder, **environ) as running:
        agency = a_department(running.house, "STTTT")
        poll(running.house)
        yield Fed(running, agency)


@pytest.fixture
def agency(fed: Fed) -> Agency:
    return fed.agency
