"""The worker: one process that runs the jobs the rooms below export, each in its own rhythm.

Every job has a thread of its own: a slow one (an application that does not answer, a first load of
200,000 people) never keeps the others waiting. A job that fails is logged and tried again at its
next turn.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence

from admin_ui.backup.schedule import JOBS as BACKUP_JOBS
from directory import log_lines
from directory.database import lease as leases
from directory.errors import AppError
from directory.installation import Installation
from directory.intents.recovery import recover_open_intents
from directory.people import entry_steps
from idp.jobs import JOBS as IDP_JOBS
from sync.jobs import JOBS as SYNC_JOBS

log = logging.getLogger("danhmuc.worker")

Job = tuple[str, float, Callable[[Installation], object]]


JOBS: Sequence[Job] = (
    ("recover-intents", 2.0, recover_open_intents),
    ("catalogue.steps", 2.0, entry_steps.go_on),
    *IDP_JOBS,
    *SYNC_JOBS,
    *BACKUP_JOBS,
)


def run_worker(house: Installation) -> None:
    """Run until SIGTERM or SIGINT; the jobs under way are finished first."""
    log_lines.configure("worker", house.settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [
        threading.Thread(target=_repeat, args=(job, house, stop), name=job[0]) for job in JOBS
    ]
    for thread in threads:
        thread.start()
    log.info("worker started with %s jobs", len(JOBS))
    while not stop.wait(1.0):
        pass
    for thread in threads:
        thread.join()
    leases.release_all(house.database, leases.process_name())
    house.close_connections()


def _repeat(job: Job, house: Installation, stop: threading.Event) -> None:
    name, every_s, work = job
    while not stop.is_set():
        _run(name, work, house)
        stop.wait(every_s)


def _run(name: str, work: Callable[[Installation], object], house: Installation) -> None:
    try:
        work(house)
    except AppError as error:
        log.warning("job failed", extra={"job": name, "code": error.code, "detail": error.detail})
    except Exception:
        log.exception("job failed", extra={"job": name})
