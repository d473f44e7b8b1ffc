"""Shows that a long preparation goes on; silent for whatever takes less than two seconds."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

_QUIET_S = 2.0
_REPEAT_S = 5.0


class Progress:
    """Call it with what is being done now, and how much of it: ``progress("People", 120, 500)``.

    Used as a context manager. A thread of its own shows the line, so that a step that says nothing
    for a long time is seen to go on; no process may be started while it lasts.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._sentence = ""
        self._count = ""
        self._began = 0.0
        self._next = 0.0
        self._shown = False
        self._terminal = sys.stdout.isatty()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __call__(self, sentence: str, done: int = 0, total: int = 0) -> None:
        with self._lock:
            if sentence != self._sentence:
                self._finish_line()
                self._sentence = sentence
                self._began = time.monotonic()
                self._next = self._began + _QUIET_S
            self._count = f"{done:,} of {total:,}, " if total else ""

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        with self._lock:
            self._finish_line("stopped" if problem else "done")

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            with self._lock:
                now = time.monotonic()
                if self._sentence and now >= self._next:
                    self._next = now + (1.0 if self._terminal else _REPEAT_S)
                    self._shown = True
                    self._write(f"{self._sentence} ... {self._count}{now - self._began:.0f} s")

    def _finish_line(self, verdict: str = "done") -> None:
        if self._shown:
            elapsed = time.monotonic() - self._began
            self._write(f"{self._sentence}: {verdict} after {elapsed:.0f} s")
            if self._terminal:
                print(flush=True)
        self._shown = False

    def _write(self, text: str) -> None:
        if self._terminal:
            print(f"\r\033[K{text}", end="", flush=True)
        else:
            print(text, flush=True)
