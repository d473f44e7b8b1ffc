"""What happened, as numbers: said here by whatever it happens in, kept by who wants to know.

Nothing is kept until a process installs a keeper (`web.metrics`). Labels are words of ours, never
what somebody sent: each one is a row for ever.
"""

from __future__ import annotations

from typing import Protocol


class Keeper(Protocol):
    """Keeps numbers by name; a name or label it does not know is a bug of ours."""

    def count(self, name: str, label: str) -> None: ...

    def observe(self, name: str, seconds: float) -> None: ...


_keeper: Keeper | None = None


def keep_with(keeper: Keeper | None) -> None:
    """From now on numbers of this process go to `keeper`."""
    global _keeper
    _keeper = keeper


def count(name: str, label: str) -> None:
    """One more of `name` with this label."""
    if _keeper is not None:
        _keeper.count(name, label)


def observe(name: str, seconds: float) -> None:
    """`name` took so long."""
    if _keeper is not None:
        _keeper.observe(name, seconds)
