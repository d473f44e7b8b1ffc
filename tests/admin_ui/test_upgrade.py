"""A filled state folder of the first version is brought to this one by a start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import text

from admin_ui.cli.main import danhmuc
from admin_ui.components import COMPONENTS
from admin_ui.operations.backup.generations import default_folder
from admin_ui.operations.initialise import prepare_stores
from admin_ui.operations.options import UpOptions
from admin_ui.operations.sentences import sentence_of
from directory.audit.reading import list_events
from directory.authz.roles import roles_of
from directory.clock import today
from directory.database.engine import Database
from directory.database.migrating import configuration, current_revision, head_revision
from directory.errors import Conflict
from directory.identity import find_identity, forget_identity
from directory.people.service import NewPerson, add_person
from directory.settings import Settings, read_settings
from tests.support.installation import OPERATOR, prepare, short_folder, started
from tests.support.province import a_department

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools")

_EMPTY = UpOptions(empty=True)
_APPLICATION = "danh-muc"


def _silent(*_: object) -> None:
    pass


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Settings, str]]:
    """The stopped installation, and a person with a role by their title."""
    with short_folder() as folder:
        settings = read_settings({"DANHMUC_STATE": str(folder / "state")})
        prepare(settings)
        person, agency = _fill(settings)
        database = Database(settings.database_url)
        with database.write() as tx:
            command.downgrade(configuration(tx), "0001")
            tx.execute(
                text("UPDATE catalogue_post SET position = :key, title = 'Văn thư'"),
                {"key": f"{agency}|van thu"},
            )
            tx.execute(
                text(
                    "INSERT INTO role_grant (id, application_id, role, holder_kind, holder_id,"
                    " agency_id, field, procedure, start_on, end_on, reason, granted_by,"
                    " granted_at, revoked_at) VALUES ('g', :application, 'agency_admin',"
                    " 'position', :key, :agency, '', '', '', '', 'x', 'os:x', 1, 0)"
                ),
                {"application": _APPLICATION, "key": f"{agency}|van thu", "agency": agency},
            )
        assert current_revision(database) == "0001"
        database.dispose()
        forget_identity(settings.state)
        shutil.copytree(settings.state, _kept(settings), symlinks=True)
        yield settings, person


@pytest.fixture
def old(made: tuple[Settings, str]) -> tuple[Settings, str]:
    """As it was before the test before: its place stands in the configuration of slapd."""
    settings, person = made
    shutil.rmtree(settings.state)
    shutil.copytree(_kept(settings), settings.state, symlinks=True)
    return read_settings({"DANHMUC_STATE": str(settings.state)}), person


def _kept(settings: Settings) -> Path:
    return settings.state.with_name("kept")


def _fill(settings: Settings) -> tuple[str, str]:
    with started(settings) as installation:
        agency = a_department(installation)
        person = add_person(
            installation,
            OPERATOR,
            NewPerson(username="an", full_name="Nguyễn Văn An", agency_id=agency.id),
        )
    return person.id, agency.id


def _require_whole(settings: Settings, person: str) -> None:
    database = Database(settings.database_url)
    assert current_revision(database) == head_revision()
    with database.read() as tx:
        (held,) = roles_of(tx, person, _APPLICATION, today().isoformat())
        assert held.role == "agency_admin"
        assert len(list_events(tx, kind="positions.migrated", limit=5)) == 1
    database.dispose()
    assert find_identity(settings.state) is not None


def test_it_is_backed_up_and_told_and_nobody_loses_a_role(old: tuple[Settings, str]) -> None:
    settings, person = old
    backed_up, count, position = prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    assert Path(backed_up.partition(": ")[2]).is_file()
    assert count == "1 positions were made of titles; nobody gained or lost a role"
    assert "Văn thư" in position
    assert "1 people, 1 grants" in position
    _require_whole(settings, person)
    assert prepare_stores(settings, COMPONENTS, _EMPTY, _silent) == []


@pytest.mark.parametrize(
    "place", ["embedded.prepare", "upgrade", "require_same", "write_identity", "_made_of_titles"]
)
def test_interrupted_anywhere_the_next_start_goes_on(
    old: tuple[Settings, str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, person = old
    with monkeypatch.context() as patch:
        patch.setattr(f"admin_ui.operations.initialise.{place}", _killed)
        with pytest.raises(KeyboardInterrupt):
            prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    said = prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    assert any("positions were made of titles" in sentence for sentence in said)
    _require_whole(settings, person)
    assert list(default_folder(settings).glob("*.backup"))


def test_what_a_start_refuses_of_the_copy_is_made_anew_while_nothing_runs(
    old: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, person = old
    prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    database = Database(settings.database_url)
    with database.write() as tx:
        tx.execute(text("ALTER TABLE catalogue_person DROP COLUMN academic_title"))
    database.dispose()
    with pytest.raises(Conflict) as refused:
        prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    assert refused.value.code == "database.copy_differs"
    assert "danhmuc catalogue rebuild" in sentence_of(refused.value)
    monkeypatch.setenv("DANHMUC_STATE", str(settings.state))
    # From the root: a command keeps the help option of its first context.
    CliRunner().invoke(danhmuc, ["catalogue", "rebuild"], catch_exceptions=False)
    prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    _require_whole(settings, person)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
