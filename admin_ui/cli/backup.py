"""danhmuc backup …"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    open_own_installation,
    operator,
    progress,
    settings,
    table,
    wants_json,
)
from admin_ui.components import COMPONENTS
from admin_ui.operations.backup import generations
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.drill import drill_restore
from admin_ui.operations.backup.events import BACKUP_KEYS_COPIED
from admin_ui.operations.backup.generations import default_folder, list_generations
from admin_ui.operations.backup.key import copy_keys
from admin_ui.operations.backup.placement import of_others
from admin_ui.operations.backup.restore import Restored, restore
from admin_ui.operations.backup.scratch import unpack_into
from directory.audit.log import record
from directory.clock import iso, local

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=JsonGroup)
def backup() -> None:
    """Back up the embedded system, restore it, and prove that it can be restored."""


@backup.command()
@click.option("--to", "folder", type=_FOLDER, help="Folder (else backups in the state folder).")
@click.option(
    "--keep",
    default=generations.KEEP,
    show_default=True,
    type=click.IntRange(generations.KEEP_AT_LEAST, 1000),
    help="How many archives stay in the folder.",
)
def create(folder: Path | None, keep: int) -> None:
    """Write an archive; everything may go on running."""
    made = create_backup(open_own_installation(), operator(), folder, keep=keep, told=progress)
    document = {
        "file": str(made.path),
        "sha256": made.sha256,
        "size": made.size,
        "created_at": iso(made.manifest.created_at),
        "people": made.manifest.people,
        "audit_events": made.manifest.audit_events,
        "removed": [str(path) for path in made.removed],
    }
    answer(
        document,
        f"Wrote {made.path} ({made.size:,} bytes, {made.manifest.people:,} people). It opens only "
        "with the keys in keys/; see danhmuc backup keys."
        + (f"\nNot in it: {others}." if (others := of_others(settings())) else ""),
    )


@backup.command("list")
@click.option("--in", "folder", type=_FOLDER, help="Folder (else backups in the state folder).")
def list_(folder: Path | None) -> None:
    """List the archives of a folder, newest first."""
    found = list_generations(folder or default_folder(settings()))
    documents = [
        {
            "file": str(each.path),
            "created_at": iso(each.created_at),
            "size": each.size,
            "sha256": each.sha256,
            "good": each.good,
        }
        for each in found
    ]
    rows = [
        (local(each.created_at), f"{each.size:,}", "ok" if each.good else "unfinished", each.path)
        for each in found
    ]
    answer({"backups": documents}, table(rows, ("CREATED", "BYTES", "STATE", "FILE")))


@backup.command()
@click.option("--to", "folder", required=True, type=_FOLDER, help="A folder apart from archives.")
def keys(folder: Path) -> None:
    """Copy the keys that archives need, to be kept apart from them."""
    installation = open_own_installation()
    written = copy_keys(installation.settings.keys_dir, folder)
    with installation.database.write() as tx:
        record(tx, BACKUP_KEYS_COPIED, operator(), folder=str(folder.absolute()))
    names = ", ".join(path.name for path in written)
    answer(
        {"files": [str(path) for path in written]},
        f"Wrote {names} into {folder}. Whoever has them and an archive can read "
        "everything, and without them no archive can be opened: keep them apart, under lock.",
    )


@backup.command()
@click.argument("file", type=_FILE)
@click.option("--to", "folder", required=True, type=_FOLDER, help="A new folder.")
@click.option("--keys", "keys_dir", type=_FOLDER, help="Where the keys were copied to.")
def unpack(file: Path, folder: Path, keys_dir: Path | None) -> None:
    """Open an archive into a new folder: ldap.ldif, danhmuc.db and secrets, as far as they are in
    it. They hold password hashes: mind who can read that folder, and remove it afterwards."""
    unpack_into(folder, file, keys_dir or settings().keys_dir)
    found = sorted(str(path) for path in folder.rglob("*") if path.is_file())
    answer({"files": found}, "\n".join(found))


@backup.command("restore")
@click.argument("file", type=_FILE)
@click.option("--keys", "keys_dir", type=_FOLDER, help="Where the keys were copied to.")
def restore_(file: Path, keys_dir: Path | None) -> None:
    """Put an archive in the place of the present state, while nothing runs."""
    done = restore(settings(), COMPONENTS, operator(), file, keys_dir, told=progress)
    answer(_document(file, done), lambda: _tell(file, done))


def _document(file: Path, done: Restored) -> dict[str, object]:
    rebuilt = done.rebuilt
    return {
        "file": str(file),
        "backup_at": iso(rebuilt.manifest.created_at),
        "replaced": str(done.aside),
        "replaced_store": rebuilt.present.state,
        "sessions_ended": rebuilt.sessions_ended,
        "tokens_revoked": rebuilt.tokens_revoked,
        "changes_replayed": len(rebuilt.replay.done),
        "changes_refused": [list(refused) for refused in rebuilt.replay.refused],
        "withdrawals": rebuilt.carried.counts(),
        "passwords_cleared": len(rebuilt.carried.passwords),
        "differences": rebuilt.differences,
        "review": list(rebuilt.carried.review),
    }


def _tell(file: Path, done: Restored) -> str:
    rebuilt = done.rebuilt
    kept = [f"{number} {name}" for name, number in rebuilt.carried.counts().items() if number]
    lines = [
        f"Restored {file}, of {local(rebuilt.manifest.created_at)}.",
        f"  signed out everywhere     {rebuilt.sessions_ended} sessions, "
        f"{rebuilt.tokens_revoked} token families",
        f"  changes made again        {len(rebuilt.replay.done)}",
        f"  kept withdrawn            {', '.join(kept) or 'nothing was withdrawn since'}",
        f"  old passwords cleared     {len(rebuilt.carried.passwords)}",
        f"The replaced state lies in {done.aside}; delete it when you are sure.",
    ]
    refused = [f"  - change {intent}: {reason}" for intent, reason in rebuilt.replay.refused]
    review = [*refused, *(f"  - {sentence}" for sentence in rebuilt.carried.review)]
    if review:
        lines += ["To be looked at by a person:", *review]
    return "\n".join([*lines, "Next: ./deploy/run"])


@backup.command()
@click.option("--from", "file", type=_FILE, help="Archive (else the newest good one).")
@click.pass_context
def drill(context: click.Context, file: Path | None) -> None:
    """Restore into a scratch folder, check it, sign a person in, write the minutes."""
    done = drill_restore(open_own_installation(), COMPONENTS, operator(), file, told=progress)
    document = {
        "ok": done.drill.ok,
        "file": done.drill.file,
        "duration_s": done.drill.duration_s,
        "failed": done.drill.failed,
        "steps": [asdict(step) for step in done.drill.steps],
        "minutes": str(done.minutes),
    }
    if wants_json():
        click.echo(done.text, err=True)
    answer(document, f"{done.text}\n{done.minutes}")
    context.exit(0 if done.drill.ok else 1)
