"""What a disk answers, told as one sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from admin_ui.operations.errors import BACKUP_DISK
from directory.errors import Unavailable


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Raise Unavailable(``backup.disk``) for an OSError of the block: full, read-only, not ours.

    `folder`: what is told where the system names no file.
    """
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(BACKUP_DISK, path=str(error.filename or folder), why=why) from error
