"""A state folder whose keys others can reach is not used, and every fault is told together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from directory.sealed import KeyRing, SealBroken, make_key_file, read_key_file
from directory.settings import ConfigurationProblems, read_settings

pytestmark = pytest.mark.without_sql

_SEQUENCE = bytes(range(32)).hex()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    KeyRing.create(folder / "keys")
    make_key_file(folder / "keys" / "backup.key")
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "ldap-idp.password").touch(mode=0o600)
    return folder


def _problems(state: Path) -> list[str]:
    try:
        read_settings({"DANHMUC_STATE": str(state)})
    except ConfigurationProblems as refused:
        return refused.problems
    return []


def test_a_folder_as_it_is_made_is_used(state: Path) -> None:
    assert _problems(state) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602, 0o601])
@pytest.mark.parametrize(
    "name", ["keys/master.key", "keys/backup.key", "secrets/ldap-idp.password"]
)
def test_a_file_others_can_open_is_refused(state: Path, name: str, mode: int) -> None:
    (state / name).chmod(mode)
    (problem,) = _problems(state)
    assert str(state / name) in problem
    assert f"mode {mode:04o}" in problem
    assert "chmod 600" in problem


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o711, 0o777])
@pytest.mark.parametrize("name", ["keys", "secrets"])
def test_a_folder_others_can_enter_is_refused(state: Path, name: str, mode: int) -> None:
    (state / name).chmod(mode)
    (problem,) = _problems(state)
    assert str(state / name) in problem
    assert "chmod 700" in problem


def test_everything_is_told_at_once(state: Path) -> None:
    (state / "keys").chmod(0o755)
    (state / "keys" / "master.key").chmod(0o644)
    (state / "keys" / "backup.key").write_text("0" * 64)
    (state / "secrets").chmod(0o755)
    with pytest.raises(ConfigurationProblems) as refused:
        read_settings({"DANHMUC_STATE": str(state), "DANHMUC_PORT": "x", "DANHMUC_X": "y"})
    assert len(refused.value.problems) == 6


@pytest.mark.parametrize(
    "content",
    [
        "0" * 64,
        "f" * 64,
        "deadbeef" * 8,
        _SEQUENCE,
        bytes(range(0, 256, 8)).hex(),
        "00" * 20 + "1f" * 12,
    ],
)
def test_a_key_that_can_be_guessed_is_refused(state: Path, content: str) -> None:
    (state / "keys" / "master.key").write_text(content)
    (problem,) = _problems(state)
    assert "guess" in problem
    with pytest.raises(SealBroken, match="guess"):
        read_key_file(state / "keys" / "master.key")


def test_keys_that_are_made_are_never_taken_for_guessable(tmp_path: Path) -> None:
    for number in range(300):
        make_key_file(tmp_path / f"{number}.key")
        read_key_file(tmp_path / f"{number}.key")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_accounts_folder_is_named_with_its_owner(state: Path) -> None:
    os.chown(state, 65534, 65534)
    (problem,) = _problems(state)
    assert str(state) in problem
    assert "nobody" in problem
    assert "sudo -u nobody" in problem
