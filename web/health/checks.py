"""What an installation can and cannot do at this moment: asked by ``/readyz``, ``doctor`` and the
metrics.

A check answers ``ok`` or the code of what is wrong. Some decide whether anybody can sign in; the
others say that a part is behind while sign-in goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from directory import disk
from directory.clock import MINUTE, SECOND, now_ms
from directory.database import job_runs
from directory.database.job_runs import JobRun
from directory.errors import AppError
from directory.installation import Installation
from directory.ldap.config import LARGEST_CATALOGUE_BYTES
from directory.outbox import queue

OK = "ok"
FEED = "sync.feed"
# Without one of these nobody signs in.
DECISIVE = frozenset({"sql", "ldap", "disk"})
_WORKER_SILENT_MS = 30 * SECOND
_FEED_SILENT_MS = 2 * MINUTE
_DELIVERY_LATE_MS = 10 * MINUTE
_NEARLY = 0.95

_log = logging.getLogger(__name__)


def look(installation: Installation) -> Mapping[str, str]:
    """Every check by its name."""
    return {name: ask(installation, name) for name in _CHECKS}


def ask(installation: Installation, name: str) -> str:
    """One check."""
    try:
        return _CHECKS[name](installation)
    except AppError as error:
        return error.code
    except Exception as error:
        # A read-only store, a file nobody may read: broken in a way nobody foresaw is not ready.
        _log.error("check failed", exc_info=error)
        return "failed"


def status(checks: Mapping[str, str]) -> str:
    """``ok``, ``degraded`` (people sign in, something is behind) or ``unavailable``."""
    wrong = {name for name, said in checks.items() if said != OK}
    if wrong & DECISIVE:
        return "unavailable"
    return "degraded" if wrong else OK


def _ask_sql(installation: Installation) -> str:
    # Reading works on a full disk and on a standby, and nobody signs in there.
    with installation.database.write() as tx:
        job_runs.prove_writable(tx)
    return OK


def _ask_ldap(installation: Installation) -> str:
    installation.ldap.read(f"ou=people,{installation.settings.suffix}", ["ou"])
    return OK


def _ask_disk(installation: Installation) -> str:
    settings = installation.settings
    keeps_data = settings.embedded_ldap or installation.database.is_sqlite
    free = disk.free_bytes(settings.state)
    # What a small write still finds (a log that is written over) larger ones do not.
    return "disk.full" if keeps_data and free is not None and free < disk.FULL_BYTES else OK


def _ask_ldap_room(installation: Installation) -> str:
    settings = installation.settings
    if not settings.embedded_ldap:
        return OK
    if disk.is_short(settings.state):
        return "disk.short"
    # The file is as large as it may become from the beginning, with holes: what it takes counts.
    used = (settings.state / "slapd" / "db" / "data.mdb").stat().st_blocks * 512
    return "ldap.full" if used > _NEARLY * LARGEST_CATALOGUE_BYTES else OK


def _ask_worker(installation: Installation) -> str:
    return _fresh(_runs(installation).get(job_runs.WORKER), _WORKER_SILENT_MS, "worker.silent")


def _ask_feed(installation: Installation) -> str:
    """A feed that has just begun is not late: after a start it looks at everything first. One whose
    first turn failed is."""
    runs = _runs(installation)
    feed, started = runs.get(FEED), runs.get(job_runs.STARTED)
    failed = feed is not None and feed.failed_code is not None
    has_begun = _fresh(started, _FEED_SILENT_MS, "") == OK
    if has_begun and not (failed and started and feed and feed.ended_at >= started.ended_at):
        return OK
    return _fresh(feed, _FEED_SILENT_MS, "feed.silent")


def _fresh(run: JobRun | None, limit_ms: int, code: str) -> str:
    return OK if run is not None and run.age_ms <= limit_ms else code


def _runs(installation: Installation) -> Mapping[str, JobRun]:
    with installation.database.read() as tx:
        return job_runs.list_runs(tx)


def _ask_deliveries(installation: Installation) -> str:
    with installation.database.read() as tx:
        oldest = queue.find_oldest_at(tx)
    late = oldest is not None and now_ms() - oldest > _DELIVERY_LATE_MS
    return "deliveries.late" if late else OK


_CHECKS: Mapping[str, Callable[[Installation], str]] = {
    "sql": _ask_sql,
    "ldap": _ask_ldap,
    "disk": _ask_disk,
    "ldap_room": _ask_ldap_room,
    "worker": _ask_worker,
    "feed": _ask_feed,
    "deliveries": _ask_deliveries,
}
