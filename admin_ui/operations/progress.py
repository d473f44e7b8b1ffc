"""How the work here tells how far it is: a step's name, and how much of it is done."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[str, int, int], None]
"""Hears (step, done, total); (0, 0) when the step begins."""


def unheard(_step: str, _done: int, _total: int) -> None:
    """For whoever does not want to know."""
