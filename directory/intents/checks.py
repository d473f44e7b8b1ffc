"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.installation import Installation
from directory.intents.history import count_open


def open_changes(installation: Installation) -> str:
    """How many wait."""
    with installation.database.read() as tx:
        waiting = count_open(tx)
    return f"{waiting} waiting to be settled"
