"""How many people a frequent word or a wide scope has, remembered: counting them takes longer than
finding those who are asked for.

It is a guess to begin a search by. Who is found, and in which order, never follows from it; whether
very many hits are counted to the end may.
"""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import Connection, Engine

from directory.process_cache import PerStore, ProcessCache

_REMEMBERED_S = 600
_caches: PerStore[Engine, ProcessCache[Hashable, int]] = PerStore(lambda: ProcessCache(2000))


def remembered(tx: Connection, key: Hashable) -> int | None:
    """The size noted for `key` in this store in the last ten minutes."""
    return _caches.of(tx.engine).find(key, younger_than_s=_REMEMBERED_S)


def remember(tx: Connection, key: Hashable, size: int) -> None:
    """Note a size; what was noted first is forgotten when there are very many."""
    _caches.of(tx.engine).put(key, size)
