"""Backups of before, during and after a rotation of the sealing key: each restores, or says why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.drill import drill_restore
from admin_ui.operations.backup.key import copy_keys
from admin_ui.operations.backup.restore import restore
from admin_ui.operations.sealing.rotation import go_on, read_sealing, rotate_sealing
from directory.agencies.service import add_agency
from directory.catalogue.agency import Agency
from directory.clock import DAY, now_ms
from directory.errors import AppError, Invalid
from directory.ids import new_id
from directory.sealed import sealing_keys
from directory.settings import Settings
from idp.keys.store import key_set
from tests.admin_ui.test_backup_restore import claim
from tests.support.installation import OPERATOR, opened, running_installation, short_folder
from tests.support.made_once import make_keys

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")


@dataclass
class Story:
    """Archives and copies of the keys, before and after a rotation whose old key is retired."""

    settings: Settings
    before: Path
    after: Path
    keys_before: Path
    keys_after: Path

    def require_in_order(self) -> None:
        """Everything opens with the keys that a process holds; nothing needs an old one."""
        with opened(self.settings) as installation:
            assert len(key_set(installation).published) == 4
            assert read_sealing(installation, COMPONENTS).left == 0


def retire_old(settings: Settings) -> None:
    at = (now_ms() - DAY - 3_600_000) / 1000
    os.utime(sealing_keys(settings.keys_dir)[0].path, (at, at))
    with opened(settings) as installation:
        go_on(installation, COMPONENTS)
    assert sealing_keys(settings.keys_dir)[-1].is_retired


@pytest.fixture(scope="module")
def told() -> Iterator[Story]:
    with short_folder() as folder:
        state, before, after = folder / "state", folder / "keys-before", folder / "keys-after"
        with running_installation(state) as running:
            installation = running.installation
            claim(installation)
            make_keys(installation)
            add_agency(installation, OPERATOR, Agency(id=new_id(), name="Sở Ba", code="S3"))
            old = create_backup(installation, OPERATOR)
            copy_keys(running.settings.keys_dir, before)
            rotate_sealing(installation, COMPONENTS, OPERATOR)
            new = create_backup(installation, OPERATOR)
            written = copy_keys(running.settings.keys_dir, after)
            assert {path.name for path in written} == {
                "master.key",
                "backup.key",
                sealing_keys(running.settings.keys_dir)[0].path.name,
            }
            retire_old(running.settings)
        yield Story(running.settings, old.path, new.path, before, after)


@pytest.fixture
def story(told: Story, tmp_path: Path) -> Iterator[Story]:
    """The same in a folder of its own."""
    with short_folder() as folder:
        shutil.copytree(told.settings.state, folder / "state", symlinks=True)
        settings = Settings(**{**vars(told.settings), "state": folder / "state"})
        url = told.settings.database_url.replace(str(told.settings.state), str(folder / "state"))
        settings = Settings(**{**vars(settings), "database_url": url})
        shutil.rmtree(folder / "state" / "run", ignore_errors=True)
        settings.run_dir.mkdir(mode=0o700)
        yield Story(settings, told.before, told.after, told.keys_before, told.keys_after)


def test_a_backup_of_before_the_rotation_needs_no_retired_key_afterwards(story: Story) -> None:
    for is_store_lost in (False, True):  # where it can be read, the present signing keys go on
        if is_store_lost:
            for path in story.settings.state.glob("danhmuc.db*"):
                path.unlink()
        restore(story.settings, COMPONENTS, OPERATOR, story.before)
        story.require_in_order()
        assert sealing_keys(story.settings.keys_dir)[-1].is_retired


def test_the_old_copy_of_the_keys_does_where_the_state_is_there(story: Story) -> None:
    for archive in (story.before, story.after):
        restore(story.settings, COMPONENTS, OPERATOR, archive, story.keys_before)
        story.require_in_order()
        assert len(sealing_keys(story.settings.keys_dir)) == 2


def test_a_new_machine_needs_a_copy_made_after_the_rotation(story: Story) -> None:
    shutil.rmtree(story.settings.state)
    story.settings.state.mkdir(mode=0o700)
    newest = sealing_keys(story.keys_after)[0]
    with pytest.raises(Invalid) as refused:
        restore(story.settings, COMPONENTS, OPERATOR, story.after, story.keys_before)
    assert refused.value.code == "backup.no_sealing_key"
    assert refused.value.params["keys"] == newest.id
    assert not story.settings.keys_dir.exists()
    restore(story.settings, COMPONENTS, OPERATOR, story.after, story.keys_after)
    story.require_in_order()
    assert sealing_keys(story.settings.keys_dir)[0].id == newest.id


def test_a_new_machine_goes_back_to_before_with_either_copy(story: Story) -> None:
    for copy, number in ((story.keys_before, 1), (story.keys_after, 2)):
        shutil.rmtree(story.settings.state)
        story.settings.state.mkdir(mode=0o700)
        restore(story.settings, COMPONENTS, OPERATOR, story.before, copy)
        story.require_in_order()
        assert len(sealing_keys(story.settings.keys_dir)) == number


def test_a_key_lost_from_the_state_comes_back_from_the_copy(story: Story) -> None:
    sealing_keys(story.settings.keys_dir)[0].path.unlink()
    with pytest.raises(AppError, match="no_sealing_key"):
        restore(story.settings, COMPONENTS, OPERATOR, story.after)
    restore(story.settings, COMPONENTS, OPERATOR, story.after, story.keys_after)
    story.require_in_order()


def test_a_drill_of_a_backup_of_before_the_rotation(story: Story) -> None:
    with running_installation(story.settings.state) as running:
        drilled = drill_restore(running.installation, COMPONENTS, OPERATOR, story.before)
    problems = [step.problem for step in drilled.drill.steps if step.problem]
    assert not [each for each in problems if "seal" in each or "key" in each], problems
