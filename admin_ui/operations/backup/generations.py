"""The archives in a folder: their names, which are good, and how many are kept."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from admin_ui.operations.backup.archive import sha256_of
from admin_ui.operations.backup.errors import BACKUP_CHECKSUM, BACKUP_UNDER_WAY
from directory.clock import SECOND
from directory.errors import Conflict, Invalid
from directory.outside_text import read_text
from directory.settings import Settings

KEEP, KEEP_AT_LEAST = 7, 3
_NAME = re.compile(r"danhmuc-(\d{8}T\d{6}\d{3}Z)\.backup")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class Generation:
    """One archive in a folder; `created_at` in ms. `sha256` is what its companion file says."""

    path: Path
    created_at: int
    size: int
    sha256: str

    @property
    def good(self) -> bool:
        """Whether it was finished: the companion is written last."""
        return bool(self.sha256)


def default_folder(settings: Settings) -> Path:
    """Where archives go unless told otherwise."""
    return settings.state / "backups"


def stamp(instant_ms: int) -> str:
    """An instant as part of a file name: ``20261122T084647123Z``."""
    moment = datetime.fromtimestamp(instant_ms // SECOND, tz=UTC)
    return f"{moment.strftime(_STAMP)}{instant_ms % SECOND:03d}Z"


def archive_path(folder: Path, created_at: int) -> Path:
    return folder / f"danhmuc-{stamp(created_at)}.backup"


def checksum_path(archive: Path) -> Path:
    return archive.with_name(archive.name + ".sha256")


def write_checksum(archive: Path, sha256: str) -> None:
    """Write the companion as ``sha256sum -c`` reads it."""
    path = checksum_path(archive)
    draft = path.with_suffix(".new")
    with draft.open("w") as file:
        file.write(f"{sha256}  {archive.name}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def check_checksum(archive: Path) -> None:
    """Raise Invalid(``backup.checksum``) when there is a companion and the archive differs.

    Without one the archive's own seal decides: the companion only tells sooner, and without a key.
    """
    said = _read_checksum(archive)
    if said and sha256_of(archive) != said:
        raise Invalid(BACKUP_CHECKSUM, path=str(archive))


def list_generations(folder: Path) -> list[Generation]:
    """The archives in `folder`, newest first."""
    found = []
    for path in folder.glob("danhmuc-*.backup"):
        if named := _NAME.fullmatch(path.name):
            size = path.stat().st_size
            found.append(Generation(path, _instant(named[1]), size, _read_checksum(path)))
    return sorted(found, key=lambda each: each.created_at, reverse=True)


def last_good(folder: Path) -> Generation | None:
    """The newest finished archive."""
    return next((each for each in list_generations(folder) if each.good), None)


def prune(folder: Path, keep: int) -> Sequence[Path]:
    """Remove good archives beyond the newest `keep` (at least 3), and unfinished ones older than
    them. Gives what was removed. A folder's last good archive always stays."""
    everything = list_generations(folder)
    kept = [each for each in everything if each.good][: max(keep, KEEP_AT_LEAST)]
    if not kept:
        return []
    oldest = kept[-1].created_at
    removed = [each.path for each in everything if each.created_at < oldest]
    for path in removed:
        path.unlink()
        checksum_path(path).unlink(missing_ok=True)
    return removed


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """`folder`, made if need be, for one writer. Raises Conflict(``backup.under_way``)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(BACKUP_UNDER_WAY, folder=str(folder)) from None
        yield


def _instant(text: str) -> int:
    moment = datetime.strptime(text[:15], _STAMP).replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND + int(text[15:18])


def _read_checksum(archive: Path) -> str:
    try:
        said = read_text(checksum_path(archive)).split()
    except (OSError, Invalid):
        return ""
    return said[0] if said and re.fullmatch(r"[0-9a-f]{64}", said[0]) else ""
