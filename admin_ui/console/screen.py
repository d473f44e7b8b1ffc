"""What the views of one blueprint declare beside themselves: who may come, and their menu entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from flask import Blueprint

from admin_ui.console.tiles import Tile
from directory.authz.permissions import Permission

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"
Wanted = Permission | Literal["public", "signed-in"]


@dataclass(frozen=True)
class MenuEntry:
    """One entry of the menu, for whoever may do `permission` somewhere."""

    name: str
    url: str
    icon: str
    permission: Permission


def _always() -> bool:
    return True


@dataclass(frozen=True)
class StepUp:
    """An action for which a factor of the last minutes is wanted (`admin_ui.console.step_up`).

    `what`: what is done, as a msgid. `applies`: whether what was sent is such an action; asked once
    the visitor may come to the page, and only while their last factor is older.
    """

    what: str
    applies: Callable[[], bool] = _always


@dataclass(frozen=True)
class Screen:
    """`policy`: what each view wants, by its name; the row says the class of action, and which
    people and places it may be done to is decided by the handles. `for_programs`: views that answer
    JSON, and whose callers prove themselves otherwise than by a form of ours. `tiles`: what of it
    waits for somebody, for "Hôm nay". `under`: the screen
    whose menu entry it lies under, where it has none of its own. `step_up`: the views that change
    something so weighty that a browser left open is not enough.
    """

    blueprint: Blueprint
    policy: Mapping[str, Wanted]
    menu: MenuEntry | None = None
    for_programs: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    under: str = ""
    step_up: Mapping[str, StepUp] = field(default_factory=dict)

    def endpoints(self, views: tuple[str, ...]) -> set[str]:
        """What Flask calls these views."""
        return {f"{self.blueprint.name}.{view}" for view in views}
