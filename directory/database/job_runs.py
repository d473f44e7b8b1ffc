"""When the worker's jobs ran last: what health, doctor and metrics know of a process they cannot
see, on whichever machine it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from directory.clock import now_ms
from directory.database.tables import job_run
from directory.database.upsert import upsert

WORKER = "worker"  # the worker itself: it writes this row as long as it lives
STARTED = "worker.started"  # since when: what takes long the first time is not late yet
FEED = "sync.feed"  # the job whose standstill people notice first
PROBE = "probe"  # whoever asks whether the store takes writes


@dataclass(frozen=True)
class JobRun:
    """The last run of a job. `succeeded_at` None: it never did; `failed_code` None: the last run
    did; `failing_since`: when the first run failed after which none succeeded. Times in ms."""

    name: str
    ended_at: int
    succeeded_at: int | None
    failed_code: str | None = None
    failing_since: int | None = None

    @property
    def age_ms(self) -> int:
        """How long ago it succeeded; without bound when it never did. A time that has not come yet
        is of a clock that was wrong, and proves nothing."""
        age = now_ms() - (self.succeeded_at or 0)
        return age if age > -60_000 else now_ms()


def write_runs(tx: Connection, runs: Iterable[JobRun]) -> None:
    """Keep the last run of each job."""
    for run in runs:
        row: dict[str, Any] = {
            "ended_at": run.ended_at,
            "succeeded_at": run.succeeded_at,
            "failed_code": run.failed_code,
            "failing_since": run.failing_since,
        }
        fresh = upsert(tx, job_run).values(name=run.name, **row)
        failing_since = case(
            (job_run.c.failed_code.is_not(None), job_run.c.failing_since),
            else_=fresh.excluded.failing_since,
        )
        kept = row | {
            "succeeded_at": func.coalesce(fresh.excluded.succeeded_at, job_run.c.succeeded_at)
        }
        if run.failed_code and not run.succeeded_at:  # one failure after the other
            kept["failing_since"] = func.coalesce(failing_since, fresh.excluded.failing_since)
        tx.execute(fresh.on_conflict_do_update(index_elements=[job_run.c.name], set_=kept))


def list_runs(tx: Connection) -> Mapping[str, JobRun]:
    """Every job that ever ran, by name."""
    return {row.name: JobRun(**row._mapping) for row in tx.execute(select(job_run))}


def note_start(tx: Connection, awaited: str) -> None:
    """The worker begins. While the job `awaited` has not succeeded since the last start, that one
    counts: a worker that dies again and again must not look as if it had just begun for ever."""
    runs, now = list_runs(tx), now_ms()
    before, succeeded = runs.get(STARTED), runs.get(awaited)
    if before is None or before.age_ms < 0 or (succeeded and succeeded.age_ms < before.age_ms):
        write_runs(tx, [JobRun(STARTED, now, now, None)])


def prove_writable(tx: Connection) -> None:
    """Write something that is committed: whether the store takes it is the answer."""
    now = now_ms()
    write_runs(tx, [JobRun(PROBE, now, now, None)])
