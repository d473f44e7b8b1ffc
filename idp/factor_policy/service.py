"""Setting and removing rules and networks. What weakens them is asked, and a second decides."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, delete

from directory.actor import Actor, ActorKind
from directory.audit.kinds import Kind
from directory.audit.log import record
from directory.authz import applications
from directory.authz.decisions import decide, require
from directory.authz.keepers import list_keepers
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import find_role
from directory.authz.scopes import accounts_of_actor
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.errors import Conflict, Invalid, NotFound, Words
from directory.requests import service as requests
from directory.requests.register import Request
from directory.requests.service import Asking
from idp.factor_policy import errors
from idp.factor_policy.changes import (
    Change,
    RuleChange,
    ZoneChange,
    after,
    before,
    find_rule,
    find_zone,
    from_payload,
    to_payload,
    weakens,
)
from idp.factor_policy.events import (
    FACTOR_RULE_REMOVED,
    FACTOR_RULE_SET,
    NETWORK_ZONE_REMOVED,
    NETWORK_ZONE_SET,
    SESSION_RULE_REMOVED,
    SESSION_RULE_SET,
)
from idp.factor_policy.naming import name_targets, sentence_of
from idp.factor_policy.permissions import FactorPolicyPermission
from idp.factor_policy.request_kinds import WEAKEN
from idp.factor_policy.rules import (
    LIMIT_KINDS,
    MINUTES,
    MOST_GRACE_DAYS,
    MOST_SPARED_DAYS,
    OF_ROLES,
    OUTSIDE,
    Policy,
    RuleKind,
    read_policy,
)
from idp.factor_policy.tables import factor_rule, network_zone

MOST_NETWORKS = 50
_PROVINCE = InPlace("")
_NAME_FORM = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a change. `request_id`: of the request that waits for a second person, when it
    weakens; then nothing is changed yet."""

    changed: bool = False
    request_id: str = ""


def put_rule(
    tx: Connection, actor: Actor, kind: RuleKind, target: str, days: int, reason: str = ""
) -> Outcome:
    """Set a rule, or its days. What weakens waits for a second person, who reads the `reason`.

    Raises Forbidden, Invalid(``factor_rule.*``), and as `_ask` of what weakens.
    """
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    policy = _take(tx)
    _check(tx, policy, kind, target, days)
    return _change(tx, actor, policy, RuleChange(kind, target, days), reason)


def remove_rule(tx: Connection, actor: Actor, kind: str, target: str, reason: str = "") -> Outcome:
    """The rule holds no longer. Raises Forbidden, NotFound, and as `_ask` of what weakens."""
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    policy = _take(tx)
    known = find_rule(policy, kind, target)
    if known is None:
        raise NotFound(errors.FACTOR_RULE_UNKNOWN)
    return _change(tx, actor, policy, RuleChange(known.kind, target, None), reason)


def put_zone(
    tx: Connection, actor: Actor, name: str, networks: Iterable[str], reason: str = ""
) -> Outcome:
    """Name a network, or change what it is; as `put_rule`.

    Raises Forbidden, Invalid(``network_zone.*``), and as `_ask` of what weakens.
    """
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    told = require_zone(name, networks)
    return _change(tx, actor, _take(tx), ZoneChange(name, told), reason)


def remove_zone(tx: Connection, actor: Actor, name: str) -> None:
    """Forget a network that no rule names, which weakens nothing: what was in it is outside.

    Raises Forbidden, NotFound, Conflict.
    """
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    policy = _take(tx)
    if find_zone(policy, name) is None:
        raise NotFound(errors.NETWORK_ZONE_UNKNOWN)
    if find_rule(policy, "network", name) is not None:
        raise Conflict(errors.NETWORK_ZONE_USED)
    _apply(tx, actor, policy, ZoneChange(name, ()))


def carry_out(tx: Connection, approver: Actor, asked: Request) -> str:
    """Make the change that was approved, if what it changes is still as it was, and whoever asked
    might still ask. Raises Conflict(``factor_policy.*``), Invalid."""
    policy = _take(tx)
    change = _asked_still(tx, policy, asked)
    _apply(tx, approver, policy, change, asked_by=asked.asked_by)
    return ""


def foresee(tx: Connection, _approver: Actor, asked: Request) -> bool:
    """Raises what `carry_out` would raise. Nothing is written; nobody further decides."""
    _asked_still(tx, read_policy(tx), asked)
    return False


def _asked_still(tx: Connection, policy: Policy, asked: Request) -> Change:
    """The change, if it can still be made and whoever asked may still ask."""
    change, was = from_payload(asked.payload)
    kind, _, asker_id = asked.asked_by.partition(":")
    asker = Actor(cast(ActorKind, kind), asker_id)
    if not decide(tx, asker, FactorPolicyPermission.WRITE, _PROVINCE).allowed:
        raise Conflict(errors.FACTOR_POLICY_ASKER)
    if before(policy, change) != was:
        raise Conflict(errors.FACTOR_POLICY_CHANGED_SINCE)
    if isinstance(change, RuleChange) and change.days is not None:
        _check(tx, policy, change.kind, change.target, change.days)
    return change


def about(_payload: Mapping[str, Any]) -> InPlace:
    """The whole province: the rules are its."""
    return _PROVINCE


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What each change would make of what there was, and whom it weakens the rules for."""
    changes = [from_payload(payload) for payload in payloads]
    named = name_targets(tx, [change for change, _ in changes])
    return [sentence_of(*each, named) for each in changes]


def _change(tx: Connection, actor: Actor, policy: Policy, change: Change, reason: str) -> Outcome:
    now = before(policy, change)
    if now == change:
        return Outcome()
    # The command line is the way of whoever keeps the server: it could do all else as well, and
    # where there is one officer there is no other.
    waits = actor.kind == "person" and weakens(policy, after(policy, change))
    if waits:
        return Outcome(request_id=_ask(tx, actor, change, now, reason))
    _apply(tx, actor, policy, change)
    return Outcome(changed=True)


def _ask(tx: Connection, actor: Actor, change: Change, now: Change, reason: str) -> str:
    """Ask a second person. Raises Conflict(``factor_policy.no_second``) where there is none, and as
    `directory.requests.service.ask`."""
    officers = list_keepers(
        tx, FactorPolicyPermission.WEAKEN.held_by, FactorPolicyPermission.WEAKEN
    )
    if accounts_of_actor(tx, actor).issuperset(officers):
        raise Conflict(errors.FACTOR_POLICY_NO_SECOND)
    asking = Asking(subject="", agency_id="", reason=reason, payload=to_payload(change, now))
    return requests.ask(tx, actor, WEAKEN, asking).id


def _apply(
    tx: Connection, actor: Actor, policy: Policy, change: Change, asked_by: str = ""
) -> None:
    """Make the change. `asked_by`: the tag of whoever asked, where the actor is the second."""
    alone = not asked_by and weakens(policy, after(policy, change))
    told = {"asked_by": asked_by, "alone": alone}
    if isinstance(change, ZoneChange):
        _apply_zone(tx, actor, policy, change, told)
    else:
        _apply_rule(tx, actor, policy, change, told)


def _apply_rule(
    tx: Connection, actor: Actor, policy: Policy, change: RuleChange, told: Mapping[str, Any]
) -> None:
    columns, kind, target = factor_rule.c, change.kind, change.target
    if change.days is None:
        tx.execute(delete(factor_rule).where(columns.kind == kind, columns.target == target))
        known = find_rule(policy, kind, target)
        days = known.days if known else 0
        _record_rule(
            tx, actor, (FACTOR_RULE_REMOVED, SESSION_RULE_REMOVED), kind, target, days, told
        )
        return
    row = {
        "kind": kind,
        "target": target,
        "days": change.days,
        "changed_by": actor.tag,
        "changed_at": now_ms(),
    }
    put = upsert(tx, factor_rule).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=[columns.kind, columns.target], set_=row))
    kinds = (FACTOR_RULE_SET, SESSION_RULE_SET)
    _record_rule(tx, actor, kinds, kind, target, change.days, told)


def _record_rule(
    tx: Connection,
    actor: Actor,
    kinds: tuple[Kind, Kind],
    kind: RuleKind,
    target: str,
    number: int,
    told: Mapping[str, Any],
) -> None:
    """`kinds`: of the event where the rule is about factors, and where it is about sessions."""
    of_factors, of_sessions = kinds
    if kind in LIMIT_KINDS:
        record(tx, of_sessions, actor, sort=kind, target=target, minutes=number, **told)
    else:
        record(tx, of_factors, actor, sort=kind, target=target, days=number, **told)


def _apply_zone(
    tx: Connection, actor: Actor, policy: Policy, change: ZoneChange, told: Mapping[str, Any]
) -> None:
    known, name = find_zone(policy, change.name), change.name
    was = ", ".join(known.networks) if known else ""
    if not change.networks:
        tx.execute(delete(network_zone).where(network_zone.c.name == name))
        record(tx, NETWORK_ZONE_REMOVED, actor, name=name, networks=was)
        return
    row = {
        "name": name,
        "networks": " ".join(change.networks),
        "changed_by": actor.tag,
        "changed_at": now_ms(),
    }
    put = upsert(tx, network_zone).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=[network_zone.c.name], set_=row))
    networks = ", ".join(change.networks)
    record(tx, NETWORK_ZONE_SET, actor, name=name, networks=networks, before=was, **told)


def _take(tx: Connection) -> Policy:
    """The policy, which nobody else changes until `tx` ends."""
    take_advisory_lock(tx, "factor_policy", "")
    return read_policy(tx)


def require_form(kind: RuleKind, target: str, days: int) -> None:
    """Raises Invalid(``factor_rule.*``) for what no rule says, whatever there is."""
    if kind in MINUTES:
        _require_limit(kind, target, days)
        return
    least, most = (1, MOST_SPARED_DAYS) if kind == "device" else (0, MOST_GRACE_DAYS)
    if not least <= days <= most:
        raise Invalid(errors.FACTOR_RULE_DAYS, field="days", least=least, most=most)
    if kind in ("role", "device") and _application_of(kind, target) == ADMIN_APPLICATION:
        raise Invalid(errors.FACTOR_RULE_OWN_APPLICATION, field=kind)


def _require_limit(kind: RuleKind, target: str, minutes: int) -> None:
    least, most = MINUTES[kind]
    if not least <= minutes <= most:
        raise Invalid(errors.FACTOR_RULE_MINUTES, field="minutes", least=least, most=most)
    if _application_of(kind, target) == ADMIN_APPLICATION:
        raise Invalid(errors.FACTOR_RULE_OWN_LIMITS, field=kind)


def _check(tx: Connection, policy: Policy, kind: RuleKind, target: str, days: int) -> None:
    require_form(kind, target, days)
    application = _application_of(kind, target)
    if kind in OF_ROLES and find_role(tx, application, target.rpartition(":")[2]) is None:
        raise Invalid(errors.FACTOR_RULE_ROLE, field="role", value=target)
    if kind == "device" and applications.find(tx, target) is None:
        raise Invalid(errors.FACTOR_RULE_APPLICATION, field="device", value=target)
    if kind == "network" and target != OUTSIDE and find_zone(policy, target) is None:
        raise Invalid(errors.FACTOR_RULE_NETWORK, field="network", value=target)


def _application_of(kind: RuleKind, target: str) -> str:
    return target.rpartition(":")[0] if kind in OF_ROLES else target


def require_zone(name: str, networks: Iterable[str]) -> tuple[str, ...]:
    """The address ranges of a network, each written in its one way.

    Raises Invalid(``network_zone.*``).
    """
    if not _NAME_FORM.fullmatch(name) or name == OUTSIDE:
        raise Invalid(errors.NETWORK_ZONE_NAME, field="name")
    found = []
    for text in networks:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError as error:
            refusal = Invalid(errors.NETWORK_ZONE_NETWORKS, field="networks", most=MOST_NETWORKS)
            raise refusal from error
    told = tuple(dict.fromkeys(found))
    if not 0 < len(told) <= MOST_NETWORKS:
        raise Invalid(errors.NETWORK_ZONE_NETWORKS, field="networks", most=MOST_NETWORKS)
    return told
