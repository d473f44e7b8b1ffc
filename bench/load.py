"""A closed loop of clients over one operation, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Once = Callable[[], None]
"""One operation of one client; raises when the answer is not the right one."""

_WARM_UP_S = 0.3
_MOST_FAILURES = 20
_FEWEST, _PATIENCE = 3, 3  # so many times at least, unless that takes four times as long


class Exhausted(Exception):
    """An operation that has nothing left to do: its client stops, and that is no failure."""


@dataclass(frozen=True)
class Measured:
    """Times in seconds of all operations that ended in the time measured; `wrong` is one error."""

    clients: int
    elapsed_s: float
    times_s: Sequence[float]
    all_done: int = 0  # the warm-up too
    failures: int = 0
    wrong: str = ""
    driver_cpu_s: float = 0.0
    server_cpu_s: float = float("nan")

    @property
    def server_cpu_ms(self) -> float:
        """CPU time of the product for one operation: other work on the machine does not count."""
        done = self.all_done or 1
        return self.server_cpu_s / done * 1000

    @property
    def per_s(self) -> float:
        return len(self.times_s) / self.elapsed_s if self.elapsed_s else 0.0

    def percentile_ms(self, share: float) -> float:
        """E.g. 0.95: so many milliseconds are enough for 95 of 100."""
        if not self.times_s:
            return float("nan")
        ordered = sorted(self.times_s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000


class _Tally:
    def __init__(self) -> None:
        self.times_s: list[float] = []
        self.began = self.ended = 0.0
        self.done = self.failures = 0
        self.wrong = ""

    def run(self, once: Once, begin: float, end: float) -> None:
        latest = end + (end - begin) * _PATIENCE
        while (started := time.perf_counter()) < end or (
            len(self.times_s) < _FEWEST and started < latest
        ):
            try:
                once()
            except Exhausted:
                return
            except Exception as error:
                self.failures += 1
                self.wrong = self.wrong or " ".join(f"{type(error).__name__}: {error}".split())
                if self.failures > _MOST_FAILURES:
                    return
                continue
            self.ended = time.perf_counter()
            self.done += 1
            if started >= begin:
                self.began = self.began or started
                self.times_s.append(self.ended - started)


def measure(clients: Sequence[Once], seconds: float, server_cpu_s: Callable[[], float]) -> Measured:
    """Let all clients repeat their operation for `seconds`, after a short warm-up.

    `server_cpu_s` tells how much CPU time the product has used so far.
    """
    begin = time.perf_counter() + _WARM_UP_S
    tallies = [_Tally() for _ in clients]
    threads = [
        threading.Thread(target=tally.run, args=(once, begin, begin + seconds))
        for tally, once in zip(tallies, clients, strict=True)
    ]
    cpu, served = time.process_time(), server_cpu_s()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not any(tally.times_s or tally.failures for tally in tallies):
        raise RuntimeError("all there was to do was done in the warm-up")
    first = min((tally.began for tally in tallies if tally.began), default=begin)
    return Measured(
        clients=len(clients),
        elapsed_s=max(max(tally.ended for tally in tallies) - first, 1e-9),
        times_s=[spent for tally in tallies for spent in tally.times_s],
        all_done=sum(tally.done for tally in tallies),
        failures=sum(tally.failures for tally in tallies),
        wrong=next((tally.wrong for tally in tallies if tally.wrong), ""),
        driver_cpu_s=time.process_time() - cpu,
        server_cpu_s=server_cpu_s() - served,
    )
