"""Shutting connections down at their deadlines. Socket timeouts only bound the wait between two
bytes, and a peer that sends one byte a second would hold us for ever."""

from __future__ import annotations

import heapq
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count


@dataclass(order=True)
class _End:
    deadline: float
    number: int
    watched: socket.socket | None = field(compare=False)  # None: it was over before


class _Deadlines:
    """All of a process, kept by one thread: one of its own for each request costs more than the
    request."""

    def __init__(self) -> None:
        self._numbers = count()
        self.begin_anew()

    def begin_anew(self) -> None:
        """In a child process, which has the sockets' numbers but not the thread."""
        self._changed = threading.Condition()
        self._ends: list[_End] = []
        self._thread: threading.Thread | None = None

    def add(self, watched: socket.socket, deadline: float) -> _End:
        end = _End(deadline, next(self._numbers), watched)
        with self._changed:
            heapq.heappush(self._ends, end)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="outbound-deadlines")
                self._thread.daemon = True
                self._thread.start()
            elif self._ends[0] is end:
                self._changed.notify()
        return end

    def remove(self, end: _End) -> None:
        """From now on the socket is not touched."""
        with self._changed:
            end.watched = None
            self._forget_past()

    def _forget_past(self) -> None:
        while self._ends and self._ends[0].watched is None:
            heapq.heappop(self._ends)

    def _keep(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._ends and self._ends[0].deadline <= now:
                    _shut(heapq.heappop(self._ends).watched)
                self._changed.wait(self._ends[0].deadline - now if self._ends else None)


def _shut(watched: socket.socket | None) -> None:
    try:
        if watched is not None:
            watched.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already gone


_deadlines = _Deadlines()
os.register_at_fork(after_in_child=_deadlines.begin_anew)


@contextmanager
def cut_off(watched: socket.socket, deadline: float) -> Iterator[None]:
    """What is under way over the connection is shut down at the deadline."""
    end = _deadlines.add(watched, deadline)
    try:
        yield
    finally:
        _deadlines.remove(end)
