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


class Exhausted(Exception):
    """An operation that has nothing left to do: its client stops, and that is no failure."""


@dataclass(frozen=True)
class Measured:
    """Times in seconds of all operations that ended in the time measured; `wrong` is one error."""

    clients: int
    elapsed_s: float
    times_s: Sequence[float]
    failures: int = 0
    wrong: str = ""
    driver_cpu_s: float = 0.0

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
        self.ended = 0.0
        self.failures = 0
        self.wrong = ""

    def run(self, once: Once, begin: float, end: float) -> None:
        while (started := time.perf_counter()) < end:
            try:
                once()
            except Exhausted:
                return
            except Exception as error:
                self.failures += 1
                self.wrong = self.wrong or f"{type(error).__name__}: {error}"[:300]
                if self.failures > _MOST_FAILURES:
                    return
                continue
            self.ended = time.perf_counter()
            if started >= begin:
                self.times_s.append(self.ended - started)


def measure(clients: Sequence[Once], seconds: float) -> Measured:
    """Let all clients repeat their operation for `seconds`, after a short warm-up."""
    begin = time.perf_counter() + _WARM_UP_S
    tallies = [_Tally() for _ in clients]
    threads = [
        threading.Thread(target=tally.run, args=(once, begin, begin + seconds))
        for tally, once in zip(tallies, clients, strict=True)
    ]
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(
        clients=len(clients),
        elapsed_s=max(max(tally.ended for tally in tallies) - begin, 1e-9),
        times_s=[spent for tally in tallies for spent in tally.times_s],
        failures=sum(tally.failures for tally in tallies),
        wrong=next((tally.wrong for tally in tallies if tally.wrong), ""),
        driver_cpu_s=time.process_time() - cpu,
    )
