"""Putting an archive in the place of the present state, while nothing runs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from admin_ui.operations.backup import scratch as scratches
from admin_ui.operations.backup import swap
from admin_ui.operations.backup.create import exclusively, store_path
from admin_ui.operations.backup.errors import (
    BACKUP_DAMAGED,
    BACKUP_OTHER_FILE_SYSTEM,
    BACKUP_SYSTEM_RUNS,
)
from admin_ui.operations.backup.generations import stamp
from admin_ui.operations.backup.key import holds, usable_keys
from admin_ui.operations.backup.placement import require_all_ours
from admin_ui.operations.backup.rebuild import Rebuilt, rebuild, record_restored
from admin_ui.operations.backup.replaced_store import open_replaced_store
from admin_ui.operations.backup.scratch import Scratch
from admin_ui.operations.backup.swap import Move
from admin_ui.operations.disk_faults import disk_faults
from admin_ui.operations.held_state import hold_state
from admin_ui.operations.options import CannotStart
from admin_ui.operations.progress import Told, unheard
from directory import faults
from directory.actor import Actor
from directory.clock import now_ms
from directory.component import Component
from directory.errors import Conflict, Invalid
from directory.identity import Identity, find_identity, identity_path, write_identity
from directory.ldap import embedded
from directory.sealed import read_key_file
from directory.settings import Settings


@dataclass(frozen=True)
class Restored:
    """What was done. `aside`: where the replaced state lies."""

    rebuilt: Rebuilt
    aside: Path


def restore(
    settings: Settings,
    components: Sequence[Component],
    actor: Actor,
    archive: Path,
    keys_dir: Path | None = None,
    told: Told = unheard,
) -> Restored:
    """Restore `archive`. `keys_dir`: where its keys are, when the state folder lost them.

    Everything is built and checked beside the present state before any of it is moved; when this
    raises, nothing was changed. Raises Conflict(``backup.system_runs``, ``backup.not_all_ours``),
    Invalid(``backup.*``).
    """
    require_all_ours(settings)
    faults.arm(settings.fault_point)
    try:
        with disk_faults(settings.state), hold_state(settings), exclusively(settings):
            if embedded.is_ready(settings):
                raise Conflict(BACKUP_SYSTEM_RUNS, why="its LDAP server answers")
            swap.finish_interrupted(settings)
            return _restore(
                settings, components, actor, archive, keys_dir or settings.keys_dir, told
            )
    except CannotStart as refusal:
        raise Conflict(BACKUP_SYSTEM_RUNS, why=str(refusal)) from refusal


def _restore(
    settings: Settings,
    components: Sequence[Component],
    actor: Actor,
    archive: Path,
    keys_dir: Path,
    told: Told,
) -> Restored:
    _require_one_file_system(settings)
    folder = settings.state / swap.SCRATCH
    aside = settings.state / f"before-restore-{stamp(now_ms())}"
    try:
        scratch = scratches.unpack(settings, archive, keys_dir, folder, told)
        faults.reach("restore.unpacked")
        rebuilt = _build(settings, components, actor, archive, scratch, told)
        moves = _plan(settings, scratch, keys_dir, aside)
        faults.reach("restore.built")
        told("Replacing the state", 0, 0)
        swap.promise(settings, moves)
    except BaseException:
        if not swap.is_interrupted(settings):
            scratches.discard(folder)
        raise
    swap.finish_interrupted(settings)
    told("Preparing LDAP", 0, 0)
    embedded.prepare(settings)
    return Restored(rebuilt, aside)


def _build(
    settings: Settings,
    components: Sequence[Component],
    actor: Actor,
    archive: Path,
    scratch: Scratch,
    told: Told,
) -> Rebuilt:
    store, copy = store_path(settings), scratch.folder / "present.db"
    with (
        open_replaced_store(store, copy) as present,
        scratches.running(scratch, components, told) as installation,
    ):
        rebuilt = rebuild(installation, components, scratch.manifest, present, told)
        with installation.database.write() as tx:
            record_restored(tx, actor, archive.name, rebuilt)
    return rebuilt


def _plan(settings: Settings, scratch: Scratch, keys_dir: Path, aside: Path) -> list[Move]:
    """Lay the restored parts out in `restoring/new` and say what goes where."""
    new = scratch.folder / swap.NEW
    (new / "slapd").mkdir(mode=0o700, parents=True)
    (scratch.folder / "slapd" / "db").rename(new / "slapd" / "db")
    _close_store(scratch.folder / "danhmuc.db")
    store = store_path(settings)
    parts = [
        (settings.state / "slapd", new / "slapd"),
        (settings.secrets_dir, scratch.settings.secrets_dir),
        *_keys_part(settings, keys_dir, new),
        *_demo_part(settings, scratch),
        *_identity_part(settings, scratch, new),
        # The old store's journal must leave with it: beside the new store it would be played back.
        (store.with_name(store.name + "-wal"), None),
        (store.with_name(store.name + "-shm"), None),
        (store, scratch.folder / "danhmuc.db"),
    ]
    return [
        Move(str(target), str(aside / target.name), str(fresh) if fresh else "")
        for target, fresh in parts
    ]


def _keys_part(settings: Settings, keys_dir: Path, new: Path) -> list[tuple[Path, Path]]:
    """The keys given, where the state folder has none or others."""
    ours, needed = settings.keys_dir, usable_keys(keys_dir, settings.keys_dir)
    if all(_same(ours / path.name, path) for path in needed):
        return []
    (new / "keys").mkdir(mode=0o700)
    for path in needed:
        shutil.copyfile(path, new / "keys" / path.name)
        (new / "keys" / path.name).chmod(0o600)
    return [(ours, new / "keys")]


def _same(one: Path, other: Path) -> bool:
    return holds(one, read_key_file(other))


def _identity_part(settings: Settings, scratch: Scratch, new: Path) -> list[tuple[Path, Path]]:
    """What the archive is of, where the state folder does not know yet."""
    manifest = scratch.manifest
    if not manifest.installation or find_identity(settings.state) is not None:
        return []
    identity = Identity(
        id=manifest.installation,
        suffix=manifest.suffix,
        oid_arc=manifest.oid_arc,
        mail_domain=manifest.mail_domain,
        province=manifest.province,
        demo=manifest.demo,
        issuer=manifest.issuer,
    )
    return [(identity_path(settings.state), write_identity(new, identity))]


def _demo_part(settings: Settings, scratch: Scratch) -> list[tuple[Path, Path | None]]:
    """A demo province is restored as one, and nothing else as a demo."""
    if settings.demo == scratch.manifest.demo:
        return []
    return [(settings.state / "demo", scratch.folder / "demo" if scratch.manifest.demo else None)]


def _close_store(store: Path) -> None:
    """One file alone must hold everything."""
    with closing(sqlite3.connect(store)) as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        broken = sql.execute("PRAGMA quick_check(1)").fetchone()[0]
    left = store.with_name(store.name + "-wal")
    if broken != "ok" or (left.exists() and left.stat().st_size):
        raise Invalid(BACKUP_DAMAGED, detail=f"the restored SQL store: {broken}")


def _require_one_file_system(settings: Settings) -> None:
    """Renames are what makes the restore all or nothing, and they do not cross file systems."""
    store = store_path(settings)
    if store.parent.stat().st_dev != settings.state.stat().st_dev:
        raise Conflict(BACKUP_OTHER_FILE_SYSTEM, path=str(store))
