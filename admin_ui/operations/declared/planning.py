"""What would be done: one step for each thing a file names, found by comparing it with what is
there. Planning reads and decides nothing; carrying a step out asks the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from admin_ui.operations.declared.document import Declared
from admin_ui.operations.declared.errors import DECLARED_REASON, DECLARED_STAYS, DECLARED_UNKNOWN
from admin_ui.operations.declared.places import Place, Places
from directory.actor import Actor
from directory.errors import ErrorCode, Invalid, Words
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp.applications.handles import ApplicationsFor
from idp.clients.metadata import Registration

Action = Literal["create", "change", "same", "remove", "waiting"]
NO_CHANGES: Mapping[str, tuple[str, str]] = {}


@dataclass(frozen=True)
class Done:
    """What came of a step that differs from its plan: a request that waits for a second person, or
    the secret of a new connection, told once."""

    request_id: str = ""
    secret: str = ""


NOTHING_MORE = Done()


@dataclass(frozen=True)
class Doing:
    """Who carries a plan out, where. `tx`: the one transaction of the steps that share one."""

    installation: Installation
    actor: Actor
    tx: Connection | None = None

    @property
    def shared(self) -> Connection:
        """The shared transaction."""
        assert self.tx is not None  # noqa: S101 - narrows the type: see `Step.is_apart`
        return self.tx


@dataclass(frozen=True)
class Step:
    """What one thing of the file would bring about. `changes`: before and after, by field.

    `carry_out` is None where nothing is to be done. `is_apart`: it has transactions of its own,
    also one of LDAP, and is not undone with others. `finish`: what waits for all of its section.
    `note`: what is left to be done by hand.
    """

    section: str
    name: str
    line: int
    action: Action
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    carry_out: Callable[[Doing], Done] | None = None
    finish: Callable[[Doing], None] | None = None
    is_apart: bool = False
    note: str = ""


@dataclass
class Planning:
    """What is there, and what the file adds to it, while steps are made. `faults`: all that is
    wrong with what the file names; a plan with one is not carried out."""

    tx: Connection
    installation: Installation
    registration: Registration
    register: ApplicationsFor
    places: Places
    faults: list[Invalid] = field(default_factory=list)
    # What the file is about to make: (agency, unit, name) → id; application ids; (application,
    # role); (list, code).
    positions: dict[tuple[str, str, str], str] = field(default_factory=dict)
    applications: set[str] = field(default_factory=set)
    roles: set[tuple[str, str]] = field(default_factory=set)
    codes: set[tuple[str, str]] = field(default_factory=set)
    _people: dict[str, PersonRow | None] = field(default_factory=dict)

    def fault(self, error: ErrorCode, declared: Declared, **params: Any) -> None:
        """Note what is wrong with a thing."""
        self.faults.append(Invalid(error, line=declared.line, **params))

    def place(self, declared: Declared, ref: str, what: Words) -> Place | None:
        """The agency or unit a file names; None, and a fault, where there is none."""
        found = self.places.find(ref)
        if found is None:
            self.fault(DECLARED_UNKNOWN, declared, what=what, value=ref)
        return found

    def person(self, declared: Declared, username: str) -> PersonRow | None:
        """The person of that username; None, and a fault, where there is none."""
        if username not in self._people:
            self._people[username] = queries.find_person_by_login(self.tx, username)
        found = self._people[username]
        if found is None:
            self.fault(DECLARED_UNKNOWN, declared, what=PERSON, value=username)
        return found

    def refuse_absent(self, declared: Declared, what: Words, name: str) -> bool:
        """Note a fault where the thing is to be gone though a file removes none."""
        if declared.is_absent:
            self.fault(DECLARED_STAYS, declared, what=what, name=name)
        return declared.is_absent

    def reason(self, declared: Declared) -> str:
        """Why a thing is removed, or given; a fault where nothing is said."""
        told = declared.text("reason")
        if not told:
            self.fault(DECLARED_REASON, declared)
        return told


def differing(
    declared: Declared, now: Mapping[str, object], fields: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Of `fields` (name in the file → name of ours) those that the file says otherwise."""
    changes = {}
    for name, ours in fields.items():
        if declared.says(name) and declared.values[name] != now[ours]:
            changes[name] = (shown(now[ours]), shown(declared.values[name]))
    return changes


def shown(value: Any) -> str:
    """A value as a plan shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return "" if value is None else str(value)


AGENCY = Words("cơ quan, đơn vị", "agency or unit")
PERSON = Words("người dùng", "person")
POSITION = Words("vị trí việc làm", "position")
APPLICATION = Words("ứng dụng", "application")
ROLE = Words("vai trò", "role")
CODE = Words("mã", "code")
NETWORK = Words("vùng mạng", "network")
