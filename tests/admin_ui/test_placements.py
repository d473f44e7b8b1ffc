"""Each store is asked for itself: what is ours is saved, and for the rest it is said who must."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.drill import drill_restore
from admin_ui.operations.backup.generations import default_folder, list_generations
from admin_ui.operations.backup.restore import restore
from admin_ui.operations.backup.schedule import back_up_when_due
from admin_ui.operations.backup.scratch import unpack_into
from admin_ui.operations.doctor import examine
from admin_ui.operations.initialise import initialise, prepare_stores
from admin_ui.operations.options import UpOptions
from admin_ui.operations.sentences import sentence_of
from directory.errors import Conflict
from directory.installation import Installation
from directory.ldap import embedded
from directory.settings import read_settings
from tests.support.installation import OPERATOR, opened, running_slapd, short_folder
from tests.support.made_once import quick_first_start
from tests.support.postgres import shared_cluster

pytestmark = pytest.mark.only_on_sqlite("it has both engines in it")

_EMPTY = UpOptions(empty=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    if request.param == "sqlite":
        yield {}
        return
    url = shared_cluster().add_database()
    yield {"DANHMUC_DATABASE_URL": url}
    shared_cluster().drop_database(url)


@pytest.fixture(params=["private slapd", "foreign slapd"])
def installation(request: pytest.FixtureRequest, store: dict[str, str]) -> Iterator[Installation]:
    with short_folder() as folder, quick_first_start():
        given = {"DANHMUC_STATE": str(folder / "ours"), **store}
        other = read_settings({"DANHMUC_STATE": str(folder / "theirs")})
        catalogue = read_settings(given) if request.param == "private slapd" else other
        if catalogue is other:
            prepare_stores(other, COMPONENTS, _EMPTY, lambda *_: None)
            uri = embedded.private_slapd(other).uri
            (folder / "ours").mkdir(mode=0o700)
            shutil.copytree(other.secrets_dir, folder / "ours" / "secrets")
            given["DANHMUC_LDAP_URI"] = uri
        settings = read_settings(given)
        prepare_stores(settings, COMPONENTS, _EMPTY, lambda *_: None)
        with running_slapd(catalogue), opened(settings) as found:
            initialise(settings, COMPONENTS, lambda *_: None)
            yield found


def test_backup_restore_drill_and_doctor(installation: Installation, tmp_path: Path) -> None:
    settings = installation.settings
    ours = {
        "ldap.ldif": settings.embedded_ldap,
        "danhmuc.db": settings.database_url.startswith("sqlite"),
    }
    (told,) = [each for each in examine(settings, COMPONENTS) if each.part == "backup"]
    assert told.ok
    assert ("slapcat" in told.says) == (not ours["ldap.ldif"])
    assert ("pg_dump" in told.says) == (not ours["danhmuc.db"])
    assert ("LDAP" in told.says) or ours["ldap.ldif"] is False
    if not any(ours.values()):
        back_up_when_due(installation)
        assert list_generations(default_folder(settings)) == []
        with pytest.raises(Conflict, match=r"backup\.nothing_ours") as refused:
            create_backup(installation, OPERATOR)
        assert "slapcat" in sentence_of(refused.value)
        assert "pg_dump" in sentence_of(refused.value)
        return
    made = create_backup(installation, OPERATOR)
    unpack_into(tmp_path / "open", made.path, settings.keys_dir)
    found = {path.name for path in (tmp_path / "open").iterdir()}
    assert {name for name in ours if name in found} == {
        name for name, is_in in ours.items() if is_in
    }
    if all(ours.values()):
        assert drill_restore(installation, COMPONENTS, OPERATOR, made.path).drill.ok
        return
    for refused_way in (
        lambda: drill_restore(installation, COMPONENTS, OPERATOR, made.path),
        lambda: restore(settings, COMPONENTS, OPERATOR, made.path),
    ):
        with pytest.raises(Conflict, match=r"backup\.not_all_ours") as refused:
            refused_way()
        assert ("slapcat" in sentence_of(refused.value)) == (not ours["ldap.ldif"])
        assert ("pg_dump" in sentence_of(refused.value)) == (not ours["danhmuc.db"])
