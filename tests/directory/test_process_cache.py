"""What a process remembers: bounded, for a time, once for each store."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from directory.process_cache import PerStore, ProcessCache

pytestmark = pytest.mark.without_sql


class Store:
    pass


def test_the_first_put_go_first_unless_put_again() -> None:
    cache: ProcessCache[str, int] = ProcessCache(2)
    for key in ("a", "b", "a", "c"):
        cache.put(key, 1)
    assert [cache.find(key) for key in ("a", "b", "c")] == [1, None, 1]


def test_what_is_too_old_is_not_found_and_still_held(monkeypatch: pytest.MonkeyPatch) -> None:
    cache: ProcessCache[str, int] = ProcessCache(2)
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    cache.put("a", 1)
    now = 104.0
    assert cache.find("a", younger_than_s=4.1) == 1
    assert cache.find("a", younger_than_s=4) is None
    assert cache.find("a") == 1


def test_forgetting() -> None:
    cache: ProcessCache[str, int] = ProcessCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.forget("a")
    cache.forget("never there")
    assert (cache.find("a"), cache.find("b")) == (None, 2)


def test_each_store_has_its_own_and_takes_it_along() -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return []

    per_store: PerStore[Store, list[int]] = PerStore(make)
    first, second = Store(), Store()
    per_store.of(first).append(1)
    assert (per_store.of(first), per_store.of(second)) == ([1], [])
    del first
    gc.collect()
    assert len(per_store._values) == 1
    assert len(made) == 2


def test_threads_that_ask_at_once_are_given_the_same() -> None:
    store, found = Store(), []
    per_store: PerStore[Store, object] = PerStore(object)
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(per_store.of(store))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1
