"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from admin_ui.operations.backup import schedule
from admin_ui.operations.backup.generations import default_folder, last_good
from admin_ui.operations.backup.placement import (
    is_anything_ours,
    is_ldap_ours,
    is_sql_ours,
    of_others,
)
from directory.clock import DAY, local
from directory.component import NotWell
from directory.installation import Installation
from directory.settings import Settings


def is_backed_up(installation: Installation) -> str:
    """What is ours, within a week."""
    settings = installation.settings
    others = of_others(settings)
    if not is_anything_ours(settings):
        return others
    told = "; ".join(filter(None, (_own_backup(settings), others)))
    if schedule.is_overdue(settings):
        raise NotWell(told)
    return told


def _own_backup(settings: Settings) -> str:
    what = (is_ldap_ours(settings) and "LDAP", is_sql_ours(settings) and "the SQL store")
    ours = " and ".join(name for name in what if name)
    newest = last_good(default_folder(settings))
    if schedule.is_overdue(settings):
        days = schedule.age_ms(settings) // DAY
        return f"no good backup of {ours} for {days} days; run danhmuc backup create"
    if newest is None:
        return f"none of {ours} yet; the worker makes one every day"
    return f"the last one of {ours} is of {local(newest.created_at)} ({newest.size:,} bytes)"
