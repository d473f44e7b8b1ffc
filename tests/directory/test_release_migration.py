"""Applications of before there were releases go on learning what their scopes open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from directory.database.engine import Database
from directory.database.migrating import configuration, upgrade
from directory.release.register import list_releases
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

_METADATA = {
    "tat_ca": {"scope": "openid profile email org roles", "grant_types": ["authorization_code"]},
    "vai_tro": {"scope": "openid roles", "grant_types": ["authorization_code", "refresh_token"]},
    "dich_vu": {"scope": "openid profile", "grant_types": ["client_credentials"]},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        if found.file is not None:
            found.file.touch(mode=0o600)
        with found.write() as tx:
            command.upgrade(configuration(tx), "0020")
        yield found
        found.dispose()


def test_what_scopes_opened_is_the_first_version(database: Database) -> None:
    with database.write() as tx:
        for name in (*_METADATA, "ldap"):
            tx.execute(
                text(
                    "INSERT INTO application (id, name, description, access, owner_agency_id,"
                    " disabled_at, built_in) VALUES (:id, 'Tên', '', 'everyone', '', 0, :no)"
                ),
                {"id": name, "no": False},
            )
        for name, metadata in _METADATA.items():
            tx.execute(
                text(
                    "INSERT INTO client (client_id, metadata, pkce_exempt, created_at, changed_at,"
                    " version) VALUES (:id, :metadata, '', 1, 1, 1)"
                ),
                {"id": name, "metadata": json.dumps(metadata)},
            )
    upgrade(database)
    with database.read() as tx:
        found = list_releases(tx)
    assert {name: set(one.attributes) for name, one in found.items()} == {
        "tat_ca": {
            "username", "full_name", "mail", "agency", "agency_code", "unit", "post", "roles",
        },
        "vai_tro": {"username", "agency_code", "roles"},
    }  # fmt: skip
    assert {one.version for one in found.values()} == {1}
    assert all(grounds.purpose and grounds.basis for grounds in found["tat_ca"].attributes.values())
