"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import DAY, MINUTE, local, now_ms
from directory.component import NotWell
from directory.database import job_runs
from directory.installation import Installation
from sync.feed.brake import find_brake
from sync.feed.state import read_state

_SILENT_MS = 2 * MINUTE


def follows(installation: Installation) -> str:
    """A feed that has just begun is not late: after a start it looks at everything first. One whose
    first turn failed is."""
    with installation.database.read() as tx:
        runs = job_runs.list_runs(tx)
    feed, started = runs.get(job_runs.FEED), runs.get(job_runs.STARTED)
    failed = feed is not None and feed.failed_code is not None
    has_begun = started is not None and started.age_ms <= _SILENT_MS
    if has_begun and not (failed and started and feed and feed.ended_at >= started.ended_at):
        return "ok"
    if feed is None or feed.age_ms > _SILENT_MS:
        raise NotWell(
            "changes of the catalogue made by others are not followed; see logs/worker.log",
            "feed.silent",
        )
    return "ok"


def brake_is_off(installation: Installation) -> str:
    """And everything is compared now and then."""
    with installation.database.read() as tx:
        state, braked = read_state(tx), find_brake(tx)
    if braked is not None:
        raise NotWell(
            f"the feed stopped at {local(braked.since)}: {braked.lost} of {braked.accounts} "
            "accounts were lost at once. See danhmuc catalogue brake"
        )
    if state.loaded_at and state.swept_at < now_ms() - 2 * DAY:
        raise NotWell(f"all was compared last at {local(state.swept_at)}; is the worker running?")
    return "off"
