"""Room on disk: what may grow stops before nothing can be written any more."""

from __future__ import annotations

import os
from pathlib import Path

# Below it lines of logs and events of strangers are only counted: sign-in needs what is left.
RESERVE_BYTES = 64 * 1024 * 1024
# Below it a transaction of ordinary size may fail at any moment.
FULL_BYTES = 8 * 1024 * 1024


def free_bytes(place: Path | int) -> int | None:
    """What is free for us where `place` (a path or an open file) lies; None when it is no disk: a
    terminal, a pipe, a place that is gone."""
    try:
        found = os.statvfs(place)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize if found.f_blocks else None


def is_short(place: Path | int) -> bool:
    """Whether the reserve is being used up."""
    free = free_bytes(place)
    return free is not None and free < RESERVE_BYTES
