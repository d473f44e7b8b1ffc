"""The decision for the browser that is here: with what it has proved before, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Connection

from directory.clock import DAY, now_ms
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.factor_policy.decision import Requirement, find_requirement, grace_until
from web.request import sender


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of somebody who has proved one factor. `is_spared`: this device will do for
    the second; `until` (ms): how long who has set up none may go on, 0 for no longer."""

    requirement: Requirement
    is_spared: bool = False
    until: int = 0

    @property
    def is_wanted(self) -> bool:
        """Whether a second factor is, which nothing stands in for."""
        return self.requirement.is_wanted and not self.is_spared

    @property
    def is_enforced(self) -> bool:
        """Whether who has set up none goes no further."""
        return self.is_wanted and not self.until


# Of the extensions of the application: whether a person has a second factor at all. Factors are
# above this package.
EXTENSION = "danhmuc.has_second_factor"
NOTHING = Wanted(Requirement())


def find_wanted(tx: Connection, person_id: str, client_id: str) -> Wanted:
    """Of a person whom this browser brings, on the way to an application."""
    requirement = find_requirement(tx, person_id, client_id, sender())
    is_spared = bool(requirement.spared_days) and _is_proved_here(
        tx, person_id, requirement.spared_days
    )
    if not requirement.grace_days or has_any(tx, person_id):
        return Wanted(requirement, is_spared)
    return Wanted(requirement, is_spared, grace_until(tx, requirement, person_id))


def has_any(tx: Connection, person_id: str) -> bool:
    """Whether the person has a second factor at all."""
    ask: Callable[[Connection, str], bool] = current_app.extensions[EXTENSION]
    return ask(tx, person_id)


def _is_proved_here(tx: Connection, person_id: str, days: int) -> bool:
    proved_at = devices.find_proved_at(tx, device_id(), person_id)
    return proved_at > now_ms() - days * DAY
