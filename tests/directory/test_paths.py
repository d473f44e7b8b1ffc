"""A state folder may have any name: whatever it is made of goes into other programs' files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.drill import drill_restore
from admin_ui.operations.initialise import initialise, prepare_stores
from admin_ui.operations.options import UpOptions
from admin_ui.operations.supervisor.tls import ensure_certificates
from directory.database.migrating import require_current, require_same
from directory.ldap import embedded
from directory.settings import Settings, read_settings
from tests.support.installation import OPERATOR, running_slapd, short_folder, started
from tests.support.made_once import quick_first_start

# By the programs that read them: configurations, URLs, DNs, shells, options.
NAMES = (
    "Danh Mục tỉnh",
    'it\'s "yes" # 1 back\\slash',
    "100%20 %s {0} a?b&c=d",
    "a,b;c+d*e",
    "$HOME `id` ~",
    "-F",
    "tên dài " + "ố" * 60,  # too long for a UNIX socket
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as found:
        yield found


def _settings(state: Path, **more: str) -> Settings:
    return read_settings({"DANHMUC_STATE": str(state), **more})


@pytest.mark.only_on_sqlite("the store lies in the state folder")
@pytest.mark.parametrize("name", NAMES)
def test_an_installation_is_made_and_started(folder: Path, name: str) -> None:
    settings = _settings(folder / name)
    told: list[str] = []
    with quick_first_start():
        prepare_stores(
            settings, COMPONENTS, UpOptions(empty=True), lambda *what: told.append(str(what))
        )
    with started(settings) as installation:
        require_current(installation.database)
        require_same(installation.database)
        assert installation.ldap.read(settings.suffix, ["o"]) is not None
        assert (folder / name / "danhmuc.db").stat().st_size
        assert list((folder / name / "slapd" / "db").glob("*.mdb"))
    assert [path.name for path in folder.iterdir()] == [name], "something landed beside it"


@pytest.mark.only_on_sqlite("the store lies in the state folder")
def test_it_is_backed_up_and_drilled(folder: Path) -> None:
    settings = _settings(folder / "Danh Mục #1 100%20?")
    options = UpOptions(empty=True)
    prepare_stores(settings, COMPONENTS, options, lambda *_: None)
    with started(settings) as installation:
        initialise(settings, COMPONENTS, lambda *_: None)
        made = create_backup(installation, OPERATOR)
        done = drill_restore(installation, COMPONENTS, OPERATOR, made.path)
        assert done.drill.ok, done.text


@pytest.mark.without_sql
def test_slapd_finds_its_certificate(folder: Path) -> None:
    settings = _settings(folder / 'Danh "Mục"', DANHMUC_ISSUER="https://localhost:21699")
    ensure_certificates(settings.tls_dir)
    embedded.prepare(settings)
    assert "server.pem" in embedded.private_slapd(settings).config().ldif()
    with running_slapd(settings):
        pass
