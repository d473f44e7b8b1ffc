"""What people hold beside their password, and how a factor declares it.

A component of a second factor has a `SecondFactor` among its `features`; from that follow the page
"Bảo mật", `danhmuc mfa` and the question whether somebody has one at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.component import Component, Feature
from directory.loading import load


@dataclass(frozen=True, slots=True)
class Held:
    """One of the things a person can prove themselves with. `name`: as they call it. Times in ms;
    `last_used_at` None: never."""

    kind: str
    id: str
    name: str
    made_at: int
    last_used_at: int | None


@dataclass(frozen=True)
class SecondFactor(Feature):
    """`kind`: its name for programs. The rest as ``package.module:name``. `held_by`: called with a
    transaction and a person's id; gives what they hold. `remove_all`: called with the same; takes
    all of it away. `withdraw_again`: called after a restore, with a transaction and one of the
    store that was replaced; takes away what is gone there, and gives of whom, once for each.
    `section`: its part of the page "Bảo mật", a template that is given `held`."""

    kind: str
    held_by: str
    remove_all: str
    withdraw_again: str
    section: str


@dataclass(frozen=True)
class Factor:
    """A second factor whose functions are loaded."""

    kind: str
    held_by: Callable[[Connection, str], Sequence[Held]]
    remove_all: Callable[[Connection, str], None]
    withdraw_again: Callable[[Connection, Connection], Sequence[str]]
    section: str


def factors_of(components: Iterable[Component]) -> tuple[Factor, ...]:
    """Every second factor they declare, in their order."""
    declared = (
        feature
        for component in components
        for feature in component.features
        if isinstance(feature, SecondFactor)
    )
    return tuple(
        Factor(
            each.kind,
            load(each.held_by),
            load(each.remove_all),
            load(each.withdraw_again),
            each.section,
        )
        for each in declared
    )
