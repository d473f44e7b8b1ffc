"""SIGINT, SIGTERM and SIGHUP as one wish to stop."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Raised in the main thread when a stop is asked for inside `StopWish.interrupting`.

    No `Exception`: code that catches those must not swallow it.
    """


class StopWish:
    """Whether somebody asked us to stop. Install it from the main thread, once."""

    def __init__(self) -> None:
        self._asked = False
        self._interrupting = False
        for signum in _SIGNALS:
            if signal.getsignal(signum) is not signal.SIG_IGN:  # as under nohup
                signal.signal(signum, self._note)

    def is_asked(self) -> bool:
        return self._asked

    @contextlib.contextmanager
    def interrupting(self) -> Iterator[None]:
        """While it lasts a stop interrupts what runs, by `Stopped`; elsewhere it is only noted,
        so that no child is ever started and then forgotten."""
        if self._asked:
            raise Stopped
        self._interrupting = True
        try:
            yield
        finally:
            self._interrupting = False

    def _note(self, _signum: int, _frame: FrameType | None) -> None:
        self._asked = True
        if self._interrupting:
            self._interrupting = False
            raise Stopped
