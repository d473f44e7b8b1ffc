"""A state folder beside the real one, in which an archive becomes a running system again.

Restore and drill do the same work in it; a restore then moves the result into place. Until that
moment nothing of the present state is touched, and a crash leaves only a folder to throw away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from alembic.util import CommandError

from admin_ui.operations.backup import generations
from admin_ui.operations.backup.archive import LDIF, unpack_archive
from admin_ui.operations.backup.errors import (
    BACKUP_NEWER_FORMAT,
    BACKUP_NO_FILE,
    BACKUP_NO_KEY,
    BACKUP_NO_ROOM,
    BACKUP_NO_SEALING_KEY,
    BACKUP_OTHER_IDENTITY,
    BACKUP_OTHER_INSTALLATION,
    BACKUP_OTHER_MASTER_KEY,
)
from admin_ui.operations.backup.key import read_backup_key, usable_keys
from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.disk_faults import disk_faults
from admin_ui.operations.progress import Told
from admin_ui.operations.sealing.columns import missing_keys
from directory.component import Component
from directory.database.migrating import upgrade
from directory.errors import Invalid, Unavailable
from directory.identity import VARIABLES, find_identity
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.ownership import is_own_key
from directory.sealed import SealBroken
from directory.settings import Settings, sqlite_url
from idp.keys.store import key_set

_ROOM_TO_WORK = 3  # the copies, slapd's database and what SQLite writes beside its file


@dataclass(frozen=True)
class Scratch:
    """`settings` are those of the installation, moved into `folder`."""

    folder: Path
    settings: Settings
    manifest: Manifest


def unpack(settings: Settings, archive: Path, keys_dir: Path, folder: Path, told: Told) -> Scratch:
    """Open the whole archive into the new `folder`, every byte checked.

    Raises Invalid: ``backup.*`` says what is wrong with archive or keys.
    """
    if not archive.is_file():
        raise Invalid(BACKUP_NO_FILE, path=str(archive))
    key = read_backup_key(keys_dir)
    told("Checking the archive", 0, 0)
    generations.check_checksum(archive)
    folder.mkdir(mode=0o700, parents=True)
    told("Opening the archive", 0, 0)
    manifest = unpack_archive(
        archive, key, folder, lambda done, total: told("Opening the archive", done, total)
    )
    _require_same_installation(settings, manifest)
    _require_room(folder, manifest)
    (folder / "keys").mkdir(mode=0o700)
    for path in usable_keys(keys_dir, settings.keys_dir):
        # No copy of a key that a crash could leave.
        (folder / "keys" / path.name).symlink_to(path.absolute())
    if manifest.demo:
        (folder / "demo").touch()
    moved = replace(settings, state=folder, database_url=sqlite_url(folder / "danhmuc.db"))
    for place in (moved.run_dir, moved.logs_dir, moved.secrets_dir):
        place.mkdir(mode=0o700, exist_ok=True)
    return Scratch(folder, moved, manifest)


def unpack_into(folder: Path, archive: Path, keys_dir: Path) -> Manifest:
    """Open `archive` into the new `folder`. Raises Invalid: ``backup.*``."""
    if not archive.is_file():
        raise Invalid(BACKUP_NO_FILE, path=str(archive))
    key = read_backup_key(keys_dir)
    with disk_faults(folder):
        folder.mkdir(mode=0o700, parents=True)
        return unpack_archive(archive, key, folder, lambda _done, _total: None)


@contextmanager
def running(
    scratch: Scratch, components: Sequence[Component], told: Told
) -> Iterator[Installation]:
    """The unpacked system with its schema brought up to date and a slapd of its own.

    Raises Invalid(``backup.other_master_key``, ``backup.no_sealing_key``,
    ``backup.newer_format``).
    """
    told("Building the catalogue", 0, 0)
    embedded.import_ldif(embedded.private_slapd(scratch.settings), scratch.folder / LDIF)
    told("Bringing the SQL store up to date", 0, 0)
    installation = _open(scratch)
    try:
        _migrate(installation, scratch.manifest)
        _try_keys(installation, components)
        told("Starting LDAP", 0, 0)
        slapd = embedded.start(scratch.settings)
        try:
            embedded.wait_until_ready(scratch.settings)
            yield installation
        finally:
            installation.ldap.close()
            installation.credentials.close()
            embedded.stop(slapd)
    finally:
        installation.close_connections()


def _require_same_installation(settings: Settings, manifest: Manifest) -> None:
    """Raise Invalid(``backup.other_identity``) for an archive of something else than this."""
    for field, variable in VARIABLES.items():
        theirs, ours = getattr(manifest, field), getattr(settings, field)
        if theirs not in ("", ours):
            raise Invalid(
                BACKUP_OTHER_IDENTITY, theirs=theirs, ours=ours, variable=f"DANHMUC_{variable}"
            )
    known = find_identity(settings.state)
    if known is not None and manifest.installation not in ("", known.id):
        raise Invalid(BACKUP_OTHER_INSTALLATION, theirs=manifest.installation, ours=known.id)


def discard(folder: Path) -> None:
    """Remove a scratch folder, and the folder of its socket where that had to be elsewhere."""
    socket = embedded.ldapi_path(folder).parent
    if not socket.is_relative_to(folder):
        shutil.rmtree(socket, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _open(scratch: Scratch) -> Installation:
    try:
        return open_installation(scratch.settings, "catalogue")
    except SealBroken as error:
        raise Invalid(BACKUP_NO_KEY, why=str(error)) from error


def _migrate(installation: Installation, manifest: Manifest) -> None:
    try:
        upgrade(installation.database)
    except CommandError as error:
        raise Invalid(BACKUP_NEWER_FORMAT, program=manifest.program, detail=str(error)) from error


def _try_keys(installation: Installation, components: Sequence[Component]) -> None:
    """Open what is sealed in the store before anything is replaced."""
    with installation.database.read() as tx:
        is_ours = is_own_key(tx, installation.keyring)
        missing = missing_keys(tx, installation.keyring, components)
    if not is_ours:
        raise Invalid(BACKUP_OTHER_MASTER_KEY)
    if missing:
        raise Invalid(BACKUP_NO_SEALING_KEY, keys=", ".join(missing))
    try:
        key_set(installation)
    except SealBroken as error:
        raise Invalid(BACKUP_OTHER_MASTER_KEY) from error
    except Unavailable:
        return  # a store without signing keys: nothing to try the key on


def _require_room(folder: Path, manifest: Manifest) -> None:
    needed = _ROOM_TO_WORK * sum(member.size for member in manifest.members.values())
    if os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize < needed:
        raise Invalid(BACKUP_NO_ROOM, megabytes=needed // 1_000_000 + 1)
