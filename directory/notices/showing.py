"""The notices of a page: asked of the store once in some seconds, not for each page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from directory.clock import now_ms
from directory.database.engine import Database
from directory.notices.service import Notice, list_standing
from directory.process_cache import PerStore, ProcessCache

REMEMBERED_S = 5.0
_ALL = "all"
_caches: PerStore[Engine, ProcessCache[str, Sequence[Notice]]] = PerStore(lambda: ProcessCache(1))


def list_shown(database: Database, place: str) -> Sequence[Notice]:
    """What is shown in a place now, as it was told at most some seconds ago; the newest first."""
    cache = _caches.of(database.engine)
    standing = cache.find(_ALL, younger_than_s=REMEMBERED_S)
    if standing is None:
        with database.read() as tx:
            standing = list_standing(tx)
        cache.put(_ALL, standing)
    return _shown(standing, place)


def list_remembered(database: Database, place: str) -> Sequence[Notice]:
    """The same without asking the store: for pages that say that it does not answer."""
    return _shown(_caches.of(database.engine).find(_ALL) or (), place)


def forget(database: Database) -> None:
    """Ask the store for the next page: this process has just changed something."""
    _caches.of(database.engine).forget(_ALL)


def _shown(standing: Sequence[Notice], place: str) -> Sequence[Notice]:
    now = now_ms()
    return [
        each
        for each in standing
        if place in each.terms.places
        and each.terms.shown_from <= now
        and not each.terms.ends_before(now)
    ]
