"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from directory.people import entry_steps, unused_warnings


def entries_upgraded(installation: Installation) -> str:
    """What an upgrade has still to change."""
    with installation.database.read() as tx:
        left = entry_steps.waiting(tx)
    return f"{left:,} people to go; the worker does it" if left else "all are of this version"


def unused_accounts(installation: Installation) -> str:
    """Whether accounts that nobody uses are suspended, or are too many for that at once."""
    settings = installation.settings
    if not settings.unused_days:
        return "none is suspended: DANHMUC_UNUSED_DAYS is 0"
    if not settings.tells_people:
        return "none is suspended: no mail server or gateway is set, so nobody can be warned"
    with installation.database.read() as tx:
        due = len(unused_warnings.list_due(tx, settings.unused_days))
        most = unused_warnings.most_at_once(tx)
    if due > most:
        raise NotWell(
            f"{due:,} are to be suspended, more than {most:,} in a day, so none is: see whether "
            "people could sign in at all, then `danhmuc unused confirm`, or set DANHMUC_UNUSED_DAYS"
        )
    return f"suspended after {settings.unused_days:,} days and two warnings; {due:,} today"
