"""The worker's part: a backup every day, and an alarm when there has been none for a week."""

from __future__ import annotations

import logging

from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.events import BACKUP_OVERDUE
from admin_ui.operations.backup.generations import default_folder, last_good
from admin_ui.operations.backup.placement import is_anything_ours
from directory.actor import system
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.clock import DAY, HOUR, SKEW_MS, iso, now_ms
from directory.errors import AppError
from directory.installation import Installation
from directory.settings import Settings

EVERY_MS = DAY
OVERDUE_MS = 7 * DAY
# Somebody who only has a look at a new installation needs no backup of it.
_FIRST_AFTER_MS = HOUR

_log = logging.getLogger(__name__)


def back_up_when_due(installation: Installation) -> None:
    """Make a backup when the last good one is a day old; raise the alarm when it is a week old.

    A backup that fails is tried again an hour later. Where both stores are on servers of their own,
    their backups are used: nothing to do.
    """
    if not is_anything_ours(installation.settings):
        return
    actor = system("worker")
    try:
        if age_ms(installation.settings) >= due_after_ms(installation.settings):
            create_backup(installation, actor)
    except (AppError, OSError) as error:
        _log.error("the daily backup failed: %s %s", error, getattr(error, "detail", ""))
    _raise_alarm(installation)


def age_ms(settings: Settings) -> int:
    """How old the newest good archive is; without one, the installation."""
    newest = last_good(default_folder(settings))
    since = newest.created_at if newest else _initialised_at(settings)
    age = now_ms() - since
    # Of tomorrow: a clock that was wrong wrote it, and nobody knows how old it is.
    return age if age >= -SKEW_MS else OVERDUE_MS


def due_after_ms(settings: Settings) -> int:
    """At what age the next backup is due."""
    return EVERY_MS if last_good(default_folder(settings)) else _FIRST_AFTER_MS


def is_overdue(settings: Settings) -> bool:
    """Whether there has been no good backup for a week."""
    return is_anything_ours(settings) and age_ms(settings) > OVERDUE_MS


def _initialised_at(settings: Settings) -> int:
    return (settings.keys_dir / "master.key").stat().st_mtime_ns // 1_000_000


def _raise_alarm(installation: Installation) -> None:
    """An audit event once a day, a line in the log every hour."""
    if not is_overdue(installation.settings):
        return
    newest = last_good(default_folder(installation.settings))
    last, days = iso(newest.created_at) if newest else "", age_ms(installation.settings) // DAY
    _log.error("no good backup for %s days; see danhmuc backup list", days)
    with installation.database.read() as tx:
        told = list_events(tx, kind=BACKUP_OVERDUE.name, limit=1)
    if told and abs(now_ms() - told[0].at) < DAY:
        return
    with installation.database.write() as tx:
        record(tx, BACKUP_OVERDUE, system("worker"), last=last, days=days)
