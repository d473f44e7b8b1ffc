"""kill -9 during a restore: before it is promised nothing happened, after it nothing stops it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from admin_ui.cli.main import main
from admin_ui.components import COMPONENTS
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.restore import restore
from admin_ui.operations.backup.swap import finish_interrupted, is_interrupted
from directory import faults
from directory.agencies.service import add_agency
from directory.audit.reading import list_events
from directory.catalogue.agency import Agency
from directory.ids import new_id
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from directory.settings import Settings
from tests.support.installation import OPERATOR, running_installation, short_folder

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")

_MOST_MOVES = 20


def ends_by_kill(work: Callable[[], object]) -> bool:
    """Run `work` in a process of its own. Whether SIGKILL ended it; else it must have gone well."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def prepare(state: Path) -> tuple[Settings, Path]:
    state.mkdir()
    (state / "demo").touch()  # points may be armed in a demo only
    with running_installation(state) as running:
        installation = running.installation
        agency = add_agency(installation, OPERATOR, Agency(id=new_id(), name="Sở Ba", code="S3"))
        add_person(
            installation,
            OPERATOR,
            NewPerson(username="an", full_name="Nguyễn Văn An", agency_id=agency.id),
        )
        backup = create_backup(installation, OPERATOR)
        add_person(
            installation,
            OPERATOR,
            NewPerson(username="binh", full_name="Nguyễn Văn Bình", agency_id=agency.id),
        )
    return running.settings, backup.path


def people(settings: Settings) -> set[str]:
    """Who is there, said by LDAP and SQL alike, with everything in working order."""
    with running_installation(settings.state) as running:
        base = f"ou=people,{settings.suffix}"
        in_ldap = {
            entry.one("uid") for entry in running.installation.ldap.search(base, "(uid=*)", ["uid"])
        }
        with running.installation.database.read() as tx:
            in_sql = {name for name in ("an", "binh") if queries.find_person_by_login(tx, name)}
            events = list_events(tx, kind="installation.restored")
    assert in_ldap == in_sql
    assert len(events) == (0 if "binh" in in_sql else 1)
    return in_sql


def test_a_restore_killed_anywhere_is_undone_or_finished(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with short_folder() as folder:
        settings, archive = prepare(folder / "state")

        def restore_until(point: str) -> bool:
            armed = replace(settings, fault_point=point)
            return ends_by_kill(lambda: restore(armed, COMPONENTS, OPERATOR, archive))

        def finish_until(point: str) -> bool:
            def work() -> None:
                faults.arm(point)
                finish_interrupted(settings)

            return ends_by_kill(work)

        for point in ("restore.unpacked", "restore.built"):
            assert restore_until(point)
            assert (settings.state / "restoring").exists()
            assert not is_interrupted(settings)
            assert people(settings) == {"an", "binh"}

        assert restore_until("restore.promised")
        assert is_interrupted(settings)
        monkeypatch.setenv("DANHMUC_STATE", str(settings.state))
        for command in (["person", "list"], ["init"], ["backup", "create"]):
            monkeypatch.setattr(sys, "argv", ["danhmuc", *command])
            with pytest.raises(SystemExit) as refused:
                main()
            assert refused.value.code == 1
            assert "A restore was interrupted" in capsys.readouterr().err

        kills = 0
        while finish_until("restore.moved"):
            kills += 1
            assert is_interrupted(settings)
            assert kills < _MOST_MOVES
        # Two moves each for slapd, the secrets and the store.
        assert kills >= 6
        assert not is_interrupted(settings)
        assert people(settings) == {"an"}
        assert not (settings.state / "restoring").exists()
        (aside,) = settings.state.glob("before-restore-*")
        assert {"slapd", "secrets", "danhmuc.db"} <= {path.name for path in aside.iterdir()}


def test_killed_with_everything_in_place_it_is_finished_by_the_next_restore() -> None:
    with short_folder() as folder:
        settings, archive = prepare(folder / "state")
        armed = replace(settings, fault_point="restore.replaced")
        assert ends_by_kill(lambda: restore(armed, COMPONENTS, OPERATOR, archive))
        assert is_interrupted(settings)
        restore(settings, COMPONENTS, OPERATOR, archive)
        assert not is_interrupted(settings)
        assert people(settings) == {"an"}


def test_unsealed_copies_of_a_killed_backup_do_not_stay() -> None:
    with short_folder() as folder:
        state = folder / "state"
        with running_installation(state) as running:

            def work() -> None:
                def told(step: str, _done: int, _total: int) -> None:
                    if step == "Sealing":
                        os.kill(os.getpid(), signal.SIGKILL)

                running.installation.database.dispose()
                create_backup(running.installation, OPERATOR, told=told)

            assert ends_by_kill(work)
            assert (state / "run" / "backup" / "copies" / "ldap.ldif").exists()
            assert not list((state / "backups").glob("danhmuc-*"))
            made = create_backup(running.installation, OPERATOR)
            assert not (state / "run" / "backup" / "copies").exists()
            left = {path.name for path in (state / "backups").iterdir()}
            assert left == {".lock", made.path.name, f"{made.path.name}.sha256"}
