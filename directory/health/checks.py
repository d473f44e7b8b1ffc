"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from collections.abc import Sequence

from directory import disk
from directory.clock import SECOND, local, now_ms
from directory.component import Job, NotWell
from directory.database import job_runs
from directory.database.lease import list_working
from directory.errors import AppError
from directory.installation import Installation
from directory.ldap.config import LARGEST_CATALOGUE_BYTES

_WORKER_SILENT_MS = 30 * SECOND
_NEARLY = 0.95
_WELL = "ok"


def takes_writes(installation: Installation) -> str:
    """Reading works on a full disk and on a standby, and nobody signs in there."""
    try:
        with installation.database.write() as tx:
            job_runs.prove_writable(tx)
    except AppError as error:
        raise NotWell("the data store takes no writes", error.code) from error
    return _WELL


def ldap_answers(installation: Installation) -> str:
    """Where people are."""
    suffix = installation.settings.suffix
    if installation.ldap.read(f"ou=people,{suffix}", ["ou"]) is None:
        raise NotWell(f"answers, but has no entry ou=people,{suffix}")
    return f"answers for {suffix}"


def has_room(installation: Installation) -> str:
    """On the disk of the state folder."""
    settings = installation.settings
    keeps_data = settings.embedded_ldap or installation.database.is_sqlite
    free = disk.free_bytes(settings.state)
    # What a small write still finds (a log that is written over) larger ones do not.
    if keeps_data and free is not None and free < disk.FULL_BYTES:
        raise NotWell(
            "the disk is full: nothing can be written and nobody signs in; free some of it",
            "disk.full",
        )
    return _WELL


def ldap_has_room(installation: Installation) -> str:
    """In our own slapd's file, and for it."""
    settings = installation.settings
    if not settings.embedded_ldap:
        return _WELL
    if disk.is_short(settings.state):
        raise NotWell(
            "the disk is nearly full: log lines and events are left out; free some of it",
            "disk.short",
        )
    # The file is as large as it may become from the beginning, with holes: what it takes counts.
    used = (settings.state / "slapd" / "db" / "data.mdb").stat().st_blocks * 512
    if used > _NEARLY * LARGEST_CATALOGUE_BYTES:
        raise NotWell(
            "the catalogue has nearly its largest size; slapd will take no more changes",
            "ldap.full",
        )
    return _WELL


def worker_runs(installation: Installation) -> str:
    """On whichever machine."""
    with installation.database.read() as tx:
        run = job_runs.list_runs(tx).get(job_runs.WORKER)
    if run is None or run.age_ms > _WORKER_SILENT_MS:
        raise NotWell("the worker does not run; is ./deploy/run running?", "worker.silent")
    return _WELL


def jobs_go_on(installation: Installation, jobs: Sequence[Job]) -> str:
    """None runs for too long, and the last run of none failed."""
    with installation.database.read() as tx:
        runs, working = job_runs.list_runs(tx), list_working(tx)
    said = []
    for job in jobs:
        seconds = (now_ms() - working.get(job.lease, now_ms())) // SECOND
        if seconds > job.longest_s:
            said.append(
                f"{job.name} has been running for {seconds:,} s, its limit is {job.longest_s:,.0f} "
                "s; the worker starts anew when it does not end"
            )
        run = runs.get(job.name)
        if run is not None and run.failed_code is not None:
            since = local(run.failing_since or run.ended_at)
            said.append(f"{job.name} has failed since {since}: {run.failed_code}")
    if said:
        raise NotWell(f"{'; '.join(said)}; see logs/worker.log")
    return f"{len(jobs)} do what they should"
