"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.installation import Installation
from directory.people import entry_steps


def entries_upgraded(installation: Installation) -> str:
    """What an upgrade has still to change."""
    with installation.database.read() as tx:
        left = entry_steps.waiting(tx)
    return f"{left:,} people to go; the worker does it" if left else "all are of this version"
