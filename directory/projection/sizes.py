"""How many people a frequent word or a wide scope has, remembered: counting them takes longer than
finding those who are asked for.

It is a guess to begin a search by. Who is found, and in which order, never follows from it; whether
very many hits are counted to the end may.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from directory import clock

_REMEMBERED_MS = 10 * clock.MINUTE
_MOST = 2000
_lock = threading.Lock()
_of_stores: WeakKeyDictionary[Engine, OrderedDict[Hashable, tuple[int, int]]] = WeakKeyDictionary()


def remembered(tx: Connection, key: Hashable) -> int | None:
    """The size noted for `key` in this store in the last ten minutes."""
    with _lock:
        size, since = _of_stores.get(tx.engine, OrderedDict()).get(key, (0, 0))
    return size if abs(clock.now_ms() - since) < _REMEMBERED_MS else None


def remember(tx: Connection, key: Hashable, size: int) -> None:
    """Note a size; what was noted first is forgotten when there are very many."""
    with _lock:
        sizes = _of_stores.setdefault(tx.engine, OrderedDict())
        sizes[key] = (size, clock.now_ms())
        while len(sizes) > _MOST:
            sizes.popitem(last=False)
