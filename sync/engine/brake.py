"""The brake of a connector: too many accounts that would go at once are likelier a mistake, of a
definition, of a rule of the application or of the catalogue, than a wish. It stops, and somebody is
asked (`danhmuc connector resume --losses`).
"""

from __future__ import annotations

from directory.actor import system
from directory.audit.log import record
from directory.clock import now_ms
from directory.database import lease as leases
from directory.database.lease import Lease
from directory.installation import Installation
from sync.engine import accounts, connectors, runs
from sync.engine.connectors import Connector
from sync.engine.events import CONNECTOR_STOPPED

_FEWEST, _MOST, _SHARE = 3, 50, 20  # one account in twenty, but at least 3 and at most 50
_SYNC = system("connectors")


def limit(found: Connector, there: int) -> int:
    """How many of so many accounts may go within ten minutes."""
    if found.losses_allowed is not None:
        return found.losses_allowed
    usual = max(_FEWEST, min(_MOST, there // _SHARE))
    own = found.definition.limits.losses
    return usual if own is None else min(usual, own)  # it stops sooner, never later


def pull_if_needed(installation: Installation, lease: Lease, found: Connector) -> bool:
    """Stop the connector when too many would go. True: nothing of it is to be done now.

    While everybody is being looked at, who goes is known in part, and some of it is of a rule that
    holds no longer: it waits for the rest then, and is stopped by what is known in the end.
    """
    with installation.database.read() as tx:
        lost, there = accounts.count_losses(tx, found.name)
    if lost == 0 and found.losses_allowed is None:
        return False
    is_allowed = found.losses_allowed is not None and lost <= found.losses_allowed
    if lost and (is_allowed or (lost <= limit(found, there) and lost < there)):
        return False
    if found.compared_up_to is not None:
        return lost > 0
    with installation.database.write() as tx:
        leases.assert_held(tx, lease)
        if lost == 0:  # what was allowed has been done, and is not allowed once more
            connectors.set_values(tx, found.name, losses_allowed=None)
            return False
        connectors.set_values(tx, found.name, stopped_at=now_ms(), losses_found=lost)
        runs.ensure(tx, found.name)
        runs.hold(tx, found.name, "brake")
        record(
            tx,
            CONNECTOR_STOPPED,
            _SYNC,
            **connectors.about(tx, found.definition),
            name=found.name,
            losses=lost,
            accounts=there,
        )
    return True
