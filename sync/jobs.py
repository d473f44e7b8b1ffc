"""What the worker does for this storey: name, seconds between two runs, what to call."""

from __future__ import annotations

from collections.abc import Callable

from directory.installation import Installation
from sync.feed.nightly import reconcile_nightly
from sync.feed.polling import poll
from sync.retention import forget_old

JOBS: list[tuple[str, float, Callable[[Installation], None]]] = [
    ("sync.feed", 1.0, poll),
    ("sync.reconcile", 600.0, reconcile_nightly),
    ("sync.retention", 600.0, forget_old),
]
