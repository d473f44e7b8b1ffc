"""What people hold beside their password, and how a factor declares it.

A component of a second factor has a `SecondFactor` among its `features`; from that follow the page
"Bảo mật", `danhmuc mfa` and the question whether somebody has one at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from directory.component import Component, Feature
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict
from directory.loading import load
from directory.projection import queries
from idp.factor_policy.decision import is_demanded_of
from idp.factors.errors import FACTOR_LAST


@dataclass(frozen=True, slots=True)
class Held:
    """One of the things a person can prove themselves with. `name`: as they call it, if they do.
    Times in ms; `last_used_at` None: never. `left`: how often it can be used yet, where that ends;
    `ends_at`: until when, and `number`: what tells it from others of its name, where it has one.
    """

    kind: str
    id: str
    name: str
    made_at: int
    last_used_at: int | None
    left: int | None = None
    ends_at: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody should know of their own ways to sign in. `kind`: of ``notice`` in the kit;
    `path`: where something is done about it, and what that is called."""

    kind: str
    sentence: str
    path: str
    action: str = ""


@dataclass(frozen=True)
class SecondFactor(Feature):
    """`kind`: its name for programs. The rest as ``package.module:name``. `held_by`: called with a
    transaction and a person's id; gives what they hold. `remove_all`: called with the same; takes
    all of it away. `withdraw_again`: called after a restore, with a transaction and one of the
    store that was replaced; takes away what is gone there, and gives of whom, once for each.
    `section`: its part of the page "Bảo mật", a template that is given `held`. `notices`: called
    with a transaction and a person's id; gives what they should know; `warns`: also while they sign
    in. `stands_in`: for another factor that is not at hand, and is none by itself.
    """

    kind: str
    held_by: str
    remove_all: str
    withdraw_again: str
    section: str
    notices: str = ""
    warns: bool = False
    stands_in: bool = False


@dataclass(frozen=True)
class Factor:
    """A second factor whose functions are loaded."""

    kind: str
    held_by: Callable[[Connection, str], Sequence[Held]]
    remove_all: Callable[[Connection, str], None]
    withdraw_again: Callable[[Connection, Connection], Sequence[str]]
    section: str
    notices: Callable[[Connection, str], Sequence[Notice]]
    warns: bool
    stands_in: bool


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
            partial(_notices, each.notices),
            each.warns,
            each.stands_in,
        )
        for each in declared
    )


def require_another(tx: Connection, factors: Sequence[Factor], person_id: str) -> None:
    """Before one is removed: that there is another, where the person may not be without.

    Raises Conflict(``factor.last``).
    """
    take_advisory_lock(tx, "second_factor", person_id)  # of two at once each would find the other's
    others = (factor for factor in factors if not factor.stands_in)
    is_last = sum(len(factor.held_by(tx, person_id)) for factor in others) == 1
    person = queries.person(tx, person_id) if is_last else None
    if person is not None and is_demanded_of(tx, person):
        raise Conflict(FACTOR_LAST)


def remove_stand_ins(tx: Connection, factors: Sequence[Factor], person_id: str) -> None:
    """What stands in for something that is gone goes with it."""
    if not any(each.held_by(tx, person_id) for each in factors if not each.stands_in):
        for each in factors:
            each.remove_all(tx, person_id)


def _notices(name: str, tx: Connection, person_id: str) -> Sequence[Notice]:
    # Loaded when a page asks: the command line needs no web framework.
    found: Sequence[Notice] = load(name)(tx, person_id) if name else ()
    return found
