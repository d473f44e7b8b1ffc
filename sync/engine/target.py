"""The contract of a connector: what the engine asks of a target, and how it hears what went wrong.

A kind of target is a class with these methods (`sync.connectors`). It is made for one turn of one
connector, is called from several threads at once, and keeps nothing that must last. What it raises
says whose fault it is: the whole target's (`Unreachable`), or this one account's (`Refused`,
`Taken`, `Gone`). Anything else is a bug, and counts against the account alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from directory.loading import load
from directory.settings import Settings
from sync.engine.expressions import Value


@dataclass(frozen=True)
class Account:
    """What the target is to hold of a person: `attributes` by path, and `groups` by name."""

    person_id: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """An account that the target has. `person_id`: whose it says it is, if it keeps that;
    `attributes`: by path, as far as they can be told."""

    remote_id: str
    login: str
    person_id: str = ""
    is_active: bool = True
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountPage:
    """Accounts, and the place in the target's list where the next are; None: there are no more."""

    found: Sequence[Found]
    following: str | None


class Unreachable(Exception):
    """The target cannot be worked with now: away, overloaded, or it does not take our token.
    `retry_after_ms`: when it wants to be asked again, if it says so."""

    def __init__(self, why: str, retry_after_ms: int | None = None) -> None:
        super().__init__(why)
        self.why, self.retry_after_ms = why, retry_after_ms


class Refused(Exception):
    """The target does not take this account."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Taken(Exception):
    """Something the account must have alone is another's there."""


class Gone(Exception):
    """The target has no account of that name of its own."""


class Target(Protocol):
    """What the engine asks of a target."""

    def test(self) -> str:
        """What it is, in a few words. Raises Unreachable."""

    def find(self, account: Account) -> Sequence[Found]:
        """Accounts that are, or could be taken for, the person's; looked at once more by the
        target's class, whatever the server thinks that a filter means."""

    def create(self, account: Account) -> str:
        """Make the account, in no group yet; gives the target's own name of it."""

    def join(self, remote_id: str, groups: Sequence[str]) -> None:
        """Put an account that was just made into its groups."""

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:
        """Make it active and as it is wanted. `held`: what the target took last; None: unknown."""

    def disable(self, remote_id: str, held: Account | None) -> None:
        """Nobody gets in by it any more; it leaves its groups."""

    def delete(self, remote_id: str) -> None:
        """It is no more. Raises Gone when it was not there."""

    def accounts(self, place: str) -> AccountPage:
        """Some of all accounts that the target has: those at a place, '' at the beginning."""


@dataclass(frozen=True)
class Access:
    """Where the target is, how it is to be taken (a profile's name), and what we show it."""

    url: str
    profile: str
    token: str


@dataclass(frozen=True)
class TargetKind:
    """A kind of target: the profiles there are, the attributes it can hold (empty: any), and what
    makes one, as ``package.module:name``, called with the settings and an `Access`."""

    name: str
    profiles: tuple[str, ...]
    attributes: tuple[str, ...]
    opens: str


def open_target(settings: Settings, kind: TargetKind, access: Access) -> Target:
    """A target, for one turn."""
    found: Target = load(kind.opens)(settings, access)
    return found
