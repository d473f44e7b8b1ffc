"""The key that archives are sealed under: `keys/backup.key`, never in an archive."""

from __future__ import annotations

import os
from pathlib import Path

from admin_ui.operations.backup.disk import disk_faults
from directory.errors import Invalid
from directory.sealed import SealBroken, make_key_file, read_key_file

BACKUP_KEY, MASTER_KEY = "backup.key", "master.key"


def ensure_backup_key(keys_dir: Path) -> bytes:
    """The backup key; made at the first backup. Raises `SealBroken` when it is damaged."""
    make_key_file(keys_dir / BACKUP_KEY)
    return read_key_file(keys_dir / BACKUP_KEY)


def read_backup_key(keys_dir: Path) -> bytes:
    """The backup key. Raises Invalid(``backup.no_key``) when it is missing or damaged."""
    try:
        read_key_file(keys_dir / MASTER_KEY)  # without it the SQL store cannot be read
        return read_key_file(keys_dir / BACKUP_KEY)
    except SealBroken as error:
        raise Invalid("backup.no_key", why=str(error)) from error


def holds(path: Path, key: bytes) -> bool:
    """Whether the file holds this very key."""
    try:
        return read_key_file(path) == key
    except SealBroken:
        return False


def copy_keys(keys_dir: Path, target: Path) -> list[Path]:
    """Copy both keys into the folder `target` (files of mode 0600). Gives the files written.

    Raises Invalid(``backup.keys_exist``) rather than overwriting other keys, `SealBroken`.
    """
    ensure_backup_key(keys_dir)
    with disk_faults(target):
        return _copy(keys_dir, target)


def _copy(keys_dir: Path, target: Path) -> list[Path]:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {target / name: read_key_file(keys_dir / name) for name in (MASTER_KEY, BACKUP_KEY)}
    for path, key in wanted.items():
        if path.exists() and not holds(path, key):
            raise Invalid("backup.keys_exist", path=str(path))
    for path, key in wanted.items():
        _write(path, key)
    return list(wanted)


def _write(path: Path, key: bytes) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
