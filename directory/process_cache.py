"""What a process remembers of a store, so that it need not ask again.

Whoever remembers says for how long it may be believed: nothing here watches the store.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from cachetools import FIFOCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Store = TypeVar("Store")


class ProcessCache(Generic[Key, Value]):
    """At most `most` values; those put first are forgotten first. Reading takes no lock."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._held: FIFOCache[Key, tuple[float, Value]] = FIFOCache(most)

    def find(self, key: Key, *, younger_than_s: float = math.inf) -> Value | None:
        """The value of `key`, if it was put less than `younger_than_s` seconds ago."""
        put_at, value = self._held.get(key, (-math.inf, None))
        return value if time.monotonic() - put_at < younger_than_s else None

    def put(self, key: Key, value: Value) -> None:
        """Remember `value` from now on."""
        with self._lock:
            self._held[key] = (time.monotonic(), value)

    def forget(self, key: Key) -> None:
        """As if it had never been put."""
        with self._lock:
            self._held.pop(key, None)


class PerStore(Generic[Store, Value]):
    """One value for each store a process has opened, gone with the store."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._values: WeakKeyDictionary[Store, Value] = WeakKeyDictionary()

    def of(self, store: Store) -> Value:
        """The value of `store`, made when it is asked for first."""
        found = self._values.get(store)
        if found is None:
            with self._lock:
                found = self._values.setdefault(store, self._make())
        return found
