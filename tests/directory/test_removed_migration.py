"""Applications whose connection was removed before removals were of applications are removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from directory.authz import applications
from directory.database.engine import Database
from directory.database.migrating import configuration, upgrade
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        if found.file is not None:
            found.file.touch(mode=0o600)
        with found.write() as tx:
            command.upgrade(configuration(tx), "0049")
        yield found
        found.dispose()


def test_whose_connection_was_removed_is_removed(database: Database) -> None:
    with database.write() as tx:
        for name, removed_at in (("con", None), ("bo", 7), ("ldap", None)):
            application = {"id": name, "no": False, "off": 5}
            tx.execute(
                text(
                    "INSERT INTO application (id, name, description, access, owner_agency_id,"
                    " disabled_at, built_in) VALUES (:id, 'Tên', '', 'everyone', '', :off, :no)"
                ),
                application,
            )
            if name == "ldap":
                continue
            tx.execute(
                text(
                    "INSERT INTO client (client_id, metadata, pkce_exempt, created_at, changed_at,"
                    " removed_at, version) VALUES (:id, '{}', '', 1, 1, :removed_at, 1)"
                ),
                {"id": name, "removed_at": removed_at},
            )
    upgrade(database)
    with database.read() as tx:
        found = {
            app.id: app.removed_at for app in applications.list_these(tx, ["con", "bo", "ldap"])
        }
        assert applications.find(tx, "bo") is None
    assert found == {"con": None, "bo": 7, "ldap": None}
