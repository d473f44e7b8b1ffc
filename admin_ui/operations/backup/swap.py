"""Putting a restored state in the place of the present one, whatever happens on the way.

The restored parts lie complete in `restoring/new`. The marker `restore-in-progress` makes the
restore certain: before it is written a crash leaves the present state as it was; after, every start
goes on moving until all parts are in place. Each part is moved by rename, the old one first, into
`before-restore-<stamp>`; a move that was made is not made again, since its source is gone.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from admin_ui.operations.backup.errors import BACKUP_INTERRUPTED
from directory import faults
from directory.errors import Conflict
from directory.settings import Settings
from directory.state_folder import FIRST_START, SETUP

MARKER, SCRATCH, NEW = "restore-in-progress", "restoring", "new"


@dataclass(frozen=True)
class Move:
    """One part of the state: `fresh` takes the place of `target`, what was there goes `aside`.

    All are absolute paths on one file system. An empty `fresh` only takes away.
    """

    target: str
    aside: str
    fresh: str = ""


def promise(settings: Settings, moves: Sequence[Move]) -> None:
    """Write the marker: from here on the restore will be finished."""
    for move in moves:
        if move.fresh:
            _sync_tree(Path(move.fresh))
    draft = settings.state / f"{MARKER}.new"
    with draft.open("w") as file:
        json.dump([asdict(move) for move in moves], file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(settings.state / MARKER)
    _sync(settings.state)
    faults.reach("restore.promised")


def is_interrupted(settings: Settings) -> bool:
    """Whether a restore was promised and is not finished: nobody may open the state."""
    return (settings.state / MARKER).exists()


def require_finished(settings: Settings) -> None:
    """Raise Conflict(``backup.interrupted``) while a restore waits to be finished."""
    if is_interrupted(settings):
        raise Conflict(BACKUP_INTERRUPTED)


def finish_interrupted(settings: Settings) -> bool:
    """Finish a promised restore, or throw away one that never got so far. True if one was
    finished. The caller holds the state folder, and nothing of it is open."""
    marker = settings.state / MARKER
    promised = marker.exists()
    if promised:
        for move in json.loads(marker.read_text()):
            _make(Move(**move))
        faults.reach("restore.replaced")
        for mark in (FIRST_START, SETUP):
            (settings.state / mark).unlink(missing_ok=True)
        marker.unlink()
        _sync(settings.state)
    (settings.state / f"{MARKER}.new").unlink(missing_ok=True)
    if (settings.state / SCRATCH).exists():
        # Imported here: every command asks whether a restore waits, few have one to finish.
        from admin_ui.operations.backup.scratch import discard

        discard(settings.state / SCRATCH)
    return promised


def _make(move: Move) -> None:
    target, aside = Path(move.target), Path(move.aside)
    fresh = Path(move.fresh) if move.fresh else None
    if fresh is not None and not fresh.exists():
        return  # done before a crash
    if target.exists() and not aside.exists():
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        target.rename(aside)
        _sync(aside.parent)
        faults.reach("restore.moved")
    elif target.exists():  # made by something that opened the state between two starts
        _remove(target)
    if fresh is not None:
        fresh.rename(target)
        _sync(target.parent)
        faults.reach("restore.moved")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(path: Path) -> None:
    if path.is_dir():
        for child in path.iterdir():
            _sync_tree(child)
    _sync(path)
