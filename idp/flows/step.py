"""What a step of the sign-in is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.flows.store import Flow, Progress


@dataclass(frozen=True, slots=True)
class Passed:
    """A step was answered. `settle` is called in the transaction that takes note of it."""

    progress: Progress
    settle: Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Step:
    """`is_open`: whether it is still to be answered; `answer` gives a page when it was not."""

    name: str
    is_open: Callable[[Progress], bool]
    show: Callable[[Flow], Response]
    answer: Callable[[Flow], Passed | Response]
