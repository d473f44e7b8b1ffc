"""What the SQL store knows of processes nobody can ask: the worker's jobs, the feed, the queues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from directory.clock import now_ms
from directory.component import Component, jobs_of
from directory.database.job_runs import FEED, PROBE, STARTED, list_runs
from directory.database.lease import list_working
from directory.installation import Installation
from directory.intents.history import count_open
from directory.messages import queue as messages
from directory.outbox import queue
from web.health import checks


class StoreCollector(Collector):
    """Asks at each scrape. A store that does not answer is told by `danhmuc_check` alone."""

    def __init__(self, installation: Installation, components: Sequence[Component]) -> None:
        self._installation = installation
        self._jobs = jobs_of(components)
        self._checks = checks.ready_checks(components)

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # nothing is asked when this is registered

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges as they are now."""
        found = checks.look(self._installation, self._checks)
        check = GaugeMetricFamily(
            "danhmuc_check", "What /readyz asks: 1 when well.", labels=["check"]
        )
        for name, said in found.items():
            check.add_metric([name], float(said == checks.OK))
        yield check
        if found.get("sql") == checks.OK:
            yield from self._job_runs()
            yield from self._queues()

    def _job_runs(self) -> Iterator[GaugeMetricFamily]:
        age = GaugeMetricFamily(
            "danhmuc_job_age_seconds", "Since the job last succeeded.", labels=["job"]
        )
        failing = GaugeMetricFamily(
            "danhmuc_job_failing", "1 when its last run failed.", labels=["job"]
        )
        with self._installation.database.read() as tx:
            runs, working = list_runs(tx), list_working(tx)
        for run in runs.values():
            if run.name not in (PROBE, STARTED):
                age.add_metric([run.name], run.age_ms / 1000)
                failing.add_metric([run.name], float(run.failed_code is not None))
        running = GaugeMetricFamily(
            "danhmuc_job_running_seconds",
            "How long it has been running, 0 between.",
            labels=["job"],
        )
        longest = GaugeMetricFamily(
            "danhmuc_job_longest_seconds", "How long it should run at most.", labels=["job"]
        )
        now = now_ms()
        for job in self._jobs:
            running.add_metric([job.name], max(0, now - working.get(job.lease, now)) / 1000)
            longest.add_metric([job.name], job.longest_s)
        yield from (age, failing, running, longest)
        if FEED in runs:
            lag = runs[FEED].age_ms / 1000
            yield GaugeMetricFamily("danhmuc_feed_lag_seconds", "Since the feed caught up.", lag)

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily(
            "danhmuc_outbox_waiting", "Hand-overs that wait, by topic.", labels=["topic"]
        )
        with self._installation.database.read() as tx:
            for topic, number in queue.count_waiting(tx).items():
                waiting.add_metric([topic], number)
            oldest = queue.find_oldest_at(tx)
            open_intents = count_open(tx)
            of_messages = self._messages(tx)
        yield waiting
        yield from of_messages
        yield GaugeMetricFamily(
            "danhmuc_outbox_oldest_seconds",
            "How long the oldest hand-over has waited.",
            (now_ms() - oldest) / 1000 if oldest else 0,
        )
        yield GaugeMetricFamily(
            "danhmuc_intents_open", "Changes that are not settled yet.", open_intents
        )

    def _messages(self, tx: Connection) -> list[GaugeMetricFamily]:
        oldest = messages.find_oldest_at(tx)
        return [
            GaugeMetricFamily(
                "danhmuc_messages_waiting",
                "Messages to people that wait.",
                messages.count_waiting(tx),
            ),
            GaugeMetricFamily(
                "danhmuc_messages_failed",
                "Messages to people that could not be sent.",
                messages.count_failed(tx),
            ),
            GaugeMetricFamily(
                "danhmuc_messages_oldest_seconds",
                "How long the oldest message has waited.",
                (now_ms() - oldest) / 1000 if oldest else 0,
            ),
        ]
