"""The contract of a connector: what the engine asks of a target, and how it hears what went wrong.

A kind of target is a class that overrides the methods of `Target` for what it can, and a
`TargetKind` that says so (`sync.connectors`). The engine never asks for more: a definition that
needs what the target cannot do is refused with a sentence.

A target is made for one turn of one connector, is called from several threads at once, and keeps
nothing that must last. What it raises says whose fault it is: the whole target's (`Unreachable`),
or this one account's (`Refused`, `Taken`, `Gone`). Anything else is a bug, and counts against the
account alone.
"""

# ruff: noqa: ARG002 - what a target cannot do, it does with nothing
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from directory.loading import load
from directory.settings import Settings
from sync.engine.expressions import Value


class Capability(StrEnum):
    """What a target can do: a method of `Target` each, but for the last
    ones."""

    FIND = "find"
    CREATE = "create"
    UPDATE = "update"
    DISABLE = "disable"
    DELETE = "delete"
    LIST = "list"
    GROUPS = "groups"
    # A create that was perhaps carried out may be sent again: it makes no second account.
    REPEAT = "repeat"
    # What it was asked in a turn is done when `Target.finish` was: all of it, or nothing.
    BATCH = "batch"
    # And each time with everybody who has an account.
    FULL = "full"


@dataclass(frozen=True)
class Account:
    """What the target is to hold of a person: `attributes` by path, and `groups` by name."""

    person_id: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """An account that the target has. `person_id`: whose it says it is, if it keeps that;
    `attributes`: by path, as far as they can be told; `groups`: by name, None where it does not
    tell."""

    remote_id: str
    login: str
    person_id: str = ""
    is_active: bool = True
    attributes: Mapping[str, Value] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AccountPage:
    """Accounts, and the place in the target's list where the next are; None: there are no more.
    `groups_untold`: why it does not tell who is in its groups, if it does not."""

    found: Sequence[Found]
    following: str | None
    groups_untold: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one account that was handed over."""

    person_id: str
    is_taken: bool
    says: str


@dataclass(frozen=True)
class Results:
    """What became of what was handed over at one moment (ms)."""

    name: str
    at: int
    rows: Sequence[Result]


class Unreachable(Exception):
    """The target cannot be worked with now: away, overloaded, or it does not take our token.
    `retry_after_ms`: when it wants to be asked again, if it says so."""

    def __init__(self, why: str, retry_after_ms: int | None = None) -> None:
        super().__init__(why)
        self.why, self.retry_after_ms = why, retry_after_ms


class Refused(Exception):
    """The target does not take this account. `may_be_done`: it failed over it, or answered
    something else than was asked, so that what it was asked for may be there all the same."""

    def __init__(self, why: str, *, may_be_done: bool = False) -> None:
        super().__init__(why)
        self.why, self.may_be_done = why, may_be_done


class Taken(Exception):
    """Something the account must have alone is another's there."""


class Gone(Exception):
    """The target has no account of that name of its own."""


class PlaceLost(Exception):
    """The target does not know the place in its list any more."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Cannot(Exception):
    """The target has no way to do that."""

    def __init__(self, what: Capability) -> None:
        super().__init__(what)
        self.what = what


class Target:
    """What the engine asks of a target. A kind of target overrides what it can."""

    def test(self) -> str:
        """What it is, in a few words. Every target can say so. Raises Unreachable."""
        raise NotImplementedError

    def find(self, account: Account) -> Sequence[Found]:
        """Accounts that are, or could be taken for, the person's; looked at once more by the
        target's class, whatever the server thinks that a filter means."""
        raise Cannot(Capability.FIND)

    def create(self, account: Account) -> str:
        """Make the account, in no group yet; gives the target's own name of it. Raises Taken when
        it is there already, but for one that can be made again (`Capability.REPEAT`)."""
        raise Cannot(Capability.CREATE)

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:
        """Make it active and as it is wanted, but for its groups. `held`: what the target took
        last; None: unknown. Raises Gone when it was not there."""
        raise Cannot(Capability.UPDATE)

    def disable(self, remote_id: str, held: Account | None) -> None:
        """Nobody gets in by it any more. Raises Gone when it was not there."""
        raise Cannot(Capability.DISABLE)

    def delete(self, remote_id: str) -> None:
        """It is no more. Raises Gone when it was not there."""
        raise Cannot(Capability.DELETE)

    def list_accounts(self, place: str) -> AccountPage:
        """Some of all accounts that the target has: those at a place, '' at the beginning.
        Raises PlaceLost for a place that it gave too long ago."""
        raise Cannot(Capability.LIST)

    def change_groups(self, remote_id: str, leave: Sequence[str], join: Sequence[str]) -> None:
        """Take an account out of groups and into others; both may be so already. Never asked when
        there is neither."""
        raise Cannot(Capability.GROUPS)

    def finish(self, standing: Iterable[Account]) -> int:
        """All that was asked in this turn was asked. `standing`: who has an account as it was
        before, in no order. Gives the moment (ms) by which `Results` name it."""
        raise Cannot(Capability.BATCH)

    def results(self) -> Sequence[Results]:
        """What it says, of late, of what it was handed over; again and again until forgotten."""
        return ()

    def forget_results(self, name: str) -> None:
        """They were read."""


@dataclass(frozen=True)
class TargetDefinition:
    """What a definition says of its target. `url`: where it is, for people too; `profile`: how
    this kind of server is to be taken; `can`: what the engine may ask of it; `details`: what else
    the kind wants to know; `uses`: attributes that it names, and `accounts` must say."""

    kind: str
    url: str
    profile: str = "standard"
    can: frozenset[Capability] = frozenset()
    details: Any = None
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Access:
    """Which target, what we show it, and the attributes that accounts may have there."""

    definition: TargetDefinition
    token: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetKind:
    """A kind of target.

    `opens`: what makes one, as ``package.module:name``, called with the settings and an `Access`;
    `can`: what it can; `profiles`: the ways there are to take a server; `attributes`: those it can
    hold (empty: any). `reads`: what reads its part of a definition, if that is more than an address
    and a profile, as ``package.module:name``, called with a `sync.engine.yaml_reading.YamlReading`
    and its node; the `TargetDefinition` that it gives may be able to do less than the kind.
    """

    name: str
    opens: str
    can: frozenset[Capability]
    attributes: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ("standard",)
    reads: str = ""


def open_target(settings: Settings, kind: TargetKind, access: Access) -> Target:
    """A target, for one turn."""
    found: Target = load(kind.opens)(settings, access)
    return found
