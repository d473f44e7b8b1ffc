"""A state folder is used for what it was built for, with its own store and its own key, or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.operations import initialise
from admin_ui.operations.backup.create import write_backup
from admin_ui.operations.backup.restore import restore
from admin_ui.operations.initialise import prepare_stores
from admin_ui.operations.options import UpOptions
from admin_ui.operations.sentences import sentence_of
from directory.audit.reading import list_events
from directory.database.engine import Database
from directory.errors import AppError
from directory.identity import find_identity, identity_path, write_identity
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from directory.sealed import make_key_file
from directory.settings import ConfigurationProblems, Settings, read_settings
from directory.settings_file import write_settings_file
from tests.support.installation import OPERATOR, prepare, short_folder, started
from tests.support.postgres import sql_store
from tests.support.province import a_department

_EMPTY = UpOptions(empty=True)
_OTHER = {
    "DANHMUC_LDAP_SUFFIX": "dc=baria,dc=gov,dc=vn",
    "DANHMUC_OID_ARC": "1.3.6.1.4.1.99999.78",
    "DANHMUC_MAIL_DOMAIN": "baria.gov.vn",
    "DANHMUC_PROVINCE": "tỉnh Bà Rịa",
    "DANHMUC_ISSUER": "https://sso.baria.gov.vn",
}
_FIRST = {"DANHMUC_ISSUER": "https://sso.binhduong.gov.vn", "DANHMUC_PROVINCE": "tỉnh Bình Dương"}
_RENAMEABLE = {"DANHMUC_MAIL_DOMAIN", "DANHMUC_PROVINCE", "DANHMUC_ISSUER"}


def _silent(*_: object) -> None:
    pass


@pytest.fixture(scope="module")
def built() -> Iterator[dict[str, str]]:
    """The environment of a filled installation, stopped."""
    with short_folder() as folder, sql_store(migrated=False) as store:
        given = {"DANHMUC_STATE": str(folder / "state"), **store, **_FIRST}
        settings = read_settings(given)
        prepare(settings)
        _with_slapd(settings)
        yield given


def _with_slapd(settings: Settings) -> None:
    with started(settings) as installation:
        agency = a_department(installation)
        add_person(
            installation,
            OPERATOR,
            NewPerson(username="an", full_name="Nguyễn Văn An", agency_id=agency.id),
        )


def _content(settings: Settings) -> tuple[list[str], int]:
    database = Database(settings.database_url)
    with database.read() as tx:
        people = queries.count_people(tx)
    database.dispose()
    return sorted(str(path) for path in (settings.state / "slapd").rglob("*")), people


@pytest.mark.parametrize("name", _OTHER)
def test_another_value_is_refused_naming_both(built: dict[str, str], name: str) -> None:
    before = _content(read_settings(built))
    with pytest.raises(ConfigurationProblems) as refused:
        read_settings({**built, name: _OTHER[name]})
    (told,) = refused.value.problems
    assert name in told
    assert _OTHER[name] in told
    ours = {**_FIRST, "DANHMUC_LDAP_SUFFIX": "dc=binhduong,dc=gov,dc=vn",
            "DANHMUC_OID_ARC": "1.3.6.1.4.1.99999.77",
            "DANHMUC_MAIL_DOMAIN": "binhduong.gov.vn"}[name]  # fmt: skip
    assert ours in told
    assert ("--rename" in told) == (name in _RENAMEABLE)
    assert _content(read_settings(built)) == before


def test_all_that_differs_is_told_together(built: dict[str, str]) -> None:
    with pytest.raises(ConfigurationProblems) as refused:
        read_settings({**built, **_OTHER})
    assert len(refused.value.problems) == len(_OTHER)


def test_what_is_not_said_again_is_remembered(built: dict[str, str]) -> None:
    bare = {name: value for name, value in built.items() if name not in _FIRST}
    assert read_settings(bare) == read_settings(built)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DANHMUC_PORT", "21640"),
        ("DANHMUC_OPERATOR_NAME", "Sở Khoa học và Công nghệ"),
        ("DANHMUC_OPERATOR_PHONE", "0274 111 1111"),
        ("DANHMUC_CONSOLE_URL", "https://quantri.binhduong.gov.vn"),
        ("DANHMUC_LOG_LEVEL", "DEBUG"),
        ("DANHMUC_SQLITE_SYNCHRONOUS", "NORMAL"),
        ("DANHMUC_TRUSTED_PROXIES", "10.1.0.5"),
        ("DANHMUC_OUTBOUND_ALLOW", "10.1.0.0/16:443"),
    ],
)
def test_a_preference_may_change(built: dict[str, str], name: str, value: str) -> None:
    before = _content(read_settings(built))[1]
    settings = read_settings({**built, name: value})
    prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    assert _content(settings)[1] == before == 1


def test_a_demo_is_not_made_of_it_nor_the_reverse(built: dict[str, str]) -> None:
    mark = Path(built["DANHMUC_STATE"]) / "demo"
    mark.touch()
    try:
        with pytest.raises(ConfigurationProblems, match="real people"):
            read_settings(built)
    finally:
        mark.unlink()
    state, kept = mark.parent, find_identity(mark.parent)
    assert kept is not None
    try:
        write_identity(state, replace(kept, demo=True))
        with pytest.raises(ConfigurationProblems, match="built as a demo"):
            read_settings(built)
    finally:
        write_identity(state, kept)


def _refusal(settings: Settings) -> str:
    with pytest.raises(AppError) as refused:
        prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
    assert sentence_of(refused.value).count("…") == 0, sentence_of(refused.value)
    return refused.value.code


@pytest.mark.both_engines
def test_another_store_is_refused(built: dict[str, str]) -> None:
    """Another installation's, an empty one, one that a new folder finds full."""
    settings = read_settings(built)
    before = _content(settings)
    with short_folder() as folder, sql_store(migrated=False) as store:
        given = {"DANHMUC_STATE": str(folder / "other"), **store}
        other = read_settings(given)
        prepare(other)
        theirs = _content(other)
        assert _refusal(replace(settings, database_url=other.database_url)) == (
            "installation.other_store"
        )
        new = read_settings({"DANHMUC_STATE": str(folder / "new"),
                             "DANHMUC_DATABASE_URL": other.database_url})  # fmt: skip
        assert _refusal(new) == "installation.store_taken"
        assert not new.state.exists(), "something was begun"
        (folder / "half").mkdir(mode=0o700)
        (folder / "half" / "first-start").touch()
        half = replace(new, state=folder / "half")
        assert _refusal(half) == "installation.store_taken"
        assert _content(other) == theirs
    with sql_store(migrated=False) as store:
        url = store.get("DANHMUC_DATABASE_URL", f"sqlite:///{settings.state}/none.db")
        code = _refusal(replace(settings, database_url=url))
        assert code in ("database.no_schema", "database.missing")
    assert _content(settings) == before


def test_another_key_is_refused(built: dict[str, str]) -> None:
    settings = read_settings(built)
    key = settings.keys_dir / "master.key"
    key.rename(key.with_suffix(".kept"))
    try:
        make_key_file(key)
        assert _refusal(settings) == "installation.other_key"
        key.unlink()
        if settings.state / "danhmuc.db" and (settings.state / "slapd").exists():
            assert _refusal(settings) == "keys.lost"
    finally:
        key.with_suffix(".kept").rename(key)
    prepare_stores(settings, COMPONENTS, _EMPTY, _silent)


def test_a_catalogue_that_is_gone_is_not_made_anew(built: dict[str, str]) -> None:
    settings = read_settings(built)
    database = settings.state / "slapd" / "db"
    database.rename(database.with_name("db.kept"))
    try:
        assert _refusal(settings) == "installation.no_catalogue"
        assert not database.exists()
    finally:
        database.with_name("db.kept").rename(database)


@pytest.mark.both_engines
@pytest.mark.parametrize("name", ["DANHMUC_LDAP_SUFFIX", "DANHMUC_OID_ARC"])
def test_a_folder_older_than_this_knows_its_catalogue(built: dict[str, str], name: str) -> None:
    settings = read_settings(built)
    kept = identity_path(settings.state).read_text()
    identity_path(settings.state).unlink()
    try:
        before = _content(settings)
        assert _refusal(read_settings({**built, name: _OTHER[name]})) == (
            "installation.other_catalogue"
        )
        assert _content(settings) == before
        prepare_stores(settings, COMPONENTS, _EMPTY, _silent)
        found = find_identity(settings.state)
        assert found is not None
        assert found.id == json.loads(kept)["id"], "its store says whose it is"
    finally:
        identity_path(settings.state).write_text(kept)


def test_a_province_may_be_renamed_on_purpose(built: dict[str, str]) -> None:
    settings = read_settings(built)
    kept = identity_path(settings.state).read_text()
    new = {name: _OTHER[name] for name in _RENAMEABLE}
    try:
        renamed = read_settings({**built, **new}, renaming=True)
        with pytest.MonkeyPatch.context() as patch:  # killed between the store and the file
            patch.setattr(initialise, "write_identity", _killed)
            with pytest.raises(KeyboardInterrupt):
                prepare_stores(renamed, COMPONENTS, _EMPTY, _silent, actor=OPERATOR)
        with pytest.raises(ConfigurationProblems, match="--rename"):
            read_settings({**built, **new})
        prepare_stores(renamed, COMPONENTS, _EMPTY, _silent, actor=OPERATOR)
        assert read_settings({**built, **new}).province == "tỉnh Bà Rịa"
        with pytest.raises(ConfigurationProblems):
            read_settings(built)
        database = Database(settings.database_url)
        with database.read() as tx:
            told, _ = list_events(tx, kind="installation.renamed", limit=5)
        database.dispose()
        assert told.actor == OPERATOR.tag
        assert told.fields["province"] == "tỉnh Bà Rịa"
        with pytest.raises(ConfigurationProblems, match="LDAP_SUFFIX"):
            read_settings({**built, **_OTHER}, renaming=True)
    finally:
        identity_path(settings.state).write_text(kept)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_identity_is_told(built: dict[str, str]) -> None:
    path = identity_path(Path(built["DANHMUC_STATE"]))
    kept = path.read_text()
    try:
        for content in ("", "{}", "[1]", '{"id": 1'):
            path.write_text(content)
            with pytest.raises(ConfigurationProblems, match=r"identity\.json is damaged"):
                read_settings(built)
    finally:
        path.write_text(kept)


@pytest.mark.only_on_sqlite("backups are of the embedded system")
@pytest.mark.parametrize("name", [*_OTHER, "another installation"])
def test_an_archive_of_something_else_is_not_restored(built: dict[str, str], name: str) -> None:
    made = write_backup(read_settings(built))
    with short_folder() as folder:
        given = {"DANHMUC_STATE": str(folder / "other"), **_FIRST}
        if name in _OTHER:
            given[name] = _OTHER[name]
            other = read_settings(given)
        else:
            other = read_settings(given)
            prepare(other)
        with pytest.raises(AppError) as refused:
            restore(other, COMPONENTS, OPERATOR, made.path, read_settings(built).keys_dir)
        known = "backup.other_installation" if name not in _OTHER else "backup.other_identity"
        assert refused.value.code == known
        assert not (other.state / "danhmuc.db").exists() or name not in _OTHER


@pytest.mark.only_on_sqlite("backups are of the embedded system")
def test_a_new_machine_learns_what_the_archive_is_of(built: dict[str, str]) -> None:
    ours = read_settings(built)
    made = write_backup(ours)
    with short_folder() as folder:
        given = {"DANHMUC_STATE": str(folder / "new"), **_FIRST}
        restore(read_settings(given), COMPONENTS, OPERATOR, made.path, ours.keys_dir)
        assert find_identity(folder / "new") == find_identity(ours.state)
        prepare_stores(read_settings(given), COMPONENTS, _EMPTY, _silent)
        with pytest.raises(ConfigurationProblems):
            read_settings({**given, "DANHMUC_PROVINCE": "tỉnh Bà Rịa"})


def test_settings_that_stay_are_read_from_the_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    given = {"DANHMUC_STATE": str(state)}
    write_settings_file(state, {"DANHMUC_PROVINCE": 'tỉnh "A"', "DANHMUC_PORT": "21650"})
    assert read_settings(given).province == 'tỉnh "A"'
    assert read_settings({**given, "DANHMUC_PORT": "21660"}).port == 21660
    path = state / "settings.env"
    path.write_bytes("\ufeffDANHMUC_PROVINCE=tỉnh B\r\n\r\n# a word\r\n".encode())
    assert read_settings(given).province == "tỉnh B"
    path.write_bytes("DANHMUC_PROVINCE='tỉnh C'".encode("utf-16"))
    assert read_settings(given).province == "tỉnh C"
    path.write_text("PROVINCE=x\nDANHMUC_STATE=/y\nDANHMUC_PORT=1\nDANHMUC_PORT=2\n")
    with pytest.raises(ConfigurationProblems) as refused:
        read_settings(given)
    assert [problem.split(": ")[0][-6:] for problem in refused.value.problems] == [
        "line 1",
        "line 2",
        "line 4",
    ]
    path.write_text("DANHMUC_PROVINZ=x\n")
    with pytest.raises(ConfigurationProblems, match=r"settings\.env: DANHMUC_PROVINZ"):
        read_settings(given)
    path.write_bytes(b"DANHMUC_PROVINCE=t\xe1\n")
    with pytest.raises(ConfigurationProblems, match="UTF-8"):
        read_settings(given)
    shutil.rmtree(state)
