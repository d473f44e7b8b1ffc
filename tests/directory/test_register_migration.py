"""Applications registered before there was a register are shared, and say what their connections
said."""

from __future__ import annotations

import json
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

_METADATA = {
    "lich": {"contacts": ["a@b.vn", "0274 1"], "client_uri": "https://lich.vn/"},
    "sach": {"client_uri": "https://sach.vn/", "initiate_login_uri": "https://sach.vn/login"},
    "moi": {},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        if found.file is not None:
            found.file.touch(mode=0o600)
        with found.write() as tx:
            command.upgrade(configuration(tx), "0013")
        yield found
        found.dispose()


def test_what_connections_said_the_register_says(database: Database) -> None:
    with database.write() as tx:
        for name, metadata in _METADATA.items():
            tx.execute(
                text(
                    "INSERT INTO application (id, name, description, access, owner_agency_id,"
                    " disabled_at, built_in) VALUES (:id, 'Tên', '', 'everyone', '', 0, :no)"
                ),
                {"id": name, "no": False},
            )
            tx.execute(
                text(
                    "INSERT INTO client (client_id, metadata, pkce_exempt, created_at, changed_at,"
                    " version) VALUES (:id, :metadata, '', 1, 1, 1)"
                ),
                {"id": name, "metadata": json.dumps(metadata)},
            )
    upgrade(database)
    with database.read() as tx:
        found = {app.id: app for app in applications.list_applications(tx)}
    assert {app.sharing for app in found.values()} == {"shared"}
    assert {app.id: (app.contact, app.start_url) for app in found.values()} == {
        "lich": ("a@b.vn; 0274 1", "https://lich.vn/"),
        "sach": (None, "https://sach.vn/login"),
        "moi": (None, None),
    }


def test_the_version_before_goes_on_registering_shared_ones(database: Database) -> None:
    """It knows nothing of the new columns, and may still run when they are there."""
    upgrade(database)
    with database.write() as tx:
        tx.execute(
            text(
                "INSERT INTO application (id, name, description, access, owner_agency_id,"
                " disabled_at, built_in) VALUES ('cu', 'Cũ', '', 'everyone', '', 0, :no)"
            ),
            {"no": False},
        )
        app = applications.find(tx, "cu")
    assert app is not None
    assert (app.sharing, app.contact, app.start_url) == ("shared", None, None)
