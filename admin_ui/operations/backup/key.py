"""The key that archives are sealed under: `keys/backup.key`, never in an archive."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from admin_ui.operations.backup.errors import BACKUP_KEYS_EXIST, BACKUP_NO_KEY
from admin_ui.operations.disk_faults import disk_faults
from directory.errors import Invalid
from directory.sealed import (
    MASTER_KEY,
    SealBroken,
    key_files,
    make_key_file,
    read_key_file,
    write_key_file,
)

BACKUP_KEY = "backup.key"


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
        raise Invalid(BACKUP_NO_KEY, why=str(error)) from error


def holds(path: Path, key: bytes) -> bool:
    """Whether the file holds this very key."""
    try:
        return read_key_file(path) == key
    except SealBroken:
        return False


def copy_keys(keys_dir: Path, target: Path) -> list[Path]:
    """Copy every key that archives need into the folder `target` (files of mode 0600).

    Gives the files written.

    Raises Invalid(``backup.keys_exist``) rather than overwriting other keys, `SealBroken`.
    """
    ensure_backup_key(keys_dir)
    with disk_faults(target):
        return _copy(keys_dir, target)


def _copy(keys_dir: Path, target: Path) -> list[Path]:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    needed = [*key_files(keys_dir), keys_dir / BACKUP_KEY]
    wanted = {target / path.name: read_key_file(path) for path in needed}
    for path, key in wanted.items():
        if path.exists() and not holds(path, key):
            raise Invalid(BACKUP_KEYS_EXIST, path=str(path))
    for path, key in wanted.items():
        write_key_file(path, key)
    return list(wanted)


def usable_keys(keys_dir: Path, ours: Path) -> list[Path]:
    """The files of every key that an archive may need: those of the folder `keys_dir` and, where
    `ours` belongs to the same installation, what was made since they were copied. An archive of
    before a rotation needs keys that are retired, so those open too.

    Raises Invalid(``backup.no_key``).
    """
    try:
        found = [*key_files(keys_dir), keys_dir / BACKUP_KEY]
    except SealBroken as error:
        raise Invalid(BACKUP_NO_KEY, why=str(error)) from error
    names = {path.name for path in found}
    with suppress(SealBroken, OSError):
        if holds(ours / MASTER_KEY, read_key_file(keys_dir / MASTER_KEY)):
            found += [path for path in key_files(ours) if path.name not in names]
    return found
