"""Who lives in a session: the way to see whether a stop left anything behind."""

from __future__ import annotations

import time
from pathlib import Path


def living(session_id: int) -> dict[int, str]:
    """Processes of the session that are no zombies: pid and command line."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[3]) == session_id and fields[0] != "Z":
            found[int(folder.name)] = command
    return found


def await_empty(session_id: int, seconds: float) -> dict[int, str]:
    """What is left of the session after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := living(session_id)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left
