"""Every job of the worker does its work once, on an installation with something in it."""

from __future__ import annotations

import pytest

from admin_ui.entries import worker
from directory.component import Job, load
from tests.sync.outsider import Fed


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
def test_every_job_runs(fed: Fed, job: Job) -> None:
    fed.someone_known()
    load(job.work)(fed.installation)
