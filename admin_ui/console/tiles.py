"""What waits for somebody: a screen declares tiles beside its views, "Hôm nay" shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from directory.authz.permissions import Permission
from directory.database.counting import Count


@dataclass(frozen=True)
class Tile:
    """A number, what it means, and the list behind it, for whoever may do `permission` somewhere.

    `count`: called for a visitor who may; scoped by the handle it asks. Gives the number, or what
    it is counted by: those are asked together. `most`: it counts no further. `told`: what is to be
    done about them, in one sentence.
    """

    title: str
    told: str
    url: str
    permission: Permission
    count: Callable[[], int | Count]
    most: int = 0
