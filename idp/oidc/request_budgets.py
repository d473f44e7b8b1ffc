"""How many requests one network may send to an endpoint: generous, and never without a bound.

A token bucket in each process. An application that serves a whole province stays far below; one
that loops, or somebody who wants to keep everybody else waiting, is told to slow down before a
client is authenticated or a store is asked. What many people share (a proxy) is no sender.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from directory.actor import network_of
from directory.errors import TooMany
from idp.feature import Rate
from idp.oidc.errors import REQUEST_TOO_MANY
from idp.oidc.provider import current_endpoint
from web.request import sender

_MOST_HELD = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """What the senders a process has heard of lately may still send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, endpoint: str, network: str, rate: Rate) -> int:
        """Take one; 0 when there was one, else in how many seconds there is."""
        now = time.monotonic()
        with self._lock:
            bucket = self._held.setdefault((endpoint, network), _Bucket(rate.burst, now))
            self._held.move_to_end((endpoint, network))
            if len(self._held) > _MOST_HELD:
                self._held.popitem(last=False)
            passed = max(0.0, now - bucket.at)
            bucket.left = min(rate.burst, bucket.left + passed * rate.per_second)
            bucket.at = now
            if bucket.left < 1:
                return max(1, round((1 - bucket.left) / rate.per_second))
            bucket.left -= 1
            return 0


_buckets = Buckets()


def spend_request() -> None:
    """Before an endpoint with a rate answers. Raises TooMany (429 and Retry-After)."""
    endpoint = current_endpoint()
    if endpoint is None or endpoint.rate is None:
        return
    found = sender()
    if found.is_proxy:
        return
    wait_s = _buckets.take(endpoint.name, network_of(found.address), endpoint.rate)
    if wait_s:
        raise TooMany(REQUEST_TOO_MANY, retry_after_s=wait_s)
