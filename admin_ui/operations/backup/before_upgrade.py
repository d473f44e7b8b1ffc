"""The backup before a start changes what is stored: the way back to the old version."""

from __future__ import annotations

from collections.abc import Callable

from admin_ui.operations.backup.create import Backup, record_backup, write_backup
from admin_ui.operations.backup.placement import is_anything_ours, is_sql_ours
from directory.database.engine import Database
from directory.database.migrating import pending
from directory.settings import Settings

__all__ = ["back_up_before", "record_backup"]


def back_up_before(settings: Settings, told: Callable[..., None]) -> Backup | None:
    """Write an archive of stores that are about to be brought up to date, and give it.

    None when there is nothing to do, or nothing that is ours to save.
    """
    database = Database(settings.database_url)
    is_due = pending(database)
    database.dispose()
    if not is_due:
        return None
    if not is_sql_ours(settings):
        told("Bringing the SQL store up to date; its own backups are the way back")
    if not is_anything_ours(settings):
        return None
    told("Backing up before the upgrade")
    return write_backup(settings)
