"""Waiting for what another process or thread does, at most so long."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    holds: Callable[[], bool], timeout_s: float = 5.0, *, every_s: float = 0.02, says: str = ""
) -> None:
    """Return when `holds()` is true; fail after `timeout_s` with what `says`."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, says or "did not happen in time"
        time.sleep(every_s)
