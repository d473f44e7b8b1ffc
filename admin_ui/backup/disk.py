"""What a disk answers, told as one sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from directory.errors import Unavailable


@contextmanager
def disk_faults() -> Iterator[None]:
    """Raise Unavailable(``backup.disk``) for an OSError of the block: full, read-only, not ours."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable("backup.disk", path=str(error.filename or ""), why=why) from error
