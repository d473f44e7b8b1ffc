"""The rules as far as an actor may set them: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import require
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace
from directory.errors import Forbidden
from directory.installation import Installation
from idp.factor_policy import service
from idp.factor_policy.changes import find_rule
from idp.factor_policy.naming import OUTSIDE_WORDS, Choices, list_choices
from idp.factor_policy.permissions import FactorPolicyPermission
from idp.factor_policy.rules import (
    KINDS,
    LIMIT_KINDS,
    MINUTES,
    MOST_GRACE_DAYS,
    MOST_SPARED_DAYS,
    OF_ROLES,
    OUTSIDE,
    Policy,
    Rule,
    RuleKind,
    forget,
    read_policy,
    rule_ref,
    split_rule_ref,
)
from idp.factor_policy.service import MOST_NETWORKS, Outcome

__all__ = [
    "KINDS",
    "LIMIT_KINDS",
    "MINUTES",
    "MOST_GRACE_DAYS",
    "MOST_NETWORKS",
    "MOST_SPARED_DAYS",
    "OF_ROLES",
    "OUTSIDE",
    "OUTSIDE_WORDS",
    "Choices",
    "FactorPolicyFor",
    "Outcome",
    "Policy",
    "Rule",
    "RuleKind",
    "find_rule",
    "rule_ref",
    "split_rule_ref",
]

_T = TypeVar("_T")
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class FactorPolicyFor:
    """The rules as far as `actor` may set them. All of it raises Forbidden for whoever may not."""

    _installation: Installation
    _actor: Actor

    def show(self) -> Policy:
        """All rules and networks."""
        return self._read(read_policy)

    def choices(self) -> Choices:
        """Applications and roles that a rule may be about."""
        return self._read(list_choices)

    def put_rule(self, kind: RuleKind, target: str, days: int, reason: str = "") -> Outcome:
        """As `idp.factor_policy.service.put_rule`."""
        return self._write(lambda tx: service.put_rule(tx, self._actor, kind, target, days, reason))

    def remove_rule(self, kind: str, target: str, reason: str = "") -> Outcome:
        """As `idp.factor_policy.service.remove_rule`."""
        return self._write(lambda tx: service.remove_rule(tx, self._actor, kind, target, reason))

    def put_zone(self, name: str, networks: Iterable[str], reason: str = "") -> Outcome:
        """As `idp.factor_policy.service.put_zone`."""
        told = tuple(networks)
        return self._write(lambda tx: service.put_zone(tx, self._actor, name, told, reason))

    def remove_zone(self, name: str) -> None:
        """As `idp.factor_policy.service.remove_zone`."""
        self._write(lambda tx: service.remove_zone(tx, self._actor, name))

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        try:
            with self._installation.database.read() as tx:
                require(tx, self._actor, FactorPolicyPermission.WRITE, _PROVINCE)
                return work(tx)
        except Forbidden as refused:
            self._note(refused)
            raise

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        try:
            done = self._installation.database.retrying(work)
        except Forbidden as refused:
            self._note(refused)
            raise
        forget(self._installation.database)
        return done

    def _note(self, refused: Forbidden) -> None:
        reason = str(refused.params.get("reason", ""))
        action, tag = FactorPolicyPermission.WRITE, _PROVINCE.tag
        record_denial(self._installation, self._actor, action, tag, reason)
