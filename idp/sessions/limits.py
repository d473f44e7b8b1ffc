"""How long a session may be unused, and how long it lasts in any case, by whose it is.

Power over others is worth more to whoever finds the browser open. Where an installation is held to
TCVN 14423:2025 everybody is asked again sooner; applications are not told then, so that nobody
loses the form they are filling in there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from directory import clock
from directory.settings import Settings
from idp.sessions.liveness import ABSOLUTE_MS, IDLE_MS

Whose = Literal["person", "administrator"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Both in ms."""

    idle_ms: int
    absolute_ms: int


ANYBODY = Limits(IDLE_MS, ABSOLUTE_MS)
_LIMITS: Mapping[str, Mapping[Whose, Limits]] = {
    "default": {
        "person": ANYBODY,
        "administrator": Limits(15 * clock.MINUTE, 8 * clock.HOUR),
    },
    "tcvn14423": {
        "person": Limits(15 * clock.MINUTE, ABSOLUTE_MS),
        "administrator": Limits(5 * clock.MINUTE, 8 * clock.HOUR),
    },
}


def strictest(*limits: Limits) -> Limits:
    """What holds where all of them do."""
    return Limits(min(each.idle_ms for each in limits), min(each.absolute_ms for each in limits))


def limits_of(settings: Settings, *, administers: bool) -> Limits:
    """Those of this installation."""
    return _LIMITS[settings.password_profile]["administrator" if administers else "person"]
