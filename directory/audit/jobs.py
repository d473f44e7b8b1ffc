"""What the worker does for the log."""

from __future__ import annotations

from directory.actor import system
from directory.audit.budgets import take_untold
from directory.audit.events import EVENTS_UNRECORDED
from directory.audit.log import record
from directory.installation import Installation


def tell_unrecorded(installation: Installation) -> None:
    """Tell as numbers what went over the budgets."""
    with installation.database.write() as tx:
        for untold in take_untold(tx):
            is_actor = ":" in untold.who and untold.who.partition(":")[0] in ("person", "client")
            record(
                tx,
                EVENTS_UNRECORDED,
                system("audit"),
                subject=untold.who if is_actor else "",
                agency=untold.agency,
                network="" if is_actor else untold.who,
                count=sum(untold.kinds.values()),
                of_kinds=untold.kinds,
                since=untold.since,
                until=untold.until,
            )
