"""Jobs that a test's worker runs: one works, one fails, two do not end, one of them with the store
in its hands."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from admin_ui.entries.worker import run_worker
from directory.component import Job
from directory.errors import Unavailable
from directory.installation import Installation, open_installation
from directory.ldap.errors import LDAP_UNAVAILABLE
from directory.settings import read_settings

GOOD = Job("planted.good", every_s=0.2, longest_s=60, work=f"{__name__}:work")
FAILING = Job("planted.failing", every_s=0.2, longest_s=60, work=f"{__name__}:fail")
HANGING = Job("planted.hanging", every_s=0.2, longest_s=6, work=f"{__name__}:hang")
HOLDING = Job("planted.holding", every_s=0.2, longest_s=6, work=f"{__name__}:hold")


def turns(state: Path, name: str = "work") -> list[int]:
    """Which processes did the work, turn by turn."""
    file = state / f"turns-{name}"
    return list(map(int, file.read_text().split())) if file.exists() else []


def work(installation: Installation, name: str = "work") -> None:
    with (installation.settings.state / f"turns-{name}").open("a") as file:
        file.write(f"{os.getpid()}\n")


def fail(installation: Installation) -> None:
    work(installation, "fail")
    raise Unavailable(LDAP_UNAVAILABLE, detail="planted")


def hang(installation: Installation) -> None:
    work(installation, "hang")
    threading.Event().wait()


def hold(installation: Installation) -> None:
    with installation.database.write():
        work(installation, "hold")
        threading.Event().wait()


if __name__ == "__main__":
    names = os.environ["PLANTED"].split()
    jobs = [job for job in (GOOD, FAILING, HANGING, HOLDING) if job.name in names]
    run_worker(
        open_installation(
            read_settings({name: value for name, value in os.environ.items() if name != "PLANTED"})
        ),
        jobs,
    )
