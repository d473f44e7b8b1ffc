"""The worker: one process that runs the jobs the rooms below export, each in its own rhythm.

A job that fails is logged and tried again at its next turn; it never stops the others.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence

from directory.clock import now_ms
from directory.errors import AppError
from directory.installation import Installation
from directory.intents.recovery import recover_open_intents
from idp.jobs import JOBS as IDP_JOBS

log = logging.getLogger("danhmuc.worker")

Job = tuple[str, float, Callable[[Installation], object]]


JOBS: Sequence[Job] = (
    ("recover-intents", 5.0, recover_open_intents),
    *IDP_JOBS,
)


def run_worker(house: Installation) -> None:
    """Run until SIGTERM or SIGINT; the job under way is finished first."""
    logging.basicConfig(level=house.settings.log_level, format="%(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    due = {name: 0 for name, _, _ in JOBS}
    log.info("worker started with %s jobs", len(JOBS))
    while not stop.is_set():
        for name, every_s, work in JOBS:
            if due[name] > now_ms() or stop.is_set():
                continue
            due[name] = now_ms() + int(every_s * 1000)
            _run(name, work, house)
        stop.wait(0.25)
    house.close_connections()


def _run(name: str, work: Callable[[Installation], object], house: Installation) -> None:
    try:
        work(house)
    except AppError as error:
        log.warning("job %s: %s %s", name, error.code, error.detail)
    except Exception:
        log.exception("job %s failed", name)
