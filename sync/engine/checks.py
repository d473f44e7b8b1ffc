"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import MINUTE, local, now_ms
from directory.component import NotWell
from directory.installation import Installation
from sync.engine import connectors

_LATE_MS = 15 * MINUTE


def in_step(installation: Installation) -> str:
    """No connector stands still, and none has accounts that it gave up on."""
    with installation.database.read() as tx:
        names = connectors.list_names(tx)
        found = [connectors.get(tx, name) for name in names]
    for one in found:
        if one.stopped_at is not None:
            raise NotWell(
                f"{one.name} stopped at {local(one.stopped_at)}: {one.losses_found} accounts would "
                f"go. See danhmuc connector plan {one.name}"
            )
        if one.failing_since is not None and now_ms() - one.failing_since > _LATE_MS:
            raise NotWell(
                f"the target of {one.name} does not answer since {local(one.failing_since)}: "
                f"{one.failed_detail}"
            )
    return f"{len(found)} connectors"
