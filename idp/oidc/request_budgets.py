"""How many requests one network may send to an endpoint: generous, and never without a bound.

A token bucket in each process. An application that serves a whole province stays far below; one
that loops, or somebody who wants to keep everybody else waiting, is told to slow down before a
client is authenticated or a store is asked. What many people share (a proxy) is no sender.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from directory.actor import network_of
from directory.errors import TooMany
from idp.oidc.errors import REQUEST_TOO_MANY
from web.request import sender


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a second."""

    burst: int
    per_second: float


# By the name of the endpoint. A server's back end asks for many people, a browser for one; behind
# the address of one browser there may be an agency.
RATES: Mapping[str, Rate] = {
    "oidc.authorize": Rate(1_000, 50.0),
    "oidc.token": Rate(10_000, 400.0),
    "oidc.introspect": Rate(20_000, 2_000.0),
}
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
    """Before an endpoint of `RATES` answers. Raises TooMany (429 and Retry-After)."""
    endpoint = request.endpoint or ""
    rate, found = RATES.get(endpoint), sender()
    if rate is None or found.is_proxy:
        return
    wait_s = _buckets.take(endpoint, network_of(found.address), rate)
    if wait_s:
        raise TooMany(REQUEST_TOO_MANY, retry_after_s=wait_s)
