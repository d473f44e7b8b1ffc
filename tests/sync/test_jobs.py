"""Every job of the worker does its work once, on an installation with something in it."""

from __future__ import annotations

import pytest

from admin_ui.entries import worker
from directory.component import Job
from directory.intents import recovery
from directory.intents.carrying import RECOVERED_WITHIN_S
from directory.loading import load
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
def test_every_job_runs(fed: Fed, job: Job) -> None:
    fed.someone_known()
    load(job.work)(fed.installation)


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
@pytest.mark.parametrize("failures", [0, 1, 3, 5, 10, 10_000])
def test_a_job_that_failed_is_soon_tried_again(job: Job, failures: int) -> None:
    """Who was told `change.pending` was told when recovery is done, however long the outage was."""
    pause_s = worker._pause_s(job, failures)
    assert job.every_s <= pause_s <= max(job.every_s, 5)
    if job.name == "recover-intents":
        assert pause_s + recovery._LEAVE_ALONE_MS / 1000 <= RECOVERED_WITHIN_S
