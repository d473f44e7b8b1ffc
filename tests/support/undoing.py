"""Doing something to see what comes of it, and keeping nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

_Done = TypeVar("_Done")


def undone(tx: Connection, work: Callable[[], _Done]) -> _Done:
    """What the work gives, or what it raises; what it wrote is not kept."""
    savepoint = tx.begin_nested()
    try:
        return work()
    finally:
        savepoint.rollback()
