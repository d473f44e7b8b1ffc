"""What is acknowledged is on disk: the settings of the stores that promise it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from directory.database.engine import Database
from directory.ldap import embedded
from tests.support.installation import RunningInstallation, running_installation

pytestmark = pytest.mark.both_engines


@pytest.fixture(scope="module")
def running() -> Iterator[RunningInstallation]:
    with running_installation() as found:
        yield found


def test_the_catalogue_syncs_every_write(running: RunningInstallation) -> None:
    slapd = embedded.private_slapd(running.settings)
    configuration = subprocess.run(
        [str(slapd.installation.binary), "-Tcat", "-n0", "-F", str(slapd.config_dir)],
        env=dict(slapd.installation.environment()),
        capture_output=True,
        text=True,
        check=True,
        cwd=slapd.home,
    ).stdout.lower()
    assert "olcdatabase: {1}mdb" in configuration
    flags = [line for line in configuration.splitlines() if line.startswith("olcdbenvflags")]
    assert not [line for line in flags if "nosync" in line or "mapasync" in line], flags
    assert "olcdbnosync: true" not in configuration


def test_the_sql_store_syncs_every_commit(running: RunningInstallation) -> None:
    """FULL is what an installation gets; NORMAL is a setting somebody must have chosen. What a
    PostgreSQL server promises is its own matter: we must not ask less of it."""
    database = Database(running.settings.database_url)
    try:
        with database.read() as tx:
            if database.is_sqlite:
                assert tx.execute(text("PRAGMA synchronous")).scalar_one() == 2
                assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
                return
            query = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
            assert tx.execute(text(query)).scalar_one() not in ("client", "session", "database")
    finally:
        database.dispose()
