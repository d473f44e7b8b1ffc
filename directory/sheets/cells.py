"""Cells and rows as a file holds them, before anybody says what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Cell:
    """`text`: what stands there; of a number its digits as the file holds them, in XML Schema's
    form. `kind` "pending": a formula whose result the file does not hold.

    `digits`: a number that is shown with that many digits at least (format ``000000``). `day`: a
    number that is shown as a date.
    """

    text: str
    kind: Literal["text", "number", "failed", "pending"] = "text"
    digits: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with something in it. `number`: as the spreadsheet program shows it; `cells` by column,
    from 0."""

    number: int
    cells: Mapping[int, Cell]


@dataclass(frozen=True)
class RawSheet:
    """One sheet; `name` is empty for a .csv file."""

    name: str
    rows: list[RawRow]
