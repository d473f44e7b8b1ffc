"""All that is declared, and what of it is due."""

from __future__ import annotations

from collections.abc import Sequence

from directory.clock import DAY, now_ms
from directory.component import Expiry
from directory.installation import Installation
from directory.loading import load

# Whoever is away for a fortnight still comes in time.
WARNED_BEFORE_MS = 30 * DAY


def list_expiries(installation: Installation, declared: Sequence[str]) -> Sequence[Expiry]:
    """All of `declared` (names of functions): first what cannot be read, then what ends first."""
    found = [each for name in declared for each in load(name)(installation)]
    return sorted(found, key=lambda each: each.ends_at or 0)


def is_due(expiry: Expiry) -> bool:
    """Whether somebody should see to it now."""
    return expiry.ends_at is None or expiry.ends_at < now_ms() + WARNED_BEFORE_MS
