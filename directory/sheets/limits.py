"""What reading a file may cost."""

from __future__ import annotations

import time
from dataclasses import dataclass

from directory.errors import Invalid
from directory.sheets.errors import SHEET_TOO_LONG, SHEET_TOO_SLOW, SHEET_TOO_WIDE

MEGABYTE = 1 << 20
_LOOKS_EVERY = 2048


@dataclass(frozen=True)
class Limits:
    """`rows` and `columns` count what holds something: sheets are full of painted empty cells.

    `unpacked_bytes`: all parts of an .xlsx together. `tightest`: how many times larger than in the
    archive a large part may be; sheets of real offices have 10 to 30.
    """

    file_bytes: int = 8 * MEGABYTE
    unpacked_bytes: int = 96 * MEGABYTE
    tightest: int = 150
    entries: int = 500
    rows: int = 20_000
    columns: int = 200
    cell_chars: int = 2000
    seconds: float = 10.0  # of the processor


class Effort:
    """What one reading has cost so far; raises Invalid when it is too much."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._until = time.thread_time() + limits.seconds
        self._steps = 0
        self._rows = 0

    def step(self) -> None:
        """One more piece was looked at."""
        self._steps += 1
        if self._steps % _LOOKS_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Raise Invalid(``sheet.too_slow``) when the time is over."""
        if time.thread_time() > self._until:
            raise Invalid(SHEET_TOO_SLOW)

    def row(self, columns: int) -> None:
        """One more row that holds something, and how wide it is. Raises Invalid."""
        self._rows += 1
        if self._rows > self.limits.rows:
            raise Invalid(SHEET_TOO_LONG, most=self.limits.rows)
        if columns > self.limits.columns:
            raise Invalid(SHEET_TOO_WIDE, most=self.limits.columns)
