"""Making an archive of the running (or stopped) embedded system.

LDAP first, SQL after it: what is settled between the two copies is in the SQL copy as a complete
intent, and a restore applies it again. The other way round it would be lost.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from admin_ui.operations.backup import generations
from admin_ui.operations.backup.archive import LDIF, SECRETS, STORE, measure, write_archive
from admin_ui.operations.backup.events import BACKUP_CREATED
from admin_ui.operations.backup.key import ensure_backup_key
from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.backup.placement import is_ldap_ours, is_sql_ours, require_something_ours
from admin_ui.operations.disk_faults import disk_faults
from admin_ui.operations.progress import Told, unheard
from directory.actor import Actor
from directory.audit.log import record
from directory.clock import now_ms
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.errors import Unavailable
from directory.identity import find_identity
from directory.installation import Installation
from directory.ldap import embedded
from directory.settings import Settings
from directory.version import VERSION

# Folded lines begin with a blank: what is looked for stands before the 76th column.
_ENTRY = re.compile(rb"dn: dmId=[^,]+,ou=(people|agencies),")
_CONTEXT_CSN = b"contextCSN: "


@dataclass(frozen=True)
class Backup:
    """A finished archive and what older ones had to go."""

    path: Path
    sha256: str
    size: int
    manifest: Manifest
    removed: tuple[Path, ...]


@dataclass(frozen=True)
class _Catalogue:
    """Of one that is backed up elsewhere nothing is known."""

    people: int = 0
    agencies: int = 0
    context_csn: str = ""


@dataclass(frozen=True)
class _Store:
    """Of one that is backed up elsewhere nothing is known."""

    revision: str = ""
    audit_events: int = 0
    audit_head: str = ""
    open_intents: int = 0


def create_backup(
    installation: Installation,
    actor: Actor,
    folder: Path | None = None,
    *,
    keep: int = generations.KEEP,
    told: Told = unheard,
) -> Backup:
    """Write one archive into `folder` (`backups` in the state folder unless given), check nothing
    is missing, remove the oldest beyond `keep`.

    Raises Conflict(``backup.nothing_ours``, ``backup.under_way``), Unavailable, `SealBroken`.
    """
    require_something_ours(installation.settings)
    made = write_backup(installation.settings, folder, keep=keep, told=told)
    with installation.database.write() as tx:
        record_backup(tx, actor, made)
    return made


def write_backup(
    settings: Settings,
    folder: Path | None = None,
    *,
    keep: int = generations.KEEP,
    told: Told = unheard,
) -> Backup:
    """As `create_backup`, without a word in the log: the store may be of an older version."""
    key = ensure_backup_key(settings.keys_dir)
    folder = folder or generations.default_folder(settings)
    with disk_faults(folder), exclusively(settings) as work, generations.locked(folder):
        path, sha256, manifest = _write(settings, key, folder, work, told)
        removed = tuple(generations.prune(folder, keep))
        size = path.stat().st_size
    return Backup(path, sha256, size, manifest, removed)


def record_backup(tx: Connection, actor: Actor, made: Backup) -> None:
    """Say in the log that a backup was made."""
    record(
        tx,
        BACKUP_CREATED,
        actor,
        file=made.path.name,
        size=made.size,
        sha256=made.sha256,
        people=made.manifest.people,
        audit_events=made.manifest.audit_events,
    )


def store_path(settings: Settings) -> Path:
    """The file of the SQL store."""
    path = make_url(settings.database_url).database
    if not path:
        raise ValueError("an SQL server has no file")
    return Path(path)


def _write(
    settings: Settings, key: bytes, folder: Path, work: Path, told: Told
) -> tuple[Path, str, Manifest]:
    ldif, store = work / "ldap.ldif", work / "danhmuc.db"
    files = _secret_files(settings)
    catalogue, sql = _Catalogue(), _Store()
    ldap_taken_at = now_ms()
    if is_ldap_ours(settings):
        told("Copying the catalogue", 0, 0)
        embedded.export_ldif(embedded.private_slapd(settings), ldif)
        files[LDIF], catalogue = ldif, _read_catalogue(ldif)
    sql_taken_at = now_ms()
    if is_sql_ours(settings):
        told("Copying the SQL store", 0, 0)
        copy_store(store_path(settings), store)
        files[STORE], sql = store, _read_store(store)
    told("Measuring", 0, 0)
    known = find_identity(settings.state)
    manifest = Manifest(
        program=VERSION,
        created_at=ldap_taken_at,
        ldap_taken_at=ldap_taken_at,
        sql_taken_at=sql_taken_at,
        suffix=settings.suffix,
        installation=known.id if known else "",
        oid_arc=settings.oid_arc,
        mail_domain=settings.mail_domain,
        province=settings.province,
        issuer=known.issuer if known else "",
        revision=sql.revision,
        demo=settings.demo,
        context_csn=catalogue.context_csn,
        audit_head=sql.audit_head,
        people=catalogue.people,
        agencies=catalogue.agencies,
        audit_events=sql.audit_events,
        open_intents=sql.open_intents,
        members=measure(files),
    )
    return *_seal(folder, key, manifest, files, told), manifest


def _seal(
    folder: Path, key: bytes, manifest: Manifest, files: Mapping[str, Path], told: Told
) -> tuple[Path, str]:
    for abandoned in folder.glob(".danhmuc-*.draft"):
        abandoned.unlink()
    path = generations.archive_path(folder, manifest.created_at)
    draft = path.with_name(f".{path.name}.draft")
    try:
        sha256 = write_archive(
            draft, key, manifest, files, lambda done, total: told("Sealing", done, total)
        )
    except BaseException:  # an interruption too: what is left of it only fills the disk
        draft.unlink(missing_ok=True)
        raise
    draft.rename(path)
    generations.write_checksum(path, sha256)
    _sync_folder(folder)
    return path, sha256


@contextmanager
def exclusively(settings: Settings) -> Iterator[Path]:
    """A folder for unsealed copies, for one backup or restore of this installation at a time.

    It lies in the state folder, which is as secret as they are, and is emptied afterwards and
    before: a crash may have left something. Raises Conflict(``backup.under_way``).
    """
    place = settings.run_dir / "backup"
    with generations.locked(place):
        work = place / "copies"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def copy_store(source: Path, target: Path) -> None:
    """A consistent copy of an SQLite store that may be in use. Raises Unavailable."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=15)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # All pages in one step: with a pause between steps every write would begin it anew.
            old.backup(new)
    except sqlite3.Error as error:
        raise Unavailable(DATABASE_UNAVAILABLE, detail=f"{source}: {error}") from error


def _secret_files(settings: Settings) -> dict[str, Path]:
    files = sorted(path for path in settings.secrets_dir.iterdir() if path.is_file())
    return {f"{SECRETS}/{path.name}": path for path in files if not path.name.startswith(".")}


def _read_catalogue(ldif: Path) -> _Catalogue:
    counts = {b"people": 0, b"agencies": 0}
    csn = ""
    with ldif.open("rb") as lines:
        for line in lines:
            if entry := _ENTRY.match(line):
                counts[entry[1]] += 1
            elif line.startswith(_CONTEXT_CSN):
                csn = max(csn, line[len(_CONTEXT_CSN) :].decode().strip())
    return _Catalogue(counts[b"people"], counts[b"agencies"], csn)


def _read_store(store: Path) -> _Store:
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro&immutable=1", uri=True)) as sql:

        def ask(query: str) -> object:
            return sql.execute(query).fetchone()[0]

        return _Store(
            revision=str(ask("SELECT version_num FROM alembic_version")),
            audit_events=int(str(ask("SELECT count(*) FROM audit_event"))),
            audit_head=str(ask("SELECT coalesce(max(id), '') FROM audit_event")),
            open_intents=int(str(ask("SELECT count(*) FROM intent WHERE state = 'requested'"))),
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
