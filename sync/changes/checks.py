"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import MINUTE, local, now_ms
from directory.component import NotWell
from directory.installation import Installation
from sync.changes.readers import list_readers

_LATE_MS = 15 * MINUTE


def readers_follow(installation: Installation) -> str:
    """No reader has left changes untouched for long."""
    with installation.database.read() as tx:
        readers = list_readers(tx)
    for reader in readers:
        if reader.waiting and not now_ms() - reader.taken_at <= _LATE_MS:
            raise NotWell(
                f"{reader.name} has taken none of {reader.waiting} changes since "
                f"{local(reader.taken_at)}; see logs/worker.log"
            )
    return f"{len(readers)} readers"
