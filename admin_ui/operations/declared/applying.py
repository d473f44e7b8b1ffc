"""A plan of what a file would bring about, and carrying it out: agencies and applications one by
one, since LDAP and connections have transactions of their own; then all the rest, or none of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from admin_ui.operations.declared import (
    agencies,
    applications,
    codes,
    connectors,
    grants,
    policies,
    positions,
    roles,
)
from admin_ui.operations.declared.applications import said
from admin_ui.operations.declared.document import read_document
from admin_ui.operations.declared.errors import DECLARED_STOPPED, DECLARED_TWICE
from admin_ui.operations.declared.events import FILE_APPLIED
from admin_ui.operations.declared.places import Place, Places
from admin_ui.operations.declared.planning import Doing, Done, Planning, Step
from directory.actor import Actor
from directory.audit.log import record
from directory.errors import AppError, Invalid, refuse
from directory.installation import Installation
from directory.projection import queries
from idp.applications.handles import ApplicationsFor
from idp.clients.metadata import Registration

# In the order in which one may stand on another.
SECTIONS = (agencies, applications, codes, positions, roles, connectors, grants, policies)
_FIELDS = {section.SECTION: section.FIELDS for section in SECTIONS}
_MOST_PLACES = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What a file would bring about. `sha256`: of the file, in hexadecimal."""

    steps: Sequence[Step]
    sha256: str

    def count(self, action: str) -> int:
        """How many things have that action."""
        return sum(step.action == action for step in self.steps)

    @property
    def does_something(self) -> bool:
        """Whether anything is to be done."""
        return any(step.carry_out is not None for step in self.steps)


@dataclass(frozen=True)
class Applied:
    """What came of a plan: steps that wait for a second person, and secrets of new connections by
    client_id."""

    waiting: Sequence[str] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)


def begin(
    tx: Connection,
    installation: Installation,
    registration: Registration,
    register: ApplicationsFor,
) -> Planning:
    """What is there, before a file adds to it."""
    rows = queries.list_agencies(tx, limit=_MOST_PLACES)
    places = Places(Place(r.id, r.code, r.name, r.kind, r.parent_id) for r in rows)
    return Planning(tx, installation, registration, register, places)


def plan_file(planning: Planning, raw: bytes) -> Plan:
    """What the file would bring about. Raises Invalid with all that is wrong with it."""
    found = read_document(raw, _FIELDS)
    steps: list[Step] = []
    for section in SECTIONS:
        steps += section.plan(planning, found.get(section.SECTION, ()))
    planning.faults += _named_twice(steps)
    refuse(sorted(planning.faults, key=lambda fault: int(str(fault.params.get("line", 0)))))
    return Plan(steps, hashlib.sha256(raw).hexdigest())


def _named_twice(steps: Sequence[Step]) -> list[Invalid]:
    first: dict[tuple[str, str], int] = {}
    faults = []
    for step in steps:
        key = (step.section, step.name)
        if key in first:
            at = first[key]
            faults.append(Invalid(DECLARED_TWICE, line=step.line, name=step.name, first=at))
        first.setdefault(key, step.line)
    return faults


def apply_plan(
    installation: Installation,
    actor: Actor,
    plan: Plan,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Applied:
    """Carry the plan out. `told` is called with how many of how many steps are done.

    Raises Invalid(``declared.stopped``) at the first step that is refused: what stands apart and
    was done before stays, of the rest nothing is done.
    """
    apart = [step for step in plan.steps if step.carry_out and step.is_apart]
    together = [step for step in plan.steps if step.carry_out and not step.is_apart]
    # A connector may be called as its application is.
    outcomes: list[tuple[str, Done]] = []
    for number, step in enumerate(apart):
        outcomes.append((step.name, _carried_out(step, Doing(installation, actor), number)))
        told(number + 1, len(apart) + len(together))
    if plan.does_something:
        outcomes += installation.database.retrying(
            lambda tx: _all_together(Doing(installation, actor, tx), plan, together, len(apart))
        )
    return Applied(
        waiting=[name for name, done in outcomes if done.request_id],
        secrets={name: done.secret for name, done in outcomes if done.secret},
    )


def _all_together(
    doing: Doing, plan: Plan, steps: Sequence[Step], done_before: int
) -> list[tuple[str, Done]]:
    outcomes = [(step.name, _carried_out(step, doing, done_before)) for step in steps]
    for step in steps:
        if step.finish is not None:
            _stopping_at(step, done_before, lambda step=step: step.finish(doing))  # type: ignore[misc]
    counts = Counter(step.action for step in plan.steps)
    record(
        doing.shared,
        FILE_APPLIED,
        doing.actor,
        sha256=plan.sha256,
        create=counts["create"],
        change=counts["change"],
        remove=counts["remove"],
    )
    return outcomes


def _carried_out(step: Step, doing: Doing, done_before: int) -> Done:
    work = step.carry_out
    assert work is not None  # noqa: S101 - narrows the type: steps without are not carried out
    outcome: Done = _stopping_at(step, done_before, lambda: work(doing))
    return outcome


def _stopping_at(step: Step, done: int, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except AppError as refused:
        why = said(refused)
        raise Invalid(DECLARED_STOPPED, line=step.line, why=why, done=done) from refused
