"""The state folder belongs to one supervisor at a time, and survives any death of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from admin_ui.operations.held_state import hold_state, mark, remember_children, require_space
from admin_ui.operations.options import CannotStart
from directory.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DANHMUC_STATE": str(tmp_path / "state")})


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"], process_group=0)
    yield process
    process.kill()
    process.wait()


def test_second_supervisor_is_refused_with_the_first_ones_pid(settings: Settings) -> None:
    holder = (
        "import sys, time\n"
        "from directory.settings import read_settings\n"
        "from admin_ui.operations.held_state import hold_state\n"
        "with hold_state(read_settings({'DANHMUC_STATE': sys.argv[1]})):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", holder, str(settings.state)], stdout=subprocess.PIPE
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(CannotStart, match=rf"already running \(pid {first.pid}\)"):
            hold_state(settings).__enter__()
    finally:
        first.kill()
        first.wait()
        assert first.stdout is not None
        first.stdout.close()
    with hold_state(settings):
        pass  # the lock went with the process


def test_folders_are_private(settings: Settings) -> None:
    with hold_state(settings):
        for folder in (settings.state, settings.run_dir, settings.secrets_dir):
            assert folder.stat().st_mode & 0o077 == 0


def test_state_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = read_settings({"DANHMUC_STATE": str(tmp_path / "file" / "state")})
    with pytest.raises(CannotStart, match=r"cannot be written .*DANHMUC_STATE"):
        hold_state(settings).__enter__()


def test_full_disk_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin_ui.operations.held_state._NEEDED_MB", 10**9)
    with pytest.raises(CannotStart, match="the disk is full"):
        require_space(tmp_path)


def test_child_that_survived_a_crash_is_ended_by_the_next_start(
    settings: Settings, bystander: subprocess.Popen[bytes]
) -> None:
    with hold_state(settings):
        remember_children(settings.run_dir, [mark("slapd", bystander.pid)])
    with hold_state(settings):
        assert bystander.wait(timeout=20) == -9


def test_process_that_merely_has_the_old_pid_is_left_alone(
    settings: Settings, bystander: subprocess.Popen[bytes]
) -> None:
    with hold_state(settings):
        seen = mark("slapd", bystander.pid)
        older = replace(seen, started_ticks=seen.started_ticks - 1)
        elsewhere = replace(seen, boot_id="another boot")
        remember_children(settings.run_dir, [older, elsewhere])
    with hold_state(settings):
        time.sleep(0.2)
        assert bystander.poll() is None


def test_damaged_list_of_children_does_not_hinder_a_start(settings: Settings) -> None:
    with hold_state(settings):
        (settings.run_dir / "children.json").write_text('[{"name": "sla')
    with hold_state(settings):
        pass


def test_a_state_folder_of_somebody_else_is_refused(settings: Settings) -> None:
    """Somebody made it before us, under /tmp perhaps, and could read or plant keys there."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    settings.state.mkdir()
    os.chown(settings.state, 65534, 65534)
    with pytest.raises(CannotStart, match="is not a folder of this user"):
        hold_state(settings).__enter__()


def test_a_link_of_somebody_else_to_our_folder_is_refused(settings: Settings) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a link away")
    elsewhere = settings.state.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    settings.state.symlink_to(elsewhere)
    with hold_state(settings):
        pass  # a link of our own is fine
    os.chown(settings.state, 65534, 65534, follow_symlinks=False)
    with pytest.raises(CannotStart, match="is not a folder of this user"):
        hold_state(settings).__enter__()


def test_a_state_folder_that_others_may_write_becomes_ours_alone(settings: Settings) -> None:
    settings.state.mkdir()
    settings.state.chmod(0o777)
    with hold_state(settings):
        assert settings.state.stat().st_mode & 0o022 == 0
